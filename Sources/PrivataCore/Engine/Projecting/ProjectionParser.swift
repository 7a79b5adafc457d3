/// Reads a projection document and refuses what MongoDB refuses.
struct ProjectionParser {
  let dialect: ProjectionPlan.Dialect
  let variables: [String]
  var fields = ProjectionPlan.Fields()
  var positional: DottedPath?
  private var inclusion: Bool?
  private var id: Bool?
  private var hasElementMatch = false

  /// A parser of a dialect.
  init(dialect: ProjectionPlan.Dialect, variables: [String]) {
    self.dialect = dialect
    self.variables = variables
  }

  /// What the projection does with fields that it does not name; `_id` is settled here too.
  mutating func settledMode() -> ProjectionPlan.Mode {
    if dialect == .addFields { return .addition }
    let isInclusion = inclusion ?? (id == true || hasElementMatch)
    if fields["_id"] == nil {
      if isInclusion, id != false { fields["_id"] = .keep }
      if !isInclusion, id == false { fields["_id"] = .drop }
    }
    return isInclusion ? .inclusion : .exclusion
  }

  /// Reads the fields of a projection, or of a document nested in it.
  mutating func read(_ document: Document, at prefix: [String]) throws(PrivataError) {
    for element in document.elements {
      try read(element.key, element.value, at: prefix)
    }
  }

  private mutating func read(
    _ key: String, _ value: Value, at prefix: [String]
  ) throws(PrivataError) {
    if dialect == .find, key.hasSuffix(".$") { return try readPositional(key, value, prefix) }
    guard !key.isEmpty else {
      throw .rejected(40352, "FieldPath cannot be constructed with empty string")
    }
    let parts = prefix + (try ExpressionCompiler.checked(key)).parts
    if dialect == .addFields { return try readAddition(parts, value) }
    switch value {
    case .bool, .int32, .int64, .double, .decimal: try readFlag(parts, value.isTruthy)
    case .document(let document): try readDocument(parts, document)
    default:
      try setInclusion(true, parts, isComputed: true)
      try insert(.computed(try compile(value)), parts)
    }
  }

  private func compile(_ value: Value) throws(PrivataError) -> Evaluator {
    try ExpressionCompiler(scope: variables).compile(value)
  }

  private mutating func readFlag(_ parts: [String], _ isKept: Bool) throws(PrivataError) {
    if parts == ["_id"] {
      id = isKept
      return
    }
    try setInclusion(isKept, parts)
    try insert(isKept ? .keep : .drop, parts)
  }

  private mutating func setInclusion(
    _ isKept: Bool, _ parts: [String], isComputed: Bool = false
  ) throws(PrivataError) {
    if parts.first == "_id" {
      if inclusion == nil { inclusion = isKept }
      return
    }
    guard let inclusion else {
      self.inclusion = isKept
      return
    }
    guard inclusion == isKept else {
      let field = parts.joined(separator: ".")
      throw isKept
        ? .rejected(
          isComputed ? 31252 : 31253,
          "Cannot do inclusion on field \(field) in exclusion projection", fields: [field])
        : .rejected(
          31254, "Cannot do exclusion on field \(field) in inclusion projection", fields: [field])
    }
  }

  private mutating func readDocument(
    _ parts: [String], _ document: Document
  ) throws(PrivataError) {
    guard let first = document.elements.first else {
      throw .rejected(
        51270, "An empty sub-projection is not a valid value",
        fields: [parts.joined(separator: ".")])
    }
    guard first.key.hasPrefix("$") else { return try read(document, at: parts) }
    if dialect == .find, try readFindOperator(parts, first, document) { return }
    // Only `find` has $elemMatch, but $project knows that it is none of its own.
    if document.count == 1, !ExpressionCompiler.isKnown(first.key), first.key != "$elemMatch" {
      throw .rejected(31325, "Unknown expression \(first.key)", as: .unknownOperator)
    }
    try setInclusion(true, parts, isComputed: true)
    try insert(.computed(try compile(.document(document))), parts)
  }

