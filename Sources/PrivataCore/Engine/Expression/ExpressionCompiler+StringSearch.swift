extension ExpressionCompiler {
  /// Looking for texts and patterns in a text.
  static let stringSearchOperators: [String: Operator] = [
    "$indexOfBytes": variadic(2...4) { (operands, _) throws(PrivataError) in
      guard let (text, wanted) = try texts(operands, 40091, 40092) else { return .null }
      let bytes = Array(text.utf8)
      guard let (start, end) = try bounds(operands, bytes.count, "$indexOfBytes") else {
        return .int32(-1)
      }
      return .int(index(of: Array(wanted.utf8), in: bytes[start..<max(start, end)]))
    },
    "$indexOfCP": variadic(2...4) { (operands, _) throws(PrivataError) in
      guard let (text, wanted) = try texts(operands, 40093, 40094) else { return .null }
      let scalars = Array(text.unicodeScalars)
      guard let (start, end) = try bounds(operands, scalars.count, "$indexOfCP") else {
        return .int32(-1)
      }
      // MongoDB does not look at the very end, not even for an empty text.
      if start == end, start > 0 { return .int32(-1) }
      return .int(index(of: Array(wanted.unicodeScalars), in: scalars[start..<max(start, end)]))
    },
    "$regexMatch": regex { pattern, text in .bool(pattern.map { $0.matches(text) } ?? false) },
    "$regexFind": regex { pattern, text in
      guard let ranges = pattern?.firstMatch(in: text) else { return .null }
      return .document(describe(ranges, in: Array(text.utf8)))
    },
    "$regexFindAll": regex { pattern, text in
      guard let pattern else { return .array([]) }
      return .array(all(pattern, text).map { .document($0) })
    },
  ]

  private static func texts(
    _ operands: [Value?], _ first: Int, _ second: Int
  ) throws(PrivataError) -> (String, String)? {
    guard let text = operands[0], !text.isNull else { return nil }
    guard case .string(let input) = text else {
      throw .rejected(
        first, "the first argument of the search must be a string, not \(text.typeName)")
    }
    guard case .string(let wanted)? = operands[1] else {
      throw .rejected(second, "the second argument of the search must be a string")
    }
    return (input, wanted)
  }

  private static func index<T: Equatable>(of wanted: [T], in slice: ArraySlice<T>) -> Int {
    var start = slice.startIndex
    while start + wanted.count <= slice.endIndex {
      if slice[start..<(start + wanted.count)].elementsEqual(wanted) { return start }
      start += 1
    }
    return -1
  }

  // MARK: Patterns

  private static func regex(
    _ answer: @escaping @Sendable (Pattern?, String) -> Value
  ) -> Operator {
    return { (name, operand, compiler) throws(PrivataError) in
      let document = try object(name, operand, 51103)
      try refuseOthers(document, ["input", "regex", "options"], 31024, name)
      guard let input = document["input"] else {
        throw .rejected(31022, "\(name) requires 'input' parameter")
      }
      guard let regex = document["regex"] else {
        throw .rejected(31023, "\(name) requires 'regex' parameter")
      }
      let text = try compiler.compile(input)
      let source = try compiler.compile(regex)
      let options = try document["options"].map { (value) throws(PrivataError) in
        try compiler.compile(value)
      }
      // A constant pattern is compiled once.
      let constant =
        regex.isConstantPattern && options == nil
        ? [try pattern(regex, nil, name)] : nil
      return { (context) throws(PrivataError) in
        let value = try text(context)
        let compiled: Pattern?
        if let constant {
          compiled = constant[0]
        } else {
          compiled = try pattern(try source(context), try options?(context), name)
        }
        switch value {
        case nil, .null?, .undefined?: return answer(nil, "")
        case .string(let input)?: return answer(compiled, input)
        case let value?:
          throw .rejected(
            51104, "\(name) needs 'input' to be of type string, not \(value.typeName)")
        }
      }
    }
  }

  private static func pattern(
    _ source: Value?, _ options: Value?, _ name: String
  ) throws(PrivataError) -> Pattern? {
    var flags: String?
    switch options {
    case nil, .null?: break
    case .string(let text)?: flags = text
    default: throw .rejected(51106, "\(name) needs 'options' to be of type string")
    }
    switch source {
    case nil, .null?, .undefined?: return nil
    case .string(let text)?: return try compiled(text, flags ?? "", name)
    case .regex(let expression)?:
      guard flags == nil || expression.options.isEmpty else {
        throw .rejected(
          51107, "\(name): found regex option(s) specified in both 'regex' and 'option' fields")
      }
      return try compiled(expression.pattern, flags ?? expression.options, name)
    default: throw .rejected(51105, "\(name) needs 'regex' to be of type string or regex")
    }
  }

  private static func compiled(
    _ text: String, _ options: String, _ name: String
  ) throws(PrivataError) -> Pattern {
    do throws(PrivataError) {
      return try Pattern(text, options: options)
    } catch {
      guard (error.underlying as? ServerError)?.code == 51091 else { throw error }
      throw .rejected(51111, "Invalid Regex in \(name)")
    }
  }

  private static func all(_ pattern: Pattern, _ text: String) -> [Document] {
    let bytes = Array(text.utf8)
    var found: [Document] = []
    var start = 0
    while start < bytes.count || start == 0, let ranges = pattern.firstMatch(in: text, from: start),
      let whole = ranges[0]
    {
      found.append(describe(ranges, in: bytes))
      start = whole.upperBound
      if whole.isEmpty {
        // Past an empty match by one character.
        start += 1
        while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
      }
    }
    return found
  }

  /// A match as MongoDB answers it: its text, its position in characters, its groups.
  private static func describe(_ ranges: [Range<Int>?], in bytes: [UInt8]) -> Document {
    let whole = ranges[0] ?? 0..<0
    let text = { (range: Range<Int>) in Value.string(String(decoding: bytes[range], as: UTF8.self))
    }
    return [
      "match": text(whole), "idx": .int(bytes[..<whole.lowerBound].count { $0 & 0xC0 != 0x80 }),
      "captures": .array(ranges.dropFirst().map { $0.map(text) ?? .null }),
    ]
  }
}

extension Value {
  /// True for a pattern that stands in the expression as it is.
  fileprivate var isConstantPattern: Bool {
    switch self {
    case .regex: true
    case .string(let text): !text.hasPrefix("$")
    default: false
    }
  }
}
