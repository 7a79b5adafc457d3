// IEEE 754-2008 decimal128, binary integer encoding: a sign, a coefficient of up to 34 digits, and
// an exponent of ten.

extension Decimal128 {
  /// Zero, with exponent 0.
  public static let zero = Decimal128(high: 0x3040_0000_0000_0000, low: 0)
  /// Positive infinity.
  public static let infinity = Decimal128(high: 0x7800_0000_0000_0000, low: 0)
  /// A quiet "not a number".
  public static let nan = Decimal128(high: 0x7C00_0000_0000_0000, low: 0)

  package static let exponents = -6176...6111
  static let digitLimit = 34
  package static let coefficientLimit: UInt128 = 10_000_000_000_000_000_000_000_000_000_000_000

  /// True for "not a number", quiet or signalling.
  public var isNaN: Bool { high & 0x7C00_0000_0000_0000 == 0x7C00_0000_0000_0000 }

  /// True for either infinity.
  public var isInfinite: Bool { high & 0x7C00_0000_0000_0000 == 0x7800_0000_0000_0000 }

  /// True for everything but the infinities and "not a number".
  public var isFinite: Bool { high & 0x7800_0000_0000_0000 != 0x7800_0000_0000_0000 }

  /// True for a zero of either sign and any exponent.
  public var isZero: Bool { isFinite && coefficient == 0 }

  /// True where the sign is set, for -0 too.
  public var isNegative: Bool { high >> 63 == 1 }

  // The second form would need a coefficient beyond 34 digits, which the standard reads as zero.
  private var hasLargeForm: Bool { high & 0x6000_0000_0000_0000 == 0x6000_0000_0000_0000 }

  /// The coefficient; 0 for infinities, for "not a number", and where the bits hold more than 34
  /// digits.
  package var coefficient: UInt128 {
    if hasLargeForm { return 0 }
    let value = UInt128(high & 0x0001_FFFF_FFFF_FFFF) << 64 | UInt128(low)
    return value < Self.coefficientLimit ? value : 0
  }

  /// The exponent of ten that the coefficient is multiplied by.
  package var exponent: Int {
    Int(high >> (hasLargeForm ? 47 : 49) & 0x3FFF) + Self.exponents.lowerBound
  }

  /// The number of these parts, which must be in range.
  package init(negative: Bool, coefficient: UInt128, exponent: Int) {
    let biased = UInt64(exponent - Self.exponents.lowerBound)
    let sign: UInt64 = negative ? 1 << 63 : 0
    self.init(
      high: sign | biased << 49 | UInt64(truncatingIfNeeded: coefficient >> 64),
      low: UInt64(truncatingIfNeeded: coefficient))
  }

  /// The number with the other sign.
  public static prefix func - (value: Decimal128) -> Decimal128 {
    Decimal128(high: value.high ^ 1 << 63, low: value.low)
  }
}
