/// What rows come from: a table, a view, a subquery or common table expression, SQL text.
public enum SQLSource: Sendable {
  case table(SQLTable)
  case view(SQLView)
  case part(Subquery)
  case raw(SQL)
}

/// What can stand after `from` and `join`.
public protocol QuerySource: Sendable {
  /// The source.
  var source: SQLSource { get }
}

extension SQLTable: QuerySource, SQLConvertible {
  /// The table.
  public var source: SQLSource { .table(self) }
  /// The table's name.
  public var sql: SQL { SQL([.source(source)]) }
}

extension SQL: QuerySource {
  /// The text as a source, which has no columns of its own.
  public var source: SQLSource { .raw(self) }
}

extension SQLSource {
  /// The name that columns are qualified with; `nil` for SQL text.
  var handle: String? {
    switch self {
    case .table(let table): table.handle
    case .view(let view): view.handle
    case .part(let part): part.alias
    case .raw: nil
    }
  }

  /// The name in rows of joins; `nil` for SQL text, which gives no entry.
  var resultKey: String? {
    if case .table(let table) = self { table.resultKey } else { handle }
  }

  /// All columns.
  var selection: Selection {
    switch self {
    case .table(let table): Selection(table.columns.map { ($0.key, .column($0)) })
    case .view(let view): view.selection
    case .part(let part): part.selection
    case .raw: Selection([])
    }
  }
}
