extension Decimal128 {
  /// What becomes of digits beyond the last that fits.
  enum Rounding {
    /// They must be zeros, or there is no result.
    case exact
    /// To the nearest, halves to the even digit: the standard's default.
    case halfEven
    /// They are cut off.
    case down
  }

  /// Digits from the left, of which the first 34 are kept and the others remembered for rounding.
  struct Digits {
    private(set) var coefficient: UInt128 = 0
    private(set) var exponent: Int
    private var kept = 0
    private let limit: Int
    /// The first digit not kept, and whether any after it is not zero.
    private var next: UInt8 = 0
    private var hasMore = false
    private var dropped = false

    init(exponent: Int = 0, limit: Int = Decimal128.digitLimit) {
      self.exponent = exponent
      self.limit = limit
    }

    /// True where a digit other than zero was not kept.
    var isInexact: Bool { next != 0 || hasMore }

    /// The next digit of the integral part.
    mutating func append(_ digit: UInt8) {
      if kept < limit {
        coefficient = coefficient * 10 + UInt128(digit)
        if coefficient != 0 { kept += 1 }
      } else {
        exponent += 1
        if dropped { hasMore = hasMore || digit != 0 } else { next = digit }
        dropped = true
      }
    }

    /// The next digit behind the decimal point.
    mutating func appendFraction(_ digit: UInt8) {
      exponent -= 1
      append(digit)
    }

    /// Multiplies by a power of ten.
    mutating func scale(by power: Int) { exponent += power }
  }
}

extension Decimal128.Digits {
  /// The number, rounded; `nil` where it is inexact or too large and the rounding is `exact`.
  consuming func number(negative: Bool, _ rounding: Decimal128.Rounding) -> Decimal128? {
    dropToSmallestExponent()
    if isInexact {
      switch rounding {
      case .exact: return nil
      case .down: break
      case .halfEven: roundUpIfNearer()
      }
    }
    if coefficient == 0 {
      let range = Decimal128.exponents
      exponent = min(max(exponent, range.lowerBound), range.upperBound)
    }
    foldDown()
    guard exponent <= Decimal128.exponents.upperBound else {
      if rounding == .exact { return nil }
      return negative ? -Decimal128.infinity : .infinity
    }
    return Decimal128(negative: negative, coefficient: coefficient, exponent: exponent)
  }

  // Below the smallest exponent digits are lost one by one: the subnormal numbers.
  private mutating func dropToSmallestExponent() {
    let smallest = Decimal128.exponents.lowerBound
    while exponent < smallest, coefficient != 0 || next != 0 {
      hasMore = hasMore || next != 0
      next = UInt8(coefficient % 10)
      coefficient /= 10
      exponent += 1
    }
    exponent = max(exponent, smallest)
  }

  private mutating func roundUpIfNearer() {
    let isHalf = next == 5 && !hasMore
    guard isHalf ? !coefficient.isMultiple(of: 2) : next >= 5 else { return }
    coefficient += 1
    if coefficient == Decimal128.coefficientLimit {
      coefficient /= 10
      exponent += 1
    }
  }

  // Above the largest exponent zeros move from the exponent into the coefficient.
  private mutating func foldDown() {
    while exponent > Decimal128.exponents.upperBound,
      coefficient * 10 < Decimal128.coefficientLimit
    {
      coefficient *= 10
      exponent -= 1
    }
  }
}
