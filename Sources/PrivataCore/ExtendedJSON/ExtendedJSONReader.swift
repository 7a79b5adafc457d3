/// Turns JSON into values, objects with one of the known `$` keys into the types they stand for.
enum ExtendedJSONReader {
  static func value(of json: JSON, depth: Int) throws(PrivataError) -> Value {
    switch json.kind {
    case .null: .null
    case .bool(let value): .bool(value)
    case .integer(let value): .int(Int(value))
    case .double(let value): .double(value)
    case .string(let value): .string(value)
    case .array(let elements): .array(try values(of: elements, json, depth: depth))
    case .object(let members): try value(of: members, json, depth: depth)
    }
  }

  private static func values(
    of elements: [JSON], _ json: JSON, depth: Int
  ) throws(PrivataError) -> [Value] {
    try checkDepth(depth, json)
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try value(of: element, depth: depth + 1)) }
    return values
  }

  private static func value(
    of members: [JSON.Member], _ json: JSON, depth: Int
  ) throws(PrivataError) -> Value {
    let wrapper = members.lazy.compactMap { ExtendedJSONType(rawValue: $0.key) }.first
    if let wrapper { return try value(of: wrapper, json, depth: depth) }
    return .document(try document(members, json, depth: depth))
  }

  static func document(
    _ members: [JSON.Member], _ json: JSON, depth: Int
  ) throws(PrivataError) -> Document {
    try checkDepth(depth, json)
    var elements: [Document.Element] = []
    elements.reserveCapacity(members.count)
    for member in members {
      guard !member.key.utf8.contains(0) else {
        throw malformed("a key holds a zero byte", member.value)
      }
      let value = try value(of: member.value, depth: depth + 1)
      elements.append(Document.Element(key: member.key, value: value))
    }
    return Document(elements)
  }

  private static func checkDepth(_ depth: Int, _ json: JSON) throws(PrivataError) {
    guard depth <= bsonNestingLimit else {
      throw malformed("nested more than \(bsonNestingLimit) levels deep", json)
    }
  }

  static func malformed(_ what: String, _ json: JSON) -> PrivataError {
    PrivataError(.malformed, "the Extended JSON is malformed at byte \(json.offset): \(what)")
  }
}

/// The keys that stand for a type. `$regex`, `$type`, `$ref` and other `$` keys are plain keys: query
/// operators and references use them.
enum ExtendedJSONType: String {
  case objectID = "$oid"
  case symbol = "$symbol"
  case int32 = "$numberInt"
  case int64 = "$numberLong"
  case double = "$numberDouble"
  case decimal = "$numberDecimal"
  case binary = "$binary"
  case uuid = "$uuid"
  case code = "$code"
  case timestamp = "$timestamp"
  case regex = "$regularExpression"
  case dbPointer = "$dbPointer"
  case date = "$date"
  case minKey = "$minKey"
  case maxKey = "$maxKey"
  case undefined = "$undefined"
}
