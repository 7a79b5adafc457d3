extension Decimal128 {
  /// The number that a text writes exactly: digits with an optional point and exponent, or "NaN",
  /// "Inf" and "Infinity" in any case. `nil` for any other text, and where more than 34 digits or a
  /// larger exponent would be needed.
  ///
  /// ```swift
  /// Decimal128("12.50")    // 12.50
  /// Decimal128("1E+6200")  // nil
  /// ```
  ///
  /// Source: BSON Decimal128 specification, "From String Representation".
  public init?(_ text: some StringProtocol) { self.init(text, .exact) }

  /// As `init(_:)`, but rounds to 34 digits, halves to the even digit, and to an infinity beyond
  /// the largest exponent.
  public init?(rounding text: some StringProtocol) { self.init(text, .halfEven) }

  private init?(_ text: some StringProtocol, _ rounding: Rounding) {
    var text = Substring(text).utf8
    let negative = text.first == UInt8(ascii: "-")
    if negative || text.first == UInt8(ascii: "+") { text.removeFirst() }
    if let special = Self.special(text) {
      self = negative && !special.isNaN ? -special : special
      return
    }
    guard var digits = Self.digits(&text) else { return nil }
    if !text.isEmpty {
      guard let exponent = Self.exponent(text) else { return nil }
      digits.scale(by: exponent)
    }
    guard let number = digits.number(negative: negative, rounding) else { return nil }
    self = number
  }

  private static func special(_ text: Substring.UTF8View) -> Decimal128? {
    guard text.count <= 8, let first = text.first, first | 0x20 >= 0x61 else { return nil }
    switch String(text.map { Character(Unicode.Scalar($0 | 0x20)) }) {
    case "nan": return .nan
    case "inf", "infinity": return .infinity
    default: return nil
    }
  }

  /// Reads digits with at most one point off the front.
  private static func digits(_ text: inout Substring.UTF8View) -> Digits? {
    var digits = Digits()
    var hasPoint = false
    var hasDigit = false
    while let byte = text.first {
      switch byte {
      case 0x30...0x39 where hasPoint: digits.appendFraction(byte - 0x30)
      case 0x30...0x39: digits.append(byte - 0x30)
      case UInt8(ascii: ".") where !hasPoint: hasPoint = true
      default: return hasDigit ? digits : nil
      }
      hasDigit = hasDigit || byte != UInt8(ascii: ".")
      text.removeFirst()
    }
    return hasDigit ? digits : nil
  }

  /// The exponent behind "E", held within bounds that are beyond every representable number.
  private static func exponent(_ text: Substring.UTF8View) -> Int? {
    var text = text
    guard text.removeFirst() | 0x20 == UInt8(ascii: "e") else { return nil }
    let negative = text.first == UInt8(ascii: "-")
    if negative || text.first == UInt8(ascii: "+") { text.removeFirst() }
    guard !text.isEmpty else { return nil }
    var exponent = 0
    for byte in text {
      guard (0x30...0x39).contains(byte) else { return nil }
      exponent = min(exponent * 10 + Int(byte - 0x30), 1 << 40)
    }
    return negative ? -exponent : exponent
  }
}

extension Decimal128: CustomStringConvertible {
  /// The number as the BSON specification writes it: plain where the exponent is small, else with
  /// an exponent, and always with all its digits.
  public var description: String {
    if isNaN { return "NaN" }
    let sign = isNegative ? "-" : ""
    if isInfinite { return sign + "Infinity" }
    let digits = String(coefficient)
    let exponent = exponent
    let scientific = exponent + digits.utf8.count - 1
    if exponent <= 0 && scientific >= -6 {
      return sign + Self.plain(digits, fraction: -exponent)
    }
    let power = scientific < 0 ? "E\(scientific)" : "E+\(scientific)"
    let rest = digits.dropFirst()
    return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + power
  }

  private static func plain(_ digits: String, fraction: Int) -> String {
    if fraction == 0 { return digits }
    let missing = max(0, fraction + 1 - digits.utf8.count)
    let padded = String(repeating: "0", count: missing) + digits
    return padded.dropLast(fraction) + "." + padded.suffix(fraction)
  }
}
