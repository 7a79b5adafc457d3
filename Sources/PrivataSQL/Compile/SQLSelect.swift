internal import PrivataCore

/// A read as SQL: the columns, the condition, the order and the page, each as far as SQL gives what
/// MongoDB or the typed query means by it.
struct SQLSelect {
  let layout: TableLayout
  let query: Query
  let mayHoldOdd: Bool
  let condition: SQLCondition
  /// True where the order is left to the engine.
  let sortsInEngine: Bool

  init(_ query: Query, _ bound: BoundModel) throws(PrivataError) {
    layout = bound.layout
    self.query = query
    mayHoldOdd = bound.mayHoldOdd
    let predicate = SQLPredicate(layout, comparesText: query.options?.collation == nil)
    condition = try predicate.condition(query.filter, mayHoldOdd: mayHoldOdd)
    sortsInEngine = !Self.sorts(query, layout, mayHoldOdd)
  }

  /// True where SQL's page is the query's page.
  var pagesInSQL: Bool { condition.isExact && !sortsInEngine }

  /// The rows themselves, of these columns of the layout.
  func rows(_ selected: [Int], withRest: Bool) -> SQLCompiled {
    var names = selected.map { layout.quoted(layout.columns[$0]) }
    var types: [FieldType?] = selected.map { layout.columns[$0].type }
    if withRest {
      names.append(layout.rest)
      types.append(.binary)
    }
    // A result has a column even where a projection keeps none.
    if names.isEmpty {
      names.append("1")
      types.append(.int32)
    }
    let fragment: SQLFragment =
      "SELECT \(names.joined(separator: ", ")) FROM \(layout.table)\(condition.clause)\(order)\(page)"
    return compiled(fragment, types)
  }

  /// The number of matching records within the page.
  func count() -> SQLCompiled {
    if query.skip == 0, query.pageLimit == nil {
      return compiled("SELECT count(*) FROM \(layout.table)\(condition.clause)", [.int64])
    }
    return compiled(
      """
      SELECT count(*) FROM (SELECT 1 FROM \(layout.table)\(condition.clause)\(page)) AS matching
      """, [.int64])
  }

  /// Whether any record matches.
  func exists() -> SQLCompiled {
    compiled("SELECT EXISTS (SELECT 1 FROM \(layout.table)\(condition.clause)\(page))", [.bool])
  }

  /// The distinct values of a column, null left out.
  func distinct(_ column: LayoutColumn) -> SQLCompiled {
    let name = layout.quoted(column)
    let own = SQLCondition.exact("\(name) IS NOT NULL")
    return compiled(
      "SELECT DISTINCT \(name) FROM \(layout.table)\(SQLCondition.all([condition, own]).clause)",
      [column.type])
  }

  private func compiled(_ fragment: SQLFragment, _ columns: [FieldType?]) -> SQLCompiled {
    SQLCompiled(
      fragment, dialect: layout.dialect, kind: "find", collection: layout.model.collection,
      columns: columns)
  }
}

// MARK: - Order and page

extension SQLSelect {
  private var order: SQLFragment {
    switch query.answer {
    case .rows, .distinct: SQLOrder.clause(sortsInEngine ? [] : query.sort, layout, query.layout)
    case .count, .exists: ""
    }
  }

  private var page: SQLFragment {
    guard pagesInSQL else { return "" }
    return SQLOrder.page(layout.dialect, skip: query.skip > 0, limit: query.pageLimit != nil)
  }

  private static func sorts(_ query: Query, _ layout: TableLayout, _ mayHoldOdd: Bool) -> Bool {
    switch query.answer {
    case .rows: break
    case .count, .exists, .distinct: return true
    }
    return SQLOrder.isExact(
      query.sort, layout, mayHoldOdd: mayHoldOdd,
      comparesText: query.options?.collation == nil)
  }
}

/// `ORDER BY` and `LIMIT`.
enum SQLOrder {
  /// True where SQL sorts by these keys as MongoDB does.
  static func isExact(
    _ keys: [SortKey], _ layout: TableLayout, mayHoldOdd: Bool, comparesText: Bool
  ) -> Bool {
    keys.allSatisfy { key in
      guard !key.isTextScore, let column = layout.column(key.path) else { return false }
      if mayHoldOdd, !layout.isKey(key.path) { return false }
      switch column.type {
      case .string, .varchar: return comparesText
      case .decimal: return layout.dialect == .sqlite || !layout.isOpen
      case .binary: return !layout.isOpen
      case .document, .any, .array: return false
      default: return true
      }
    }
  }

  /// The clause, with a space before it. Documents that no key tells apart come as they were
  /// inserted, where the table keeps that order.
  static func clause(_ keys: [SortKey], _ layout: TableLayout, _ rows: RowLayout) -> SQLFragment {
    var terms = keys.isEmpty ? [] : [self.terms(keys, layout, rows)]
    if layout.keepsOrder, rows == .documents { terms.append("\(layout.sequence)") }
    return terms.isEmpty ? "" : " ORDER BY \(SQLFragment.joined(terms, by: ", "))"
  }

  /// The terms; in the layout of documents null sorts lowest, as in MongoDB.
  static func terms(_ keys: [SortKey], _ layout: TableLayout, _ rows: RowLayout) -> SQLFragment {
    let predicate = SQLPredicate(layout)
    let terms = keys.compactMap { key -> String? in
      guard let column = layout.column(key.path) else { return nil }
      var nulls = key.nulls
      if nulls == nil, rows == .documents, mayBeNull(column, layout) {
        nulls = key.isDescending ? .last : .first
      }
      return layout.dialect.ordering(
        predicate.reference(column), descending: key.isDescending, nulls: nulls)
    }
    return "\(terms.joined(separator: ", "))"
  }

  private static func mayBeNull(_ column: LayoutColumn, _ layout: TableLayout) -> Bool {
    !layout.isKey(column.field)
  }

  /// The page's clause, with a space before it.
  static func page(_ dialect: SQLDialect, skip: Bool, limit: Bool) -> SQLFragment {
    let skipped = SQLFragment.parameter(SQLSlot(.skip), .int64)
    let bound = SQLFragment.parameter(SQLSlot(.limit), .int64)
    switch (skip, limit) {
    case (false, false): return ""
    case (false, true): return " LIMIT \(bound)"
    case (true, true): return " LIMIT \(bound) OFFSET \(skipped)"
    case (true, false): return "\(dialect.offsetWithoutLimit)\(skipped)"
    }
  }
}
