/// A whole number of any size, in limbs of 18 decimal digits from the smallest up: what decimal
/// arithmetic needs before it rounds.
struct WideDecimal {
  private static let base: UInt64 = 1_000_000_000_000_000_000
  private static let digitsPerLimb = 18

  /// No zero limb at the top; zero has none.
  private var limbs: [UInt64] = []

  init(_ value: UInt128) {
    var rest = value
    while rest != 0 {
      limbs.append(UInt64(rest % UInt128(Self.base)))
      rest /= UInt128(Self.base)
    }
  }

  var isZero: Bool { limbs.isEmpty }

  /// Multiplies by a number below 2^63.
  mutating func multiply(by factor: UInt64) {
    var carry: UInt64 = 0
    for index in limbs.indices {
      let product = UInt128(limbs[index]) * UInt128(factor) + UInt128(carry)
      limbs[index] = UInt64(product % UInt128(Self.base))
      carry = UInt64(product / UInt128(Self.base))
    }
    if carry >= Self.base {
      limbs.append(carry % Self.base)
      carry /= Self.base
    }
    if carry != 0 { limbs.append(carry) }
  }

  /// Multiplies by a power of a small base.
  mutating func multiply(by base: UInt64, power: Int) {
    var chunk: UInt64 = 1
    for _ in 0..<power {
      if chunk >= 1 << 56 / base {
        multiply(by: chunk)
        chunk = 1
      }
      chunk *= base
    }
    multiply(by: chunk)
  }

  /// Multiplies by a power of ten.
  mutating func shift(by digits: Int) {
    guard !isZero, digits > 0 else { return }
    multiply(by: 10, power: digits % Self.digitsPerLimb)
    let zeros = repeatElement(UInt64(0), count: digits / Self.digitsPerLimb)
    limbs.insert(contentsOf: zeros, at: 0)
  }

  static func * (a: WideDecimal, b: WideDecimal) -> WideDecimal {
    var result = WideDecimal(0)
    for (index, limb) in b.limbs.enumerated() {
      var row = a
      row.multiply(by: limb)
      row.trim()
      row.shift(by: index * digitsPerLimb)
      result = result + row
    }
    return result
  }

  static func + (a: WideDecimal, b: WideDecimal) -> WideDecimal {
    var result = a
    var carry: UInt64 = 0
    for index in 0..<max(a.limbs.count, b.limbs.count) {
      if index == result.limbs.count { result.limbs.append(0) }
      let sum = result.limbs[index] + (index < b.limbs.count ? b.limbs[index] : 0) + carry
      carry = sum >= base ? 1 : 0
      result.limbs[index] = sum - carry * base
    }
    if carry != 0 { result.limbs.append(carry) }
    return result
  }

  /// The difference; `b` is not the larger.
  static func - (a: WideDecimal, b: WideDecimal) -> WideDecimal {
    var result = a
    var borrow: UInt64 = 0
    for index in a.limbs.indices {
      let take = (index < b.limbs.count ? b.limbs[index] : 0) + borrow
      borrow = result.limbs[index] < take ? 1 : 0
      result.limbs[index] = result.limbs[index] + borrow * base - take
    }
    result.trim()
    return result
  }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
  }

  /// The digits from the left, ready to be rounded.
  func digits(exponent: Int, limit: Int = Decimal128.digitLimit) -> Decimal128.Digits {
    var digits = Decimal128.Digits(exponent: exponent, limit: limit)
    for limb in limbs.reversed() {
      var divisor = Self.base / 10
      while divisor > 0 {
        digits.append(UInt8(limb / divisor % 10))
        divisor /= 10
      }
    }
    return digits
  }
}

extension WideDecimal: Comparable {
  static func < (a: WideDecimal, b: WideDecimal) -> Bool {
    if a.limbs.count != b.limbs.count { return a.limbs.count < b.limbs.count }
    return a.limbs.reversed().lexicographicallyPrecedes(b.limbs.reversed())
  }
}
