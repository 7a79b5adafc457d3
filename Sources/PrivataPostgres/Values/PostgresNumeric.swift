internal import PrivataCore

/// `numeric` on the wire: four 16-bit numbers (digits, weight, sign, scale), then the digits in base
/// 10000 from the left.
///
/// Source: PostgreSQL, `src/backend/utils/adt/numeric.c`, `numeric_send`.
enum PostgresNumeric {
  private static let negative: UInt16 = 0x4000
  private static let nan: UInt16 = 0xC000
  private static let infinity: UInt16 = 0xD000
  private static let minusInfinity: UInt16 = 0xF000

  /// The number of these bytes, scale and all (`1.50` keeps its zero); `nil` where it has more than
  /// 34 digits, or the bytes are damaged.
  static func decimal(_ bytes: borrowing Span<UInt8>) -> Decimal128? {
    guard bytes.count >= 8 else { return nil }
    let count = Int(bytes.bigEndian16(at: 0))
    let weight = Int(Int16(bitPattern: bytes.bigEndian16(at: 2)))
    let sign = bytes.bigEndian16(at: 4)
    let scale = Int(bytes.bigEndian16(at: 6))
    switch sign {
    case nan: return .nan
    case infinity: return .infinity
    case minusInfinity: return -.infinity
    case 0, negative: break
    default: return nil
    }
    guard bytes.count >= 8 + 2 * count else { return nil }
    // The value is an integer times 10 to the minus scale: the digits are read up to the scale.
    var coefficient: UInt128 = 0
    let last = -1 - (scale + 3) / 4
    for position in stride(from: weight, through: min(last + 1, weight), by: -1) {
      let index = weight - position
      let digit = index < count ? bytes.bigEndian16(at: 8 + 2 * index) : 0
      guard append(UInt128(digit), at: position, scale: scale, to: &coefficient) else {
        return nil
      }
    }
    guard coefficient < Decimal128.coefficientLimit, scale <= 6176 else { return nil }
    return Decimal128(negative: sign == negative, coefficient: coefficient, exponent: -scale)
  }

  /// Appends one digit of base 10000 at a position (0 is the one before the point), less what lies
  /// beyond the scale.
  private static func append(
    _ digit: UInt128, at position: Int, scale: Int, to coefficient: inout UInt128
  ) -> Bool {
    let beyond = max(-position * 4 - scale, 0)
    guard beyond < 4 else { return true }
    let power: [UInt128] = [10_000, 1000, 100, 10]
    let cut: [UInt128] = [1, 10, 100, 1000]
    let (product, overflow) = coefficient.multipliedReportingOverflow(by: power[beyond])
    coefficient = product &+ digit / cut[beyond]
    return !overflow && coefficient < Decimal128.coefficientLimit * 10_000
  }

  /// Appends the bytes of a number; false where `numeric` cannot hold it: its exponent is out of
  /// range.
  static func append(_ number: Decimal128, to bytes: inout [UInt8]) -> Bool {
    if number.isNaN { return append([], weight: 0, sign: nan, scale: 0, to: &bytes) }
    if number.isInfinite {
      let sign = number.isNegative ? minusInfinity : infinity
      return append([], weight: 0, sign: sign, scale: 0, to: &bytes)
    }
    let exponent = number.exponent
    let scale = max(-exponent, 0)
    guard scale <= 16383, exponent <= 131_000 else { return false }
    // Digits in base 10000 need an exponent that is a multiple of four.
    let shift = ((exponent % 4) + 4) % 4
    var rest = number.coefficient * ([1, 10, 100, 1000] as [UInt128])[shift]
    var position = (exponent - shift) / 4
    var digits: [UInt16] = []
    while rest > 0 {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10_000)
      if digit > 0 || !digits.isEmpty {
        digits.append(UInt16(digit))
      } else {
        position += 1
      }
      rest = quotient
    }
    let sign = number.isNegative && !digits.isEmpty ? negative : 0
    let weight = digits.isEmpty ? 0 : position + digits.count - 1
    return append(digits.reversed(), weight: weight, sign: sign, scale: scale, to: &bytes)
  }

  private static func append(
    _ digits: [UInt16], weight: Int, sign: UInt16, scale: Int, to bytes: inout [UInt8]
  ) -> Bool {
    bytes.append(bigEndian: UInt16(digits.count))
    bytes.append(bigEndian: UInt16(bitPattern: Int16(weight)))
    bytes.append(bigEndian: sign)
    bytes.append(bigEndian: UInt16(scale))
    for digit in digits { bytes.append(bigEndian: digit) }
    return true
  }
}

extension [UInt8] {
  /// Appends an integer as the wire has it, the highest byte first.
  @inline(__always)
  mutating func append<T: FixedWidthInteger & UnsignedInteger>(bigEndian value: T) {
    var shift = T.bitWidth - 8
    while shift >= 0 {
      append(UInt8(truncatingIfNeeded: value >> T(shift)))
      shift -= 8
    }
  }

  /// Overwrites four bytes with an integer as the wire has it.
  mutating func store(bigEndian value: UInt32, at offset: Int) {
    for index in 0..<4 {
      self[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index))
    }
  }
}

extension Span<UInt8> {
  /// The 16-bit integer at an offset, the highest byte first.
  func bigEndian16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
  }

  /// The 32-bit integer at an offset, the highest byte first.
  func bigEndian32(at offset: Int) -> UInt32 {
    UInt32(bigEndian16(at: offset)) << 16 | UInt32(bigEndian16(at: offset + 2))
  }

  /// The 64-bit integer at an offset, the highest byte first.
  func bigEndian64(at offset: Int) -> UInt64 {
    UInt64(bigEndian32(at: offset)) << 32 | UInt64(bigEndian32(at: offset + 4))
  }
}
