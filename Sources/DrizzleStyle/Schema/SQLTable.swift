internal import PrivataCore

/// A table as queries see it: its name, its columns by their keys, and what holds for its rows.
///
/// ```swift
/// let tags = SQLTable("tags", [
///   "id": .postgres(.serial).primaryKey(),
///   "name": .postgres(.text).notNull().unique(),
///   "category": .postgres(.text),
/// ])
/// let rows = try await db.select().from(tags).where(eq(tags["category"], "condition")).all()
/// ```
///
/// The order of the columns is the order of every generated list of columns. A `@Table` struct has
/// its table as `Tag.table`.
public final class SQLTable: Sendable {
  /// The name in the database.
  public let name: String
  /// The schema that the table is in, where it is not the default one.
  public let schema: String?
  /// The name that rows of joins are keyed by.
  public let logicalName: String
  /// The columns, in order.
  public let columns: [SQLColumn]
  /// Indexes, constraints and policies.
  public let extras: [TableExtra]
  /// True where row level security is on.
  public let hasRowLevelSecurity: Bool
  /// The name that stands for the table in a query, where it was given one.
  let alias: String?
  /// The model that the table was made from.
  let model: ModelSchema?
  private let positions: [String: Int]

  /// A table of these columns. `logicalName` is what rows of joins are keyed by where the name in
  /// the database has a prefix; `casing` names columns that were given no name of their own.
  public convenience init(
    _ name: String, schema: String? = nil, logicalName: String? = nil,
    casing: Casing = .preserve, rowLevelSecurity: Bool = false,
    _ columns: KeyValuePairs<String, ColumnDefinition>,
    extras: (SQLTable) -> [TableExtra] = { _ in [] }
  ) {
    let columns = columns.map { ($0.key, $0.value) }
    self.init(
      name, schema: schema, logicalName: logicalName, casing: casing,
      rowLevelSecurity: rowLevelSecurity, columns: columns, extras: extras)
  }

  /// A table of columns that are known at run time.
  public convenience init(
    _ name: String, schema: String? = nil, logicalName: String? = nil,
    casing: Casing = .preserve, rowLevelSecurity: Bool = false,
    columns: [(key: String, definition: ColumnDefinition)],
    extras: (SQLTable) -> [TableExtra] = { _ in [] }
  ) {
    let owner = SQLColumn.Owner(schema: schema, name: name, isAlias: false)
    let columns = columns.map { key, definition in
      SQLColumn(
        key: key, name: definition.name ?? casing.name(of: key), definition: definition,
        codec: definition.type.codec, owner: owner)
    }
    let plain = SQLTable(
      name: name, schema: schema, logicalName: logicalName ?? name, columns: columns, extras: [],
      hasRowLevelSecurity: rowLevelSecurity)
    self.init(
      name: name, schema: schema, logicalName: logicalName ?? name, columns: columns,
      extras: extras(plain), hasRowLevelSecurity: rowLevelSecurity)
  }

  init(
    name: String, schema: String?, logicalName: String, columns: [SQLColumn],
    extras: [TableExtra] = [], hasRowLevelSecurity: Bool = false, alias: String? = nil,
    model: ModelSchema? = nil
  ) {
    self.name = name
    self.schema = schema
    self.logicalName = logicalName
    self.columns = columns
    self.extras = extras
    self.hasRowLevelSecurity = hasRowLevelSecurity
    self.alias = alias
    self.model = model
    positions = Dictionary(
      columns.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

extension SQLTable {
  /// The column of a key.
  public subscript(key: String) -> SQLColumn { column(key) ?? .unknown(key, of: logicalName) }

  /// The column of a key, `nil` where there is none.
  public func column(_ key: String) -> SQLColumn? { positions[key].map { columns[$0] } }

  /// A second handle on the table, with columns of its own.
  ///
  /// ```swift
  /// let manager = users.as("manager")
  /// db.select().from(users).leftJoin(manager, on: eq(users["managerId"], manager["id"]))
  /// // left join "users" "manager" on "users"."manager_id" = "manager"."id"
  /// ```
  public func `as`(_ alias: String) -> SQLTable {
    let owner = SQLColumn.Owner(schema: nil, name: alias, isAlias: true)
    return SQLTable(
      name: name, schema: schema, logicalName: logicalName,
      columns: columns.map { $0.moved(to: owner) }, alias: alias, model: model)
  }

  /// All columns but these, as a selection.
  ///
  /// ```swift
  /// db.select(users.except("profile")).from(users)
  /// ```
  public func except(_ keys: String...) -> Selection {
    Selection(columns.filter { !keys.contains($0.key) }.map { ($0.key, .column($0)) })
  }

  /// The name that columns are qualified with.
  var handle: String { alias ?? name }

  /// The name in rows of joins.
  var resultKey: String { alias ?? logicalName }

  var primaryKey: [SQLColumn] {
    let inline = columns.filter { $0.definition?.isPrimaryKey ?? false }
    if !inline.isEmpty { return inline }
    for case .primaryKey(_, let keys) in extras { return keys.compactMap { column($0) } }
    return []
  }
}

extension SQLColumn {
  /// A column that does not exist: building goes on, rendering throws.
  static func unknown(_ key: String, of table: String) -> SQLColumn {
    let error = PrivataError(
      .unknownField, "table '\(table)' has no column '\(key)'", fields: [key], model: table)
    return SQLColumn(
      key: key, name: key, definition: nil, codec: RefusingCodec(error: error), owner: nil)
  }
}

/// A second handle on a table, as ``SQLTable/as(_:)`` gives.
public func alias(_ table: SQLTable, _ name: String) -> SQLTable { table.as(name) }
