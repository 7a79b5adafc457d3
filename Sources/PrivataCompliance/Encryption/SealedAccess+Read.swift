internal import PrivataCore

extension SealedAccess {
  /// Answers a query over an encrypted half.
  ///
  /// - Throws: `unsupported` for orders and conditions that ciphertext cannot answer; `unknownKey`,
  ///   `keyUnavailable`, `keyShredded`, `tampered`.
  func rows(_ query: Query) async throws(PrivataError) -> RowBatch {
    try checkOrder(query.sort)
    let filter = try await sealed(query.filter, collation: query.options?.collation)
    switch query.answer {
    case .rows: return try await records(query, filter)
    case .distinct(let path) where filter.isResidual || plan.sealed(path) != nil:
      return try await distinct(path, query)
    case .count where filter.isResidual:
      return RowBatch(single: .int64(Int64(try await matching(query).count)))
    case .exists where filter.isResidual:
      return RowBatch(single: .bool(try await !matching(query).isEmpty))
    case .count, .exists, .distinct: return try await store.rows(for: physical(query, filter))
    }
  }

  private func physical(_ query: Query, _ filter: SealedFilter) -> Query {
    var physical = query
    physical.model = plan.physical
    physical.filter = filter.physical
    return physical
  }

  private func records(
    _ query: Query, _ filter: SealedFilter
  ) async throws(PrivataError) -> RowBatch {
    let beside = filter.isResidual ? FieldUse.of(query.filter).names : []
    let shape = try shape(query.projection, query.layout, beside: beside)
    var physical = physical(query, filter)
    physical.projection = shape.projection
    if filter.isResidual {
      physical.skip = 0
      physical.limit = nil
    }
    var rows = try await opened(physical, shape, query.layout)
    if filter.isResidual {
      rows = try ResidualFilter(query.filter, plan, shape.columns, query.layout).page(rows, query)
    }
    return try projected(rows, shape, query)
  }

  /// Reads rows and opens them. A rotation of keys may seal a row anew and destroy its old key between
  /// the two; such a row is read once more.
  private func opened(
    _ physical: Query, _ shape: SealedShape, _ layout: RowLayout
  ) async throws(PrivataError) -> RowBatch {
    let answered = try await store.rows(for: physical)
    do throws(PrivataError) { return try await opened(answered, shape, layout) } catch {
      guard error.code == .keyShredded, !isTransaction else { throw error }
      return try await opened(try await store.rows(for: physical), shape, layout)
    }
  }

  /// Leaves out what was fetched beside the answer.
  func projected(
    _ rows: RowBatch, _ shape: SealedShape, _ query: Query
  ) throws(PrivataError) -> RowBatch {
    switch query.layout {
    case .documents: return shape.isProjectedHere ? try rows.projected(for: query) : rows
    case .cells:
      guard rows.width > shape.width, shape.width > 0 else { return rows }
      return rows.picking(Array(0..<rows.count), width: shape.width)
    }
  }

  /// The matching records, where only open rows can tell.
  private func matching(_ query: Query) async throws(PrivataError) -> RowBatch {
    var query = query
    query.answer = .rows
    query.projection = .all
    query.layout = .documents
    return try await rows(query)
  }

  private func distinct(_ path: String, _ query: Query) async throws(PrivataError) -> RowBatch {
    var values = try DistinctValues(path, collation: query.options?.collation)
    for document in try await matching(query).documents { values.add(document) }
    return RowBatch(column: values.values)
  }
}

/// Checks open rows against a filter whose tags let through too much.
struct ResidualFilter {
  private let matcher: FilterMatcher
  private let plan: SealingPlan
  private let columns: [String]
  private let layout: RowLayout

  init(
    _ filter: Filter, _ plan: SealingPlan, _ columns: [String], _ layout: RowLayout
  ) throws(PrivataError) {
    matcher = try FilterMatcher(NormalisedFilter(plan).of(filter), model: nil)
    self.plan = plan
    self.columns = columns
    self.layout = layout
  }

  /// The rows that match.
  func matching(_ rows: RowBatch) throws(PrivataError) -> RowBatch {
    try rows.picking(places(rows), width: rows.width)
  }

  /// Those of them within the query's skip and limit.
  func page(_ rows: RowBatch, _ query: Query) throws(PrivataError) -> RowBatch {
    let places = try places(rows).dropFirst(query.skip).prefix(query.limit ?? Int.max)
    return rows.picking(Array(places), width: rows.width)
  }

  private func places(_ rows: RowBatch) throws(PrivataError) -> [Int] {
    var places: [Int] = []
    for (place, document) in rows.documents(naming: columns, layout: layout).enumerated()
    where try matcher.matches(normalised(document)) { places.append(place) }
    return places
  }

  private func normalised(_ document: Document) -> Document {
    Document(
      document.elements.map { element in
        guard let field = plan.byName[element.key] else { return element }
        return .init(key: element.key, value: field.normalised(element.value))
      })
  }
}

extension SealedField {
  /// The value as the index takes it.
  func normalised(_ value: Value) -> Value {
    guard !normalisation.isEmpty else { return value }
    switch value {
    case .string(let text): return .string(Normaliser.apply(normalisation, to: text))
    case .array(let values): return .array(values.map(normalised))
    case .document(let document) where document.isCondition:
      return .document(
        Document(document.elements.map { .init(key: $0.key, value: normalised($0.value)) }))
    default: return value
    }
  }
}

/// A filter whose values on encrypted fields are brought to the form of their index.
struct NormalisedFilter {
  let plan: SealingPlan

  init(_ plan: SealingPlan) { self.plan = plan }

  func of(_ filter: Filter) -> Filter {
    switch filter {
    case .document(let document): return .document(of(document))
    case .compare(let path, let comparison, let value):
      return .compare(path, comparison, plan.sealed(path)?.normalised(value) ?? value)
    case .isIn(let path, let values):
      return .isIn(path, values.map { plan.sealed(path)?.normalised($0) ?? $0 })
    case .isNotIn(let path, let values):
      return .isNotIn(path, values.map { plan.sealed(path)?.normalised($0) ?? $0 })
    case .and(let parts): return .and(parts.map(of))
    case .or(let parts): return .or(parts.map(of))
    case .not(let inner): return .not(of(inner))
    default: return filter
    }
  }

  private func of(_ document: Document) -> Document {
    Document(
      document.elements.map { element in
        if ["$and", "$or", "$nor"].contains(element.key) {
          let parts = (element.value.asArray ?? []).map { part in
            part.asDocument.map { Value.document(of($0)) } ?? part
          }
          return .init(key: element.key, value: .array(parts))
        }
        let value = plan.sealed(element.key)?.normalised(element.value) ?? element.value
        return .init(key: element.key, value: value)
      })
  }
}
