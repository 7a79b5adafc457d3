internal import PrivataCore

/// The table `_privata_meta`: the version of the way in which tables are laid out, and the columns
/// of each open model's table with their types.
struct LayoutMeta: Sendable {
  /// The version that this library writes.
  static let version = 1
  static let table = "_privata_meta"

  /// The columns of open models' tables, by the table's name.
  private(set) var columns: [String: [LayoutColumn]] = [:]
  /// The indexes of open models' tables that have columns of their own, by the table's name.
  private(set) var indexes: [String: [KeyedIndex]] = [:]

  /// The meta table's rows, each a key and a value.
  ///
  /// - Throws: `newerSchema` where a newer library made the database, `corrupt` where the rows make
  ///   no sense.
  init(_ rows: RowBatch) throws(PrivataError) {
    for row in 0..<rows.count {
      let key = rows.value(row: row, column: 0)?.asString ?? ""
      let value = rows.value(row: row, column: 1)?.asString ?? ""
      if key == "layout" {
        try Self.check(value)
      } else if key.hasPrefix(Self.tablePrefix) {
        columns[String(key.dropFirst(Self.tablePrefix.count))] = try Self.columns(value)
      } else if key.hasPrefix(Self.indexPrefix) {
        indexes[String(key.dropFirst(Self.indexPrefix.count))] = try Self.indexes(value)
      }
    }
  }

  private static let tablePrefix = "table:"
  private static let indexPrefix = "indexes:"

  private static func check(_ value: String) throws(PrivataError) {
    guard let found = Int(value) else {
      throw PrivataError(.corrupt, "the layout version in \(table) is damaged")
    }
    guard found <= version else {
      throw PrivataError(
        .newerSchema,
        """
        the database has layout version \(found), this library knows versions up to \(version): \
        update the program
        """)
    }
  }

  private static func columns(_ value: String) throws(PrivataError) -> [LayoutColumn] {
    guard let json = try? JSON(parsing: value), let elements = json.elements else {
      throw PrivataError(.corrupt, "a table's columns in \(table) are damaged")
    }
    var columns: [LayoutColumn] = []
    for element in elements {
      let parts = (element.elements ?? []).compactMap(\.string)
      guard parts.count == 3, let type = FieldType(name: parts[2]) else {
        throw PrivataError(.corrupt, "a column in \(table) is damaged")
      }
      columns.append(LayoutColumn(name: parts[0], field: parts[1], type: type))
    }
    return columns
  }

  private static func indexes(_ value: String) throws(PrivataError) -> [KeyedIndex] {
    guard let notes = try? Document(extendedJSON: value)["indexes"]?.asArray else {
      throw PrivataError(.corrupt, "a table's indexes in \(table) are damaged")
    }
    var indexes: [KeyedIndex] = []
    for note in notes { indexes.append(try KeyedIndex(note: note.asDocument ?? [:])) }
    return indexes
  }

  // MARK: - Statements

  static func create(_ dialect: SQLDialect) -> SQLStatement {
    let text = dialect == .postgres ? "text" : "TEXT"
    return schema(
      """
      CREATE TABLE IF NOT EXISTS \(table) ("key" \(text) NOT NULL PRIMARY KEY, \
      "value" \(text) NOT NULL)
      """)
  }

  /// Asks whether there is a meta table.
  static func exists(_ dialect: SQLDialect) -> SQLStatement {
    switch dialect {
    case .sqlite:
      schema(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '\(table)')",
        columns: [.bool])
    case .postgres:
      schema("SELECT to_regclass('\(table)') IS NOT NULL", columns: [.bool])
    }
  }

  static func read() -> SQLStatement {
    schema("SELECT \"key\", \"value\" FROM \(table)", columns: [.string, .string])
  }

  /// Asks whether a table has odd rows.
  static func oddRows(_ layout: TableLayout) -> SQLStatement {
    schema(
      "SELECT EXISTS (SELECT 1 FROM \(layout.table) WHERE \(layout.odd) IS NOT NULL)",
      columns: [.bool])
  }

  static func note(_ layout: TableLayout) -> SQLStatement {
    let columns = layout.columns.map { column in
      Value.array([.string(column.name), .string(column.field), .string(column.type.name)])
    }
    return note(
      tablePrefix + layout.table, JSONText.text(of: .array(columns)), layout.dialect)
  }

  static func noteIndexes(
    _ layout: TableLayout, _ keyed: [KeyedIndex]? = nil
  ) -> SQLStatement {
    let notes = (keyed ?? layout.keyed).map { Value.document($0.note) }
    let document: Document = ["indexes": .array(notes)]
    return note(indexPrefix + layout.table, document.extendedJSON(.canonical), layout.dialect)
  }

  static func noteVersion(_ dialect: SQLDialect) -> SQLStatement {
    note("layout", String(version), dialect)
  }

  static func forget(_ layout: TableLayout) -> SQLStatement {
    var statement = schema(
      """
      DELETE FROM \(table) WHERE "key" IN (\(layout.dialect.placeholder(1)), \
      \(layout.dialect.placeholder(2)))
      """, parameters: [.string, .string])
    statement.parameters = [tablePrefix, indexPrefix].map { .string($0 + layout.table) }
    return statement
  }

  private static func note(
    _ key: String, _ value: String, _ dialect: SQLDialect
  ) -> SQLStatement {
    var statement = schema(
      """
      INSERT INTO \(table) ("key", "value") VALUES (\(dialect.placeholder(1)), \
      \(dialect.placeholder(2))) ON CONFLICT ("key") DO UPDATE SET "value" = excluded."value"
      """, parameters: [.string, .string])
    statement.parameters = [.string(key), .string(value)]
    return statement
  }

  static func schema(
    _ text: String, parameters: [FieldType?] = [], columns: [FieldType?]? = nil
  ) -> SQLStatement {
    SQLStatement(
      SQLTemplate(
        text, kind: "schema", collection: table, parameters: parameters, columns: columns,
        isCompiled: false))
  }
}
