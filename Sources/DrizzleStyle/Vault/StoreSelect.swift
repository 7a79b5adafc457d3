internal import PrivataCore

/// A select on a store that takes no SQL, such as a vault: records are read through the store's own
/// door, model by model, and joined here.
struct StoreSelect {
  private let plan: SelectPlan
  private let session: Session

  init(_ plan: SelectPlan, _ session: Session) {
    self.plan = plan
    self.session = session
  }

  func rows() async throws(PrivataError) -> RowBatch {
    try checkClauses()
    let sources = try self.sources
    let fields = try self.fields
    if plan.joins.isEmpty { return try await single(sources[0], fields) }
    return try await StoreJoin(plan, session, sources, fields).rows()
  }

  /// How many records the select means.
  func count() async throws(PrivataError) -> Int {
    try checkClauses()
    guard plan.joins.isEmpty else { throw Self.refused("counting a join", "count its rows") }
    let source = try sources[0]
    var query = Query(source.model, where: try filter(of: source), answer: .count)
    query.layout = .cells
    let batch = try await session.store.rows(for: query)
    return batch.isEmpty ? 0 : batch.value(row: 0, column: 0)?.asInt ?? 0
  }

  private func single(
    _ source: StoreSource, _ fields: [SQLColumn]
  ) async throws(PrivataError) -> RowBatch {
    let limit = try plan.limit.rows("limit")
    let query = Query(
      source.model, where: try filter(of: source), projection: .fields(fields.map(\.key)),
      sort: try plan.ordering.sortKeys, skip: try plan.offset.rows("offset") ?? 0,
      limit: limit, layout: .cells)
    // Stores take no rows at all for no bound.
    if limit == 0 { return RowBatch(width: max(1, fields.count)) }
    return try await session.store.rows(for: query)
  }

  private func filter(of source: StoreSource) throws(PrivataError) -> Filter {
    guard let condition = plan.condition else { return .all }
    guard let single = condition.meaning?.single, single.owner == source.handle else {
      throw Self.refused("this condition", "compare columns of the table with values")
    }
    return single.filter
  }

  // MARK: - What can be done

  /// A table of the query.
  struct StoreSource {
    let handle: String
    let model: ModelSchema
  }

  private func checkClauses() throws(PrivataError) {
    if !plan.with.isEmpty { throw Self.refused("a common table expression", "run its query first") }
    if !plan.operations.isEmpty { throw Self.refused("a set operator", "run both queries") }
    if plan.distinct != nil { throw Self.refused("distinct", "make the rows different afterwards") }
    if !plan.grouping.isEmpty || plan.having != nil {
      throw Self.refused("grouping", "count with db.count, or group the rows afterwards")
    }
    if plan.lock != nil { throw Self.refused("locking rows", "use a transaction") }
  }

  private var sources: [StoreSource] {
    get throws(PrivataError) {
      var sources: [StoreSource] = []
      for source in [plan.from].compactMap({ $0 }) + plan.joins.map(\.source) {
        guard case .table(let table) = source, let model = table.model else {
          throw Self.refused("a source that is no model's table", "select from models")
        }
        sources.append(StoreSource(handle: table.handle, model: model))
      }
      return sources
    }
  }

  private var fields: [SQLColumn] {
    get throws(PrivataError) {
      var columns: [SQLColumn] = []
      for (_, field) in plan.resolvedFields.flat {
        guard case .column(let column) = field else {
          throw Self.refused(
            "an expression among the fields", "select columns and compute afterwards")
        }
        columns.append(column)
      }
      return columns
    }
  }

  /// - Returns: `unsupported` that says what to do instead.
  static func refused(_ what: String, _ instead: String) -> PrivataError {
    PrivataError(
      .unsupported,
      "\(what) would go past the policies of this store and is not done here: \(instead)")
  }
}

extension PrivataError {
  /// A number of rows below zero.
  static func negative(_ argument: String) -> PrivataError {
    PrivataError(.badArgument, "\(argument) cannot be negative", fields: [argument])
  }
}

extension Optional<Bound> {
  /// The number of rows that an argument gives.
  func rows(_ argument: String) throws(PrivataError) -> Int? {
    switch self {
    case nil: return nil
    case .number(let number)?:
      if number < 0 { throw .negative(argument) }
      return number
    case .placeholder?: throw StoreSelect.refused("a placeholder", "give the number")
    }
  }
}

extension [SQL] {
  /// The order as stores know it: columns, each ascending or descending.
  var sortKeys: [SortKey] {
    get throws(PrivataError) {
      var keys: [SortKey] = []
      for (column, isDescending) in try sortColumns {
        keys.append(SortKey(column.key, descending: isDescending))
      }
      return keys
    }
  }

  var sortColumns: [(column: SQLColumn, isDescending: Bool)] {
    get throws(PrivataError) {
      var columns: [(column: SQLColumn, isDescending: Bool)] = []
      for fragment in self {
        switch fragment.chunks.first {
        case .column(let column)? where fragment.chunks.count == 1: columns.append((column, false))
        case .column(let column)?:
          guard case .text(let word)? = fragment.chunks.last, fragment.chunks.count == 2,
            word == " asc" || word == " desc"
          else { fallthrough }
          columns.append((column, word == " desc"))
        default: throw StoreSelect.refused("an order by an expression", "order by columns")
        }
      }
      return columns
    }
  }
}
