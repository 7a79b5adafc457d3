public import PrivataCore

/// The SQL that a store speaks: how names are quoted, parameters marked and types spelled.
///
/// ```swift
/// SQLDialect.postgres.quote("createdAt")  // "createdAt"
/// SQLDialect.postgres.placeholder(2)      // $2
/// SQLDialect.sqlite.placeholder(2)        // ?
/// ```
public enum SQLDialect: String, Sendable, Hashable, CaseIterable {
  case sqlite, postgres

  /// A name in double quotes, with those inside doubled; so no name can end its quotes.
  public func quote(_ name: String) -> String {
    "\""
      + identifier(name).split(separator: "\"", omittingEmptySubsequences: false).joined(
        separator: "\"\"")
      + "\""
  }

  /// The name as the store keeps it. Postgres cuts names off after 63 bytes, by which different names
  /// could become one: longer ones end with a hash of the whole here.
  public func identifier(_ name: String) -> String {
    guard self == .postgres, name.utf8.count > 63 else { return name }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var start = name.unicodeScalars.prefix(46)
    while start.reduce(0, { $0 + Unicode.UTF8.width($1) }) > 46 { start.removeLast() }
    return String(String.UnicodeScalarView(start)) + "_" + String(hash, radix: 16)
  }

  /// A text as a literal, for schema statements alone; values of queries are always parameters.
  public func literal(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  /// The mark of a parameter, counted from 1.
  public func placeholder(_ position: Int) -> String {
    switch self {
    case .sqlite: "?"
    case .postgres: "$\(position)"
    }
  }

  /// The table of a model. SQLite has no namespaces, so there the namespace is part of the name.
  public func table(_ model: ModelSchema) -> String {
    guard let namespace = model.namespace else { return quote(model.collection) }
    switch self {
    case .sqlite: return quote("\(namespace).\(model.collection)")
    case .postgres: return "\(quote(namespace)).\(quote(model.collection))"
    }
  }
}

// MARK: - Types

extension SQLDialect {
  /// The column type of a field. SQLite's number column has none, so that it keeps integers and
  /// reals apart.
  public func columnType(_ type: FieldType) -> String {
    switch self {
    case .sqlite: sqliteType(type)
    case .postgres: postgresType(type)
    }
  }

  private func sqliteType(_ type: FieldType) -> String {
    switch type {
    case .bool, .int32, .int64, .date: "INTEGER"
    case .double: "REAL"
    case .number: ""
    case .string, .varchar, .decimal, .json, .array: "TEXT"
    case .objectID, .uuid, .binary, .document, .any: "BLOB"
    }
  }

  private func postgresType(_ type: FieldType) -> String {
    switch type {
    case .bool: "boolean"
    case .int32: "integer"
    case .int64: "bigint"
    case .double, .number: "double precision"
    case .decimal(let precision?, let scale): "numeric(\(precision), \(scale ?? 0))"
    case .decimal: "numeric"
    case .string: "text COLLATE \"C\""
    case .varchar(let length): "varchar(\(length)) COLLATE \"C\""
    case .date: "timestamptz"
    case .objectID, .binary, .document, .any: "bytea"
    case .uuid: "uuid"
    case .json: "jsonb"
    case .array(let element):
      postgresType(element) == "text COLLATE \"C\""
        ? "text[]" : "\(postgresArrayElement(element))[]"
    }
  }

  private func postgresArrayElement(_ type: FieldType) -> String {
    switch type {
    case .varchar(let length): "varchar(\(length))"
    case .array(let element): postgresArrayElement(element)
    default: postgresType(type)
    }
  }
}

// MARK: - Conditions and clauses

extension SQLDialect {
  /// Equality that treats two nulls as equal.
  public var notDistinct: String {
    switch self {
    case .sqlite: "IS"
    case .postgres: "IS NOT DISTINCT FROM"
    }
  }

  /// Inequality that treats null as a value like others.
  public var distinct: String {
    switch self {
    case .sqlite: "IS NOT"
    case .postgres: "IS DISTINCT FROM"
    }
  }

  /// One ordering term. Without a word about nulls the store's own habit stays: SQLite sorts them
  /// lowest, Postgres highest.
  public func ordering(_ expression: String, descending: Bool, nulls: SortKey.Nulls?) -> String {
    let direction = descending ? "\(expression) DESC" : expression
    switch (self, nulls) {
    case (_, nil): return direction
    case (.sqlite, .first?) where !descending: return direction
    case (.sqlite, .last?) where descending: return direction
    case (_, .first?): return "\(direction) NULLS FIRST"
    case (_, .last?): return "\(direction) NULLS LAST"
    }
  }

  /// The clause that skips the rows before a page, where no bound goes before it.
  var offsetWithoutLimit: String {
    switch self {
    case .sqlite: " LIMIT -1 OFFSET "
    case .postgres: " OFFSET "
    }
  }
}
