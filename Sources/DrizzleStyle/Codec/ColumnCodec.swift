public import PrivataCore
public import PrivataSQL

/// How a column's values are kept: what is bound for a value of the program, and what a value of
/// the program an answer is.
///
/// ```swift
/// struct Reversed: ColumnCodec {
///   func encode(_ value: Value) -> SQLBinding { .value(.string(String(value.asString!.reversed()))) }
///   func decode(_ answer: Answer) -> Value { .string(String(answer.text.reversed())) }
/// }
/// ```
///
/// Null never reaches a codec. Values in comparisons, lists and ranges of the column pass `encode`;
/// patterns of `like` do not.
public protocol ColumnCodec: Sendable {
  /// What is bound for a value of the program.
  func encode(_ value: Value) throws(PrivataError) -> SQLBinding
  /// The value of the program that an answer is.
  func decode(_ answer: Answer) throws(PrivataError) -> Value
  /// The expression that is selected for the column; the column itself where nothing is said.
  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL
}

extension ColumnCodec {
  /// The column itself.
  public func selection(
    of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect
  ) -> SQL { column }
}

/// What a codec binds: a value, or an expression around one.
public enum SQLBinding: Sendable {
  /// A parameter.
  case value(Value)
  /// An expression, such as a call of the database's own function.
  case sql(SQL)
}

/// Where a column is selected.
public enum SelectionPlace: Sendable, Hashable {
  /// In a select, or in `returning`.
  case row
  /// At the root of a relational query.
  case relation
  /// Below it, where rows travel as JSON.
  case json
}

/// One value as it came from the database.
public struct Answer: Sendable {
  /// The value: PostgreSQL's text form where the type is known by its number.
  public var value: Value
  /// Where it came from.
  public var form: Form

  /// Where an answer came from.
  public enum Form: Sendable, Hashable {
    /// A cell of SQLite.
    case sqlite
    /// PostgreSQL's text of a type, by its number in `pg_type`; 0 where the type is not known.
    case postgres(UInt32)
    /// A value that the driver has decoded already.
    case decoded
    /// A member of a row that travelled as JSON.
    case json(SQLDialect)
  }

  init(_ value: Value, _ form: Form) {
    self.value = value
    self.form = form
  }

  /// True for null.
  public var isNull: Bool { value.isNull }

  /// The text of the answer.
  public var text: String { JSText.text(value) }

  /// True where the answer is a part of JSON.
  public var isJSON: Bool {
    if case .json = form { true } else { false }
  }
}
