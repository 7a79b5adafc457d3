public import PrivataCore

/// A field of a model as a column of a query.
public struct ModelColumn<M: Model, V: FieldValue>: Sendable {
  /// The column.
  public let column: SQLColumn
  let field: Field<M, V>

  /// The column of a side that a join may leave empty: its value is `nil` there.
  ///
  /// ```swift
  /// db.select(users.email, sessions.kind.optional)
  ///   .from(users).leftJoin(sessions, on: sessions.userId == users.id)   // [(String, String?)]
  /// ```
  public var optional: ModelColumn<M, V?> {
    ModelColumn<M, V?>(column: column, field: Field<M, V?>(field.name, at: field.position))
  }

  /// From low to high.
  public var asc: SQL { DrizzleStyle.asc(self) }

  /// From high to low.
  public var desc: SQL { DrizzleStyle.desc(self) }

  /// The value is null.
  public var isNull: SQL { DrizzleStyle.isNull(column) }

  /// The value is not null.
  public var isNotNull: SQL { DrizzleStyle.isNotNull(column) }

  /// The value is one of a list; false for an empty one.
  public func `in`(_ values: some Sequence<V>) -> SQL { inArray(column, values.map(\.value)) }

  /// The value is none of a list.
  public func notIn(_ values: some Sequence<V>) -> SQL { notInArray(column, values.map(\.value)) }

  /// The value lies between two, both included.
  public func between(_ low: V, _ high: V) -> SQL {
    DrizzleStyle.between(column, low.value, high.value)
  }
}

extension ModelColumn where V: TextField {
  /// The text fits a pattern, in which `%` and `_` stand for any text and any character.
  public func like(_ pattern: String) -> SQL { DrizzleStyle.like(column, pattern) }
}

extension ModelColumn: SQLConvertible, SQLOperand, Selectable {
  /// The column's name, qualified by its table.
  public var sql: SQL { column.sql }
  /// The column's name.
  public func operand(for column: SQLColumn?) -> SQL { sql }
  /// The column.
  public var selectedField: SelectedField { .column(column) }
}

// Comparison operators exist for the columns of models alone: a small overload set keeps type
// checking of long conditions fast.

/// The column equals the value; `nil` asks for null.
public func == <M, V>(column: ModelColumn<M, V>, value: V) -> SQL {
  value.value.isNull ? isNull(column.column) : eq(column.column, value.value)
}

/// The column differs from the value; `nil` asks for any value.
public func != <M, V>(column: ModelColumn<M, V>, value: V) -> SQL {
  value.value.isNull ? isNotNull(column.column) : ne(column.column, value.value)
}

/// The column is less than the value.
public func < <M, V>(column: ModelColumn<M, V>, value: V) -> SQL { lt(column.column, value.value) }

/// The column is at most the value.
public func <= <M, V>(column: ModelColumn<M, V>, value: V) -> SQL {
  lte(column.column, value.value)
}

/// The column is greater than the value.
public func > <M, V>(column: ModelColumn<M, V>, value: V) -> SQL { gt(column.column, value.value) }

/// The column is at least the value.
public func >= <M, V>(column: ModelColumn<M, V>, value: V) -> SQL {
  gte(column.column, value.value)
}

/// The columns are equal.
public func == <A, B, V>(left: ModelColumn<A, V>, right: ModelColumn<B, V>) -> SQL {
  eq(left.column, right.column)
}

/// The columns are equal, of which one may be null.
public func == <A, B, V>(left: ModelColumn<A, V?>, right: ModelColumn<B, V>) -> SQL {
  eq(left.column, right.column)
}

/// The columns are equal, of which one may be null.
public func == <A, B, V>(left: ModelColumn<A, V>, right: ModelColumn<B, V?>) -> SQL {
  eq(left.column, right.column)
}

/// The column equals a value that is given when the statement runs.
public func == <M, V>(column: ModelColumn<M, V>, placeholder: Placeholder<V>) -> SQL {
  SQL([
    .column(column.column), .text(" = "),
    .placeholder(placeholder.name, encoder: column.column),
  ])
}

extension SQL {
  /// Both conditions hold.
  public static func && (a: SQL, b: SQL) -> SQL { and(a, b) ?? a }

  /// One of the conditions holds.
  public static func || (a: SQL, b: SQL) -> SQL { or(a, b) }

  /// The condition does not hold.
  public static prefix func ! (condition: SQL) -> SQL { not(condition) }
}
