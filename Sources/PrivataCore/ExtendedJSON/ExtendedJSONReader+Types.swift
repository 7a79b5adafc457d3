extension ExtendedJSONReader {
  /// The value of an object that has the key of a type.
  static func value(
    of type: ExtendedJSONType, _ json: JSON, depth: Int
  ) throws(PrivataError) -> Value {
    if type == .code { return try code(json, depth: depth) }
    let inner = try members(json, [type.rawValue])[0]
    if let value = try scalar(type, inner) { return value }
    throw malformed("the value of \(type.rawValue) is wrong", inner)
  }

  /// The values of an object's members under exactly these keys, in the order of the keys.
  private static func members(_ json: JSON, _ keys: [String]) throws(PrivataError) -> [JSON] {
    let values = keys.compactMap { json[$0] }
    guard values.count == keys.count, json.members?.count == keys.count else {
      throw malformed("the keys must be \(keys.joined(separator: ", "))", json)
    }
    return values
  }

  private static func scalar(
    _ type: ExtendedJSONType, _ json: JSON
  ) throws(PrivataError) -> Value? {
    switch type {
    case .binary: return try binary(json)
    case .timestamp: return try timestamp(json)
    case .regex: return try regex(json)
    case .dbPointer: return try dbPointer(json)
    case .date: return try date(json)
    case .minKey, .maxKey:
      guard case .integer(1) = json.kind else { return nil }
      return type == .minKey ? .minKey : .maxKey
    case .undefined:
      guard case .bool(true) = json.kind else { return nil }
      return .undefined
    default:
      return json.string.flatMap { value(of: type, text: $0) }
    }
  }

  private static func value(of type: ExtendedJSONType, text: String) -> Value? {
    switch type {
    case .objectID: ObjectID(text).map { .objectID($0) }
    case .symbol: .symbol(text)
    case .int32: integer(Int32.self, text).map { .int32($0) }
    case .int64: integer(Int64.self, text).map { .int64($0) }
    case .double: double(text).map { .double($0) }
    case .decimal: Decimal128(text).map { .decimal($0) }
    case .uuid: uuid(text).map { .binary(Binary($0, subtype: 4)) }
    default: nil
    }
  }

  // Swift reads a leading plus too, Extended JSON has none.
  private static func integer<T: FixedWidthInteger>(_ type: T.Type, _ text: String) -> T? {
    text.hasPrefix("+") ? nil : T(text)
  }

  private static func double(_ text: String) -> Double? {
    switch text {
    case "Infinity": return .infinity
    case "-Infinity": return -.infinity
    case "NaN": return .nan
    default:
      // Swift also reads hexadecimal numbers and "inf".
      let isNumber = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
      guard isNumber, let value = Double(text), value.isFinite else { return nil }
      return value
    }
  }

  /// Five groups of 8, 4, 4, 4 and 12 hexadecimal digits.
  private static func uuid(_ text: String) -> [UInt8]? {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard groups.map(\.count) == [8, 4, 4, 4, 12] else { return nil }
    return bytes(hexadecimal: groups.flatMap { $0 })
  }

  private static func bytes(hexadecimal digits: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
      guard !pair.hasPrefix("+"), let byte = UInt8(pair, radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}

// MARK: - Types of several parts

extension ExtendedJSONReader {
  private static func code(_ json: JSON, depth: Int) throws(PrivataError) -> Value {
    guard json["$scope"] != nil else {
      guard let code = try members(json, ["$code"])[0].string else {
        throw malformed("the value of $code is wrong", json)
      }
      return .code(code, scope: nil)
    }
    let parts = try members(json, ["$code", "$scope"])
    guard let code = parts[0].string, let scope = parts[1].members else {
      throw malformed("the value of $code or $scope is wrong", json)
    }
    return .code(code, scope: try document(scope, parts[1], depth: depth + 1))
  }

  private static func binary(_ json: JSON) throws(PrivataError) -> Value? {
    let parts = try members(json, ["base64", "subType"])
    guard let text = parts[0].string, let bytes = Base64.decode(text),
      let digits = parts[1].string, (1...2).contains(digits.utf8.count), !digits.hasPrefix("+"),
      let subtype = UInt8(digits, radix: 16)
    else { return nil }
    return .binary(Binary(bytes, subtype: subtype))
  }

  private static func timestamp(_ json: JSON) throws(PrivataError) -> Value? {
    let parts = try members(json, ["t", "i"])
    guard case .integer(let t) = parts[0].kind, case .integer(let i) = parts[1].kind,
      let seconds = UInt32(exactly: t), let increment = UInt32(exactly: i)
    else { return nil }
    return .timestamp(Timestamp(seconds: seconds, increment: increment))
  }

  private static func regex(_ json: JSON) throws(PrivataError) -> Value? {
    let parts = try members(json, ["pattern", "options"])
    guard let pattern = parts[0].string, let options = parts[1].string,
      !pattern.utf8.contains(0), !options.utf8.contains(0)
    else { return nil }
    return .regex(RegularExpression(pattern, options: options))
  }

  private static func dbPointer(_ json: JSON) throws(PrivataError) -> Value? {
    let parts = try members(json, ["$ref", "$id"])
    guard let namespace = parts[0].string,
      case .objectID(let id) = try value(of: parts[1], depth: 0)
    else { return nil }
    return .dbPointer(namespace: namespace, id: id)
  }

  private static func date(_ json: JSON) throws(PrivataError) -> Value? {
    if let text = json.string { return DateTime(iso8601: text).map { .date($0) } }
    guard json.members != nil, case .int64(let milliseconds) = try value(of: json, depth: 0) else {
      return nil
    }
    return .date(DateTime(milliseconds: milliseconds))
  }
}
