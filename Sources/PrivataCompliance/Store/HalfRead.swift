internal import PrivataCore

/// A read that one half answers alone.
struct HalfRead {
  let session: VaultSession
  let separation: Separation
  let query: Query
  let needs: ReadNeeds
  let half: Half

  init(
    _ session: VaultSession, _ separation: Separation, _ query: Query, _ needs: ReadNeeds,
    _ half: Half
  ) {
    self.session = session
    self.separation = separation
    self.query = query
    self.needs = needs
    self.half = half
  }

  func rows() async throws(PrivataError) -> RowBatch {
    let physical = try await physicalQuery()
    let batch = try await session.store(half).rows(for: physical)
    switch query.answer {
    case .rows: return try await logical(batch)
    case .count, .exists: return batch
    case .distinct(let path): return try await distinct(batch, path)
    }
  }

  /// The query in the half's own terms.
  func physicalQuery() async throws(PrivataError) -> Query {
    var physical = query
    switch half {
    case .identity:
      physical.model = separation.identity ?? query.model
      guard separation.link != nil else { return physical }
    case .clinical:
      physical.model = separation.clinical ?? query.model
      if needs.filter.hasReferences {
        physical.filter = try await session.translated(query.filter, separation)
      }
      // Rows kept after an erasure belong to nobody's record any more.
      if separation.shape == .split {
        physical.filter = physical.filter.and(.isNull(Separation.unlinked))
      }
    }
    guard case .rows = query.answer else {
      physical.projection = .all
      return physical
    }
    if query.layout == .cells, query.projection == .all {
      physical.projection = .fields(separation.fieldNames)
    }
    return physical
  }

  // MARK: - Rows

  /// The rows as programs know them.
  func logical(_ batch: RowBatch) async throws(PrivataError) -> RowBatch {
    switch query.layout {
    case .documents: return try await documents(batch)
    case .cells: return try await cells(batch)
    }
  }

  private func documents(_ batch: RowBatch) async throws(PrivataError) -> RowBatch {
    let hasReferences = half == .clinical && !separation.references.isEmpty
    let hasHidden = half == .identity ? separation.link != nil : separation.shape == .split
    guard hasReferences || hasHidden else { return batch }
    var persons = PersonLookup()
    if hasReferences {
      var found = ReferencedPseudonyms()
      for document in batch.documents { found.insert(document, separation) }
      persons = try await session.persons(behind: found)
    }
    let rewrite = DocumentRewrite(separation: separation, half: half, persons: persons)
    var rows = RowBatch(width: 1)
    rows.reserve(rows: batch.count)
    for row in 0..<batch.count {
      let document = batch.bytes(of: batch.cell(row: row, column: 0))
      rows.append(.document) { rewrite.append(document, to: &$0) }
    }
    return rows
  }

  private func cells(_ batch: RowBatch) async throws(PrivataError) -> RowBatch {
    let references = referenceColumns
    guard !references.isEmpty else { return batch }
    var rows = batch
    var found = ReferencedPseudonyms()
    var open: [(row: Int, column: Int, reference: PersonReference)] = []
    for (column, reference) in references {
      for row in 0..<batch.count {
        guard let value = batch.value(row: row, column: column), !value.isNull else { continue }
        if let link = value.asString, let id = session.core.map.person(link, reference) {
          rows.set(id, row: row, column: column)
        } else {
          found.insert(value, reference)
          open.append((row, column, reference))
        }
      }
    }
    guard !open.isEmpty else { return rows }
    let persons = try await session.persons(behind: found)
    for (row, column, reference) in open {
      let value = batch.value(row: row, column: column)
      rows.set(value.map { persons.translate($0, reference) }, row: row, column: column)
    }
    return rows
  }

  private var referenceColumns: [Int: PersonReference] {
    guard half == .clinical, !separation.references.isEmpty else { return [:] }
    var names = separation.model.fields.map(\.name)
    if case .fields(let chosen) = query.projection { names = chosen }
    var columns: [Int: PersonReference] = [:]
    for (column, name) in names.enumerated() { columns[column] = separation.references[name] }
    return columns
  }

  // MARK: - Distinct values

  private func distinct(
    _ batch: RowBatch, _ path: String
  ) async throws(PrivataError) -> RowBatch {
    guard half == .clinical, let reference = separation.reference(at: path) else { return batch }
    var found = ReferencedPseudonyms()
    for row in 0..<batch.count { found.insert(batch.value(row: row, column: 0), reference) }
    let persons = try await session.persons(behind: found)
    var rows = RowBatch(width: 1)
    for row in 0..<batch.count {
      rows.append(batch.value(row: row, column: 0).map { persons.translate($0, reference) })
    }
    return rows
  }
}
