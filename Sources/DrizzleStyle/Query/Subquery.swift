internal import PrivataCore

/// A query that another one reads from: in parentheses under an alias, or before it as a common
/// table expression.
///
/// ```swift
/// let totals = db.with("totals").as(
///   db.select(["userId": payments["userId"], "sum": sum(payments["amount"]).as("sum")])
///     .from(payments).groupBy(payments["userId"]))
/// let rows = try await db.with(totals).select().from(totals).all()
/// // with "totals" as (select ...) select "user_id", "sum" from "totals"
/// ```
public final class Subquery: Sendable {
  /// The name.
  public let alias: String
  let statement: Statement
  let isCommon: Bool
  /// The columns, as the outer query refers to them.
  let selection: Selection
  let scalarDecoder: Decoder

  init(alias: String, _ statement: Statement, selection inner: Selection, isCommon: Bool) {
    self.alias = alias
    self.statement = statement
    self.isCommon = isCommon
    selection = inner.columns(of: .init(schema: nil, name: alias, isAlias: true))
    scalarDecoder =
      switch inner.fields.first?.field {
      case .column(let column)?: .column(column)
      case .expression(let fragment)?: fragment.decoder
      default: .plain
      }
  }

  /// The column of a key.
  public subscript(key: String) -> SQLColumn {
    switch selection[key] {
    case .column(let column)?: column
    case .expression(let fragment)?: .failing(key, fragment)
    default: .unknown(key, of: alias)
    }
  }
}

extension SQLColumn {
  fileprivate static func failing(_ key: String, _ fragment: SQL) -> SQLColumn {
    guard case .failure(let error)? = fragment.chunks.first else { return .unknown(key, of: key) }
    return SQLColumn(
      key: key, name: key, definition: nil, codec: RefusingCodec(error: error), owner: nil)
  }
}

extension Subquery: QuerySource, SQLConvertible, Selectable {
  /// The part.
  public var source: SQLSource { .part(self) }
  /// The part: its query in parentheses, or its name where it stands before the query.
  public var sql: SQL { SQL([.source(source)]) }
  /// The query's single value.
  public var selectedField: SelectedField { .scalar(self) }
}

/// A view, as queries refer to it.
///
/// ```swift
/// let active = SQLView("active_users", as: select(["id": users["id"]]).from(users).where(…))
/// let rows = try await db.select().from(active).all()
/// ```
public final class SQLView: Sendable {
  /// The name in the database.
  public let name: String
  /// The schema that it is in, where it is not the default one.
  public let schema: String?
  /// True where its rows change on refresh alone (PostgreSQL).
  public let isMaterialized: Bool
  /// What it shows; `nil` for one that is made elsewhere.
  let definition: Statement?
  let selection: Selection
  let alias: String?

  /// A view of a query.
  public convenience init(
    _ name: String, schema: String? = nil, isMaterialized: Bool = false, as query: some SQLQuery
  ) {
    self.init(
      name, schema: schema, isMaterialized: isMaterialized, definition: query.statement,
      fields: query.selection, alias: nil)
  }

  /// A view of columns: of SQL text, or made elsewhere where there is none.
  public convenience init(
    _ name: String, schema: String? = nil, isMaterialized: Bool = false,
    columns: KeyValuePairs<String, ColumnDefinition>, as text: SQL? = nil
  ) {
    let table = SQLTable(name, schema: schema, columns)
    self.init(
      name, schema: schema, isMaterialized: isMaterialized, definition: text.map { .raw($0) },
      fields: table.source.selection, alias: nil)
  }

  private init(
    _ name: String, schema: String?, isMaterialized: Bool, definition: Statement?,
    fields: Selection, alias: String?
  ) {
    self.name = name
    self.schema = schema
    self.isMaterialized = isMaterialized
    self.definition = definition
    self.alias = alias
    let owner = SQLColumn.Owner(
      schema: alias == nil ? schema : nil, name: alias ?? name, isAlias: alias != nil)
    selection = fields.columns(of: owner)
  }

  /// A second handle on the view.
  public func `as`(_ alias: String) -> SQLView {
    SQLView(
      name, schema: schema, isMaterialized: isMaterialized, definition: definition,
      fields: selection, alias: alias)
  }

  /// The column of a key.
  public subscript(key: String) -> SQLColumn {
    if case .column(let column)? = selection[key] { column } else { .unknown(key, of: name) }
  }

  var handle: String { alias ?? name }
}

extension SQLView: QuerySource, SQLConvertible, Selectable {
  /// The view.
  public var source: SQLSource { .view(self) }
  /// The view's name.
  public var sql: SQL { SQL([.source(source)]) }
  /// All columns as an object.
  public var selectedField: SelectedField { .nested(selection) }
}