  /// `$slice`, `$elemMatch` and `$meta`, which only `find` has.
  private mutating func readFindOperator(
    _ parts: [String], _ operator: Document.Element, _ document: Document
  ) throws(PrivataError) -> Bool {
    let field = parts.joined(separator: ".")
    switch `operator`.key {
    case "$slice":
      if case .array(let values) = `operator`.value, values.first?.isNumber != true {
        // With an array first it is the expression of that name.
        return false
      }
      try insert(try slice(`operator`.value, field), parts)
    case "$elemMatch":
      guard parts.count == 1 else {
        throw .rejected(
          31275, "Cannot use $elemMatch projection on a nested field", fields: [field])
      }
      guard case .document(let condition) = `operator`.value else {
        throw .rejected(31274, "elemMatch: Invalid argument, object required", fields: [field])
      }
      guard positional == nil else {
        throw .rejected(31255, "Cannot specify positional operator and $elemMatch", fields: [field])
      }
      hasElementMatch = true
      try insert(.element(try elementMatch(condition)), parts)
    case "$meta":
      guard `operator`.value == .string("textScore") else {
        throw .rejected(17308, "$meta knows 'textScore' only on this store", fields: [field])
      }
      try insert(.computed { .double($0.textScore) }, parts)
    default: return false
    }
    return true
  }

  private func slice(_ value: Value, _ field: String) throws(PrivataError) -> ProjectionPlan.Node {
    switch value {
    case .array(let values):
      guard values.count > 1 else {
        throw .rejected(28667, "$slice takes two or three arguments", fields: [field])
      }
      guard values.count == 2, let first = values[0].exactInteger,
        let count = values[1].truncated, count > 0
      else {
        throw .rejected(28724, "First argument to $slice must be an array", fields: [field])
      }
      return .slice(Int(first), Int(count))
    case let value where value.isNumber:
      return .slice(Int(clamping: value.truncated ?? 0), nil)
    default: throw .rejected(28667, "Invalid $slice syntax", fields: [field])
    }
  }

  /// Conditions on elements: operators on the elements themselves, or a filter of documents.
  private func elementMatch(_ condition: Document) throws(PrivataError) -> MatchExpression {
    var parser = MatchParser()
    let predicate = try parser.operators("_", ["$elemMatch": .document(condition)])
    return .field(DottedPath("_"), predicate)
  }

  private mutating func readPositional(
    _ key: String, _ value: Value, _ prefix: [String]
  ) throws(PrivataError) {
    let path = String(key.dropLast(2))
    guard positional == nil else {
      throw .rejected(31276, "Cannot specify more than one positional projection per query.")
    }
    guard !hasElementMatch else {
      throw .rejected(31256, "Cannot specify positional operator and $elemMatch", fields: [path])
    }
    guard value.isTruthy else {
      throw .rejected(31395, "positional projection cannot be used with exclusion", fields: [path])
    }
    let checked = try ExpressionCompiler.checked(path)
    positional = checked
    try readFlag(prefix + checked.parts, true)
  }

  private mutating func readAddition(
    _ parts: [String], _ value: Value
  ) throws(PrivataError) {
    if case .document(let document) = value {
      guard let first = document.elements.first else {
        throw .rejected(
          40180, "An empty object is not a valid value", fields: [parts.joined(separator: ".")])
      }
      if !first.key.hasPrefix("$") { return try read(document, at: parts) }
    }
    try insert(.computed(try compile(value)), parts)
  }

  private mutating func insert(
    _ node: ProjectionPlan.Node, _ parts: [String]
  ) throws(PrivataError) {
    let path = parts.joined(separator: ".")
    guard dialect == .addFields else {
      return try Self.insert(node, parts[...], path, into: &fields)
    }
    do throws(PrivataError) {
      try Self.insert(node, parts[...], path, into: &fields)
    } catch {
      throw .rejected(40176, "specification contains two conflicting paths", fields: [path])
    }
  }

  private static func insert(
    _ node: ProjectionPlan.Node, _ parts: ArraySlice<String>, _ path: String,
    into fields: inout ProjectionPlan.Fields
  ) throws(PrivataError) {
    guard let name = parts.first else { return }
    if parts.count == 1 {
      guard fields[name] == nil else {
        throw .rejected(31250, "Path collision at \(path)", fields: [path])
      }
      fields[name] = node
      return
    }
    var inner: ProjectionPlan.Fields
    switch fields[name] {
    case nil: inner = ProjectionPlan.Fields()
    case .fields(let existing)?: inner = existing
    default: throw .rejected(31249, "Path collision at \(path)", fields: [path])
    }
    try insert(node, parts.dropFirst(), path, into: &inner)
    fields[name] = .fields(inner)
  }
}
