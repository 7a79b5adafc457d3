/// MongoDB's `$jsonSchema`: JSON Schema draft 4 with `bsonType`.
///
/// Keywords outside draft 4's core (`$ref`, `definitions`, `default`, `format`) are refused, as
/// MongoDB refuses them.
struct JSONSchema: Sendable {
  private var types: TypeSet?
  private var allowed: [Value]?
  private var properties: [(String, JSONSchema)] = []
  private var patternProperties: [(Pattern, JSONSchema)] = []
  private var additional: Additional = .allowed
  private var required: [String] = []
  private var dependencies: [(String, Dependency)] = []
  private var propertyCount = Bounds()
  private var items: Items?
  private var itemCount = Bounds()
  private var hasUniqueItems = false
  private var length = Bounds()
  private var pattern: Pattern?
  private var bounds: [(Filter.Comparison, Value)] = []
  private var multipleOf: Value?
  private var allOf: [JSONSchema] = []
  private var anyOf: [JSONSchema] = []
  private var oneOf: [JSONSchema] = []
  private var not: [JSONSchema] = []

  /// How many there may be.
  private struct Bounds: Sendable {
    var least = 0
    var most = Int.max

    func contain(_ count: Int) -> Bool { count >= least && count <= most }
  }

  private indirect enum Additional: Sendable { case allowed, refused, schema(JSONSchema) }
  private indirect enum Items: Sendable {
    case each(JSONSchema)
    case positions([JSONSchema], Additional)
  }
  private indirect enum Dependency: Sendable { case keys([String]), schema(JSONSchema) }

  /// Compiles a schema.
  init(_ schema: Document) throws(PrivataError) {
    for element in schema.elements { try read(element.key, element.value, schema) }
  }

  /// True where the document is valid.
  func matches(_ document: Document, _ order: ValueOrder) throws(PrivataError) -> Bool {
    accepts(.document(document), order)
  }

  /// True where the value is valid.
  func accepts(_ value: Value, _ order: ValueOrder) -> Bool {
    if let types, !types.contains(value) { return false }
    if let allowed, !allowed.contains(where: { order.equal($0, value) }) { return false }
    guard allOf.allSatisfy({ $0.accepts(value, order) }),
      anyOf.isEmpty || anyOf.contains(where: { $0.accepts(value, order) }),
      oneOf.isEmpty || oneOf.count(where: { $0.accepts(value, order) }) == 1,
      !not.contains(where: { $0.accepts(value, order) })
    else { return false }
    switch value {
    case .document(let document): return acceptsObject(document, order)
    case .array(let values): return acceptsArray(values, order)
    case .string(let text):
      return length.contain(text.unicodeScalars.count) && pattern?.matches(text) ?? true
    case let value where value.isNumber: return acceptsNumber(value, order)
    default: return true
    }
  }

  private func acceptsNumber(_ value: Value, _ order: ValueOrder) -> Bool {
    guard bounds.allSatisfy({ $0.0.holds(value, $0.1, order) }) else { return false }
    guard let multipleOf else { return true }
    return Arithmetic.remainder(value, multipleOf).map { !$0.isTruthy } ?? true
  }

  private func acceptsObject(_ document: Document, _ order: ValueOrder) -> Bool {
    let elements = document.elements
    guard propertyCount.contain(elements.count) else { return false }
    for key in required where !document.contains(key) { return false }
    for (name, schema) in properties {
      if let value = document[name], !schema.accepts(value, order) { return false }
    }
    for (name, dependency) in dependencies where document.contains(name) {
      switch dependency {
      case .keys(let keys): if !keys.allSatisfy(document.contains) { return false }
      case .schema(let schema): if !schema.accepts(.document(document), order) { return false }
      }
    }
    for element in elements {
      let matching = patternProperties.filter { $0.0.matches(element.key) }
      guard matching.allSatisfy({ $0.1.accepts(element.value, order) }) else { return false }
      if !matching.isEmpty || properties.contains(where: { $0.0 == element.key }) { continue }
      switch additional {
      case .allowed: break
      case .refused: return false
      case .schema(let schema): if !schema.accepts(element.value, order) { return false }
      }
    }
    return true
  }

