public import PrivataCore

/// A value that the type of its path cannot take.
///
/// ```swift
/// // User.find(["age": "x"])  →  CastError(kind: "Number", path: "age")
/// ```
///
/// Privacy: the offending value is `Protected` and in no message.
public struct CastError: MongoStyleError {
  /// The type asked for, by Mongoose's name: `Number`, `ObjectId`, `[Number]`.
  public var kind: String
  public var path: String
  /// The JavaScript name of the type that came: `string`, `Array`, `Object`.
  public var valueType: String
  /// The value that came.
  public var value: Protected<Value>
  /// What the type's caster, or the program's, answered.
  public var reason: (any Error)?
  /// The program's own text, where the path has one.
  var text: String?

  /// A failed cast.
  public init(
    kind: String, path: String, value: Value, reason: (any Error)? = nil, text: String? = nil
  ) {
    self.kind = kind
    self.path = path
    valueType = value.javaScriptTypeName
    self.value = Protected(value)
    self.reason = reason
    self.text = text
  }

  public var name: String { "CastError" }
  public var code: PrivataError.Code { kind == "ObjectId" ? .badID : .wrongType }
  public var paths: [String] { [path] }
  public var message: String {
    text ?? "Cast to \(kind) failed (type \(valueType)) at path \"\(path)\""
  }
}
