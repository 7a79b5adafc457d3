extension Value {
  /// The text that MongoDB makes of a value that it can convert, `nil` for others.
  package var plainText: String? {
    switch self {
    case .string(let text), .symbol(let text): text
    case .bool(let value): value ? "true" : "false"
    case .int32(let value): String(value)
    case .int64(let value): String(value)
    case .double(let value): value.plainText
    case .decimal(let value): value.description
    case .date(let value): value.iso8601
    case .objectID(let value): value.description
    default: nil
    }
  }
}

extension Double {
  /// The number as MongoDB's `$toString` writes it: six significant digits (C's `%g`).
  ///
  /// ```swift
  /// 0.1.plainText            // 0.1
  /// 123456789.123.plainText  // 1.23457e+08
  /// ```
  var plainText: String {
    if isNaN { return "NaN" }
    if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
    if self == 0 { return sign == .minus ? "-0" : "0" }
    var exponent = Self.decimalExponent(magnitude)
    var digits = Decimal128(fullPrecision: magnitude).rounded(
      places: 5 - exponent, .toNearestOrEven)
    // Rounding can add a digit: 999999.9 becomes 1e+06.
    if digits.coefficient >= 1_000_000, digits.exponent == exponent - 5 {
      exponent += 1
      digits = digits.rounded(places: 5 - exponent, .toNearestOrEven)
    }
    var text = String(digits.coefficient)
    // A number of fewer digits keeps them; zeros at the end say nothing.
    while text.count > 1, text.hasSuffix("0") { text.removeLast() }
    return (self < 0 ? "-" : "") + Self.placed(text, exponent)
  }

  private static func placed(_ digits: String, _ exponent: Int) -> String {
    if exponent < -4 || exponent >= 6 {
      let rest = digits.dropFirst()
      let mantissa = digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
      return mantissa + "e" + (exponent < 0 ? "-" : "+") + DateFormat.padded(abs(exponent), 2)
    }
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let whole = exponent + 1
    if digits.count <= whole {
      return digits + String(repeating: "0", count: whole - digits.count)
    }
    return digits.prefix(whole) + "." + digits.dropFirst(whole)
  }

  /// The power of ten of the first digit.
  private static func decimalExponent(_ number: Double) -> Int {
    let decimal = Decimal128(fullPrecision: number)
    return String(decimal.coefficient).count - 1 + decimal.exponent
  }
}
