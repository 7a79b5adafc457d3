internal import PrivataCore

/// The left equals the right; a plain value is bound in the form that the column keeps.
///
/// ```swift
/// eq(users["id"], 4)                         // "users"."id" = $1
/// eq(sessions["userId"], users["id"])        // "sessions"."user_id" = "users"."id"
/// ```
///
/// A comparison with null binds NULL and is never true: use ``isNull(_:)``.
public func eq(_ left: some SQLConvertible, _ right: some SQLOperand) -> SQL {
  compare(left, "=", right)
}

/// The left differs from the right; rows with null are not answered.
public func ne(_ left: some SQLConvertible, _ right: some SQLOperand) -> SQL {
  compare(left, "<>", right)
}

/// The left is greater than the right.
public func gt(_ left: some SQLConvertible, _ right: some SQLOperand) -> SQL {
  compare(left, ">", right)
}

/// The left is at least the right.
public func gte(_ left: some SQLConvertible, _ right: some SQLOperand) -> SQL {
  compare(left, ">=", right)
}

/// The left is less than the right.
public func lt(_ left: some SQLConvertible, _ right: some SQLOperand) -> SQL {
  compare(left, "<", right)
}

/// The left is at most the right.
public func lte(_ left: some SQLConvertible, _ right: some SQLOperand) -> SQL {
  compare(left, "<=", right)
}

/// The column that encodes what a fragment is compared with.
func encoder(of left: some SQLConvertible) -> SQLColumn? {
  (left as? any ColumnBacked)?.backingColumn
}

func compare(_ left: some SQLConvertible, _ sign: String, _ right: some SQLOperand) -> SQL {
  SQL(
    [left.sql.chunk, .text(" \(sign) "), right.operand(for: encoder(of: left)).chunk],
    meaning: .comparison(left, sign, right))
}

// MARK: - Logic

/// All of the conditions that are there hold; no condition at all where none is there.
///
/// ```swift
/// and(eq(users["role"], "patient"), nil)   // "users"."role" = $1
/// ```
public func and(_ conditions: SQL?...) -> SQL? { combined(conditions, "and") }

/// As ``and(_:)-(SQL?...)``, of a list.
public func and(_ conditions: [SQL?]) -> SQL? { combined(conditions, "and") }

/// One of the conditions that are there holds; false where none is there, since no row fulfils one
/// of no conditions.
public func or(_ conditions: SQL?...) -> SQL { combined(conditions, "or") ?? SQL("false") }

/// As ``or(_:)-(SQL?...)``, of a list.
public func or(_ conditions: [SQL?]) -> SQL { combined(conditions, "or") ?? SQL("false") }

private func combined(_ conditions: [SQL?], _ word: String) -> SQL? {
  let present = conditions.compactMap { $0 }
  guard present.count > 1 else { return present.first }
  var chunks: [SQL.Chunk] = [.text("(")]
  for (index, condition) in present.enumerated() {
    if index > 0 { chunks.append(.text(" \(word) ")) }
    chunks += [.text("("), .nested(condition.sql), .text(")")]
  }
  return SQL(
    chunks + [.text(")")], meaning: word == "and" ? .every(present) : .some(present))
}

/// The condition does not hold.
public func not(_ condition: SQL) -> SQL {
  SQL(
    [.text("not ("), .nested(condition.sql), .text(")")],
    meaning: condition.meaning?.single.map { .filter($0.owner, .not($0.filter)) })
}

/// The expression is null.
public func isNull(_ expression: some SQLConvertible) -> SQL {
  SQL(
    [.text("("), expression.sql.chunk, .text(" is null)")],
    meaning: .column(expression) { .isNull($0) })
}

/// The expression is not null.
public func isNotNull(_ expression: some SQLConvertible) -> SQL {
  SQL(
    [.text("("), expression.sql.chunk, .text(" is not null)")],
    meaning: .column(expression) { .isNotNull($0) })
}

// MARK: - Lists and ranges

/// The left is one of the values; false for no values.
///
/// ```swift
/// inArray(users["id"], [2, 4])   // "users"."id" in ($1, $2)
/// ```
public func inArray(_ left: some SQLConvertible, _ values: [any SQLOperand]) -> SQL {
  if values.isEmpty { return SQL([.text("false")], meaning: .column(left) { _ in .none }) }
  let known = values.compactMap { ($0 as? any FieldValue)?.value }
  let meaning =
    known.count == values.count ? Meaning.column(left) { .isIn($0, known) } : nil
  return SQL([left.sql.chunk, .text(" in "), list(values, encoder(of: left))], meaning: meaning)
}

/// The left is none of the values; true for no values, and never for null.
public func notInArray(_ left: some SQLConvertible, _ values: [any SQLOperand]) -> SQL {
  if values.isEmpty { return SQL([.text("true")], meaning: .column(left) { _ in .all }) }
  let known = values.compactMap { ($0 as? any FieldValue)?.value }
  let meaning =
    known.count == values.count ? Meaning.column(left) { .isNotIn($0, known) } : nil
  return SQL(
    [left.sql.chunk, .text(" not in "), list(values, encoder(of: left))], meaning: meaning)
}

/// The left is in the rows of a query of one column.
public func inArray(_ left: some SQLConvertible, _ query: some SQLQuery) -> SQL {
  SQL([left.sql.chunk, .text(" in "), .query(query.statement)])
}

/// The left is not in the rows of a query of one column.
public func notInArray(_ left: some SQLConvertible, _ query: some SQLQuery) -> SQL {
  SQL([left.sql.chunk, .text(" not in "), .query(query.statement)])
}

private func list(_ values: [any SQLOperand], _ encoder: SQLColumn?) -> SQL.Chunk {
  .list(values.map { $0.operand(for: encoder).chunk })
}

/// The left lies between two values, both included.
public func between(
  _ left: some SQLConvertible, _ low: some SQLOperand, _ high: some SQLOperand
) -> SQL {
  var range = range(left, "between", low, high)
  if let low = Meaning.comparison(left, ">=", low), let high = Meaning.comparison(left, "<=", high)
  {
    range.meaning = .all([low, high])
  }
  return range
}

/// The left lies outside of two values.
public func notBetween(
  _ left: some SQLConvertible, _ low: some SQLOperand, _ high: some SQLOperand
) -> SQL {
  range(left, "not between", low, high)
}

private func range(
  _ left: some SQLConvertible, _ word: String, _ low: some SQLOperand, _ high: some SQLOperand
) -> SQL {
  SQL([
    left.sql.chunk, .text(" \(word) "), low.operand(for: encoder(of: left)).chunk, .text(" and "),
    high.operand(for: encoder(of: left)).chunk,
  ])
}

// MARK: - Queries

/// The query answers a row.
public func exists(_ query: some SQLQuery) -> SQL {
  SQL([.text("exists "), .query(query.statement)])
}

/// The query answers no row.
public func notExists(_ query: some SQLQuery) -> SQL {
  SQL([.text("not exists "), .query(query.statement)])
}
