/// Compiles MongoDB's filter language; refuses what a server refuses, with its code.
struct MatchParser {
  let textFields: [String]
  let variables: [String]
  var text: TextSearch?

  /// A parser for a collection whose text index covers these fields.
  init(textFields: [String] = [], variables: [String] = []) {
    self.textFields = textFields
    self.variables = variables
  }

  /// A whole filter: conditions on fields and top-level operators, all of which have to hold.
  mutating func filter(
    _ filter: Document, isTopLevel: Bool = false
  ) throws(PrivataError) -> MatchExpression {
    var all: [MatchExpression] = []
    for element in filter.elements {
      if element.key.hasPrefix("$") {
        all.append(try connective(element.key, element.value, isTopLevel))
      } else {
        all.append(.field(DottedPath(element.key), try field(element.key, element.value)))
      }
    }
    return all.count == 1 ? all[0] : .and(all)
  }

  private mutating func connective(
    _ name: String, _ value: Value, _ isTopLevel: Bool
  ) throws(PrivataError) -> MatchExpression {
    switch name {
    case "$and": return .and(try branches(name, value))
    case "$or":
      let all = try branches(name, value)
      return all.count == 1 ? all[0] : .or(all)
    case "$nor": return .nor(try branches(name, value))
    case "$comment": return .constant(true)
    case "$alwaysTrue", "$alwaysFalse":
      guard value.exactInteger == 1 else { throw .rejected(9, "\(name) must be an integer 1") }
      return .constant(name == "$alwaysTrue")
    case "$sampleRate":
      guard let rate = value.numberAsDouble else {
        throw .rejected(2, "argument to $sampleRate must be a numeric type")
      }
      guard (0...1).contains(rate) else {
        throw .rejected(2, "numeric argument to $sampleRate must be in [0, 1]")
      }
      return .expression(try Expression(["$lt": [["$rand": [:]], .double(rate)]]))
    case "$expr": return .expression(try Expression(value, variables: variables))
    case "$jsonSchema":
      guard case .document(let schema) = value else {
        throw .rejected(14, "$jsonSchema must be an object")
      }
      return .schema(try JSONSchema(schema))
    case "$text": return try textSearch(value)
    case "$where", "$function", "$near", "$nearSphere", "$geoWithin", "$geoIntersects":
      throw Self.unsupported(name)
    default:
      throw .rejected(2, "unknown top level operator: \(name)", as: .unknownOperator)
    }
  }

  private mutating func branches(
    _ name: String, _ value: Value
  ) throws(PrivataError) -> [MatchExpression] {
    guard case .array(let values) = value else { throw .rejected(2, "\(name) must be an array") }
    guard !values.isEmpty else { throw .rejected(2, "$and/$or/$nor must be a nonempty array") }
    var all: [MatchExpression] = []
    for value in values {
      guard case .document(let branch) = value else {
        throw .rejected(2, "$or/$and/$nor entries need to be full objects")
      }
      all.append(try filter(branch))
    }
    return all
  }

  private mutating func textSearch(_ value: Value) throws(PrivataError) -> MatchExpression {
    guard !textFields.isEmpty else { throw .rejected(27, "text index required for $text query") }
    let search = try TextSearch(value, fields: textFields)
    text = search
    return .text(search)
  }

  /// What stands beside a field: operators, a pattern, or a value to be equal to.
  mutating func field(_ path: String, _ value: Value) throws(PrivataError) -> PathPredicate {
    switch value {
    case .regex(let expression): return .value(.pattern(try Pattern(expression), expression))
    case .undefined: throw .rejected(2, "cannot compare to undefined", fields: [path])
    case .document(let document) where document.isOperators:
      return try operators(path, document)
    default: return .value(.compare(.equal, value))
    }
  }

  /// All operators beside one field.
  mutating func operators(_ path: String, _ document: Document) throws(PrivataError)
    -> PathPredicate
  {
    var all: [PathPredicate] = []
    for element in document.elements {
      if let predicate = try self.operator(element.key, element.value, path, document) {
        all.append(predicate)
      }
    }
    return all.count == 1 ? all[0] : .and(all)
  }

  static func unsupported(_ name: String) -> PrivataError {
    PrivataError(.unsupported, "\(name) is answered by MongoDB only, not by this store")
  }
}

extension Document {
  /// True where the document is a set of operators: its first key starts with `$` and it is no
  /// database reference.
  var isOperators: Bool {
    guard let first = elements.first?.key, first.hasPrefix("$") else { return false }
    return !(first == "$ref" || first == "$id" || first == "$db")
  }
}
