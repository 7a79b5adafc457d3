internal import PrivataCore

/// A join of models on a store that takes no SQL: one query per model, paired here by equal columns.
struct StoreJoin {
  private let plan: SelectPlan
  private let session: Session
  private let sources: [StoreSelect.StoreSource]
  private let fields: [SQLColumn]
  private let order: [(column: SQLColumn, isDescending: Bool)]
  private let conditions: [Meaning]

  init(
    _ plan: SelectPlan, _ session: Session, _ sources: [StoreSelect.StoreSource],
    _ fields: [SQLColumn]
  ) throws(PrivataError) {
    self.plan = plan
    self.session = session
    self.sources = sources
    self.fields = fields
    order = try plan.ordering.sortColumns
    guard let condition = plan.condition else {
      conditions = []
      return
    }
    guard let meaning = condition.meaning else {
      throw StoreSelect.refused("this condition", "compare columns with values")
    }
    conditions = meaning.parts
  }

  func rows() async throws(PrivataError) -> RowBatch {
    var tables: [Table] = []
    for (index, source) in sources.enumerated() {
      tables.append(Table(fields: try needed(by: source, index)))
    }
    try await load(&tables[0], sources[0], and: try pushed(to: sources[0], joined: nil))
    var pairs = (0..<tables[0].count).map { [Int?]([$0]) }
    for (index, join) in plan.joins.enumerated() {
      let link = try Link(join, sources, index + 1)
      try await pair(&pairs, &tables, join, link, index + 1)
    }
    pairs = try filtered(pairs, tables)
    sort(&pairs, tables)
    return try answer(pairs, tables)
  }

  // MARK: - One model's records

  /// The records of one model that were read, by the fields that the query needs.
  struct Table {
    let fields: [String]
    var batch: RowBatch

    init(fields: [String]) {
      self.fields = fields
      batch = RowBatch(width: max(1, fields.count))
    }

    var count: Int { batch.count }

    func value(_ row: Int?, _ key: String) -> Value {
      guard let row, let column = fields.firstIndex(of: key) else { return .null }
      return batch.value(row: row, column: column) ?? .null
    }
  }

  /// The fields of a source that are selected, compared or ordered by.
  private func needed(
    by source: StoreSelect.StoreSource, _ index: Int
  ) throws(PrivataError) -> [String] {
    var keys: [String] = []
    let add = { (column: SQLColumn) in
      if column.owner?.name == source.handle, !keys.contains(column.key) { keys.append(column.key) }
    }
    fields.forEach(add)
    order.forEach { add($0.column) }
    for join in plan.joins {
      for case .equal(let left, let right) in join.on?.meaning?.parts ?? [] {
        add(left)
        add(right)
      }
    }
    for case .equal(let left, let right) in conditions {
      add(left)
      add(right)
    }
    for case .filter(let owner, let filter) in conditions where owner == source.handle {
      for field in filter.fields where !keys.contains(field) { keys.append(field) }
    }
    let key = source.model.key.name
    return keys.contains(key) ? keys : keys + [key]
  }

  /// What the condition says about one source alone, where leaving records out early changes nothing:
  /// not for a side that a join may leave empty.
  private func pushed(
    to source: StoreSelect.StoreSource, joined link: Link?
  ) throws(PrivataError) -> [Filter] {
    var filters = link?.filters ?? []
    guard !plan.nullableHandles.contains(source.handle) else { return filters }
    for case .filter(let owner, let filter) in conditions where owner == source.handle {
      filters.append(filter)
    }
    return filters
  }

  private func load(
    _ table: inout Table, _ source: StoreSelect.StoreSource, and filters: [Filter]
  ) async throws(PrivataError) {
    let query = Query(
      source.model, where: filters.isEmpty ? .all : .and(filters),
      projection: .fields(table.fields), layout: .cells)
    table.batch = try await session.store.rows(for: query)
  }

  // MARK: - Pairing

  /// What a join compares: columns of the new source with columns before it, and the new source's own
  /// values.
  struct Link {
    var pairs: [(old: SQLColumn, new: SQLColumn)] = []
    var filters: [Filter] = []

    init(
      _ join: SelectPlan.Join, _ sources: [StoreSelect.StoreSource], _ index: Int
    ) throws(PrivataError) {
      let handle = sources[index].handle
      let refusal = StoreSelect.refused("this join", "compare a column of each side by ==")
      guard let on = join.on else { return }
      guard let meaning = on.meaning else { throw refusal }
      for part in meaning.parts {
        switch part {
        case .filter(let owner, let filter) where owner == handle: filters.append(filter)
        case .equal(let left, let right) where right.owner?.name == handle:
          pairs.append((left, right))
        case .equal(let left, let right) where left.owner?.name == handle:
          pairs.append((right, left))
        default: throw refusal
        }
      }
    }
  }

