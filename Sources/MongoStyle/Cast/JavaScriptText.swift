internal import PrivataCore

extension JavaScript {
  /// `value.toString()`, `nil` for arrays and plain objects, whose text says nothing.
  static func text(_ value: Value) -> String? {
    switch value {
    case .string(let text), .symbol(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .int32(let number): String(number)
    case .int64(let number): String(number)
    case .double(let number): text(number)
    case .decimal(let number): "\(number)"
    case .objectID(let id): "\(id)"
    case .date(let date): text(date)
    case .binary(let binary): text(binary)
    case .regex(let regex): "/\(regex.pattern)/\(regex.options)"
    case .code(let code, _): code
    case .timestamp(let time): String(UInt64(time.seconds) << 32 | UInt64(time.increment))
    case .null, .undefined, .document, .array, .minKey, .maxKey, .dbPointer: nil
    }
  }

  private static func text(_ binary: Binary) -> String {
    if binary.subtype == 4, let uuid = uuidText(binary.bytes) { return uuid }
    return String(decoding: binary.bytes, as: UTF8.self)
  }

  /// 16 bytes in the form 8-4-4-4-12.
  static func uuidText(_ bytes: [UInt8]) -> String? {
    guard bytes.count == 16 else { return nil }
    let digits: [Character] = Array("0123456789abcdef")
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append("-") }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }

  /// `Date.prototype.toString` in UTC: `Fri Jan 05 2024 00:00:00 GMT+0000 (Coordinated Universal
  /// Time)`.
  private static func text(_ date: DateTime) -> String {
    let parts = date.parts
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let day = days[floorModulo(date.milliseconds.dividedFloor(by: 86_400_000) + 4, 7)]
    let time = [parts.hour, parts.minute, parts.second].map { padded($0, 2) }.joined(separator: ":")
    return "\(day) \(months[parts.month - 1]) \(padded(parts.day, 2)) \(padded(parts.year, 4)) "
      + "\(time) GMT+0000 (Coordinated Universal Time)"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(abs(number))
    let zeros = String(repeating: "0", count: max(0, width - digits.count))
    return (number < 0 ? "-" : "") + zeros + digits
  }

  private static func floorModulo(_ a: Int64, _ b: Int64) -> Int { Int(((a % b) + b) % b) }
}

extension Int64 {
  /// Division that rounds down, also below zero.
  func dividedFloor(by other: Int64) -> Int64 {
    let quotient = self / other
    return self % other < 0 ? quotient - 1 : quotient
  }
}
