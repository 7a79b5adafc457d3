extension ExpressionCompiler {
  /// Operators that evaluate an expression for each element of an array.
  static let arrayScopeOperators: [String: Operator] = [
    "$map": map, "$filter": filter, "$reduce": reduce, "$sortArray": sortArray,
  ]

  private static let map: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 16878)
    try refuseOthers(document, ["input", "as", "in"], 16879, name)
    guard let input = document["input"] else {
      throw .rejected(16880, "Missing 'input' parameter to $map")
    }
    guard let body = document["in"] else {
      throw .rejected(16882, "Missing 'in' parameter to $map")
    }
    let array = try compiler.compile(input)
    let inner = try compiler.opening(document["as"])
    let evaluator = try inner.compile(body)
    return { (context) throws(PrivataError) in
      guard let value = try array(context), !value.isNull else { return .null }
      var results: [Value] = []
      for item in try value.items(16883, "input to $map") {
        results.append(try evaluator(context.binding(item)) ?? .null)
      }
      return .array(results)
    }
  }

  private static let filter: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 28646)
    try refuseOthers(document, ["input", "as", "cond", "limit"], 28647, name)
    guard let input = document["input"] else {
      throw .rejected(28648, "Missing 'input' parameter to $filter")
    }
    guard let test = document["cond"] else {
      throw .rejected(28650, "Missing 'cond' parameter to $filter")
    }
    let array = try compiler.compile(input)
    let condition = try compiler.opening(document["as"]).compile(test)
    let limit = try document["limit"].map { (value) throws(PrivataError) in
      try compiler.compile(value)
    }
    return { (context) throws(PrivataError) in
      guard let value = try array(context), !value.isNull else { return .null }
      var most = Int.max
      if let limit, let count = try limit(context), !count.isNull {
        guard let number = count.exactInteger.flatMap({ Int32(exactly: $0) }) else {
          throw .rejected(327391, "$filter: limit must be represented as a 32-bit integral value")
        }
        guard number > 0 else { throw .rejected(327392, "$filter: limit must be greater than 0") }
        most = Int(number)
      }
      var kept: [Value] = []
      for item in try value.items(28651, "input to $filter") where kept.count < most {
        if try condition(context.binding(item))?.isTruthy == true { kept.append(item) }
      }
      return .array(kept)
    }
  }

  private static let reduce: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 40075)
    try refuseOthers(document, ["input", "initialValue", "in"], 40076, name)
    guard let input = document["input"] else {
      throw .rejected(40077, "$reduce requires 'input' to be specified")
    }
    guard let start = document["initialValue"] else {
      throw .rejected(40078, "$reduce requires 'initialValue' to be specified")
    }
    guard let body = document["in"] else {
      throw .rejected(40079, "$reduce requires 'in' to be specified")
    }
    let array = try compiler.compile(input)
    let initial = try compiler.compile(start)
    var inner = compiler
    inner.scope += ["this", "value"]
    let evaluator = try inner.compile(body)
    return { (context) throws(PrivataError) in
      guard let value = try array(context), !value.isNull else { return .null }
      let items = try value.items(40080, "$reduce's input")
      var result = try initial(context)
      for item in items { result = try evaluator(context.binding(item).binding(result)) }
      return result
    }
  }

  private static let sortArray: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 2942500)
    try refuseOthers(document, ["input", "sortBy"], 2942501, name)
    guard let input = document["input"] else {
      throw .rejected(2942502, "$sortArray requires 'input'")
    }
    guard let sortBy = document["sortBy"] else {
      throw .rejected(2942503, "$sortArray requires 'sortBy'")
    }
    let array = try compiler.compile(input)
    let keys = try sortKeys(sortBy)
    return { (context) throws(PrivataError) in
      guard let value = try array(context), !value.isNull else { return .null }
      let items = try value.items(2942504, "The input argument to $sortArray")
      return .array(try sorted(items, keys, context.order))
    }
  }

  /// What arrays are sorted by: the elements themselves, or fields of them.
  enum ArraySort: Sendable {
    case whole(isDescending: Bool)
    case fields([SortKey])
  }

  static func sortKeys(_ value: Value) throws(PrivataError) -> ArraySort {
    switch value {
    case .document(let document):
      var keys: [SortKey] = []
      for element in document.elements {
        guard let direction = element.value.exactInteger, direction.magnitude == 1 else {
          throw .rejected(
            15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)")
        }
        keys.append(SortKey(element.key, descending: direction < 0))
      }
      guard !keys.isEmpty else { throw .rejected(15976, "a sort needs at least one key") }
      return .fields(keys)
    default:
      guard let direction = value.exactInteger else {
        throw .rejected(2942507, "The $sort field must be a document, or 1 or -1")
      }
      guard direction.magnitude == 1 else {
        throw .rejected(2942506, "The $sort element value must be either 1 or -1")
      }
      return .whole(isDescending: direction < 0)
    }
  }

  static func sorted(
    _ items: [Value], _ sort: ArraySort, _ order: ValueOrder
  ) throws(PrivataError) -> [Value] {
    switch sort {
    case .whole(let isDescending):
      return PushOperation.stable(items) {
        isDescending ? -order.compare($0, $1) : order.compare($0, $1)
      }
    case .fields(let keys):
      let sorter = try DocumentSorter(keys)
      var keyed: [(key: [Value], item: Value, position: Int)] = []
      for (position, item) in items.enumerated() {
        keyed.append((try sorter.key(of: item.asDocument ?? [:]), item, position))
      }
      keyed.sort { a, b in
        let order = sorter.compare(a.key, b.key)
        return order == 0 ? a.position < b.position : order < 0
      }
      return keyed.map(\.item)
    }
  }

  /// The compiler inside a scope of one variable, `this` where it is not named.
  func opening(_ name: Value?) throws(PrivataError) -> ExpressionCompiler {
    var inner = self
    guard let name else {
      inner.scope.append("this")
      return inner
    }
    guard let text = name.asString, !text.isEmpty else {
      throw .rejected(9, "empty variable names are not allowed")
    }
    inner.scope.append(try Self.variableName(text))
    return inner
  }

  static func object(_ name: String, _ operand: Value, _ code: Int) throws(PrivataError) -> Document
  {
    guard case .document(let document) = operand else {
      throw .rejected(code, "\(name) only supports an object as its argument")
    }
    return document
  }

  static func refuseOthers(
    _ document: Document, _ names: Set<String>, _ code: Int, _ name: String
  ) throws(PrivataError) {
    for key in document.keys where !names.contains(key) {
      throw .rejected(code, "Unrecognized parameter to \(name): \(key)")
    }
  }
}
