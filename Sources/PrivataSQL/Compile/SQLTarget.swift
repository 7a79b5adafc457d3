internal import PrivataCore

/// Which rows a write means, as SQL: all that match, or the first of them by an order.
struct SQLTarget {
  let layout: TableLayout
  let condition: SQLCondition
  let sort: [SortKey]
  let isMany: Bool
  /// True where SQL names exactly the rows that the filter and order mean.
  let isExact: Bool
  /// True where the order is SQL's.
  let sortsInSQL: Bool
  private let isOneAtMost: Bool
  private let rows: RowLayout

  init(
    _ bound: BoundModel, _ filter: Filter, sort: [SortKey], isMany: Bool, collation: Document?,
    rows: RowLayout
  ) throws(PrivataError) {
    layout = bound.layout
    _ = try FilterMatcher(filter, model: layout.model, collation: collation)
    condition = try SQLPredicate(layout, comparesText: collation == nil)
      .condition(filter, mayHoldOdd: bound.mayHoldOdd)
    self.sort = sort
    self.isMany = isMany
    self.rows = rows
    isOneAtMost = filter.namesKey(of: layout)
    sortsInSQL = SQLOrder.isExact(
      sort, layout, mayHoldOdd: bound.mayHoldOdd, comparesText: collation == nil)
    isExact = condition.isExact && (isMany || isOneAtMost || sortsInSQL)
  }

  /// The `WHERE` clause of an exact target with further conditions on the rows.
  func clause(and more: [SQLFragment] = []) -> SQLFragment {
    let further = more.map { SQLCondition.exact($0) }
    guard !isMany, !isOneAtMost else { return SQLCondition.all([condition] + further).clause }
    let keys = layout.key.map(layout.quoted).joined(separator: ", ")
    let key = layout.key.count == 1 ? keys : "(\(keys))"
    // The lock makes Postgres look again whether a row that another changed meanwhile still matches.
    let lock = layout.dialect == .postgres ? " FOR UPDATE" : ""
    let first: SQLFragment =
      "\(key) IN (SELECT \(keys) FROM \(layout.table)\(condition.clause)\(order) LIMIT 1\(lock))"
    return SQLCondition.all([.exact(first)] + further).clause
  }

  /// The statement that reads what the filter may mean, locked where the store locks rows.
  func candidates(_ form: DocumentForm) -> SQLCompiled {
    var names = form.selected.map { layout.quoted(layout.columns[$0]) }
    var types: [FieldType?] = form.selected.map { layout.columns[$0].type }
    if form.restColumn != nil {
      names.append(layout.rest)
      types.append(.binary)
    }
    let bound = isExact && !isMany ? " LIMIT 1" : ""
    let lock = layout.dialect == .postgres ? " FOR UPDATE" : ""
    let fragment: SQLFragment =
      """
      SELECT \(names.joined(separator: ", ")) FROM \(layout.table)\(condition.clause)\(order)\
      \(bound)\(lock)
      """
    return SQLCompiled(
      fragment, dialect: layout.dialect, kind: "find", collection: layout.model.collection,
      columns: types)
  }

  private var order: SQLFragment {
    SQLOrder.clause(sortsInSQL ? sort : [], layout, rows)
  }
}

extension Filter {
  /// True where the filter can only match the record of one key.
  func namesKey(of layout: TableLayout) -> Bool {
    let fields = Set(layout.key.map(\.field))
    return fields.isSubset(of: equalFields)
  }

  /// The fields that must be equal to a value.
  private var equalFields: Set<String> {
    switch self {
    case .compare(let field, .equal, _): [field]
    case .and(let filters): filters.reduce(into: []) { $0.formUnion($1.equalFields) }
    case .document(let document):
      Set(
        document.elements.filter { element in
          guard element.key.utf8.first != UInt8(ascii: "$") else { return false }
          switch element.value {
          case .document(let value): return !DocumentShape.isOperators(value)
          case .regex: return false
          default: return true
          }
        }.map(\.key))
    default: []
    }
  }
}
