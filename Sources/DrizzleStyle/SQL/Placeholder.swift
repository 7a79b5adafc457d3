public import PrivataCore

/// A value that a prepared statement receives when it runs.
///
/// ```swift
/// let byID = try db.select().from(users).where(eq(users["id"], placeholder("id"))).prepare()
/// let rows = try await byID.all(["id": 4])
/// ```
///
/// The same name may occur several times and is bound at each place.
public struct Placeholder<Value: FieldValue>: Sendable, Hashable {
  /// The name that the value is given under.
  public let name: String

  /// A placeholder of a name.
  public init(_ name: String) { self.name = name }
}

/// A placeholder for a value of any type.
public func placeholder(_ name: String) -> Placeholder<Value> { Placeholder(name) }

/// What can stand on the right of a comparison, in values, set and limit: values, placeholders,
/// columns, fragments, queries.
public protocol SQLOperand: Sendable {
  /// The fragment of the operand; a plain value is bound in the form that the column keeps.
  func operand(for column: SQLColumn?) -> SQL
}

extension Placeholder: SQLOperand {
  /// The placeholder, bound as it is.
  public func operand(for column: SQLColumn?) -> SQL { SQL([.placeholder(name, encoder: nil)]) }
}

extension SQL: SQLOperand {
  /// The fragment itself.
  public func operand(for column: SQLColumn?) -> SQL { sql }
}

extension SQLOperand where Self: FieldValue {
  /// The value as a parameter.
  public func operand(for column: SQLColumn?) -> SQL {
    SQL([.parameter(value, encoder: column)])
  }
}

extension Value: SQLOperand {}
extension Bool: SQLOperand {}
extension Int: SQLOperand {}
extension Int32: SQLOperand {}
extension Int64: SQLOperand {}
extension Double: SQLOperand {}
extension String: SQLOperand {}
extension DateTime: SQLOperand {}
extension Decimal128: SQLOperand {}
extension ObjectID: SQLOperand {}
extension Binary: SQLOperand {}
extension Document: SQLOperand {}
extension Array: SQLOperand where Element: FieldValue {}

extension Optional: SQLOperand where Wrapped: SQLOperand {
  /// The operand, NULL where there is none.
  public func operand(for column: SQLColumn?) -> SQL {
    self?.operand(for: column) ?? SQL([.parameter(.null, encoder: column)])
  }
}
