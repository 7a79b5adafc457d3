internal import PrivataCore

/// JavaScript's conversions between numbers and texts, which Mongoose's casting is defined by.
enum JavaScript {
  /// `Number(text)`: `nil` where JavaScript answers NaN.
  static func number(_ text: String) -> Double? {
    let trimmed = trim(text)
    if trimmed.isEmpty { return 0 }
    if let radix = radix(of: trimmed) {
      let digits = trimmed.dropFirst(2)
      guard !digits.isEmpty, digits.first != "+", digits.first != "-" else { return nil }
      return UInt64(digits, radix: radix).map(Double.init)
    }
    switch trimmed {
    case "Infinity", "+Infinity": return .infinity
    case "-Infinity": return -.infinity
    default: break
    }
    let allowed = trimmed.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }
    guard allowed else { return nil }
    return Double(normalized(trimmed))
  }

  /// JavaScript's `String.prototype.trim`.
  static func trim(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
      let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  /// `String(number)`.
  static func text(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    if number == 0 { return "0" }
    let (digits, exponent) = shortest(number.magnitude)
    return (number < 0 ? "-" : "") + layout(digits, exponent)
  }

  /// The number as JavaScript's driver stores it: int32 where integral and within 32 bits (but not
  /// negative zero), else double.
  static func stored(_ number: Double) -> Value {
    if number == 0, number.sign == .minus { return .double(number) }
    return .number(number)
  }

  private static func radix(of text: String) -> Int? {
    guard text.utf8.first == 0x30 else { return nil }
    switch text.utf8.dropFirst().first {
    case 0x78, 0x58: return 16
    case 0x6F, 0x4F: return 8
    case 0x62, 0x42: return 2
    default: return nil
    }
  }

  /// Swift refuses ".5" with a sign and "5." where JavaScript takes them.
  private static func normalized(_ text: String) -> String {
    var text = text
    if text.hasSuffix(".") { text += "0" }
    if let dot = text.range(of: ".e") ?? text.range(of: ".E") {
      text.insert("0", at: text.index(after: dot.lowerBound))
    }
    return text
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.value == 0xFEFF
  }

  /// The shortest digits that read back as the number, and the place of the decimal point.
  private static func shortest(_ number: Double) -> (digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var exponent = 0
    var point: Int?
    var bytes = Array("\(number)".utf8)
    if let mark = bytes.firstIndex(of: 0x65) {
      exponent = Int(String(decoding: bytes[(mark + 1)...], as: UTF8.self)) ?? 0
      bytes.removeSubrange(mark...)
    }
    for byte in bytes {
      if byte == 0x2E { point = digits.count } else { digits.append(byte) }
    }
    var place = (point ?? digits.count) + exponent
    while digits.count > 1, digits.first == 0x30 {
      digits.removeFirst()
      place -= 1
    }
    while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
    return (digits, place)
  }

  /// ECMA-262, "Number::toString", steps 6 to 12.
  private static func layout(_ digits: [UInt8], _ place: Int) -> String {
    let text = String(decoding: digits, as: UTF8.self)
    let count = digits.count
    if count <= place, place <= 21 { return text + String(repeating: "0", count: place - count) }
    if 0 < place, place <= 21 {
      return String(text.prefix(place)) + "." + text.dropFirst(place)
    }
    if -6 < place, place <= 0 { return "0." + String(repeating: "0", count: -place) + text }
    let exponent = place - 1
    let sign = exponent < 0 ? "-" : "+"
    let mantissa = count == 1 ? text : text.prefix(1) + "." + text.dropFirst()
    return "\(mantissa)e\(sign)\(abs(exponent))"
  }
}

extension String {
  /// The range of the first occurrence of a text.
  func range(of other: String) -> Range<String.Index>? { firstRange(of: other) }
}
