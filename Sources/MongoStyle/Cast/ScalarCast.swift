internal import PrivataCore

extension CompiledPath {
  /// A failed conversion, before it knows its path.
  struct Mismatch: Error {}

  /// The value as the type of a path keeps it, by Mongoose's rules; null and undefined stay.
  ///
  /// - Throws: ``CastError``.
  static func scalarCast(
    _ value: Value, _ kind: Kind, _ options: PathOptions, path: String
  ) throws -> Value {
    if value.isNullish { return value }
    do {
      if let custom = options.cast { return try custom(value) }
      if !options.isCast { return try exact(value, kind) }
      return try converted(value, kind, options)
    } catch let error as CastError where options.cast == nil {
      throw error
    } catch {
      throw castError(kind, path, value, options, error)
    }
  }

  static func castError(
    _ kind: Kind, _ path: String, _ value: Value, _ options: PathOptions,
    _ reason: (any Error)? = nil
  ) -> CastError {
    let name = castName(kind)
    let text = options.castMessage.map {
      $0.replacing("{KIND}", with: name).replacing("{PATH}", with: path)
        .replacing("{VALUE}", with: JavaScript.text(value) ?? "")
    }
    return CastError(
      kind: name, path: path, value: value, reason: reason is Mismatch ? nil : reason, text: text)
  }

  /// The name of a type as its cast errors write it.
  static func castName(_ kind: Kind) -> String {
    switch kind {
    case .string: "string"
    case .number: "Number"
    case .boolean: "Boolean"
    case .date: "date"
    case .objectID: "ObjectId"
    case .buffer: "Buffer"
    case .mixed: "Mixed"
    case .decimal128: "Decimal128"
    case .bigInt: "BigInt"
    case .int32: "Int32"
    case .double: "Double"
    case .uuid: "UUID"
    case .subdocument, .element: "Embedded"
    case .documentArray, .array: "Array"
    case .map: "Map"
    }
  }

  /// `cast: false`: only a value of the very type.
  private static func exact(_ value: Value, _ kind: Kind) throws -> Value {
    let fits =
      switch (kind, value) {
      case (.string, .string), (.boolean, .bool), (.date, .date), (.objectID, .objectID),
        (.decimal128, .decimal), (.bigInt, .int64), (.int32, .int32), (.double, .double),
        (.buffer, .binary), (.uuid, .binary), (.mixed, _):
        true
      case (.number, _): value.isJavaScriptNumber
      default: false
      }
    guard fits else { throw Mismatch() }
    return value
  }

  private static func converted(
    _ value: Value, _ kind: Kind, _ options: PathOptions
  ) throws -> Value {
    switch kind {
    case .string: try string(value)
    case .number: try number(value)
    case .boolean: try boolean(value)
    case .date: try date(value)
    case .objectID: try objectID(value)
    case .buffer: try buffer(value, subtype: options.subtype)
    case .decimal128: try decimal(value)
    case .bigInt: try bigInt(value)
    case .int32: try int32(value)
    case .double: try double(value)
    case .uuid: try uuid(value)
    case .mixed, .subdocument, .element, .documentArray, .array, .map: value
    }
  }
}

// MARK: - The conversions

extension CompiledPath {
  private static func string(_ value: Value) throws -> Value {
    if case .string(let id)? = value.asDocument?["_id"] { return .string(id) }
    guard let text = JavaScript.text(value) else { throw Mismatch() }
    return .string(text)
  }

  static func number(_ value: Value) throws -> Value {
    var value = value
    if let id = value.asDocument?["_id"], !id.isUndefined { value = id }
    switch value {
    case .null: return .null
    case .int32: return value
    case .double(let number):
      guard !number.isNaN else { throw Mismatch() }
      return JavaScript.stored(number)
    case .int64(let number): return JavaScript.stored(Double(number))
    case .bool(let flag): return .int32(flag ? 1 : 0)
    case .date(let date): return JavaScript.stored(Double(date.milliseconds))
    case .string(""): return .null
    case .document, .array: throw Mismatch()
    default:
      guard let text = JavaScript.text(value), let number = JavaScript.number(text) else {
        throw Mismatch()
      }
      return JavaScript.stored(number)
    }
  }

  static func boolean(_ value: Value) throws -> Value {
    switch value {
    case .bool: return value
    case .null, .undefined: return value
    case .string("true"), .string("1"), .string("yes"): return true
    case .string("false"), .string("0"), .string("no"): return false
    case .int32(1), .double(1): return true
    case .int32(0), .double(0): return false
    default: throw Mismatch()
    }
  }

  private static func date(_ value: Value) throws -> Value {
    switch value {
    case .date(let date): return try moment(Double(date.milliseconds))
    case .string(""): return .null
    case .string(let text):
      if let number = JavaScript.number(text), number >= 275_761 || number < -271_820 {
        return try moment(number)
      }
      guard let date = DateTime(javaScript: text) else { throw Mismatch() }
      return .date(date)
    case .int32(let number): return try moment(Double(number))
    case .int64(let number): return try moment(Double(number))
    case .double(let number): return try moment(number)
    case .decimal(let number):
      guard let number = JavaScript.number("\(number)") else { throw Mismatch() }
      return try moment(number)
    default: throw Mismatch()
    }
  }

