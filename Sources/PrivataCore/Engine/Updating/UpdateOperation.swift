/// One update operator on one path.
enum UpdateOperation: Sendable {
  case set(Value)
  case setOnInsert(Value)
  case unset
  case increment(Value)
  case multiply(Value)
  case minimum(Value)
  case maximum(Value)
  case currentDate(isTimestamp: Bool)
  case push(PushOperation)
  case addToSet([Value])
  case pull(PullCondition)
  case pullAll([Value])
  case pop(first: Bool)
  case bit([(BitwiseKind, Value)])
  case renameFrom
  case renameTo(DottedPath, DottedPath)

  enum BitwiseKind: String, Sendable { case and, or, xor }

  static let names: Set<String> = [
    "$set", "$setOnInsert", "$unset", "$inc", "$mul", "$min", "$max", "$currentDate", "$push",
    "$addToSet", "$pull", "$pullAll", "$pop", "$bit", "$rename",
  ]

  /// The operation of an operator and its operand.
  init(
    _ name: String, _ path: String, _ value: Value, _ order: ValueOrder
  ) throws(PrivataError) {
    switch name {
    case "$set": self = .set(value)
    case "$setOnInsert": self = .setOnInsert(value)
    case "$unset": self = .unset
    case "$inc": self = .increment(try Self.number(value, "increment", path))
    case "$mul": self = .multiply(try Self.number(value, "multiply", path))
    case "$min": self = .minimum(value)
    case "$max": self = .maximum(value)
    case "$currentDate": self = .currentDate(isTimestamp: try Self.isTimestamp(value, path))
    case "$push": self = .push(try PushOperation(value, path))
    case "$addToSet": self = .addToSet(try Self.members(value, path))
    case "$pull": self = .pull(try PullCondition(value, order))
    case "$pullAll":
      guard case .array(let values) = value else {
        throw .rejected(
          2, "$pullAll requires an array argument but was given a \(value.typeName)",
          fields: [path])
      }
      self = .pullAll(values)
    case "$pop":
      guard let end = value.exactInteger else {
        throw .rejected(9, "Expected a number in: $pop", fields: [path])
      }
      guard end == 1 || end == -1 else {
        throw .rejected(9, "$pop expects 1 or -1", fields: [path])
      }
      self = .pop(first: end == -1)
    default: self = .bit(try Self.bits(value, path))
    }
  }

  private static func number(
    _ value: Value, _ verb: String, _ path: String
  ) throws(PrivataError) -> Value {
    guard value.isNumber else {
      throw .rejected(14, "Cannot \(verb) with a non-numeric argument", fields: [path])
    }
    return value
  }

  private static func isTimestamp(_ value: Value, _ path: String) throws(PrivataError) -> Bool {
    switch value {
    case .bool: return false
    case .document(let document):
      guard document.count == 1, let type = document["$type"]?.asString else {
        throw .rejected(
          2, "$currentDate takes a boolean or {$type: 'date' | 'timestamp'}", fields: [path])
      }
      switch type {
      case "date": return false
      case "timestamp": return true
      default:
        throw .rejected(
          2, "The '$type' string field is required to be 'date' or 'timestamp'", fields: [path])
      }
    default:
      throw .rejected(
        2, "\(value.typeName) is not a valid type for $currentDate", fields: [path])
    }
  }

  private static func members(_ value: Value, _ path: String) throws(PrivataError) -> [Value] {
    guard case .document(let document) = value, document.elements.first?.key == "$each" else {
      return [value]
    }
    guard case .array(let values)? = document["$each"] else {
      throw .rejected(14, "The argument to $each in $addToSet must be an array", fields: [path])
    }
    guard document.count == 1 else {
      throw .rejected(2, "Found unexpected fields after $each in $addToSet", fields: [path])
    }
    return values
  }

  private static func bits(
    _ value: Value, _ path: String
  ) throws(PrivataError) -> [(BitwiseKind, Value)] {
    guard case .document(let document) = value, !document.isEmpty else {
      throw .rejected(2, "The $bit modifier needs a document with and, or, xor", fields: [path])
    }
    var operations: [(BitwiseKind, Value)] = []
    for element in document.elements {
      guard let kind = BitwiseKind(rawValue: element.key) else {
        throw .rejected(
          2, "The $bit modifier only supports 'and', 'or', and 'xor'", fields: [path])
      }
      switch element.value {
      case .int32, .int64: operations.append((kind, element.value))
      default:
        throw .rejected(
          2, "The $bit modifier field must be an Integer(32/64 bit)", fields: [path])
      }
    }
    return operations
  }
}
