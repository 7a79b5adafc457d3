extension Decimal128 {
  /// The quotient, rounded to 34 digits, halves to the even digit; an infinity for a zero divisor.
  package static func / (a: Decimal128, b: Decimal128) -> Decimal128 {
    let negative = a.isNegative != b.isNegative
    guard a.isFinite, b.isFinite else {
      if a.isNaN || b.isNaN || a.isInfinite && b.isInfinite { return .nan }
      return a.isInfinite ? (negative ? -infinity : infinity) : negative ? -zero : zero
    }
    guard !b.isZero else { return a.isZero ? .nan : negative ? -infinity : infinity }
    let divisor = b.coefficient
    let (quotient, rest) = a.coefficient.quotientAndRemainder(dividingBy: divisor)
    var digits = Digits(exponent: a.exponent - b.exponent)
    for digit in String(quotient).utf8 { digits.append(digit - 48) }
    var remainder = rest
    var count = 0
    // Two digits more than fit decide the rounding; a last 1 stands for whatever comes after.
    while remainder != 0, count < 2 * digitLimit {
      let (digit, next) = (remainder * 10).quotientAndRemainder(dividingBy: divisor)
      digits.appendFraction(UInt8(digit))
      remainder = next
      count += 1
    }
    if remainder != 0 { digits.appendFraction(1) }
    return digits.number(negative: negative, .halfEven) ?? .nan
  }

  /// The number with at most that many decimal places; a negative count rounds before the point.
  func rounded(places: Int, _ rule: FloatingPointRoundingRule) -> Decimal128 {
    guard isFinite, exponent < -places else { return self }
    let cut = -places - exponent
    // 10^39 exceeds every coefficient.
    let power: UInt128 = cut > 38 ? 0 : (0..<cut).reduce(1) { power, _ in power * 10 }
    let (kept, lost) =
      power == 0 ? (0, coefficient) : coefficient.quotientAndRemainder(dividingBy: power)
    let half = power == 0 ? UInt128.max : power / 2
    let isUp: Bool =
      switch rule {
      case .towardZero: false
      case .up: lost != 0 && !isNegative
      case .down: lost != 0 && isNegative
      case .awayFromZero: lost != 0
      case .toNearestOrAwayFromZero: lost >= half && lost != 0
      default: lost > half || lost == half && !kept.isMultiple(of: 2)
      }
    let exponent = min(max(-places, Self.exponents.lowerBound), Self.exponents.upperBound)
    return Decimal128(negative: isNegative, coefficient: kept + (isUp ? 1 : 0), exponent: exponent)
  }

  /// The number without its fraction, where 64 bits hold it.
  var truncatedInt64: Int64? { Int64(exactly: rounded(places: 0, .towardZero)) }
}
