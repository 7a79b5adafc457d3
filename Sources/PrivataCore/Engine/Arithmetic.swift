/// MongoDB's arithmetic over its four numeric types: the wider type wins (decimal, double, int64,
/// int32), and an int32 that overflows becomes an int64.
enum Arithmetic {
  /// What happens where int64 overflows.
  enum Overflow { case toDouble, refused }

  /// The sum; `nil` where an operand is no number, or where the sum is refused.
  static func add(_ a: Value, _ b: Value, _ overflow: Overflow = .toDouble) -> Value? {
    combine(
      a, b, overflow, { $0.addingReportingOverflow($1) }, { $0 + $1 }, { $0 + $1 })
  }

  /// The difference.
  static func subtract(_ a: Value, _ b: Value, _ overflow: Overflow = .toDouble) -> Value? {
    combine(
      a, b, overflow, { $0.subtractingReportingOverflow($1) }, { $0 - $1 }, { $0 - $1 })
  }

  /// The product.
  static func multiply(_ a: Value, _ b: Value, _ overflow: Overflow = .toDouble) -> Value? {
    combine(
      a, b, overflow, { $0.multipliedReportingOverflow(by: $1) }, { $0 * $1 }, { $0 * $1 })
  }

  private static func combine(
    _ a: Value, _ b: Value, _ overflow: Overflow,
    _ integers: (Int64, Int64) -> (partialValue: Int64, overflow: Bool),
    _ doubles: (Double, Double) -> Double, _ decimals: (Decimal128, Decimal128) -> Decimal128
  ) -> Value? {
    switch (a, b) {
    case (.int32(let x), .int32(let y)):
      let result = integers(Int64(x), Int64(y)).partialValue
      return Int32(exactly: result).map(Value.int32) ?? .int64(result)
    case (.decimal, _), (_, .decimal):
      guard let x = a.asDecimal, let y = b.asDecimal else { return nil }
      return .decimal(decimals(x, y))
    case (.double, _), (_, .double):
      guard let x = a.asDouble, let y = b.asDouble else { return nil }
      return .double(doubles(x, y))
    default:
      guard let x = a.exactInteger, let y = b.exactInteger, a.isNumber, b.isNumber else {
        return nil
      }
      let (result, isOverflowing) = integers(x, y)
      if !isOverflowing { return .int64(result) }
      return overflow == .refused ? Value?.none : .double(doubles(Double(x), Double(y)))
    }
  }

  /// The quotient: a decimal where an operand is one, else a double. The divisor is not zero.
  static func divide(_ a: Value, _ b: Value) -> Value? {
    if case .decimal = a { return decimalQuotient(a, b) }
    if case .decimal = b { return decimalQuotient(a, b) }
    guard let x = a.asDouble, let y = b.asDouble else { return nil }
    return .double(x / y)
  }

  private static func decimalQuotient(_ a: Value, _ b: Value) -> Value? {
    guard let x = a.asDecimal, let y = b.asDecimal else { return nil }
    return .decimal(x / y)
  }

  /// The remainder, with the sign of the dividend. The divisor is not zero.
  static func remainder(_ a: Value, _ b: Value) -> Value? {
    switch (a, b) {
    case (.int32(let x), .int32(let y)): return .int32(y == -1 ? 0 : x % y)
    case (.decimal, _), (_, .decimal):
      guard let x = a.asDecimal, let y = b.asDecimal else { return nil }
      if y.isInfinite, x.isFinite { return .decimal(x) }
      return .decimal(x - (x / y).rounded(places: 0, .towardZero) * y)
    case (.double, _), (_, .double):
      guard let x = a.asDouble, let y = b.asDouble else { return nil }
      return .double(x.truncatingRemainder(dividingBy: y))
    default:
      guard let x = a.exactInteger, let y = b.exactInteger, a.isNumber, b.isNumber else {
        return nil
      }
      return .int64(y == -1 ? 0 : x % y)
    }
  }
}

extension Value {
  /// The number as a decimal; a double keeps the 15 digits that MongoDB keeps.
  package var asDecimal: Decimal128? {
    switch self {
    case .int32(let value): Decimal128(value)
    case .int64(let value): Decimal128(value)
    case .double(let value): Decimal128(value)
    case .decimal(let value): value
    default: nil
    }
  }

  /// The number as a double, whatever its type; a decimal is rounded to the nearest.
  package var numberAsDouble: Double? {
    if case .decimal(let value) = self { Double(value) } else { asDouble }
  }
}
