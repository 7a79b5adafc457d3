public import PrivataCore

/// A piece of SQL: text, names, columns and values, put together but not yet rendered.
///
/// ```swift
/// let tall: SQL = "coalesce(\(users["heightCm"]), 0) > \(170)"
/// // postgres: coalesce("users"."height_cm", 0) > $1   with 170
/// ```
///
/// What stands in the text is SQL; what is interpolated never is: columns and tables become quoted
/// names, other fragments are spliced, queries get parentheses, everything else a parameter. A
/// fragment renders only when its statement runs, and what is wrong with it is thrown then.
public struct SQL: Sendable {
  var chunks: [Chunk]
  var decoder: Decoder = .plain
  var alias: String?
  var isInlined = false
  /// What the fragment means as a condition, for stores that take no SQL.
  var meaning: Meaning?

  init(_ chunks: [Chunk], decoder: Decoder = .plain, meaning: Meaning? = nil) {
    self.chunks = chunks
    self.decoder = decoder
    self.meaning = meaning
  }

  /// One piece of a fragment.
  indirect enum Chunk: Sendable {
    case text(String)
    case name(String)
    case column(SQLColumn)
    /// A table, view or part by the name that columns refer to it with.
    case source(SQLSource)
    case parameter(Value, encoder: SQLColumn?)
    case placeholder(String, encoder: SQLColumn?)
    case nested(SQL)
    case list([Chunk])
    /// A query in parentheses.
    case query(Statement)
    /// A part of a text, which each database spells in its own way.
    case substring(SQL, from: Int?, count: Int?)
    /// A condition on a text that reads the same on every database.
    case match(SQL, Filter.TextMatch, String, ignoringCase: Bool)
    /// What a builder found wrong, thrown when the statement is rendered.
    case failure(PrivataError)
  }
}

/// What can stand in SQL: fragments, columns, tables, views, queries.
public protocol SQLConvertible: Sendable {
  /// The fragment that stands for it.
  var sql: SQL { get }
}

extension SQL: SQLConvertible {
  /// The fragment itself; by its name where it has one.
  public var sql: SQL { alias.map { SQL([.name($0)], decoder: decoder) } ?? self }
}

extension SQL {
  /// Names the fragment, so that orderings, groupings and outer queries can refer to it.
  ///
  /// ```swift
  /// sql("length(\(users["lastName"]))").as("name_len")   // length("last_name") as "name_len"
  /// ```
  public func `as`(_ alias: String) -> SQL {
    var copy = self
    copy.alias = alias
    return copy
  }

  /// Says how the value of the fragment is decoded: as a number, a text, or as a column.
  ///
  /// ```swift
  /// sql("max(\(users["createdAt"]))").mapWith(.column(users["createdAt"]))
  /// ```
  public func mapWith(_ decoder: Decoder) -> SQL {
    var copy = self
    copy.decoder = decoder
    return copy
  }

  /// Renders the values in the fragment as literals, quotes doubled; for views and schema
  /// statements, which take no parameters.
  ///
  /// - Privacy: a literal is part of the text, which logs show; do not inline personal data.
  public func inlined() -> SQL {
    var copy = self
    copy.isInlined = true
    return copy
  }

  /// SQL text as it is, without any escaping. Never build the text from what users send.
  public init(unsafeRaw text: String) { self.init([.text(text)]) }

  /// A quoted name; quotes inside are doubled.
  public static func identifier(_ name: String) -> SQL { SQL([.name(name)]) }

  /// A value bound as a parameter in the form that a column keeps.
  public static func param(_ value: Value, encodedBy column: SQLColumn? = nil) -> SQL {
    SQL([.parameter(value, encoder: column)])
  }

  /// SQLite's hidden row id.
  public static var rowID: SQL { SQL([.text("rowid")]) }

  /// No SQL at all.
  public static var empty: SQL { SQL([]) }

  /// The fragment, or nothing where the condition is false.
  public func `if`(_ condition: Bool) -> SQL { condition ? self : .empty }

  /// Adds a fragment to the end.
  public mutating func append(_ other: SQL) { chunks.append(.nested(other.sql)) }

  static func failure(_ error: PrivataError) -> SQL { SQL([.failure(error)]) }

  static func joined(_ parts: [SQL], separator: String) -> SQL {
    var chunks: [Chunk] = []
    for (index, part) in parts.enumerated() {
      if index > 0 { chunks.append(.text(separator)) }
      chunks.append(.nested(part))
    }
    return SQL(chunks)
  }
}

extension Sequence<SQL> {
  /// The fragments one after another, with SQL text between them.
  ///
  /// ```swift
  /// [sql("a"), sql("b")].joined(separator: ", ")   // a, b
  /// ```
  public func joined(separator: SQL = .empty) -> SQL {
    var chunks: [SQL.Chunk] = []
    for (index, part) in enumerated() {
      if index > 0 { chunks.append(.nested(separator)) }
      chunks.append(part.sql.chunk)
    }
    return SQL(chunks)
  }
}

/// The fragment of a text with interpolations.
///
/// ```swift
/// db.select(["n": sql("count(*)").mapWith(.number)]).from(users)
/// ```
public func sql(_ fragment: SQL) -> SQL { fragment }
