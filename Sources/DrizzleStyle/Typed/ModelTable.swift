public import PrivataCore
internal import Synchronization

/// The table of a model, whose columns are its fields.
///
/// ```swift
/// let users = User.table
/// db.select(users.id, users.email).from(users).where(users.age >= 18)
/// // select "id", "email" from "users" where "users"."age" >= $1
/// ```
@dynamicMemberLookup
public struct ModelTable<M: Model>: Sendable {
  let table: SQLTable

  /// The table without its model's types, for queries of documents.
  public var definition: SQLTable { table }

  /// The table of the model.
  public init() { table = ModelTables.table(of: M.schema) }

  init(_ table: SQLTable) { self.table = table }

  /// The column of a field.
  public subscript<V>(dynamicMember path: FieldPath<M, V>) -> ModelColumn<M, V> {
    let field = M.fields[keyPath: path]
    return ModelColumn(column: table.columns[field.position], field: field)
  }

  /// A second handle on the table, for joins of a model with itself.
  public func `as`(_ alias: String) -> ModelTable<M> { ModelTable(table.as(alias)) }
}

extension Model {
  /// The model's table.
  public static var table: ModelTable<Self> { ModelTable() }
}

extension ModelTable: QuerySource, SQLConvertible, Selectable {
  /// The table.
  public var source: SQLSource { table.source }
  /// The table's name.
  public var sql: SQL { table.sql }
  /// All columns as an object.
  public var selectedField: SelectedField { table.selectedField }
}

/// The tables of models, made once each.
enum ModelTables {
  private static let made = Mutex<[ObjectIdentifier: SQLTable]>([:])

  static func table(of schema: ModelSchema) -> SQLTable {
    made.withLock { tables in
      if let table = tables[ObjectIdentifier(schema)] { return table }
      let table = make(schema)
      tables[ObjectIdentifier(schema)] = table
      return table
    }
  }

  private static func make(_ schema: ModelSchema) -> SQLTable {
    let owner = SQLColumn.Owner(
      schema: schema.namespace, name: schema.collection, isAlias: false)
    let columns = schema.fields.enumerated().map { position, field in
      var definition = ColumnDefinition(.model(field.type))
      definition.isNotNull = !field.isOptional
      definition.isPrimaryKey = schema.primaryKey == [position]
      definition.defaultValue = field.storeDefault.map { .value($0) }
      return SQLColumn(
        key: field.name, name: field.column, definition: definition,
        codec: ModelCodec(type: field.type), owner: owner)
    }
    let keys = schema.primaryKey.map { schema.fields[$0].name }
    return SQLTable(
      name: schema.collection, schema: schema.namespace, logicalName: schema.collection,
      columns: columns, extras: keys.count > 1 ? [.primaryKey(name: nil, keys: keys)] : [],
      model: schema)
  }
}
