public import PrivataCore

/// The text fits a pattern, in which `%` and `_` stand for any text and any character. The pattern
/// is bound as it is, not in the form that the column keeps. PostgreSQL tells cases apart, SQLite
/// does not for ASCII.
public func like(_ left: some SQLConvertible, _ pattern: some SQLOperand) -> SQL {
  match(left, "like", pattern)
}

/// The text does not fit a pattern.
public func notLike(_ left: some SQLConvertible, _ pattern: some SQLOperand) -> SQL {
  match(left, "not like", pattern)
}

/// The text fits a pattern, whatever the case (PostgreSQL; SQLite refuses it, use ``like(_:_:)``).
public func ilike(_ left: some SQLConvertible, _ pattern: some SQLOperand) -> SQL {
  match(left, "ilike", pattern)
}

/// The text does not fit a pattern, whatever the case (PostgreSQL).
public func notIlike(_ left: some SQLConvertible, _ pattern: some SQLOperand) -> SQL {
  match(left, "not ilike", pattern)
}

private func match(_ left: some SQLConvertible, _ word: String, _ pattern: some SQLOperand) -> SQL {
  SQL([left.sql.chunk, .text(" \(word) "), pattern.operand(for: nil).chunk])
}

/// The left followed by the right.
public func concat(_ left: some SQLConvertible, _ right: some SQLOperand) -> SQL {
  SQL([left.sql.chunk, .text(" || "), right.operand(for: nil).chunk])
}

/// A part of a text, counted from 1.
///
/// ```swift
/// substring(users["firstName"], from: 1, for: 2)
/// // postgres: substring("users"."first_name" from $1::int for $2::int)
/// ```
public func substring(
  _ text: some SQLConvertible, from: Int? = nil, for count: Int? = nil
) -> SQL {
  SQL([.substring(text.sql, from: from, count: count)])
}

// MARK: - Arrays of PostgreSQL

/// The array holds all of the values.
public func arrayContains(_ left: some SQLConvertible, _ values: [Value]) -> SQL {
  arrays(left, "@>", values, "arrayContains")
}

/// All elements of the array are among the values.
public func arrayContained(_ left: some SQLConvertible, _ values: [Value]) -> SQL {
  arrays(left, "<@", values, "arrayContained")
}

/// The array holds one of the values.
public func arrayOverlaps(_ left: some SQLConvertible, _ values: [Value]) -> SQL {
  arrays(left, "&&", values, "arrayOverlaps")
}

/// The array holds all elements of another, or of a query's row.
public func arrayContains(_ left: some SQLConvertible, _ right: some SQLConvertible) -> SQL {
  SQL([left.sql.chunk, .text(" @> "), right.sql.chunk])
}

/// All elements of the array are in another, or in a query's row.
public func arrayContained(_ left: some SQLConvertible, _ right: some SQLConvertible) -> SQL {
  SQL([left.sql.chunk, .text(" <@ "), right.sql.chunk])
}

/// The array shares an element with another, or with a query's row.
public func arrayOverlaps(_ left: some SQLConvertible, _ right: some SQLConvertible) -> SQL {
  SQL([left.sql.chunk, .text(" && "), right.sql.chunk])
}

private func arrays(
  _ left: some SQLConvertible, _ sign: String, _ values: [Value], _ name: String
) -> SQL {
  if values.isEmpty {
    return .failure(PrivataError(.badArgument, "\(name) requires at least one value"))
  }
  return SQL([
    left.sql.chunk, .text(" \(sign) "), .parameter(.array(values), encoder: encoder(of: left)),
  ])
}

// MARK: - Order

/// From low to high.
public func asc(_ expression: some SQLConvertible) -> SQL {
  SQL([expression.sql.chunk, .text(" asc")])
}

/// From high to low.
public func desc(_ expression: some SQLConvertible) -> SQL {
  SQL([expression.sql.chunk, .text(" desc")])
}

extension SQL {
  /// Puts nulls before all values of an ordering.
  public var nullsFirst: SQL { SQL([.nested(self), .text(" nulls first")]) }

  /// Puts nulls after all values of an ordering.
  public var nullsLast: SQL { SQL([.nested(self), .text(" nulls last")]) }
}
