extension Decimal128 {
  /// -1, 0 or 1 as `a` is less than, equal to or greater than `b` by value: `1.0` equals `1.00`,
  /// `-0` equals `0`, and "not a number" equals itself and is less than all others, as in MongoDB.
  public static func order(_ a: Decimal128, _ b: Decimal128) -> Int {
    if a.isNaN || b.isNaN { return (b.isNaN ? 1 : 0) - (a.isNaN ? 1 : 0) }
    let signs = (a.signum, b.signum)
    guard signs.0 == signs.1, signs.0 != 0 else { return (signs.0 - signs.1).signum() }
    let magnitude = magnitudeOrder(a, b)
    return a.isNegative ? -magnitude : magnitude
  }

  /// The order of an exact decimal and an exact double.
  static func order(_ a: Decimal128, _ b: Double) -> Int {
    let (number, isInexact) = truncated(b)
    let order = order(a, number)
    // What was cut off puts the double farther from zero than the decimal that it begins like.
    if order == 0 && isInexact { return b < 0 ? 1 : -1 }
    return order
  }

  private var signum: Int {
    if isFinite && coefficient == 0 { return 0 }
    return isNegative ? -1 : 1
  }

  private static func magnitudeOrder(_ a: Decimal128, _ b: Decimal128) -> Int {
    if a.isInfinite || b.isInfinite { return (a.isInfinite ? 1 : 0) - (b.isInfinite ? 1 : 0) }
    var (left, right) = (a.coefficient, b.coefficient)
    let difference = a.exponent - b.exponent
    let (leftTop, rightTop) = (a.exponent + digitCount(left), b.exponent + digitCount(right))
    if leftTop != rightTop { return leftTop < rightTop ? -1 : 1 }
    // With the same leading place the exponents differ by at most 33: scaling stays in 34 digits.
    for _ in 0..<max(difference, 0) { left *= 10 }
    for _ in 0..<max(-difference, 0) { right *= 10 }
    return left == right ? 0 : left < right ? -1 : 1
  }

  private static func digitCount(_ value: UInt128) -> Int {
    var count = 0
    var bound: UInt128 = 1
    while bound <= value {
      bound *= 10
      count += 1
    }
    return count
  }
}
