internal import PrivataCore
internal import PrivataSQL

/// Writes a statement's text and collects its parameters in the order of the text.
struct Renderer {
  let dialect: SQLDialect
  private(set) var text = ""
  private(set) var parameters: [RenderedSQL.Parameter] = []
  /// The tables that the statement names, for the cache.
  private(set) var tables: [String] = []
  private var isInlining = false
  /// True where columns are written without their table, as schema statements ask.
  var isBare = false

  init(_ dialect: SQLDialect) { self.dialect = dialect }

  mutating func write(_ part: String) { text += part }

  /// Begins an inner text, which is added with ``append(_:)`` once what stands before it is known.
  /// Placeholders count on: nothing before the inner text may add a parameter.
  mutating func clear() { text = "" }

  /// Adds an inner text and takes over its parameters and tables.
  mutating func append(_ inner: Renderer) {
    text += inner.text
    parameters = inner.parameters
    tables = inner.tables
  }

  mutating func write(name: String) { text += dialect.quote(name) }

  mutating func write(_ fragment: SQL) throws(PrivataError) {
    let outer = isInlining
    isInlining = outer || fragment.isInlined
    for chunk in fragment.chunks { try write(chunk) }
    isInlining = outer
  }

  mutating func write(list parts: [SQL]) throws(PrivataError) {
    for (index, part) in parts.enumerated() {
      if index > 0 { write(", ") }
      try write(part)
    }
  }

  /// Remembers a table that the statement reads or writes.
  mutating func note(_ table: String) {
    if !tables.contains(table) { tables.append(table) }
  }

  private mutating func write(_ chunk: SQL.Chunk) throws(PrivataError) {
    switch chunk {
    case .text(let part): write(part)
    case .name(let name): write(name: name)
    case .column(let column):
      // SQLite takes the quoted name of a column that it does not know for a text.
      if column.owner == nil, let unknown = column.codec as? RefusingCodec { throw unknown.error }
      write(column)
    case .source(let source): try write(reference: source)
    case .parameter(let value, let encoder): try write(value, encoder)
    case .placeholder(let name, let encoder): append(.placeholder(name, encoder))
    case .nested(let fragment): try write(fragment)
    case .list(let chunks):
      write("(")
      for (index, chunk) in chunks.enumerated() {
        if index > 0 { write(", ") }
        try write(chunk)
      }
      write(")")
    case .query(let statement):
      write("(")
      try write(statement)
      write(")")
    case .substring(let fragment, let start, let count):
      try write(substring: fragment, start, count)
    case .match(let fragment, let match, let text, let ignoresCase):
      try write(match, of: fragment, text, ignoresCase)
    case .failure(let error): throw error
    }
  }

  private mutating func write(
    substring fragment: SQL, _ start: Int?, _ count: Int?
  ) throws(PrivataError) {
    let isPostgres = dialect == .postgres
    write(isPostgres ? "substring(" : "substr(")
    try write(fragment)
    // A number without a type is a text to PostgreSQL, and a text is a pattern here.
    if let start = isPostgres ? start : start ?? 1 {
      write(isPostgres ? " from " : ", ")
      append(.value(.int(start), nil))
      if isPostgres { write("::int") }
    }
    if let count {
      write(isPostgres ? " for " : ", ")
      append(.value(.int(count), nil))
      if isPostgres { write("::int") }
    }
    write(")")
  }

  mutating func write(_ column: SQLColumn) {
    if let alias = column.alias { return write(name: alias) }
    if !isBare, let owner = column.owner {
      if let schema = owner.schema, !owner.isAlias { write(dialect.quote(schema) + ".") }
      write(dialect.quote(owner.name) + ".")
    }
    write(name: column.name)
  }

  private mutating func write(_ value: Value, _ encoder: SQLColumn?) throws(PrivataError) {
    var bound = value
    if let encoder, !value.isNull {
      switch try encoder.encode(value) {
      case .value(let encoded): bound = encoded
      case .sql(let fragment): return try write(fragment)
      }
    }
    if isInlining { return write(Literal.text(bound, dialect)) }
    append(.value(bound, encoder?.fieldType))
  }

  private mutating func append(_ parameter: RenderedSQL.Parameter) {
    parameters.append(parameter)
    write(dialect.placeholder(parameters.count))
  }
}

extension SQLColumn {
  /// What is bound for a value of the program.
  ///
  /// - Throws: what the codec throws, naming the column.
  fileprivate func encode(_ value: Value) throws(PrivataError) -> SQLBinding {
    do throws(PrivataError) { return try codec.encode(value) } catch {
      var named = error
      if named.fields.isEmpty { named.fields = [key] }
      throw named
    }
  }
}

/// Values as literals of SQL.
enum Literal {
  static func text(_ value: Value, _ dialect: SQLDialect) -> String {
    switch value {
    case .null, .undefined: "null"
    case .bool(let flag):
      dialect == .sqlite ? (flag ? "1" : "0") : (flag ? "true" : "false")
    case .int32, .int64, .double, .decimal: JSONForm.number(value)
    case .string(let text): dialect.literal(text)
    case .date(let date): dialect.literal(date.iso8601)
    case .binary(let binary):
      (dialect == .sqlite ? "x'" : "'\\x") + Hex.text(binary.bytes) + "'"
    default: dialect.literal(JSONForm.text(value))
    }
  }
}
