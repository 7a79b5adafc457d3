internal import PrivataCore

/// A read of a model that lives in the clinical store whole, where filter or order need the ids that
/// the store does not have: rows are read, translated, and filtered and ordered here.
struct ClinicalScan {
  let session: VaultSession
  let separation: Separation
  let query: Query
  let needs: ReadNeeds

  init(
    _ session: VaultSession, _ separation: Separation, _ query: Query, _ needs: ReadNeeds
  ) {
    self.session = session
    self.separation = separation
    self.query = query
    self.needs = needs
  }

  func rows() async throws(PrivataError) -> RowBatch {
    let all = try await read()
    let names = separation.model.fields.map(\.name)
    let documents = all.documents(naming: names, layout: query.layout)
    let places = try places(documents)
    switch query.answer {
    case .rows:
      guard query.layout == .cells else {
        return try all.picking(places, width: 1).projected(for: query)
      }
      return all.picking(places, columns: columns)
    case .count: return RowBatch(single: .int64(Int64(places.count)))
    case .exists: return RowBatch(single: .bool(!places.isEmpty))
    case .distinct(let path):
      var values = try DistinctValues(path, collation: query.options?.collation)
      for place in places { values.add(documents[place]) }
      return RowBatch(column: values.values)
    }
  }

  private func read() async throws(PrivataError) -> RowBatch {
    var whole = Query(separation.model, where: needs.filter.clinical, layout: query.layout)
    whole.options = query.options
    let needs = ReadNeeds(whole, in: separation)
    return try await HalfRead(session, separation, whole, needs, .clinical).rows()
  }

  private func places(_ documents: [Document]) throws(PrivataError) -> [Int] {
    let filter = try FilterMatcher(
      needs.filter.residual, model: separation.model, collation: query.options?.collation)
    var kept: [Int] = []
    for (place, document) in documents.enumerated() where try filter.matches(document) {
      kept.append(place)
    }
    let sorting = RowSorting(query, session.clinical.traits.kind)
    if !query.sort.isEmpty {
      kept = try sorting.order(kept.map { documents[$0] }).map { kept[$0] }
    }
    switch query.answer {
    case .rows, .count: return sorting.page(kept)
    case .exists, .distinct: return kept
    }
  }

  private var columns: [Int] {
    guard case .fields(let names) = query.projection else {
      return Array(separation.model.fields.indices)
    }
    return names.compactMap { separation.model.position(of: $0) }
  }
}

extension RowBatch {
  /// The rows at these places with the cells of these columns.
  func picking(_ rows: [Int], columns: [Int]) -> RowBatch {
    var picked = RowBatch(width: max(columns.count, 1))
    for row in rows {
      for column in columns { picked.append(cell(row: row, column: column), from: self) }
    }
    return picked
  }
}