  private func acceptsArray(_ values: [Value], _ order: ValueOrder) -> Bool {
    guard itemCount.contain(values.count) else { return false }
    if hasUniqueItems {
      for (index, value) in values.enumerated()
      where values[..<index].contains(where: { order.equal($0, value) }) { return false }
    }
    switch items {
    case nil: return true
    case .each(let schema): return values.allSatisfy { schema.accepts($0, order) }
    case .positions(let schemas, let rest):
      for (index, value) in values.enumerated() {
        if index < schemas.count {
          if !schemas[index].accepts(value, order) { return false }
        } else {
          switch rest {
          case .allowed: return true
          case .refused: return false
          case .schema(let schema): if !schema.accepts(value, order) { return false }
          }
        }
      }
      return true
    }
  }
}

// MARK: - Compiling

extension JSONSchema {
  private mutating func read(
    _ key: String, _ value: Value, _ schema: Document
  ) throws(PrivataError) {
    switch key {
    case "bsonType": types = try TypeSet(value, operator: key)
    case "type": types = try Self.jsonTypes(value)
    case "enum": allowed = try Self.array(key, value)
    case "title", "description":
      guard case .string = value else { throw Self.mistyped(key) }
    case "minimum", "maximum": try readBound(key, value, schema)
    case "exclusiveMinimum", "exclusiveMaximum":
      guard schema.contains(key == "exclusiveMinimum" ? "minimum" : "maximum") else {
        throw .rejected(9, "$jsonSchema keyword '\(key)' needs the bound that it is about")
      }
      guard case .bool = value else { throw Self.mistyped(key) }
    case "multipleOf":
      guard value.isNumber else { throw Self.mistyped(key) }
      guard Value.order(value, 0) > 0 else {
        throw .rejected(9, "$jsonSchema keyword 'multipleOf' must have a positive value")
      }
      multipleOf = value
    case "minLength", "maxLength": try Self.bound(&length, key, value)
    case "minItems", "maxItems": try Self.bound(&itemCount, key, value)
    case "minProperties", "maxProperties": try Self.bound(&propertyCount, key, value)
    case "pattern":
      guard let text = value.asString else { throw Self.mistyped(key) }
      pattern = try Pattern(text)
    case "uniqueItems":
      guard let flag = value.asBool else { throw Self.mistyped(key) }
      hasUniqueItems = flag
    case "allOf": allOf = try Self.schemas(key, value)
    case "anyOf": anyOf = try Self.schemas(key, value)
    case "oneOf": oneOf = try Self.schemas(key, value)
    case "not": not = [try Self.schema(key, value)]
    default: try readStructure(key, value, schema)
    }
  }

  private mutating func readStructure(
    _ key: String, _ value: Value, _ schema: Document
  ) throws(PrivataError) {
    switch key {
    case "required": required = try Self.strings(key, value)
    case "properties":
      for element in try Self.document(key, value).elements {
        properties.append((element.key, try Self.schema(element.key, element.value)))
      }
    case "patternProperties":
      for element in try Self.document(key, value).elements {
        patternProperties.append(
          (try Self.namePattern(element.key), try Self.schema(element.key, element.value)))
      }
    case "additionalProperties": additional = try Self.additional(key, value)
    case "dependencies":
      for element in try Self.document(key, value).elements {
        let dependency: Dependency =
          if case .array = element.value { .keys(try Self.strings(key, element.value)) } else {
            .schema(try Self.schema(key, element.value))
          }
        dependencies.append((element.key, dependency))
      }
    case "items":
      if case .array(let list) = value {
        let rest = try schema["additionalItems"].map { (value) throws(PrivataError) in
          try Self.additional("additionalItems", value)
        }
        items = .positions(try Self.schemas(key, .array(list)), rest ?? .allowed)
      } else {
        items = .each(try Self.schema(key, value))
      }
    case "additionalItems": _ = try Self.additional(key, value)
    default: throw .rejected(9, "Unknown $jsonSchema keyword: \(key)")
    }
  }

