extension Value {
  /// The type's name as MongoDB's `$type` knows it.
  ///
  /// ```swift
  /// Value.int64(1).typeName  // "long"
  /// ```
  public var typeName: String {
    switch self {
    case .double: "double"
    case .string: "string"
    case .document: "object"
    case .array: "array"
    case .binary: "binData"
    case .undefined: "undefined"
    case .objectID: "objectId"
    case .bool: "bool"
    case .date: "date"
    case .null: "null"
    case .regex: "regex"
    case .dbPointer: "dbPointer"
    case .code(_, scope: nil): "javascript"
    case .symbol: "symbol"
    case .code: "javascriptWithScope"
    case .int32: "int"
    case .timestamp: "timestamp"
    case .int64: "long"
    case .decimal: "decimal"
    case .minKey: "minKey"
    case .maxKey: "maxKey"
    }
  }

  /// The type's number as MongoDB's `$type` knows it: BSON's type byte, and -1 for MinKey.
  public var typeNumber: Int { self == .minKey ? -1 : Int(bsonType.rawValue) }

  /// The type that the value has in BSON.
  package var bsonType: BSONType {
    switch self {
    case .double: .double
    case .string: .string
    case .document: .document
    case .array: .array
    case .binary: .binary
    case .undefined: .undefined
    case .objectID: .objectID
    case .bool: .bool
    case .date: .date
    case .null: .null
    case .regex: .regex
    case .dbPointer: .dbPointer
    case .code(_, scope: nil): .code
    case .symbol: .symbol
    case .code: .codeWithScope
    case .int32: .int32
    case .timestamp: .timestamp
    case .int64: .int64
    case .decimal: .decimal
    case .minKey: .minKey
    case .maxKey: .maxKey
    }
  }
}
