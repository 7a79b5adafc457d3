extension ExpressionCompiler {
  /// Comparisons by the order of all types; missing sorts before everything but the least key.
  static let comparisonOperators: [String: Operator] = [
    "$eq": comparison { $0 == 0 }, "$ne": comparison { $0 != 0 }, "$gt": comparison { $0 > 0 },
    "$gte": comparison { $0 >= 0 }, "$lt": comparison { $0 < 0 }, "$lte": comparison { $0 <= 0 },
    "$cmp": fixed(2) { operands, context in
      .int32(Int32(compare(operands[0], operands[1], context.order).signum()))
    },
  ]

  private static func comparison(_ accepts: @escaping @Sendable (Int) -> Bool) -> Operator {
    fixed(2) { operands, context in
      .bool(accepts(compare(operands[0], operands[1], context.order)))
    }
  }

  /// The order of two results, of which each may be missing.
  static func compare(_ a: Value?, _ b: Value?, _ order: ValueOrder) -> Int {
    switch (a, b) {
    case (let a?, let b?): order.compare(a, b)
    case (nil, nil): 0
    // Undefined is a type of its own in BSON; missing compares like it.
    case (nil, .undefined?), (.undefined?, nil): 0
    case (nil, let b?): b == .minKey ? 1 : -1
    case (let a?, nil): a == .minKey ? -1 : 1
    }
  }

  /// Boolean connectives and choices; branches that are not taken are not evaluated.
  static let conditionalOperators: [String: Operator] = [
    "$and": { (_, operand, compiler) throws(PrivataError) in
      let all = try compiler.compile(all: arguments(operand))
      return { (context) throws(PrivataError) in
        for one in all where try one(context)?.isTruthy != true { return .bool(false) }
        return .bool(true)
      }
    },
    "$or": { (_, operand, compiler) throws(PrivataError) in
      let all = try compiler.compile(all: arguments(operand))
      return { (context) throws(PrivataError) in
        for one in all where try one(context)?.isTruthy == true { return .bool(true) }
        return .bool(false)
      }
    },
    "$not": unary { value, _ in .bool(value?.isTruthy != true) },
    "$literal": { _, operand, _ in { _ in operand } },
    "$const": { _, operand, _ in { _ in operand } },
    "$ifNull": { (name, operand, compiler) throws(PrivataError) in
      let all = try compiler.compile(all: arguments(operand))
      guard all.count >= 2 else {
        throw .rejected(1257300, "$ifNull needs at least two arguments, had: \(all.count)")
      }
      return { (context) throws(PrivataError) in
        for one in all.dropLast() {
          if let value = try one(context), !value.isNull { return value }
        }
        return try all[all.count - 1](context)
      }
    },
    "$cond": condition, "$switch": choice, "$let": binding,
  ]

  private static let condition: Operator = { (name, operand, compiler) throws(PrivataError) in
    let parts: [Value]
    if case .document(let document) = operand {
      for key in document.keys where !["if", "then", "else"].contains(key) {
        throw .rejected(17083, "Unrecognized parameter to $cond: \(key)")
      }
      guard let test = document["if"] else {
        throw .rejected(17080, "Missing 'if' parameter to $cond")
      }
      guard let yes = document["then"] else {
        throw .rejected(17081, "Missing 'then' parameter to $cond")
      }
      guard let no = document["else"] else {
        throw .rejected(17082, "Missing 'else' parameter to $cond")
      }
      parts = [test, yes, no]
    } else {
      parts = arguments(operand)
    }
    guard parts.count == 3 else { throw miscounted(name, 3...3, parts.count) }
    let compiled = try compiler.compile(all: parts)
    return { (context) throws(PrivataError) in
      let isTrue = try compiled[0](context)?.isTruthy == true
      return try compiled[isTrue ? 1 : 2](context)
    }
  }

  private static let choice: Operator = { (name, operand, compiler) throws(PrivataError) in
    guard case .document(let document) = operand else {
      throw .rejected(40060, "$switch requires an object as an argument")
    }
    for key in document.keys where key != "branches" && key != "default" {
      throw .rejected(40067, "$switch found an unknown argument: \(key)")
    }
    var branches: [(Evaluator, Evaluator)] = []
    guard case .array(let values) = document["branches"] ?? .array([]) else {
      throw .rejected(40061, "$switch expected an array for 'branches'")
    }
    guard !values.isEmpty else { throw .rejected(40068, "$switch requires at least one branch") }
    for value in values {
      guard case .document(let branch) = value else {
        throw .rejected(40062, "$switch expected each branch to be an object")
      }
      guard let test = branch["case"] else {
        throw .rejected(40064, "$switch requires each branch have a 'case' expression")
      }
      guard let result = branch["then"] else {
        throw .rejected(40065, "$switch requires each branch have a 'then' expression")
      }
      branches.append((try compiler.compile(test), try compiler.compile(result)))
    }
    let fallback = try document["default"].map { (value) throws(PrivataError) in
      try compiler.compile(value)
    }
    return { [branches] (context) throws(PrivataError) in
      for (test, result) in branches where try test(context)?.isTruthy == true {
        return try result(context)
      }
      guard let fallback else {
        throw .rejected(
          40066,
          "$switch could not find a matching branch for an input, and no default was specified")
      }
      return try fallback(context)
    }
  }

  private static let binding: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 16874)
    try refuseOthers(document, ["vars", "in"], 16875, name)
    guard case .document(let variables)? = document["vars"] else {
      throw .rejected(16876, "Missing 'vars' parameter to $let")
    }
    guard let body = document["in"] else {
      throw .rejected(16877, "Missing 'in' parameter to $let")
    }
    var values: [Evaluator] = []
    var inner = compiler
    for element in variables.elements {
      values.append(try compiler.compile(element.value))
      inner.scope.append(try variableName(element.key))
    }
    let evaluator = try inner.compile(body)
    return { [values] (context) throws(PrivataError) in
      var inside = context
      for value in values { inside.slots.append(try value(context)) }
      return try evaluator(inside)
    }
  }

  /// A name that users may bind.
  static func variableName(_ name: String) throws(PrivataError) -> String {
    guard let first = name.unicodeScalars.first,
      first.value >= 128 || PatternSet.isLower(first.value)
    else {
      if name == "CURRENT" { return name }
      throw .rejected(9, "a variable's name starts with a lower-case letter")
    }
    return name
  }
}
