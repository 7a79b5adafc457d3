public import PrivataCore

/// Which rows a relational query means, by the keys of columns and relations.
///
/// ```swift
/// ["active": true, "OR": [["role": "admin"], ["id": ["gt": 5]]]]
/// ["sessions": ["kind": "video"]]      // users with at least one video session
/// ```
///
/// Several keys are combined by and. Operators of a column: `eq ne gt gte lt lte in notIn like
/// notLike ilike notIlike isNull isNotNull arrayContains arrayContained arrayOverlaps AND OR NOT`.
/// A key that is neither column nor relation is refused.
public struct RelationFilter: Sendable, ExpressibleByDictionaryLiteral {
  var parts: [(key: String, value: FilterValue)]

  /// A filter of these parts.
  public init(dictionaryLiteral elements: (String, FilterValue)...) {
    parts = elements.map { ($0.0, $0.1) }
  }

  /// A filter of parts that are known at run time.
  public init(parts: [(key: String, value: FilterValue)]) { self.parts = parts }
}

/// What a filter says about one key.
public enum FilterValue: Sendable {
  /// A value that the column equals, or an operator's operand.
  case value(Value)
  /// A value given when the statement runs.
  case placeholder(String)
  /// Operators of a column, a filter of related rows.
  case object(RelationFilter)
  /// Operands of `in`, `AND` and `OR`.
  case list([FilterValue])
  /// An expression.
  case sql(SQL)
  /// An expression over the table as the query refers to it; for `RAW`.
  case raw(@Sendable (RelationTable) -> SQL)
}

extension FilterValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .value(.null) }
  public init(booleanLiteral value: Bool) { self = .value(.bool(value)) }
  public init(integerLiteral value: Int) { self = .value(.int(value)) }
  public init(floatLiteral value: Double) { self = .value(.double(value)) }
  public init(stringLiteral value: String) { self = .value(.string(value)) }
  public init(arrayLiteral elements: FilterValue...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, FilterValue)...) {
    self = .object(RelationFilter(parts: elements.map { ($0.0, $0.1) }))
  }
}

/// A table as a relational query refers to it.
public struct RelationTable: Sendable {
  let source: SQLSource

  /// The column of a key.
  public subscript(key: String) -> SQLColumn {
    if case .column(let column)? = source.selection[key] { return column }
    return .unknown(key, of: source.handle ?? "")
  }
}

extension SQLSource {
  /// A second handle on a table or view.
  func aliased(_ alias: String) -> SQLSource {
    switch self {
    case .table(let table): .table(table.as(alias))
    case .view(let view): .view(view.as(alias))
    default: self
    }
  }
}
