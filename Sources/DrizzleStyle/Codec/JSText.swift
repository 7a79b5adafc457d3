internal import PrivataCore

/// Values as JavaScript spells them: `String(value)`.
enum JSText {
  static func text(_ value: Value) -> String {
    switch value {
    case .string(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .int32, .int64, .double, .decimal: JSONForm.number(value)
    case .date(let date): date.iso8601
    case .objectID(let id): id.description
    case .binary(let binary):
      binary.subtype == 4 ? UUIDText.text(binary.bytes) : Hex.text(binary.bytes)
    case .null: "null"
    default: JSONForm.text(value)
    }
  }

  /// The number that a text spells: an integer where it is one, else a double.
  static func number(_ text: String) -> Value {
    if let whole = Int(text) { return .int(whole) }
    let number = Double(text) ?? .nan
    if let whole = Int(exactly: number), abs(number) < 9_007_199_254_740_992 { return .int(whole) }
    return .double(number)
  }

  /// The exact integer that digits spell, a decimal where 64 bits do not hold it.
  static func integer(_ text: String) -> Value? {
    if let value = Int64(text) { return .int64(value) }
    return Decimal128(text).map { .decimal($0) }
  }
}

/// Bytes as pairs of digits.
enum Hex {
  static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  static func bytes(_ text: some StringProtocol) -> [UInt8]? {
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

/// UUIDs in their usual form.
enum UUIDText {
  static func text(_ bytes: [UInt8]) -> String {
    let hex = Array(Hex.text(bytes))
    guard hex.count == 32 else { return String(hex) }
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }
      .joined(separator: "-")
  }

  static func bytes(_ text: String) -> [UInt8]? {
    guard let bytes = Hex.bytes(text.filter { $0 != "-" }), bytes.count == 16 else { return nil }
    return bytes
  }
}
