public import PrivataCore
public import PrivataSQL

/// A query that can be rendered, run, and used as a part of another.
public protocol SQLQuery: SQLConvertible, SQLOperand {
  /// What the query is.
  var body: QueryBody { get }
}

/// A query before it is rendered.
public struct QueryBody: Sendable {
  let statement: Statement
  let selection: Selection
}

extension SQLQuery {
  var statement: Statement { body.statement }
  var selection: Selection { body.selection }

  /// The query in parentheses.
  public var sql: SQL { SQL([.query(statement)]) }

  /// The query in parentheses.
  public func operand(for column: SQLColumn?) -> SQL { sql }

  /// The query as a part of another, in parentheses under an alias.
  ///
  /// ```swift
  /// let adults = db.select().from(users).where(gte(users["age"], 18)).as("adults")
  /// db.select().from(adults)   // select ... from (select ...) "adults"
  /// ```
  public func `as`(_ alias: String) -> Subquery {
    Subquery(alias: alias, statement, selection: selection, isCommon: false)
  }

  /// The text and the parameters of the query, without running it.
  ///
  /// ```swift
  /// let (sql, parameters) = try query.toSQL(.postgres)
  /// ```
  ///
  /// - Throws: `PrivataError` with what a builder found wrong.
  public func toSQL(_ dialect: SQLDialect) throws(PrivataError) -> RenderedSQL {
    try RenderedSQL(statement, dialect)
  }
}

extension SQL {
  /// The text and the parameters of the fragment as a statement of its own.
  public func toSQL(_ dialect: SQLDialect) throws(PrivataError) -> RenderedSQL {
    try RenderedSQL(.raw(self), dialect)
  }
}

/// A statement's text and parameters.
public struct RenderedSQL: Sendable {
  /// The text, with placeholders of the dialect.
  public let text: String
  /// The parameters, in the order of the text.
  public let parameters: [Parameter]
  /// The tables that the statement names, by their names in the database.
  public let tables: [String]
  let shape: RowShape?
  let kind: String
  let table: String

  /// A parameter.
  public enum Parameter: Sendable {
    /// A value as it is bound, with the type that the driver binds it as.
    case value(Value, FieldType?)
    /// A value that is given when the statement runs; the column says how it is kept.
    case placeholder(String, SQLColumn?)
  }

  init(_ statement: Statement, _ dialect: SQLDialect) throws(PrivataError) {
    var renderer = Renderer(dialect)
    shape = try renderer.write(root: statement)
    text = renderer.text
    parameters = renderer.parameters
    tables = renderer.tables
    kind = statement.kind
    table = statement.table
  }

  /// The same statement with other values.
  init(_ same: RenderedSQL, _ parameters: [Parameter]) {
    text = same.text
    tables = same.tables
    shape = same.shape
    kind = same.kind
    table = same.table
    self.parameters = parameters
  }
}
