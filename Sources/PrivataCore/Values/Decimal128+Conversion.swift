extension Decimal128 {
  /// The integer, exactly.
  public init(_ value: some FixedWidthInteger & SignedInteger) {
    let magnitude = UInt128(value.magnitude)
    precondition(magnitude < Self.coefficientLimit, "the integer has more than 34 digits")
    self.init(negative: value < 0, coefficient: magnitude, exponent: 0)
  }

  /// The double rounded to 15 significant digits, as MongoDB turns a double into a decimal: what a
  /// double promises to keep.
  ///
  /// ```swift
  /// Decimal128(0.1)  // 0.100000000000000
  /// ```
  public init(_ value: Double) {
    let limit = 15
    let rounded = Self.rounded(value, limit: limit, .halfEven).number
    guard rounded.isFinite, !rounded.isZero else {
      self = rounded
      return
    }
    var coefficient = rounded.coefficient
    var exponent = rounded.exponent
    while coefficient < 100_000_000_000_000 {
      coefficient *= 10
      exponent -= 1
    }
    self.init(negative: value < 0, coefficient: coefficient, exponent: exponent)
  }

  /// The double rounded to 34 significant digits.
  public init(fullPrecision value: Double) {
    self = Self.rounded(value, limit: Self.digitLimit, .halfEven).number
  }

  /// The double cut off after 34 digits, and whether anything was cut.
  static func truncated(_ value: Double) -> (number: Decimal128, isInexact: Bool) {
    rounded(value, limit: digitLimit, .down)
  }

  private static func rounded(
    _ value: Double, limit: Int, _ rounding: Rounding
  ) -> (number: Decimal128, isInexact: Bool) {
    if value.isNaN { return (.nan, false) }
    let negative = value.sign == .minus
    if value.isInfinite { return (negative ? -infinity : infinity, false) }
    if value == 0 { return (negative ? -zero : zero, false) }
    let wide = Self.exact(value)
    let digits = wide.digits.digits(exponent: wide.exponent, limit: limit)
    return (digits.number(negative: negative, rounding) ?? .nan, digits.isInexact)
  }

  /// The magnitude of a finite double other than zero, as a whole number times a power of ten.
  private static func exact(_ value: Double) -> (digits: WideDecimal, exponent: Int) {
    let zeros = value.significandBitPattern.trailingZeroBitCount
    let isNormal = value.isNormal
    let bits = value.significandBitPattern | (isNormal ? 1 << 52 : 0)
    let shift = min(zeros, 52)
    let power = (isNormal ? Int(value.exponentBitPattern) : 1) - 1075 + shift
    var wide = WideDecimal(UInt128(bits >> UInt64(shift)))
    // m / 2^k is m * 5^k / 10^k.
    wide.multiply(by: power < 0 ? 5 : 2, power: abs(power))
    return (wide, min(power, 0))
  }
}

extension Double {
  /// The double nearest to a decimal.
  public init(_ value: Decimal128) {
    if value.isNaN {
      self = .nan
    } else if value.isInfinite {
      self = value.isNegative ? -.infinity : .infinity
    } else {
      self = Double(value.description) ?? .nan
    }
  }
}

extension FixedWidthInteger {
  /// The integer that a decimal is; `nil` where it has a fraction or does not fit.
  public init?(exactly value: Decimal128) {
    guard value.isFinite else { return nil }
    var coefficient = value.coefficient
    var exponent = coefficient == 0 ? 0 : value.exponent
    while exponent < 0 {
      guard coefficient.isMultiple(of: 10) else { return nil }
      coefficient /= 10
      exponent += 1
    }
    guard exponent <= Decimal128.digitLimit else { return nil }
    for _ in 0..<exponent {
      let (product, overflow) = coefficient.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      coefficient = product
    }
    guard let signed = Int128(exactly: coefficient) else { return nil }
    self.init(exactly: value.isNegative ? -signed : signed)
  }
}
