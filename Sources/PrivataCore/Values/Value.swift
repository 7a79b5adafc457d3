/// One value of a document or a column: every BSON type, and the only currency between styles,
/// core and drivers.
///
/// ```swift
/// let filter: Document = ["role": "patient", "age": ["$gte": 18]]
/// filter["role"]  // .string("patient")
/// ```
///
/// Equality is exact: `Value.int32(1) != Value.double(1)`. Comparison by MongoDB's rules, where the
/// two are equal, is ``Value/order(_:_:)``.
public enum Value: Sendable, Hashable {
  case null
  case bool(Bool)
  case int32(Int32)
  case int64(Int64)
  case double(Double)
  case decimal(Decimal128)
  case string(String)
  case objectID(ObjectID)
  case date(DateTime)
  case binary(Binary)
  case document(Document)
  case array([Value])
  case regex(RegularExpression)
  case timestamp(Timestamp)
  case minKey
  case maxKey
  /// JavaScript code; the scope is present for BSON's type 15.
  case code(String, scope: Document?)
  /// BSON's deprecated types, kept so that no document changes on its way through.
  case symbol(String)
  case undefined
  case dbPointer(namespace: String, id: ObjectID)
}

extension Value {
  /// An integer in the form that BSON writers choose: 32 bits where they hold it, else 64.
  public static func int(_ value: Int) -> Value {
    if let small = Int32(exactly: value) { .int32(small) } else { .int64(Int64(value)) }
  }

  /// A number as JavaScript stores it: an integral value within 32 bits as int32, else a double.
  public static func number(_ value: Double) -> Value {
    if let small = Int32(exactly: value) { .int32(small) } else { .double(value) }
  }

  /// True for `null` and BSON's deprecated `undefined`.
  @inlinable public var isNull: Bool {
    switch self {
    case .null, .undefined: true
    default: false
    }
  }

  /// The integer, where the value is integral and fits; `nil` otherwise.
  @inlinable public var asInt: Int? {
    switch self {
    case .int32(let value): Int(value)
    case .int64(let value): Int(exactly: value)
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number as a double, for every numeric type but Decimal128; `nil` otherwise.
  @inlinable public var asDouble: Double? {
    switch self {
    case .int32(let value): Double(value)
    case .int64(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The string, where the value is one.
  @inlinable public var asString: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The Boolean, where the value is one.
  @inlinable public var asBool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The embedded document, where the value is one.
  @inlinable public var asDocument: Document? {
    if case .document(let value) = self { value } else { nil }
  }

  /// The array, where the value is one.
  @inlinable public var asArray: [Value]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The object id, where the value is one.
  @inlinable public var asObjectID: ObjectID? {
    if case .objectID(let value) = self { value } else { nil }
  }
}
