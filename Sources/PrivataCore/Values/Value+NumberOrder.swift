extension Value {
  /// The order of two numbers of any types, exact to the last digit; "not a number" is less than
  /// all others. 0 for values that are no numbers.
  static func numberOrder(_ a: Value, _ b: Value) -> Int {
    switch (a, b) {
    case (.int32(let a), .int32(let b)): order(of: a, b)
    case (.double(let a), .double(let b)): order(a, b)
    case (.decimal(let a), .decimal(let b)): Decimal128.order(a, b)
    case (.decimal(let a), .double(let b)): Decimal128.order(a, b)
    case (.double(let a), .decimal(let b)): -Decimal128.order(b, a)
    case (.decimal(let a), _): b.integer.map { Decimal128.order(a, Decimal128($0)) } ?? 0
    case (_, .decimal(let b)): a.integer.map { Decimal128.order(Decimal128($0), b) } ?? 0
    case (.double(let a), _): b.integer.map { -order($0, a) } ?? 0
    case (_, .double(let b)): a.integer.map { order($0, b) } ?? 0
    default: integerOrder(a, b)
    }
  }

  private static func integerOrder(_ a: Value, _ b: Value) -> Int {
    guard let a = a.integer, let b = b.integer else { return 0 }
    return order(of: a, b)
  }

  private var integer: Int64? {
    switch self {
    case .int32(let value): Int64(value)
    case .int64(let value): value
    default: nil
    }
  }

  private static func order(_ a: Double, _ b: Double) -> Int {
    if a < b { return -1 }
    if a > b { return 1 }
    return a == b ? 0 : (b.isNaN ? 1 : 0) - (a.isNaN ? 1 : 0)
  }

  /// A 64-bit integer and a double, without rounding either to the other's type.
  private static func order(_ a: Int64, _ b: Double) -> Int {
    if b.isNaN { return 1 }
    if b >= 0x1p63 { return -1 }
    if b < -0x1p63 { return 1 }
    let whole = Int64(b)
    return a == whole ? order(of: 0, b - Double(whole)) : a < whole ? -1 : 1
  }
}
