internal import PrivataCore

/// Casts an update to a schema, as Mongoose does at execution: top-level fields become `$set`, every
/// operand is cast by its path, unknown and immutable paths follow strict mode.
struct UpdateCast {
  let schema: CompiledSchema
  /// The strict mode of the operation; the schema's own where `nil`.
  var strict: StrictMode?
  var isUpsert = false
  var overwritesDiscriminatorKey = false
  var overwritesImmutable = false
  var arrayFilters: [Document] = []
  /// Collects all cast errors in place of throwing the first.
  var collectsErrors = false
  var filter = Document()
  /// What rules of immutable paths see.
  var query: QueryPlan?

  init(_ schema: CompiledSchema) { self.schema = schema }

  static let operators: Set<String> = [
    "$currentDate", "$inc", "$min", "$max", "$mul", "$rename", "$set", "$setOnInsert", "$unset",
    "$addToSet", "$pop", "$pull", "$push", "$pullAll", "$bit",
  ]

  /// The update cast; empty where nothing is left to do.
  ///
  /// - Throws: ``CastError``, ``StrictModeError``, ``UsageError``, ``ValidationError``.
  func cast(_ update: Document) throws -> Document {
    if let chosen = discriminatorSchema(update), chosen !== schema {
      var other = UpdateCast(chosen)
      other.take(self)
      return try other.castOperators(update)
    }
    return try castOperators(update)
  }

  private mutating func take(_ other: UpdateCast) {
    strict = other.strict
    isUpsert = other.isUpsert
    overwritesDiscriminatorKey = other.overwritesDiscriminatorKey
    overwritesImmutable = other.overwritesImmutable
    arrayFilters = other.arrayFilters
    collectsErrors = other.collectsErrors
    filter = other.filter
    query = other.query
  }

  /// The sub-schema that the filter names, or the update where it may change the key.
  private func discriminatorSchema(_ update: Document) -> CompiledSchema? {
    guard !schema.discriminators.isEmpty else { return nil }
    let key = schema.options.discriminatorKey
    if let value = filter[key], let found = schema.discriminator(for: value) { return found }
    guard overwritesDiscriminatorKey else { return nil }
    return schema.discriminator(for: update[key] ?? update["$set"]?.asDocument?[key])
  }

  private func castOperators(_ update: Document) throws -> Document {
    var operators = UpdateCast.grouped(isUpsert ? try movingImmutable(update) : update)
    for (index, element) in operators.elements.enumerated().reversed() {
      guard let operand = UpdateCast.operand(element.value) else {
        throw UsageError(
          "Invalid atomic update value for \(element.key). Expected an object, received "
            + element.value.javaScriptTypeName, name: "Error")
      }
      let walked = try UpdateWalk(self, element.key).walk(operand)
      var elements = operators.elements
      elements[index].value = .document(walked.operand)
      operators = Document(elements)
    }
    let kept = Document(
      operators.elements.filter { !($0.value.asDocument?.isEmpty ?? false) })
    if kept.isEmpty, isUpsert, !filter.isEmpty { return ["$setOnInsert": .document(filter)] }
    return kept
  }

  /// An operand as an object; a list is one of its positions.
  private static func operand(_ value: Value) -> Document? {
    switch value {
    case .document(let document): document
    case .array(let items):
      Document(items.enumerated().map { Document.Element(key: String($0), value: $1) })
    default: nil
    }
  }

  /// The update with its top-level fields under `$set`; what stands there already wins.
  static func grouped(_ update: Document) -> Document {
    var result = Document(update.elements.filter { operators.contains($0.key) })
    let fields = update.elements.filter { !operators.contains($0.key) }
    guard !fields.isEmpty else { return result }
    var set = result["$set"]?.asDocument ?? Document()
    // Mongoose walks operands from their end and builds this one from the end too.
    for element in fields.reversed() { set[element.key] = element.value }
    result["$set"] = .document(set)
    return result
  }

  /// For upserts: what may not change goes to the inserted document only.
  private func movingImmutable(_ update: Document) throws -> Document {
    var result = update
    var moved = update["$setOnInsert"]?.asDocument ?? Document()
    var hasMoved = false
    func isImmutable(_ key: String) throws -> Bool {
      guard let rule = schema.path(key)?.options.immutable else { return false }
      if case .when(let condition) = rule {
        return try condition(RuleContext(document: nil, query: query, path: key))
      }
      return true
    }
    if case .document(var set)? = update["$set"] {
      for element in set.elements where try isImmutable(element.key) {
        moved[element.key] = element.value
        set[element.key] = nil
        hasMoved = true
      }
      result["$set"] = .document(set)
    }
    for element in update.elements
    where !element.key.isOperator {
      guard try isImmutable(element.key) else { continue }
      moved[element.key] = element.value
      result[element.key] = nil
      hasMoved = true
    }
    if hasMoved { result["$setOnInsert"] = .document(moved) }
    return result
  }

  /// The stages of an update pipeline, checked but not cast.
  static func castPipeline(_ stages: [Document]) throws -> [Document] {
    for stage in stages {
      for element in stage.elements { try check(element) }
    }
    return stages
  }

  private static func check(_ stage: Document.Element) throws {
    switch stage.key {
    case "$unset":
      let names = stage.value.asArray ?? [stage.value]
      guard names.allSatisfy({ $0.asString != nil }) else {
        throw UsageError(
          "Invalid $unset in pipeline, must be a string or an array of strings")
      }
    case "$project", "$addFields", "$set", "$replaceRoot", "$replaceWith":
      guard case .document = stage.value else {
        throw UsageError("Invalid \(stage.key) in pipeline, must be an object")
      }
    default: throw UsageError("Invalid update pipeline operator: \"\(stage.key)\"")
    }
  }
}
