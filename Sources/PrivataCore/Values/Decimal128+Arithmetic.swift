extension Decimal128 {
  /// The sum, rounded to 34 digits, halves to the even digit.
  ///
  /// ```swift
  /// Decimal128("0.1")! + Decimal128("0.20")!  // 0.30
  /// ```
  public static func + (a: Decimal128, b: Decimal128) -> Decimal128 {
    guard a.isFinite, b.isFinite else { return specialSum(a, b) }
    let exponent = min(a.exponent, b.exponent)
    let left = a.wide(at: exponent)
    let right = b.wide(at: exponent)
    if a.isNegative == b.isNegative {
      return rounded(left + right, exponent, negative: a.isNegative)
    }
    if left == right { return rounded(WideDecimal(0), exponent, negative: false) }
    return left < right
      ? rounded(right - left, exponent, negative: b.isNegative)
      : rounded(left - right, exponent, negative: a.isNegative)
  }

  /// The difference, rounded to 34 digits, halves to the even digit.
  public static func - (a: Decimal128, b: Decimal128) -> Decimal128 { a + -b }

  /// The product, rounded to 34 digits, halves to the even digit.
  ///
  /// ```swift
  /// Decimal128("1.20")! * Decimal128("3")!  // 3.60
  /// ```
  public static func * (a: Decimal128, b: Decimal128) -> Decimal128 {
    let negative = a.isNegative != b.isNegative
    guard a.isFinite, b.isFinite else {
      if a.isNaN || b.isNaN || a.isZero || b.isZero { return .nan }
      return negative ? -infinity : infinity
    }
    let product = WideDecimal(a.coefficient) * WideDecimal(b.coefficient)
    return rounded(product, a.exponent + b.exponent, negative: negative)
  }

  private static func specialSum(_ a: Decimal128, _ b: Decimal128) -> Decimal128 {
    if a.isNaN || b.isNaN { return .nan }
    if a.isInfinite && b.isInfinite { return a.isNegative == b.isNegative ? a : .nan }
    return a.isInfinite ? a : b
  }

  /// The coefficient as it stands with a smaller exponent.
  private func wide(at smaller: Int) -> WideDecimal {
    var wide = WideDecimal(coefficient)
    wide.shift(by: exponent - smaller)
    return wide
  }

  private static func rounded(
    _ wide: WideDecimal, _ exponent: Int, negative: Bool
  ) -> Decimal128 {
    // Rounding half to even always has a result: an infinity at worst.
    wide.digits(exponent: exponent).number(negative: negative, .halfEven) ?? .nan
  }
}
