extension ExpressionCompiler {
  /// Looking into arrays and putting them together.
  static let arrayOperators: [String: Operator] = [
    "$isArray": unary { value, _ in
      if case .array? = value { .bool(true) } else { .bool(false) }
    },
    "$size": unary { (value, _) throws(PrivataError) in
      guard case .array(let items)? = value else {
        throw .rejected(17124, "The argument to $size must be an array, not \(typeName(value))")
      }
      return .int(items.count)
    },
    "$arrayElemAt": fixed(2) { (operands, _) throws(PrivataError) in
      guard let (array, index) = pair(operands) else { return .null }
      let items = try array.items(28689, "$arrayElemAt's first argument")
      guard index.isNumber else {
        throw .rejected(28690, "$arrayElemAt's second argument must be a numeric value")
      }
      guard let position = index.exactInteger.flatMap({ Int32(exactly: $0) }) else {
        throw .rejected(28691, "$arrayElemAt's second argument must be a 32-bit integer")
      }
      return items.element(at: Int(position))
    },
    "$first": nullable { (value, _) throws(PrivataError) in
      try value.items(28689, "$first's argument").first
    },
    "$last": nullable { (value, _) throws(PrivataError) in
      try value.items(28689, "$last's argument").last
    },
    "$concatArrays": variadic(0...Int.max) { (operands, _) throws(PrivataError) in
      var all: [Value] = []
      for operand in operands {
        guard let operand, !operand.isNull else { return .null }
        all += try operand.items(28664, "$concatArrays' arguments")
      }
      return .array(all)
    },
    "$in": fixed(2) { (operands, context) throws(PrivataError) in
      guard case .array(let items)? = operands[1] else {
        throw .rejected(40081, "$in requires an array as a second argument")
      }
      return .bool(items.contains { compare(operands[0], $0, context.order) == 0 })
    },
    "$indexOfArray": variadic(2...4) { (operands, context) throws(PrivataError) in
      guard let array = operands[0], !array.isNull else { return .null }
      let items = try array.items(40090, "$indexOfArray's first argument")
      guard let (start, end) = try bounds(operands, items.count, "$indexOfArray") else {
        return .int32(-1)
      }
      let found = items[start..<end].firstIndex { compare(operands[1], $0, context.order) == 0 }
      return .int(found ?? -1)
    },
    "$reverseArray": nullable { (value, _) throws(PrivataError) in
      .array(try value.items(34435, "The argument to $reverseArray").reversed())
    },
    "$slice": variadic(2...3) { (operands, _) throws(PrivataError) in try slice(operands) },
    "$range": variadic(2...3) { (operands, _) throws(PrivataError) in try range(operands) },
    "$zip": zip,
  ]

  /// The name of a type for messages; `missing` where there is no value.
  static func typeName(_ value: Value?) -> String { value?.typeName ?? "missing" }

  /// The start and the end of a search, from the third and fourth operand; `nil` where there is
  /// nothing to search.
  static func bounds(
    _ operands: [Value?], _ count: Int, _ name: String
  ) throws(PrivataError) -> (Int, Int)? {
    var limits = [0, count]
    for (index, operand) in operands.dropFirst(2).enumerated() {
      guard let number = operand?.exactInteger.flatMap({ Int32(exactly: $0) }) else {
        throw .rejected(40096, "\(name) requires an integral starting and ending index")
      }
      guard number >= 0 else {
        throw .rejected(40097, "\(name) requires a starting and ending index that is not negative")
      }
      limits[index] = index == 0 ? Int(number) : min(Int(number), count)
    }
    return limits[0] < limits[1] || limits[0] == limits[1] && limits[0] <= count
      ? (limits[0], limits[1]) : nil
  }