  /// JavaScript's dates reach 100,000,000 days to either side of 1970.
  private static func moment(_ milliseconds: Double) throws -> Value {
    guard abs(milliseconds) <= 8.64e15 else { throw Mismatch() }
    return .date(DateTime(milliseconds: Int64(milliseconds.rounded(.towardZero))))
  }

  private static func objectID(_ value: Value) throws -> Value {
    var value = value
    if let id = value.asDocument?["_id"], id.isTruthy { value = id }
    if case .objectID = value { return value }
    guard let text = JavaScript.text(value), let id = ObjectID(text) else { throw Mismatch() }
    return .objectID(id)
  }

  private static func buffer(_ value: Value, subtype: UInt8?) throws -> Value {
    let kind = subtype ?? 0
    switch value {
    case .binary(let binary):
      guard let subtype, binary.subtype == 0 else { return value }
      return .binary(Binary(binary.bytes, subtype: subtype))
    case .string(let text): return .binary(Binary(Array(text.utf8), subtype: kind))
    case .int32, .double: return .binary(Binary([byte(value)], subtype: kind))
    case .array(let items): return .binary(Binary(items.map(byte), subtype: kind))
    case .document(let document):
      if let id = document["_id"], id.isTruthy { return try buffer(id, subtype: subtype) }
      if document["type"] == "Buffer", let data = document["data"]?.asArray {
        return .binary(Binary(data.map(byte), subtype: kind))
      }
      throw Mismatch()
    default: throw Mismatch()
    }
  }

  private static func byte(_ value: Value) -> UInt8 {
    let number = (try? number(value))?.asDouble ?? 0
    guard number.isFinite, abs(number) < 9e18 else { return 0 }
    return UInt8(truncatingIfNeeded: Int64(number))
  }

  private static func decimal(_ value: Value) throws -> Value {
    switch value {
    case .decimal: return value
    case .document(let document):
      guard case .string(let text)? = document["$numberDecimal"] else { throw Mismatch() }
      return try decimal(.string(text))
    case .string, .int32, .int64, .double:
      guard let text = JavaScript.text(value), let number = Decimal128(text) else {
        throw Mismatch()
      }
      return .decimal(number)
    default: throw Mismatch()
    }
  }

  private static func bigInt(_ value: Value) throws -> Value {
    switch value {
    case .int64: return value
    case .int32(let number): return .int64(Int64(number))
    case .double(let number):
      guard let whole = Int64(exactly: number) else { throw Mismatch() }
      return .int64(whole)
    case .string(""): return .null
    case .string(let text):
      let trimmed = JavaScript.trim(text)
      if trimmed.isEmpty { return .int64(0) }
      let hexadecimal = trimmed.lowercased().hasPrefix("0x")
      let number = hexadecimal ? Int64(trimmed.dropFirst(2), radix: 16) : Int64(trimmed)
      guard let number else { throw Mismatch() }
      return .int64(number)
    default: throw Mismatch()
    }
  }

  private static func int32(_ value: Value) throws -> Value {
    if case .string("") = value { return .null }
    if case .array = value { throw Mismatch() }
    guard let number = plainNumber(value), let whole = Int32(exactly: number) else {
      throw Mismatch()
    }
    return .int32(whole)
  }

  private static func double(_ value: Value) throws -> Value {
    switch value {
    case .string(""): return .null
    case .string(let text):
      if text == "NaN" { return .double(.nan) }
      guard JavaScript.trim(text) == text, let number = JavaScript.number(text) else {
        throw Mismatch()
      }
      return .double(number)
    case .array: throw Mismatch()
    default: return .double(plainNumber(value) ?? .nan)
    }
  }

  /// `Number(value)`, `nil` for NaN.
  private static func plainNumber(_ value: Value) -> Double? {
    switch value {
    case .bool(let flag): flag ? 1 : 0
    case .date(let date): Double(date.milliseconds)
    case .int32, .int64, .double: value.asDouble
    default: JavaScript.text(value).flatMap { JavaScript.number($0) }
    }
  }

  private static func uuid(_ value: Value) throws -> Value {
    if case .binary(let binary) = value, binary.subtype == 4 { return value }
    guard let text = JavaScript.text(value), let bytes = uuidBytes(text) else { throw Mismatch() }
    return .binary(Binary(bytes, subtype: 4))
  }

  /// The bytes of `8-4-4-4-12` hexadecimal digits with the digits of version and variant.
  private static func uuidBytes(_ text: String) -> [UInt8]? {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
    guard let version = groups[2].first, version.isNumber,
      let variant = groups[3].first, "89abAB".contains(variant)
    else { return nil }
    var bytes: [UInt8] = []
    var digits = groups.joined()[...]
    while !digits.isEmpty {
      guard let byte = UInt8(digits.prefix(2), radix: 16) else { return nil }
      bytes.append(byte)
      digits = digits.dropFirst(2)
    }
    return bytes
  }
}
