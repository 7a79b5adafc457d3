package import PrivataCore

extension SQLCatalog {
  /// Looks at the tables of models of documents as they are now, without a change, and notes what
  /// others made of them. Answers the models that have to be prepared: their tables are missing, or
  /// have columns that no program like this one made.
  ///
  /// `run` runs statements on a connection of SQLite.
  package func look(
    at models: [ModelSchema], _ run: (SQLStatement) throws(PrivataError) -> SQLResult
  ) throws(PrivataError) -> [ModelSchema] {
    var meta = try LayoutMeta(RowBatch(width: 2))
    if try run(LayoutMeta.exists(dialect)).rows.value(row: 0, column: 0)?.asBool == true {
      meta = try LayoutMeta(try run(LayoutMeta.read()).rows)
    }
    var unprepared: [ModelSchema] = []
    for model in models where model.isOpen {
      let found = TableColumns(try run(TableColumns.statement(model, dialect)).rows, dialect)
      let name = dialect.table(model)
      let columns = found.present(meta.columns[name] ?? [])
      guard !columns.isEmpty, found.unknown(columns, meta.indexes[name] ?? []).isEmpty else {
        unprepared.append(model)
        continue
      }
      let layout = TableLayout(
        model, dialect: dialect, existing: columns, indexes: meta.indexes[name] ?? [],
        keepsOrder: keepsOrder)
      guard layout.columns.count == columns.count, found.hasKeys(of: layout) else {
        unprepared.append(model)
        continue
      }
      let odd = try run(LayoutMeta.oddRows(layout)).rows.value(row: 0, column: 0)
      note(
        model, columns: columns, indexes: layout.keyed, mayHoldOdd: odd?.asBool ?? false)
    }
    return unprepared
  }

  /// The prepared models of documents whose tables have shown no odd row so far.
  package var plainModels: [ModelSchema] {
    openModels.filter { model in
      do throws(PrivataError) { return try !bound(model).mayHoldOdd } catch { return false }
    }
  }

  /// Notes which of the models' tables have odd rows by now.
  package func lookForOddRows(
    in models: [ModelSchema], _ run: (SQLStatement) throws(PrivataError) -> SQLResult
  ) throws(PrivataError) {
    for model in models {
      let bound = try bound(model)
      let odd = try run(LayoutMeta.oddRows(bound.layout)).rows.value(row: 0, column: 0)
      if odd?.asBool == true { bound.physical.noteOdd() }
    }
  }
}

/// The columns that a table has.
struct TableColumns: Sendable {
  private var types: [String: String] = [:]
  private(set) var names: [String] = []
  private let dialect: SQLDialect

  /// The rows of ``statement(_:_:)``.
  init(_ rows: RowBatch, _ dialect: SQLDialect) {
    self.dialect = dialect
    for row in 0..<rows.count {
      guard let name = rows.value(row: row, column: 0)?.asString else { continue }
      names.append(name)
      types[name] = rows.value(row: row, column: 1)?.asString ?? ""
    }
  }

  /// Asks for the names and the declared types.
  static func statement(_ model: ModelSchema, _ dialect: SQLDialect) -> SQLStatement {
    switch dialect {
    case .sqlite:
      var statement = LayoutMeta.schema(
        "SELECT name, type FROM pragma_table_info(?)", parameters: [.string],
        columns: [.string, .string])
      let name = model.namespace.map { "\($0).\(model.collection)" } ?? model.collection
      statement.parameters = [.string(name)]
      return statement
    case .postgres:
      var statement = LayoutMeta.schema(
        """
        SELECT column_name::text, data_type::text FROM information_schema.columns \
        WHERE table_schema = coalesce($1, current_schema()) AND table_name = $2
        """, parameters: [.string, .string], columns: [.string, .string])
      statement.parameters = [
        model.namespace.map { .string(dialect.identifier($0)) } ?? .null,
        .string(dialect.identifier(model.collection)),
      ]
      return statement
    }
  }

  /// Those of the columns that the table has.
  func present(_ columns: [LayoutColumn]) -> [LayoutColumn] {
    let present = Set(names)
    return columns.filter { present.contains(dialect.identifier($0.name)) }
  }

  func hasKeys(of layout: TableLayout) -> Bool {
    layout.keyed.allSatisfy { names.contains(dialect.identifier($0.column)) }
  }

  /// Columns that other programs added to a table of documents: each is a field of that name. In
  /// Postgres they stay unknown.
  func unknown(_ columns: [LayoutColumn], _ indexes: [KeyedIndex]) -> [LayoutColumn] {
    guard dialect == .sqlite, !columns.isEmpty else { return [] }
    let own = [TableLayout.restName, TableLayout.oddName, TableLayout.sequenceName]
    let known = Set(columns.map(\.name) + own + indexes.map(\.column))
    return names.filter { !known.contains($0) && KeyedIndex.fields(ofColumn: $0) == nil }
      .map { LayoutColumn(name: $0, field: $0, type: Self.type(types[$0] ?? "")) }
  }

  /// The type of a column by SQLite's rules of affinity.
  ///
  /// Source: https://www.sqlite.org/datatype3.html
  private static func type(_ declared: String) -> FieldType {
    let name = declared.uppercased()
    func says(_ words: String...) -> Bool {
      words.contains { word in name.indices.contains { name[$0...].hasPrefix(word) } }
    }
    if says("INT") { return .int64 }
    if says("CHAR", "CLOB", "TEXT") { return .string }
    if says("BLOB") { return .binary }
    if says("REAL", "FLOA", "DOUB") { return .double }
    return .number
  }
}
