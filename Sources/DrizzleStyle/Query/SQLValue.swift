public import PrivataCore

/// What a column is set to: a value, an expression, or a placeholder.
///
/// ```swift
/// db.update(userTags).set(["weight": .sql("\(userTags["weight"]) * \(2)")])
/// ```
public enum SQLValue: Sendable {
  /// A value; `.null` sets NULL.
  case value(Value)
  /// An expression, a column or a query.
  case sql(SQL)
  /// A value given when the statement runs, bound in the form that the column keeps.
  case placeholder(String)

  /// An expression, a column or a query.
  public static func expression(_ expression: some SQLConvertible) -> SQLValue {
    .sql(expression.sql)
  }

  func fragment(for column: SQLColumn) -> SQL {
    switch self {
    case .value(let value): SQL([.parameter(value, encoder: column)])
    case .sql(let fragment): fragment
    case .placeholder(let name): SQL([.placeholder(name, encoder: column)])
    }
  }
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .value(.null) }
  public init(booleanLiteral value: Bool) { self = .value(.bool(value)) }
  public init(integerLiteral value: Int) { self = .value(.int(value)) }
  public init(floatLiteral value: Double) { self = .value(.double(value)) }
  public init(stringLiteral value: String) { self = .value(.string(value)) }
  public init(arrayLiteral elements: Value...) { self = .value(.array(elements)) }
  public init(dictionaryLiteral elements: (String, Value)...) {
    self = .value(.document(Document(elements.map { .init(key: $0.0, value: $0.1) })))
  }
}
