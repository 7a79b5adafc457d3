public import PrivataCore

/// What a model's fields are set to.
///
/// ```swift
/// db.update(Tag.self).set {
///   $0.name = "vip"
///   $0.category = .null
///   $0.weight = .increment(by: 2)
/// }
/// ```
@dynamicMemberLookup
public struct Changeset<M: Model>: Sendable {
  var values: [String: FieldChange] = [:]

  init() {}

  /// What the field is set to; nothing where it was not named.
  public subscript<V>(dynamicMember path: FieldPath<M, V>) -> Assigned<V> {
    get { Assigned(change: values[M.fields[keyPath: path].name]) }
    set { values[M.fields[keyPath: path].name] = newValue.change }
  }
}

/// What one field is set to.
enum FieldChange: Sendable {
  case value(Value)
  case sql(SQL)
  case placeholder(String)
  case excluded
  case increment(Value)
}

/// What a field is set to: a literal, `.value(x)`, `.null`, an expression.
public struct Assigned<V: FieldValue>: Sendable {
  let change: FieldChange?

  init(change: FieldChange?) { self.change = change }

  /// Leaves the field alone.
  public static var unset: Assigned<V> { Assigned(change: nil) }

  /// Sets the field to a value.
  public static func value(_ value: V) -> Assigned<V> { Assigned(change: .value(value.value)) }

  /// Sets the field to an expression.
  public static func sql(_ fragment: SQL) -> Assigned<V> { Assigned(change: .sql(fragment)) }

  /// Sets the field to a value that is given when the statement runs.
  public static func placeholder(_ placeholder: Placeholder<V>) -> Assigned<V> {
    Assigned(change: .placeholder(placeholder.name))
  }

  /// Where an insert meets a row that is there: sets the field to what the insert proposed.
  public static var excluded: Assigned<V> { Assigned(change: .excluded) }

  /// Adds to the field.
  public static func increment(by value: V) -> Assigned<V> {
    Assigned(change: .increment(value.value))
  }
}

extension Assigned where V: ExpressibleByNilLiteral {
  /// Sets the field to NULL.
  public static var null: Assigned<V> { Assigned(change: .value(.null)) }
}

extension Assigned: ExpressibleByUnicodeScalarLiteral
where V: ExpressibleByStringLiteral, V.StringLiteralType == String {
  public init(unicodeScalarLiteral value: String) { self = .value(V(stringLiteral: value)) }
}

extension Assigned: ExpressibleByExtendedGraphemeClusterLiteral
where V: ExpressibleByStringLiteral, V.StringLiteralType == String {
  public init(extendedGraphemeClusterLiteral value: String) {
    self = .value(V(stringLiteral: value))
  }
}

extension Assigned: ExpressibleByStringLiteral
where V: ExpressibleByStringLiteral, V.StringLiteralType == String {
  public init(stringLiteral value: String) { self = .value(V(stringLiteral: value)) }
}

extension Assigned: ExpressibleByIntegerLiteral where V: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: V.IntegerLiteralType) {
    self = .value(V(integerLiteral: value))
  }
}

extension Assigned: ExpressibleByFloatLiteral where V: ExpressibleByFloatLiteral {
  public init(floatLiteral value: V.FloatLiteralType) { self = .value(V(floatLiteral: value)) }
}

extension Assigned: ExpressibleByBooleanLiteral where V: ExpressibleByBooleanLiteral {
  public init(booleanLiteral value: V.BooleanLiteralType) {
    self = .value(V(booleanLiteral: value))
  }
}

extension FieldChange {
  /// The change as SQL of a column.
  func sqlValue(_ column: SQLColumn) -> SQLValue {
    switch self {
    case .value(let value): .value(value)
    case .sql(let fragment): .sql(fragment)
    case .placeholder(let name): .placeholder(name)
    case .excluded: .sql(SQL([.text("excluded."), .name(column.name)]))
    case .increment(let value):
      .sql(SQL([.column(column), .text(" + "), .parameter(value, encoder: column)]))
    }
  }
}

extension Changeset {
  /// The changes as SQL of a table.
  func sqlValues(_ table: SQLTable) -> [String: SQLValue] {
    var result: [String: SQLValue] = [:]
    for (key, change) in values { result[key] = change.sqlValue(table[key]) }
    return result
  }

  /// The changes as stores that take no SQL know them.
  ///
  /// - Throws: `unsupported` for expressions.
  func assignments() throws(PrivataError) -> [Assignment] {
    var assignments: [Assignment] = []
    for field in M.schema.fields {
      switch values[field.name] {
      case nil: break
      case .value(let value)?: assignments.append(Assignment(field.name, value))
      case .increment(let value)?:
        assignments.append(Assignment(field.name, value, .increment))
      case .sql?, .placeholder?, .excluded?:
        throw PrivataError(
          .unsupported,
          "a store behind policies takes values alone: read the record and set "
            + "'\(field.name)' to a value", fields: [field.name], model: M.schema.name)
      }
    }
    return assignments
  }
}
