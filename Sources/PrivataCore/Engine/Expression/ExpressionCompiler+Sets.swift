extension ExpressionCompiler {
  /// Arrays as sets: order and repetition do not count, results are sorted.
  static let setOperators: [String: Operator] = [
    "$setUnion": variadic(0...Int.max) { (operands, context) throws(PrivataError) in
      var all: [Value] = []
      for operand in operands {
        guard let operand, !operand.isNull else { return .null }
        all += try operand.items(17043, "All operands of $setUnion")
      }
      return .array(set(all, context.order))
    },
    "$setIntersection": variadic(0...Int.max) { (operands, context) throws(PrivataError) in
      var common: [Value]?
      for operand in operands {
        guard let operand, !operand.isNull else { return .null }
        let items = try operand.items(17047, "All operands of $setIntersection")
        common = set(
          common.map { common in
            let keys = Set(items.map(context.order.key))
            return common.filter { keys.contains(context.order.key($0)) }
          } ?? items, context.order)
      }
      return .array(common ?? [])
    },
    "$setDifference": fixed(2) { (operands, context) throws(PrivataError) in
      guard let (a, b) = pair(operands) else { return .null }
      let left = try a.items(17048, "both operands of $setDifference")
      var seen = Set(try b.items(17049, "both operands of $setDifference").map(context.order.key))
      return .array(left.filter { seen.insert(context.order.key($0)).inserted })
    },
    "$setEquals": variadic(0...Int.max) { (operands, context) throws(PrivataError) in
      guard operands.count >= 2 else {
        throw .rejected(17045, "$setEquals needs at least two arguments, had: \(operands.count)")
      }
      var sets: [Set<Value>] = []
      for operand in operands {
        let items = try (operand ?? .null).items(17044, "All operands of $setEquals")
        sets.append(Set(items.map(context.order.key)))
      }
      return .bool(sets.dropFirst().allSatisfy { $0 == sets[0] })
    },
    "$setIsSubset": fixed(2) { (operands, context) throws(PrivataError) in
      let left = try (operands[0] ?? .null).items(17046, "both operands of $setIsSubset")
      let right = try (operands[1] ?? .null).items(17042, "both operands of $setIsSubset")
      return .bool(Set(left.map(context.order.key)).isSubset(of: right.map(context.order.key)))
    },
    "$anyElementTrue": unary { (value, _) throws(PrivataError) in
      .bool(
        try (value ?? .null).items(17041, "$anyElementTrue's argument").contains(where: \.isTruthy))
    },
    "$allElementsTrue": unary { (value, _) throws(PrivataError) in
      .bool(try (value ?? .null).items(17040, "$allElementsTrue's argument").allSatisfy(\.isTruthy))
    },
  ]

  /// The different values, sorted.
  static func set(_ values: [Value], _ order: ValueOrder) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert(order.key($0)).inserted }.sorted {
      order.compare($0, $1) < 0
    }
  }

  /// The first, last, least or greatest few elements.
  static let arrayOrderOperators: [String: Operator] = [
    "$firstN": some("$firstN") { items, count, _ in Array(items.prefix(count)) },
    "$lastN": some("$lastN") { items, count, _ in Array(items.suffix(count)) },
    "$minN": some("$minN") { items, count, order in
      let known = items.filter { !$0.isNull }
      return Array(PushOperation.stable(known, order.compare).prefix(count))
    },
    "$maxN": some("$maxN") { items, count, order in
      let known = items.filter { !$0.isNull }
      return Array(PushOperation.stable(known) { -order.compare($0, $1) }.prefix(count))
    },
  ]

  private static func some(
    _ name: String,
    _ take: @escaping @Sendable ([Value], Int, ValueOrder) -> [Value]
  ) -> Operator {
    return { (_, operand, compiler) throws(PrivataError) in
      let document = try object(name, operand, 5787801)
      try refuseOthers(document, ["n", "input"], 5787901, name)
      guard let n = document["n"] else { throw .rejected(5787906, "Missing value for 'n'") }
      guard let input = document["input"] else {
        throw .rejected(5787907, "Missing value for 'input'")
      }
      let count = try compiler.compile(n)
      let array = try compiler.compile(input)
      return { (context) throws(PrivataError) in
        let number = try positive(try count(context))
        guard let value = try array(context) else {
          throw .rejected(5788200, "Input must be an array")
        }
        return .array(take(try value.items(5788200, "Input"), number, context.order))
      }
    }
  }

  /// The count of an operator that takes the first few.
  static func positive(_ value: Value?) throws(PrivataError) -> Int {
    guard let value, value.isNumber else {
      throw .rejected(5787902, "Value for 'n' must be of integral type")
    }
    guard let number = value.exactInteger else {
      throw .rejected(5787903, "Value for 'n' must be of integral type")
    }
    guard number > 0 else { throw .rejected(5787908, "'n' must be greater than 0") }
    return Int(number)
  }
}