  private static func slice(_ operands: [Value?]) throws(PrivataError) -> Value {
    guard let (array, first) = pair(operands) else { return .null }
    let items = try array.items(28724, "First argument to $slice")
    guard first.isNumber else {
      throw .rejected(28725, "Second argument to $slice must be numeric")
    }
    guard let position = first.exactInteger.flatMap({ Int32(exactly: $0) }) else {
      throw .rejected(28726, "Second argument to $slice can't be represented as a 32-bit integer")
    }
    guard operands.count == 3 else {
      return .array(ProjectionPlan.slice(items, Int(position), nil))
    }
    guard let third = operands[2], !third.isNull else { return .null }
    guard third.isNumber else { throw .rejected(28727, "Third argument to $slice must be numeric") }
    guard let count = third.exactInteger.flatMap({ Int32(exactly: $0) }) else {
      throw .rejected(28728, "Third argument to $slice can't be represented as a 32-bit integer")
    }
    guard count > 0 else { throw .rejected(28729, "Third argument to $slice must be positive") }
    return .array(ProjectionPlan.slice(items, Int(position), Int(count)))
  }

  private static func range(_ operands: [Value?]) throws(PrivataError) -> Value {
    let codes = [(34443, 34444), (34445, 34446), (34447, 34448)]
    var numbers: [Int] = []
    for (operand, code) in Swift.zip(operands, codes) {
      guard let operand, operand.isNumber else {
        throw .rejected(code.0, "$range requires numeric arguments, not \(typeName(operand))")
      }
      guard let number = operand.exactInteger.flatMap({ Int32(exactly: $0) }) else {
        throw .rejected(code.1, "$range requires arguments that are 32-bit integers")
      }
      numbers.append(Int(number))
    }
    let step = numbers.count == 3 ? numbers[2] : 1
    guard step != 0 else { throw .rejected(34449, "$range requires a non-zero step value") }
    // MongoDB's bound: 100 MB.
    guard (numbers[1] - numbers[0]) / step < 6_000_000 else {
      throw .rejected(146, "$range would use too much memory")
    }
    return .array(stride(from: numbers[0], to: numbers[1], by: step).map { .int($0) })
  }

  private static let zip: Operator = { (name, operand, compiler) throws(PrivataError) in
    guard case .document(let document) = operand else {
      throw .rejected(34460, "$zip only supports an object as an argument")
    }
    for key in document.keys where !["inputs", "defaults", "useLongestLength"].contains(key) {
      throw .rejected(34464, "$zip found an unknown argument: \(key)")
    }
    guard case .array(let inputs)? = document["inputs"] else {
      throw .rejected(
        document.contains("inputs") ? 34461 : 34465, "$zip requires inputs, an array of expressions"
      )
    }
    guard !inputs.isEmpty else { throw .rejected(34465, "$zip requires at least one input array") }
    let isLongest = document["useLongestLength"]?.asBool ?? false
    var defaults: [Evaluator] = []
    if let given = document["defaults"] {
      guard case .array(let values) = given else {
        throw .rejected(34462, "defaults must be an array of expressions")
      }
      guard isLongest else {
        throw .rejected(34466, "cannot specify defaults unless useLongestLength is true")
      }
      guard values.count == inputs.count else {
        throw .rejected(34467, "defaults and inputs must have the same length")
      }
      defaults = try compiler.compile(all: values)
    }
    let arrays = try compiler.compile(all: inputs)
    return { [defaults] (context) throws(PrivataError) in
      var columns: [[Value]] = []
      for array in arrays {
        guard let value = try array(context), !value.isNull else { return .null }
        columns.append(try value.items(34468, "$zip's inputs"))
      }
      var fillers: [Value] = []
      for filler in defaults { fillers.append(try filler(context) ?? .null) }
      let counts = columns.map(\.count)
      let length = (isLongest ? counts.max() : counts.min()) ?? 0
      return .array(
        (0..<length).map { row in
          .array(
            columns.enumerated().map { index, column in
              row < column.count ? column[row] : index < fillers.count ? fillers[index] : .null
            })
        })
    }
  }
}

extension Value {
  /// The elements of an array; any other value is refused with a code of MongoDB's.
  func items(_ code: Int, _ what: String) throws(PrivataError) -> [Value] {
    guard case .array(let items) = self else {
      throw .rejected(code, "\(what) must be an array, but is of type \(typeName)")
    }
    return items
  }
}

extension [Value] {
  /// The element at a position, from the end where it is negative; `nil` beyond either end.
  func element(at position: Int) -> Value? {
    let index = position < 0 ? count + position : position
    return indices.contains(index) ? self[index] : Value?.none
  }
}
