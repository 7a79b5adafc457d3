/// Turns an expression's document into closures. Variables are resolved to positions here, so that
/// evaluation looks up no names.
struct ExpressionCompiler: Sendable {
  /// Names of the variables in scope; a later one hides an earlier one of the same name.
  var scope: [String]

  /// Operators by name: what compiles the operand.
  typealias Operator =
    @Sendable (_ name: String, _ operand: Value, _ compiler: ExpressionCompiler)
    throws(PrivataError) -> Evaluator

  /// Compiles any expression.
  func compile(_ value: Value) throws(PrivataError) -> Evaluator {
    switch value {
    case .string(let text) where text.hasPrefix("$"): return try path(text)
    case .document(let document): return try compile(document)
    case .array(let values):
      let items = try compile(all: values)
      return { (context) throws(PrivataError) in
        var results: [Value] = []
        for item in items { results.append(try item(context) ?? .null) }
        return .array(results)
      }
    default: return { _ in value }
    }
  }

  /// Compiles a list of expressions.
  func compile(all values: [Value]) throws(PrivataError) -> [Evaluator] {
    var compiled: [Evaluator] = []
    for value in values { compiled.append(try compile(value)) }
    return compiled
  }

  private func compile(_ document: Document) throws(PrivataError) -> Evaluator {
    let elements = document.elements
    if let first = elements.first, first.key.hasPrefix("$") {
      guard elements.count == 1 else {
        throw .rejected(15983, "an object representing an expression must have exactly one field")
      }
      return try call(first.key, first.value)
    }
    var fields: [(String, Evaluator)] = []
    for element in elements {
      if element.key.hasPrefix("$") {
        throw .rejected(16410, "field names of an object expression may not start with '$'")
      }
      if element.key.utf8.contains(0x2E) {
        throw .rejected(16412, "field names of an object expression may not contain '.'")
      }
      fields.append((element.key, try compile(element.value)))
    }
    return { [fields] (context) throws(PrivataError) in
      var result: [Document.Element] = []
      for (key, evaluator) in fields {
        if let value = try evaluator(context) { result.append(.init(key: key, value: value)) }
      }
      return .document(Document(result))
    }
  }

  /// True for an operator that MongoDB knows, though it may not be answered here.
  static func isKnown(_ name: String) -> Bool { operators[name] != nil || foreign.contains(name) }

  private static let foreign: Set<String> = ["$function", "$accumulator", "$meta"]

  /// Compiles a call of an operator.
  func call(_ name: String, _ operand: Value) throws(PrivataError) -> Evaluator {
    if let compile = Self.operators[name] { return try compile(name, operand, self) }
    if Self.foreign.contains(name) {
      throw PrivataError(.unsupported, "\(name) is answered by MongoDB only, not by this store")
    }
    throw .rejected(168, "Unrecognized expression '\(name)'", as: .unknownOperator)
  }

  /// `$field.path`, `$$variable.path`.
  func path(_ text: String) throws(PrivataError) -> Evaluator {
    guard text.hasPrefix("$$") else {
      let path = try Self.checked(String(text.dropFirst()))
      if path.isSimple { return { $0.current[path.text] } }
      return { path.expressionValue(in: $0.current) }
    }
    let body = text.dropFirst(2)
    let name = String(body.prefix { $0 != "." })
    guard !name.isEmpty else { throw .rejected(9, "empty variable names are not allowed") }
    let base = try variable(name)
    guard name.count < body.count else { return base }
    let path = try Self.checked(String(body.dropFirst(name.count + 1)))
    return { (context) throws(PrivataError) in
      switch try base(context) {
      case .document(let document)?: path.expressionValue(in: document)
      case .array(let items)?:
        // A path into an array is a path into each of its documents.
        DottedPath("_." + path.text).expressionValue(in: ["_": .array(items)])
      default: nil
      }
    }
  }

  private func variable(_ name: String) throws(PrivataError) -> Evaluator {
    if let position = scope.lastIndex(of: name) { return { $0.slots[position] } }
    switch name {
    case "ROOT": return { .document($0.root) }
    case "CURRENT": return { .document($0.current) }
    case "NOW": return { .date($0.now) }
    case "REMOVE": return { _ in nil }
    case "DESCEND", "PRUNE", "KEEP": return { _ in .string("$$" + name) }
    default: throw .rejected(17276, "Use of undefined variable: \(name)")
    }
  }

  /// A field path, refused where MongoDB refuses it.
  static func checked(_ text: String) throws(PrivataError) -> DottedPath {
    guard !text.isEmpty else { throw .rejected(16872, "'$' by itself is not a valid FieldPath") }
    let path = DottedPath(text)
    guard path.parts.last?.isEmpty == false else {
      throw .rejected(40353, "FieldPath must not end with a '.'")
    }
    for part in path.parts {
      if part.isEmpty { throw .rejected(15998, "FieldPath field names may not be empty strings") }
      if part.hasPrefix("$") {
        throw .rejected(16410, "FieldPath field names may not start with '$'")
      }
    }
    return path
  }

