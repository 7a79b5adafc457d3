package import PrivataCore

/// A column of a table.
package struct LayoutColumn: Sendable, Hashable {
  /// The column's name in SQL.
  package var name: String
  /// The field that it holds: the key in documents.
  package var field: String
  package var type: FieldType

  package init(name: String, field: String, type: FieldType) {
    self.name = name
    self.field = field
    self.type = type
  }
}

/// How a model's records lie in a table.
///
/// A closed model has one column per field. An open model has one column per scalar field, and two
/// more: `_rest`, the BSON of whatever no column holds (nested documents, arrays, explicit nulls,
/// unknown fields, values of another type than their column's), and `_odd`, true in rows where a
/// field with a column has a value in `_rest` because of its type. So every document comes back as
/// it went in, and a condition on columns is exact for all rows that are not odd.
package struct TableLayout: Sendable {
  package let model: ModelSchema
  package let dialect: SQLDialect
  /// In the order of the model's fields; an open model's table may have further ones, which other
  /// models of the same collection or former versions of this one left.
  package let columns: [LayoutColumn]
  /// The table's name, quoted.
  package let table: String

  /// True where the table notes in `_seq` in which order its records came, and documents without an
  /// order come in that one, as in MongoDB. SQLite's tables have that order by themselves.
  package let keepsOrder: Bool

  /// Indexes whose keys rows note in columns of their own.
  package let keyed: [KeyedIndex]

  private let positions: [String: Int]

  /// The layout of a model. `existing` are the columns that an open model's table has already: a
  /// column keeps the type that it was made with, and values of another type are odd there.
  /// `indexes` are the keyed ones of the table.
  package init(
    _ model: ModelSchema, dialect: SQLDialect, existing: [LayoutColumn] = [],
    indexes: [KeyedIndex] = [], keepsOrder: Bool = false
  ) {
    self.model = model
    self.dialect = dialect
    self.keepsOrder = keepsOrder && model.isOpen && dialect == .postgres
    table = dialect.table(model)
    columns =
      model.isOpen
      ? Self.openColumns(model, dialect, existing)
      : model.fields.map { LayoutColumn(name: $0.column, field: $0.name, type: $0.type) }
    keyed = Self.keyedIndexes(model, columns, indexes)
    var positions: [String: Int] = [:]
    for (position, column) in columns.enumerated() { positions[column.field] = position }
    self.positions = positions
  }

  package static let restName = "_rest"
  package static let oddName = "_odd"
  package static let sequenceName = "_seq"

  package var isOpen: Bool { model.isOpen }

  /// The position among the columns of the field's own column, `nil` where it has none.
  package func position(of field: String) -> Int? { positions[field] }

  /// The column of a field, `nil` where it has none.
  package func column(_ field: String) -> LayoutColumn? { positions[field].map { columns[$0] } }

  /// The columns of the primary key.
  package var key: [LayoutColumn] {
    model.primaryKey.compactMap { column(model.fields[$0].name) }
  }

  /// True for a field of the primary key; such a column is never null nor odd.
  package func isKey(_ field: String) -> Bool {
    model.primaryKey.contains { model.fields[$0].name == field }
  }

  /// A column's name, quoted.
  package func quoted(_ column: LayoutColumn) -> String { dialect.quote(column.name) }

  package var rest: String { dialect.quote(Self.restName) }
  package var odd: String { dialect.quote(Self.oddName) }
  package var sequence: String { dialect.quote(Self.sequenceName) }

  private static func openColumns(
    _ model: ModelSchema, _ dialect: SQLDialect, _ existing: [LayoutColumn]
  ) -> [LayoutColumn] {
    let known = Dictionary(existing.map { ($0.field, $0) }) { first, _ in first }
    var taken = Set(existing.map { $0.name.lowercased() })
    taken.formUnion([restName, oddName, sequenceName])
    var columns: [LayoutColumn] = []
    for (position, field) in model.fields.enumerated() {
      if let column = known[field.name] {
        columns.append(column)
      } else if hasColumn(field, isKey: model.primaryKey.contains(position), dialect) {
        let name = freeName(field.column, &taken)
        columns.append(LayoutColumn(name: name, field: field.name, type: field.type))
      }
    }
    let listed = Set(columns.map(\.field))
    return columns + existing.filter { !listed.contains($0.field) }
  }

  /// Postgres' `numeric` would change decimals, so they stay in `_rest` there.
  private static func hasColumn(
    _ field: FieldSchema, isKey: Bool, _ dialect: SQLDialect
  ) -> Bool {
    if case .decimal = field.type, dialect == .postgres { return isKey }
    return field.type.isScalar || isKey
  }

  /// SQLite's names do not tell cases apart, keys of documents do.
  private static func freeName(_ wanted: String, _ taken: inout Set<String>) -> String {
    var name = wanted
    var count = 1
    while !taken.insert(name.lowercased()).inserted {
      count += 1
      name = "\(wanted)~\(count)"
    }
    return name
  }
}
