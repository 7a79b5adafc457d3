extension ExpressionCompiler {
  /// Documents: merging, taking apart, and reading fields by computed names.
  static let objectOperators: [String: Operator] = [
    "$mergeObjects": variadic(0...Int.max) { (operands, _) throws(PrivataError) in
      var merged = Document()
      // A single array stands for its elements.
      for operand in try spread(operands, 40400) {
        for element in operand.elements { merged[element.key] = element.value }
      }
      return .document(merged)
    },
    "$objectToArray": nullable { (value, _) throws(PrivataError) in
      guard case .document(let document) = value else {
        throw .rejected(40390, "$objectToArray requires a document input, found: \(value.typeName)")
      }
      return .array(document.elements.map { ["k": .string($0.key), "v": $0.value] })
    },
    "$arrayToObject": nullable { (value, _) throws(PrivataError) in
      try .document(object(of: value.items(40386, "$arrayToObject's input")))
    },
    "$getField": getField,
    "$setField": { (name, operand, compiler) throws(PrivataError) in
      try setField(name, operand, compiler, removes: false)
    },
    "$unsetField": { (name, operand, compiler) throws(PrivataError) in
      try setField(name, operand, compiler, removes: true)
    },
    "$bsonSize": nullable { (value, _) throws(PrivataError) in
      guard case .document(let document) = value else {
        throw .rejected(31393, "$bsonSize requires a document input, found: \(value.typeName)")
      }
      return .int(document.bson.count)
    },
    "$binarySize": nullable { (value, _) throws(PrivataError) in
      switch value {
      case .string(let text): return .int(text.utf8.count)
      case .binary(let binary): return .int(binary.bytes.count)
      default:
        throw .rejected(
          51276, "$binarySize requires a string or BinData argument, found: \(value.typeName)")
      }
    },
    "$tsSecond": nullable { (value, _) throws(PrivataError) in
      guard case .timestamp(let stamp) = value else {
        throw .rejected(
          5687301, "$tsSecond requires a timestamp argument, found: \(value.typeName)")
      }
      return .int64(Int64(stamp.seconds))
    },
    "$tsIncrement": nullable { (value, _) throws(PrivataError) in
      guard case .timestamp(let stamp) = value else {
        throw .rejected(
          5687302, "$tsIncrement requires a timestamp argument, found: \(value.typeName)")
      }
      return .int64(Int64(stamp.increment))
    },
  ]

  private static func spread(_ operands: [Value?], _ code: Int) throws(PrivataError) -> [Document] {
    var values = operands
    if operands.count == 1, case .array(let items)? = operands[0] { values = items }
    var documents: [Document] = []
    for value in values {
      guard let value, !value.isNull else { continue }
      guard case .document(let document) = value else {
        throw .rejected(
          code, "$mergeObjects requires object inputs, but input is of type \(value.typeName)")
      }
      documents.append(document)
    }
    return documents
  }

  /// A document of `[key, value]` pairs or of `{k, v}` documents.
  private static func object(of items: [Value]) throws(PrivataError) -> Document {
    var result = Document()
    var isPairs: Bool?
    for item in items {
      let key: Value?
      let value: Value
      switch item {
      case .array(let pair) where isPairs != false:
        guard pair.count == 2 else {
          throw .rejected(40397, "$arrayToObject requires an array of size 2 arrays")
        }
        (key, value) = (pair[0], pair[1])
        isPairs = true
        guard case .string? = key else {
          throw .rejected(
            40395, "$arrayToObject requires an array of key-value pairs whose keys are strings")
        }
      case .document(let document) where isPairs != true:
        guard document.count == 2 else {
          throw .rejected(40392, "$arrayToObject requires an object keys of 'k' and 'v'")
        }
        guard let k = document["k"], let v = document["v"] else {
          throw .rejected(40393, "$arrayToObject requires an object with keys 'k' and 'v'")
        }
        (key, value) = (k, v)
        isPairs = false
        guard case .string? = key else {
          throw .rejected(
            40394, "$arrayToObject requires an object with keys 'k' and 'v', 'k' a string")
        }
      case .array: throw .rejected(40391, "$arrayToObject requires a consistent input format")
      case .document: throw .rejected(40396, "$arrayToObject requires a consistent input format")
      default: throw .rejected(40398, "Unrecognised input type format for $arrayToObject")
      }
      if let name = key?.asString { result[name] = value }
    }
    return result
  }

  private static let getField: Operator = { (name, operand, compiler) throws(PrivataError) in
    var field = operand
    var input: Value = .string("$$CURRENT")
    if case .document(let document) = operand,
      document.contains("field") || document.contains("input")
    {
      try refuseOthers(document, ["field", "input"], 3041701, name)
      guard let given = document["field"] else {
        throw .rejected(3041702, "$getField requires 'field'")
      }
      guard let from = document["input"] else {
        throw .rejected(3041703, "$getField requires 'input'")
      }
      (field, input) = (given, from)
    }
    let key = try fieldName(field, compiler, name)
    let source = try compiler.compile(input)
    return { (context) throws(PrivataError) in
      guard let value = try source(context) else { return nil }
      if value.isNull { return .null }
      return value.asDocument?[key]
    }
  }

  private static func setField(
    _ name: String, _ operand: Value, _ compiler: ExpressionCompiler, removes: Bool
  ) throws(PrivataError) -> Evaluator {
    let document = try object(name, operand, 4161100)
    try refuseOthers(
      document, removes ? ["field", "input"] : ["field", "input", "value"], 4161101, name)
    guard let field = document["field"] else {
      throw .rejected(4161102, "\(name) requires 'field'")
    }
    guard let input = document["input"] else {
      throw .rejected(4161109, "\(name) requires 'input'")
    }
    guard let value = removes ? .null : document["value"] else {
      throw .rejected(4161103, "\(name) requires 'value'")
    }
    let key = try fieldName(field, compiler, name)
    let source = try compiler.compile(input)
    // A field set to a missing value is removed.
    let replacement = try compiler.compile(removes ? .string("$$REMOVE") : value)
    return { (context) throws(PrivataError) in
      guard let value = try source(context), !value.isNull else { return .null }
      guard case .document(var document) = value else {
        throw .rejected(4161105, "\(name) requires 'input' to evaluate to an object")
      }
      document[key] = try replacement(context)
      return .document(document)
    }
  }

  /// A field's name: a text, or a constant expression of one.
  private static func fieldName(
    _ value: Value, _ compiler: ExpressionCompiler, _ name: String
  ) throws(PrivataError) -> String {
    if case .string(let text) = value {
      guard !text.hasPrefix("$") else {
        throw .rejected(
          name == "$getField" ? 5654600 : 4161108,
          "a field path is not allowed for 'field' in \(name); use $literal")
      }
      return text
    }
    if case .document(let document) = value, document.keys.first != "$literal" {
      throw .rejected(
        name == "$getField" ? 5654601 : 4161106, "\(name) requires 'field' to be a constant")
    }
    let constant = try compiler.compile(value)(ExpressionContext(root: [:], order: ValueOrder()))
    guard case .string(let text)? = constant else {
      throw .rejected(
        name == "$getField" ? 5654602 : 4161107,
        "\(name) requires 'field' to evaluate to a constant string")
    }
    return text
  }
}
