/// A sum that keeps the widest type that it met.
struct Total: Sendable {
  private var integers: Int64 = 0
  private var isWide = false
  private var doubles = 0.0
  /// What adding to `doubles` lost (Neumaier's compensation), as MongoDB sums with two doubles.
  private var lost = 0.0
  private var hasDoubles = false
  private var decimals: Decimal128?
  private(set) var count = 0

  /// Adds a number; other values do not count.
  mutating func add(_ value: Value) {
    guard value.isNumber else { return }
    count += 1
    switch value {
    case .int32(let number): add(Int64(number))
    case .int64(let number):
      isWide = true
      add(number)
    case .double(let number):
      hasDoubles = true
      add(number)
    case .decimal(let number): decimals = decimals.map { $0 + number } ?? number
    default: break
    }
  }

  private mutating func add(_ number: Int64) {
    let (sum, isOverflowing) = integers.addingReportingOverflow(number)
    if isOverflowing {
      hasDoubles = true
      add(Double(number))
    } else {
      integers = sum
    }
  }

  private mutating func add(_ number: Double) {
    let sum = doubles + number
    if sum.isFinite {
      lost += abs(doubles) >= abs(number) ? (doubles - sum) + number : (number - sum) + doubles
    }
    doubles = sum
  }

  /// The sum.
  var value: Value {
    if let decimals { return .decimal(decimals + decimal) }
    if hasDoubles { return .double(double) }
    if isWide { return .int64(integers) }
    return Value.int64(integers).narrowed ?? .int64(integers)
  }

  /// The mean; `nil` of no numbers.
  var average: Value? {
    guard count > 0 else { return nil }
    if let decimals { return .decimal((decimals + decimal) / Decimal128(count)) }
    return .double(double / Double(count))
  }

  private var double: Double { (doubles + Double(integers)) + lost }

  private var decimal: Decimal128 {
    (hasDoubles ? Decimal128(doubles + lost) : .zero) + Decimal128(integers)
  }
}