  /// Every operator that is built in.
  static let operators: [String: Operator] = {
    let groups = [
      comparisonOperators, conditionalOperators, arithmeticOperators, mathOperators,
      arrayOperators, arrayScopeOperators, arrayOrderOperators, setOperators, stringOperators,
      stringSearchOperators, objectOperators, conversionOperators, dateOperators,
      dateArithmeticOperators, accumulatorOperators,
    ]
    return groups.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
  }()
}

// MARK: - Shapes of operands

extension ExpressionCompiler {
  /// The operands of an operator that takes a list; a single operand stands for a list of one.
  static func arguments(_ operand: Value) -> [Value] {
    if case .array(let values) = operand { values } else { [operand] }
  }

  /// An operator of exactly that many operands, all evaluated before.
  static func fixed(
    _ count: Int,
    _ body: @escaping @Sendable ([Value?], ExpressionContext) throws(PrivataError) -> Value?
  ) -> Operator {
    variadic(count...count, body)
  }

  /// An operator whose number of operands lies within bounds.
  static func variadic(
    _ counts: ClosedRange<Int>,
    _ body: @escaping @Sendable ([Value?], ExpressionContext) throws(PrivataError) -> Value?
  ) -> Operator {
    return { (name, operand, compiler) throws(PrivataError) in
      let given = arguments(operand)
      guard counts.contains(given.count) else { throw miscounted(name, counts, given.count) }
      let operands = try compiler.compile(all: given)
      return { (context) throws(PrivataError) in
        var values: [Value?] = []
        values.reserveCapacity(operands.count)
        for operand in operands { values.append(try operand(context)) }
        return try body(values, context)
      }
    }
  }

  /// An operator of one operand.
  static func unary(
    _ body: @escaping @Sendable (Value?, ExpressionContext) throws(PrivataError) -> Value?
  ) -> Operator {
    return { (name, operand, compiler) throws(PrivataError) in
      let given = arguments(operand)
      guard given.count == 1 else { throw miscounted(name, 1...1, given.count) }
      let evaluator = try compiler.compile(given[0])
      return { (context) throws(PrivataError) in try body(try evaluator(context), context) }
    }
  }

  /// An operator of one operand that answers null for null and missing.
  static func nullable(
    _ body: @escaping @Sendable (Value, ExpressionContext) throws(PrivataError) -> Value?
  ) -> Operator {
    unary { (value, context) throws(PrivataError) in
      guard let value, !value.isNull else { return .null }
      return try body(value, context)
    }
  }

  /// An operator whose operand is a document of named operands; `required` and `optional` are their
  /// names, any other is refused.
  static func named(
    _ required: [String], optional: [String] = [],
    _ body: @escaping @Sendable (NamedOperands, ExpressionContext) throws(PrivataError) -> Value?
  ) -> Operator {
    return { (name, operand, compiler) throws(PrivataError) in
      let document = try fields(of: name, operand, required, optional)
      var operands: [String: Evaluator] = [:]
      for element in document.elements {
        operands[element.key] = try compiler.compile(element.value)
      }
      return { [operands] (context) throws(PrivataError) in
        try body(NamedOperands(name: name, evaluators: operands, context: context), context)
      }
    }
  }

  /// The document of an operator's named operands, checked for their names.
  static func fields(
    of name: String, _ operand: Value, _ required: [String], _ optional: [String]
  ) throws(PrivataError) -> Document {
    guard case .document(let document) = operand else {
      throw .rejected(9, "\(name) only supports an object as its argument")
    }
    for key in document.keys where !required.contains(key) && !optional.contains(key) {
      throw .rejected(9, "Unrecognized argument to \(name): \(key)")
    }
    for key in required where !document.contains(key) {
      throw .rejected(9, "Missing '\(key)' parameter to \(name)")
    }
    return document
  }

  static func miscounted(_ name: String, _ counts: ClosedRange<Int>, _ count: Int) -> PrivataError {
    let wanted =
      counts.lowerBound == counts.upperBound
      ? "exactly \(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
    let code = counts.lowerBound == counts.upperBound ? 16020 : 28667
    return .rejected(code, "Expression \(name) takes \(wanted) arguments. \(count) were passed in.")
  }
}

/// The operands of an operator that names them, evaluated when asked for.
struct NamedOperands {
  let name: String
  let evaluators: [String: Evaluator]
  let context: ExpressionContext

  /// The operand's value, `nil` where it is not given or missing.
  subscript(key: String) -> Value? {
    get throws(PrivataError) {
      guard let evaluator = evaluators[key] else { return nil }
      return try evaluator(context)
    }
  }

  /// True where the operand is given.
  func has(_ key: String) -> Bool { evaluators[key] != nil }
}
