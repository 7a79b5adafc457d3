internal import PrivataCore

/// How many rows.
///
/// ```swift
/// db.select(["n": count()]).from(users)   // select count(*) from "users"
/// ```
public func count() -> SQL { SQL([.text("count(*)")], decoder: .number) }

/// How many rows where the expression is not null.
public func count(_ expression: some SQLConvertible) -> SQL {
  aggregate("count(", expression, .number)
}

/// How many different values.
public func countDistinct(_ expression: some SQLConvertible) -> SQL {
  aggregate("count(distinct ", expression, .number)
}

/// The sum, as an exact text; null of no rows.
public func sum(_ expression: some SQLConvertible) -> SQL { aggregate("sum(", expression, .text) }

/// The sum of the different values.
public func sumDistinct(_ expression: some SQLConvertible) -> SQL {
  aggregate("sum(distinct ", expression, .text)
}

/// The mean, as an exact text; null of no rows.
public func avg(_ expression: some SQLConvertible) -> SQL { aggregate("avg(", expression, .text) }

/// The mean of the different values.
public func avgDistinct(_ expression: some SQLConvertible) -> SQL {
  aggregate("avg(distinct ", expression, .text)
}

/// The greatest value; a column's comes in the column's form.
public func max(_ expression: some SQLConvertible) -> SQL {
  aggregate("max(", expression, extreme(expression))
}

/// The least value; a column's comes in the column's form.
public func min(_ expression: some SQLConvertible) -> SQL {
  aggregate("min(", expression, extreme(expression))
}

private func extreme(_ expression: some SQLConvertible) -> Decoder {
  encoder(of: expression).map { .column($0) } ?? .text
}

private func aggregate(
  _ head: String, _ expression: some SQLConvertible, _ decoder: Decoder
) -> SQL {
  SQL([.text(head), expression.sql.chunk, .text(")")], decoder: decoder)
}
