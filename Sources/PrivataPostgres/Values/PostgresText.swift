internal import PrivataCore
internal import PrivataSQL

/// Values in the server's text form: what a result holds in all its columns where one of them has a
/// type that we do not read in binary.
enum PostgresText {
  /// The value of a text in a type's text form, `nil` where it is none.
  static func value(_ bytes: [UInt8], _ form: PostgresType.Form, _ field: FieldType?) -> Value? {
    let text = String(decoding: bytes, as: UTF8.self)
    return value(text, form, field)
  }

  private static func value(
    _ text: String, _ form: PostgresType.Form, _ field: FieldType?
  ) -> Value? {
    switch form {
    case .bool: return .bool(text == "t" || text == "true")
    case .int2, .int4: return Int64(text).map { PostgresValue.integer($0, field) }
    case .int8, .oid: return Int64(text).map { PostgresValue.integer($0, field ?? .int64) }
    case .float4, .float8: return Double(text).map { PostgresValue.double($0, field) }
    case .numeric: return Decimal128(text).map { PostgresValue.decimal($0, field) }
    case .text, .other: return .string(text)
    case .uuid: return bytes(hex: text.filter { $0 != "-" }).map { PostgresValue.uuid($0, field) }
    case .bytea: return bytea(text).flatMap { PostgresValue.binary($0, field) }
    case .timestamp, .date: return moment(text).map { .date($0) }
    case .json, .jsonb: return PostgresValue.json(Array(text.utf8)[...], field)
    case .array(let element):
      var inner = field
      while case .array(let next)? = inner { inner = next }
      var parser = ArrayText(text)
      return parser.array(element.form, inner)
    }
  }

  /// A UUID in its usual form.
  static func uuid(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// "2024-02-29 12:15:30.123456+00", "2024-02-29", with " BC" for years before 1, "infinity".
  private static func moment(_ text: String) -> DateTime? {
    switch text {
    case "infinity": return DateTime(milliseconds: .max)
    case "-infinity": return DateTime(milliseconds: .min)
    default: break
    }
    let parts = text.split(separator: " ")
    guard let day = parts.first, parts.last != "BC" else { return nil }
    guard parts.count > 1 else { return DateTime(iso8601: day) }
    let zone = parts[1].hasSuffix("+00") ? "" : "+00"
    return DateTime(iso8601: "\(day)T\(parts[1])\(zone):00")
  }

  private static func bytea(_ text: String) -> [UInt8]? {
    text.hasPrefix("\\x") ? bytes(hex: String(text.dropFirst(2))) : nil
  }

  private static func bytes(hex text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}

/// Reads the text form of arrays: `{1,NULL,"a \"b\""}`, nested in braces.
private struct ArrayText {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func array(_ form: PostgresType.Form, _ field: FieldType?) -> Value? {
    // Bounds that do not start at 1 come first, as in `[0:1]={1,2}`.
    if bytes.first == UInt8(ascii: "["), let start = bytes.firstIndex(of: UInt8(ascii: "{")) {
      position = start
    }
    return elements(form, field).map { .array($0) }
  }

  private mutating func elements(_ form: PostgresType.Form, _ field: FieldType?) -> [Value]? {
    guard take(UInt8(ascii: "{")) else { return nil }
    var values: [Value] = []
    if take(UInt8(ascii: "}")) { return values }
    repeat {
      if position < bytes.count, bytes[position] == UInt8(ascii: "{") {
        guard let inner = elements(form, field) else { return nil }
        values.append(.array(inner))
      } else {
        guard let value = element(form, field) else { return nil }
        values.append(value)
      }
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}")) ? values : nil
  }

  private mutating func element(_ form: PostgresType.Form, _ field: FieldType?) -> Value? {
    let isQuoted = take(UInt8(ascii: "\""))
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      let isEnd =
        isQuoted
        ? byte == UInt8(ascii: "\"")
        : byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}")
      if isEnd { break }
      position += 1
      if byte == UInt8(ascii: "\\"), position < bytes.count {
        text.append(bytes[position])
        position += 1
      } else {
        text.append(byte)
      }
    }
    if isQuoted, !take(UInt8(ascii: "\"")) { return nil }
    if !isQuoted, text == Array("NULL".utf8) { return .null }
    return PostgresText.value(text, form, field)
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }
}
