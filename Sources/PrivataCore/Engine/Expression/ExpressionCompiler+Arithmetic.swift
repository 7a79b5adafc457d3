extension ExpressionCompiler {
  /// Sums, products, quotients and rounding. Null and missing operands give null.
  static let arithmeticOperators: [String: Operator] = [
    "$add": variadic(0...Int.max) { (operands, _) throws(PrivataError) in try sum(operands) },
    "$subtract": fixed(2) { (operands, _) throws(PrivataError) in
      guard let (a, b) = pair(operands) else { return .null }
      return try difference(a, b)
    },
    "$multiply": variadic(0...Int.max) { (operands, _) throws(PrivataError) in
      var product = Value.int32(1)
      for operand in operands {
        guard let operand, !operand.isNull else { return .null }
        guard let next = Arithmetic.multiply(product, operand) else {
          throw .rejected(14, "$multiply only supports numeric types, not \(operand.typeName)")
        }
        product = next
      }
      return product
    },
    "$divide": fixed(2) { (operands, _) throws(PrivataError) in
      guard let (a, b) = pair(operands) else { return .null }
      guard a.isNumber, b.isNumber else {
        throw .rejected(
          14, "$divide only supports numeric types, not \(a.typeName) and \(b.typeName)")
      }
      guard b.isTruthy || b.isNaN else { throw .rejected(2, "can't $divide by zero") }
      return Arithmetic.divide(a, b)
    },
    "$mod": fixed(2) { (operands, _) throws(PrivataError) in
      guard let (a, b) = pair(operands) else { return .null }
      guard a.isNumber, b.isNumber else {
        throw .rejected(
          16611, "$mod only supports numeric types, not \(a.typeName) and \(b.typeName)")
      }
      guard b.isTruthy || b.isNaN else {
        let isDecimal = a.typeName == "decimal" || b.typeName == "decimal"
        throw .rejected(isDecimal ? 5733415 : 16610, "can't $mod by zero")
      }
      return Arithmetic.remainder(a, b)
    },
    "$abs": numeric(
      "$abs", { $0.magnitudeOrNil.map(Value.int64) }, { abs($0) },
      {
        $0.isNegative ? -$0 : $0
      }),
    "$ceil": numeric("$ceil", { .int64($0) }, { $0.rounded(.up) }, { $0.rounded(places: 0, .up) }),
    "$floor": numeric(
      "$floor", { .int64($0) }, { $0.rounded(.down) }, { $0.rounded(places: 0, .down) }),
    "$round": rounding("$round", .toNearestOrEven), "$trunc": rounding("$trunc", .towardZero),
  ]

  /// Two operands of which neither is null or missing.
  static func pair(_ operands: [Value?]) -> (Value, Value)? {
    guard let a = operands[0], let b = operands[1], !a.isNull, !b.isNull else { return nil }
    return (a, b)
  }

  private static func sum(_ operands: [Value?]) throws(PrivataError) -> Value {
    var sum = Value.int32(0)
    var date: DateTime?
    for operand in operands {
      guard let operand, !operand.isNull else { return .null }
      if case .date(let moment) = operand {
        guard date == nil else {
          throw .rejected(16612, "only one date allowed in an $add expression")
        }
        date = moment
        continue
      }
      guard let next = Arithmetic.add(sum, operand) else {
        throw .rejected(16554, "$add only supports numeric or date types, not \(operand.typeName)")
      }
      sum = next
    }
    guard let date else { return sum }
    return .date(try shifted(date, by: sum))
  }

  private static func shifted(_ date: DateTime, by amount: Value) throws(PrivataError) -> DateTime {
    let milliseconds: Int64? =
      if case .double(let value) = amount {
        Int64(exactly: value.rounded())
      } else if case .decimal(let value) = amount {
        Int64(exactly: value.rounded(places: 0, .toNearestOrEven))
      } else { amount.exactInteger }
    guard let milliseconds else { throw .rejected(15, "date overflow") }
    let (result, overflow) = date.milliseconds.addingReportingOverflow(milliseconds)
    guard !overflow else { throw .rejected(15, "date overflow") }
    return DateTime(milliseconds: result)
  }

  private static func difference(_ a: Value, _ b: Value) throws(PrivataError) -> Value {
    switch (a, b) {
    case (.date(let x), .date(let y)):
      return .int64(x.milliseconds &- y.milliseconds)
    case (.date(let x), let y) where y.isNumber:
      // Unlike in $add the fraction is cut off.
      guard let amount = y.truncated else {
        throw .rejected(31109, "Can't coerce out of range value to long")
      }
      let (result, overflow) = x.milliseconds.subtractingReportingOverflow(amount)
      guard !overflow else { throw .rejected(15, "date overflow") }
      return .date(DateTime(milliseconds: result))
    default:
      guard let result = Arithmetic.subtract(a, b) else {
        throw .rejected(14, "can't $subtract \(b.typeName) from \(a.typeName)")
      }
      return result
    }
  }

  /// A function of one number that keeps its type.
  private static func numeric(
    _ name: String, _ integer: @escaping @Sendable (Int64) -> Value?,
    _ double: @escaping @Sendable (Double) -> Double,
    _ decimal: @escaping @Sendable (Decimal128) -> Decimal128
  ) -> Operator {
    nullable { (value, _) throws(PrivataError) in
      switch value {
      case .int32(let number):
        return integer(Int64(number)).map { $0.narrowed ?? $0 }
      case .int64(let number):
        guard let result = integer(number) else {
          throw .rejected(28680, "can't take \(name) of long long min")
        }
        return result
      case .double(let number): return .double(double(number))
      case .decimal(let number): return .decimal(decimal(number))
      default: throw .rejected(28765, "\(name) only supports numeric types, not \(value.typeName)")
      }
    }
  }

  private static func rounding(_ name: String, _ rule: FloatingPointRoundingRule) -> Operator {
    variadic(1...2) { (operands, _) throws(PrivataError) in
      guard let value = operands[0], !value.isNull else { return .null }
      guard value.isNumber else {
        throw .rejected(51081, "\(name) only supports numeric types, not \(value.typeName)")
      }
      var places = 0
      if operands.count == 2 {
        guard let operand = operands[1], !operand.isNull else { return .null }
        places = try precision(operand, name)
      }
      return rounded(value, places, rule)
    }
  }

  private static func precision(_ value: Value, _ name: String) throws(PrivataError) -> Int {
    guard value.isNumber else {
      throw .rejected(16004, "can't convert from BSON type \(value.typeName) to long")
    }
    guard value.truncated != nil else {
      throw .rejected(31109, "Can't coerce out of range value to long")
    }
    guard let count = value.exactInteger.flatMap({ Int32(exactly: $0) }) else {
      throw .rejected(51082, "precision argument to \(name) must be a integral value")
    }
    guard (-20...100).contains(count) else {
      throw .rejected(51083, "cannot apply \(name) with precision value; must be in [-20, 100]")
    }
    return Int(count)
  }

  private static func rounded(
    _ value: Value, _ places: Int, _ rule: FloatingPointRoundingRule
  ) -> Value {
    switch value {
    case .decimal(let number): return .decimal(number.rounded(places: places, rule))
    case .double(let number):
      guard places != 0, number.isFinite else { return .double(number.rounded(rule)) }
      // Through the double's exact value, so that 2.345, a little above, rounds up.
      return .double(Double(Decimal128(fullPrecision: number).rounded(places: places, rule)))
    case .int32(let number) where places < 0:
      let result = Int64(exactly: Decimal128(number).rounded(places: places, rule)) ?? 0
      return Value.int64(result).narrowed ?? .int64(result)
    case .int64(let number) where places < 0:
      return .int64(Int64(exactly: Decimal128(number).rounded(places: places, rule)) ?? 0)
    default: return value
    }
  }

  /// Powers, logarithms and trigonometry, as doubles; a decimal operand gives a decimal.
  static let mathOperators: [String: Operator] = {
    var operators: [String: Operator] = [
      "$pow": fixed(2) { (operands, _) throws(PrivataError) in
        guard let (a, b) = pair(operands) else { return .null }
        guard a.isNumber else { throw .rejected(28762, "$pow's base must be numeric") }
        guard b.isNumber else { throw .rejected(28763, "$pow's exponent must be numeric") }
        return try power(a, b)
      },
      "$log": fixed(2) { (operands, _) throws(PrivataError) in
        guard let (a, b) = pair(operands) else { return .null }
        guard let number = a.numberAsDouble else {
          throw .rejected(28756, "$log's argument must be numeric")
        }
        guard let base = b.numberAsDouble else {
          throw .rejected(28757, "$log's base must be numeric")
        }
        guard number > 0 || number.isNaN else {
          throw .rejected(28758, "$log's argument must be a positive number")
        }
        guard base > 0 && base != 1 || base.isNaN else {
          throw .rejected(28759, "$log's base must be a positive number not equal to 1")
        }
        let result = Mathematics.naturalLogarithm(number) / Mathematics.naturalLogarithm(base)
        return widened(result, like: a, b)
      },
      "$atan2": fixed(2) { (operands, _) throws(PrivataError) in
        guard let a = operands[0], !a.isNull else { return .null }
        guard let y = a.numberAsDouble else {
          throw .rejected(51044, "$atan2 only supports numeric types, not \(a.typeName)")
        }
        guard let b = operands[1], !b.isNull else { return .null }
        guard let x = b.numberAsDouble else {
          throw .rejected(51045, "$atan2 only supports numeric types, not \(b.typeName)")
        }
        return widened(Mathematics.arcTangent(y, x), like: a, b)
      },
      "$rand": { _, _, _ in { _ in .double(Double.random(in: 0..<1)) } },
    ]
    for (name, function) in Mathematics.unary {
      operators[name] = nullable { (value, _) throws(PrivataError) in
        guard let number = value.numberAsDouble else {
          throw .rejected(28765, "\(name) only supports numeric types, not \(value.typeName)")
        }
        try checkDomain(name, number)
        // What MongoDB answers for a decimal that is no number.
        if number.isNaN, name == "$ln" || name == "$log10" { return .double(.nan) }
        return widened(function(number), like: value, value)
      }
    }
    return operators
  }()

  private static func widened(_ result: Double, like a: Value, _ b: Value) -> Value {
    switch (a, b) {
    case (.decimal, _), (_, .decimal): .decimal(Decimal128(fullPrecision: result))
    default: .double(result)
    }
  }

  private static func checkDomain(_ name: String, _ number: Double) throws(PrivataError) {
    switch name {
    case "$sqrt" where number < 0:
      throw .rejected(28714, "$sqrt's argument must be greater than or equal to 0")
    case "$ln" where number <= 0:
      throw .rejected(28766, "$ln's argument must be a positive number")
    case "$log10" where number <= 0:
      throw .rejected(28761, "$log10's argument must be a positive number")
    case "$acos" where abs(number) > 1, "$asin" where abs(number) > 1,
      "$atanh" where abs(number) > 1:
      throw .rejected(50989, "cannot apply \(name): the value must be in [-1, 1]")
    case "$acosh" where number < 1:
      throw .rejected(50989, "cannot apply \(name): the value must be in [1, inf]")
    case "$cos" where number.isInfinite, "$sin" where number.isInfinite,
      "$tan" where number.isInfinite:
      throw .rejected(50989, "cannot apply \(name): the value must be finite")
    default: break
    }
  }

  private static func power(_ a: Value, _ b: Value) throws(PrivataError) -> Value {
    if !b.isTruthy, b.isNumber {
      if case .decimal = a { return .decimal(Decimal128(1)) }
    }
    guard let base = a.numberAsDouble, let exponent = b.numberAsDouble else { return .null }
    if base == 0, exponent < 0 {
      throw .rejected(28764, "$pow cannot take a base of 0 and a negative exponent")
    }
    switch (a, b) {
    case (.decimal, _), (_, .decimal):
      if let exact = decimalPower(a, b) { return .decimal(exact) }
      return .decimal(Decimal128(fullPrecision: Mathematics.power(base, exponent)))
    case (.double, _), (_, .double): return .double(Mathematics.power(base, exponent))
    default:
      guard let x = a.exactInteger, let y = b.exactInteger, y >= 0 || x.magnitude == 1,
        let result = integerPower(x, y)
      else {
        return .double(Mathematics.power(base, exponent))
      }
      if case .int64 = a { return .int64(result) }
      if case .int64 = b { return .int64(result) }
      return Value.int64(result).narrowed ?? .int64(result)
    }
  }

  private static func integerPower(_ base: Int64, _ exponent: Int64) -> Int64? {
    if base.magnitude <= 1 {
      return base == -1 && exponent.isMultiple(of: 2) ? 1 : exponent == 0 ? 1 : base
    }
    var result: Int64 = 1
    for _ in 0..<min(exponent, 64) {
      let (product, overflow) = result.multipliedReportingOverflow(by: base)
      if overflow { return nil }
      result = product
    }
    return exponent > 64 ? nil : result
  }

  private static func decimalPower(_ a: Value, _ b: Value) -> Decimal128? {
    guard let base = a.asDecimal, let exponent = b.exactInteger, (0...64).contains(exponent) else {
      return nil
    }
    return (0..<exponent).reduce(Decimal128(1)) { result, _ in result * base }
  }
}

extension Value {
  /// An int64 as int32 where it fits.
  var narrowed: Value? {
    if case .int64(let value) = self { Int32(exactly: value).map(Value.int32) } else { Value?.none }
  }
}

extension Int64 {
  fileprivate var magnitudeOrNil: Int64? { self == .min ? nil : Swift.abs(self) }
}