  private func pair(
    _ rows: inout [[Int?]], _ tables: inout [Table], _ join: SelectPlan.Join, _ link: Link,
    _ index: Int
  ) async throws(PrivataError) {
    var filters = try pushed(to: sources[index], joined: link)
    let keepsAll = join.kind == .right || join.kind == .full
    if !keepsAll, let pair = link.pairs.first {
      let values = rows.map { value($0, pair.old, tables) }.filter { !$0.isNull }
      filters.append(.isIn(pair.new.key, Array(Set(values))))
    }
    try await load(&tables[index], sources[index], and: filters)
    var byKey: [[Value]: [Int]] = [:]
    for row in 0..<tables[index].count {
      let key = link.pairs.map { tables[index].value(row, $0.new.key).comparable }
      byKey[key, default: []].append(row)
    }
    var joined: [[Int?]] = []
    var used: Set<Int> = []
    for row in rows {
      let key = link.pairs.map { value(row, $0.old, tables).comparable }
      let matches = key.contains(.null) ? [] : byKey[key] ?? []
      for match in matches {
        joined.append(row + [match])
        used.insert(match)
      }
      if matches.isEmpty, join.kind == .left || join.kind == .full { joined.append(row + [nil]) }
    }
    if keepsAll {
      let empty = [Int?](repeating: nil, count: index)
      for row in 0..<tables[index].count where !used.contains(row) { joined.append(empty + [row]) }
    }
    rows = joined
  }

  private func value(_ row: [Int?], _ column: SQLColumn, _ tables: [Table]) -> Value {
    guard let index = sources.firstIndex(where: { $0.handle == column.owner?.name }),
      index < row.count
    else { return .null }
    return tables[index].value(row[index], column.key)
  }

  // MARK: - The combined rows

  /// The rows that fulfil what could not be asked of one model alone.
  private func filtered(
    _ rows: [[Int?]], _ tables: [Table]
  ) throws(PrivataError) -> [[Int?]] {
    var matchers: [(index: Int, matcher: FilterMatcher)] = []
    var pairs: [(SQLColumn, SQLColumn)] = []
    for condition in conditions {
      switch condition {
      case .filter(let owner, let filter):
        guard let index = sources.firstIndex(where: { $0.handle == owner }),
          plan.nullableHandles.contains(owner)
        else { continue }
        matchers.append((index, try FilterMatcher(filter, model: sources[index].model)))
      case .equal(let left, let right): pairs.append((left, right))
      case .all: break
      }
    }
    if matchers.isEmpty, pairs.isEmpty { return rows }
    var kept: [[Int?]] = []
    for row in rows {
      var holds = pairs.allSatisfy { left, right in
        let a = value(row, left, tables)
        return !a.isNull && a.comparable == value(row, right, tables).comparable
      }
      for (index, matcher) in matchers where holds {
        holds = try matcher.matches(document(row[index], tables[index]))
      }
      if holds { kept.append(row) }
    }
    return kept
  }

  private func document(_ row: Int?, _ table: Table) -> Document {
    Document(table.fields.map { .init(key: $0, value: table.value(row, $0)) })
  }

  private func sort(_ rows: inout [[Int?]], _ tables: [Table]) {
    guard !order.isEmpty else { return }
    rows.sort { a, b in
      for (column, isDescending) in order {
        let result = Value.order(value(a, column, tables), value(b, column, tables))
        if result != 0 { return isDescending ? result > 0 : result < 0 }
      }
      return false
    }
  }

  private func answer(_ rows: [[Int?]], _ tables: [Table]) throws(PrivataError) -> RowBatch {
    let page = rows.dropFirst(try plan.offset.rows("offset") ?? 0)
      .prefix(try plan.limit.rows("limit") ?? .max)
    var batch = RowBatch(width: max(1, fields.count))
    batch.reserve(rows: page.count)
    let places = fields.map { field -> (source: Int, column: Int)? in
      guard let source = sources.firstIndex(where: { $0.handle == field.owner?.name }),
        let column = tables[source].fields.firstIndex(of: field.key)
      else { return nil }
      return (source, column)
    }
    for row in page {
      for place in places {
        if let place, let index = row[place.source] {
          let from = tables[place.source].batch
          batch.append(from.cell(row: index, column: place.column), from: from)
        } else {
          batch.appendNull()
        }
      }
    }
    return batch
  }
}

extension Value {
  /// The value in a form in which equal numbers are equal.
  fileprivate var comparable: Value {
    switch self {
    case .int32(let number): .int64(Int64(number))
    case .double(let number): Int64(exactly: number).map { .int64($0) } ?? self
    default: self
    }
  }
}

extension Filter {
  /// The fields that the filter names.
  fileprivate var fields: [String] {
    switch self {
    case .all, .none, .document: []
    case .compare(let field, _, _), .isIn(let field, _), .isNotIn(let field, _),
      .isNull(let field), .isNotNull(let field), .text(let field, _, _, _),
      .list(let field, _, _):
      [field]
    case .compareFields(let field, _, let other): [field, other]
    case .and(let filters), .or(let filters): filters.flatMap(\.fields)
    case .not(let filter): filter.fields
    }
  }
}