  private mutating func readBound(
    _ key: String, _ value: Value, _ schema: Document
  ) throws(PrivataError) {
    guard value.isNumber else { throw Self.mistyped(key) }
    let isLow = key == "minimum"
    let isExclusive = schema[isLow ? "exclusiveMinimum" : "exclusiveMaximum"]?.asBool ?? false
    bounds.append(
      (
        isLow ? (isExclusive ? .greater : .greaterOrEqual) : (isExclusive ? .less : .lessOrEqual),
        value
      ))
  }

  private static func bound(
    _ bounds: inout Bounds, _ key: String, _ value: Value
  ) throws(PrivataError) {
    guard let count = value.exactInteger.map(Int.init), count >= 0 else {
      throw .rejected(9, "$jsonSchema keyword '\(key)' must be a non-negative integer")
    }
    if key.hasPrefix("min") { bounds.least = count } else { bounds.most = count }
  }

  private static func mistyped(_ key: String) -> PrivataError {
    .rejected(14, "$jsonSchema keyword '\(key)' has a value of the wrong type")
  }

  private static func namePattern(_ text: String) throws(PrivataError) -> Pattern {
    do throws(PrivataError) { return try Pattern(text) } catch {
      throw .rejected(2, "Invalid regular expression in $jsonSchema patternProperties")
    }
  }

  private static func document(_ key: String, _ value: Value) throws(PrivataError) -> Document {
    guard case .document(let document) = value else { throw mistyped(key) }
    return document
  }

  private static func array(_ key: String, _ value: Value) throws(PrivataError) -> [Value] {
    guard case .array(let values) = value else { throw mistyped(key) }
    guard !values.isEmpty else {
      throw .rejected(
        ["allOf", "anyOf", "oneOf"].contains(key) ? 2 : 9,
        "$jsonSchema keyword '\(key)' cannot be an empty array")
    }
    return values
  }

  private static func strings(_ key: String, _ value: Value) throws(PrivataError) -> [String] {
    let values = try array(key, value)
    let strings = values.compactMap(\.asString)
    guard strings.count == values.count else { throw mistyped(key) }
    return strings
  }

  private static func schema(_ key: String, _ value: Value) throws(PrivataError) -> JSONSchema {
    try JSONSchema(try document(key, value))
  }

  private static func schemas(_ key: String, _ value: Value) throws(PrivataError) -> [JSONSchema] {
    var schemas: [JSONSchema] = []
    if key == "items", value.asArray?.isEmpty == true { return [] }
    for value in try array(key, value) { schemas.append(try schema(key, value)) }
    return schemas
  }

  private static func additional(_ key: String, _ value: Value) throws(PrivataError) -> Additional {
    switch value {
    case .bool(let isAllowed): isAllowed ? .allowed : .refused
    case .document(let document): .schema(try JSONSchema(document))
    default: throw mistyped(key)
    }
  }

  /// JSON's own type names; `integer` is refused, as MongoDB refuses it.
  private static func jsonTypes(_ value: Value) throws(PrivataError) -> TypeSet {
    let names = value.asString.map { [$0] } ?? value.asArray?.compactMap(\.asString) ?? []
    let known = [
      "object": "object", "array": "array", "number": "number", "boolean": "bool",
      "string": "string", "null": "null",
    ]
    let aliases = names.compactMap { known[$0] }
    guard value.asString != nil || value.asArray != nil else { throw mistyped("type") }
    guard !names.isEmpty, aliases.count == names.count else {
      throw .rejected(9, "$jsonSchema type must be one of JSON's types; use bsonType for others")
    }
    return TypeSet(aliases: aliases)
  }
}
