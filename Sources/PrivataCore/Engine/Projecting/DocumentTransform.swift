/// A pipeline stage that turns each document into one other: `$set`, `$project`, `$replaceRoot`...
/// The stages that updates may use.
enum DocumentTransform: Sendable {
  case projection(ProjectionPlan)
  case root(Evaluator)

  /// The transform of a stage; `nil` for stages of other kinds.
  init?(stage name: String, _ value: Value, variables: [String] = []) throws(PrivataError) {
    switch name {
    case "$addFields", "$set":
      self = .projection(try Self.plan(name, value, .addFields, variables))
    case "$project":
      self = .projection(try Self.plan(name, value, .project, variables))
    case "$unset": self = .projection(try Self.unset(value))
    case "$replaceRoot":
      guard case .document(let document) = value else {
        throw .rejected(40229, "expected an object as specification for $replaceRoot stage")
      }
      guard let root = document["newRoot"], document.count == 1 else {
        let isMissing = document.isEmpty
        throw .rejected(isMissing ? 40414 : 40415, "$replaceRoot knows newRoot and nothing else")
      }
      self = .root(try ExpressionCompiler(scope: variables).compile(root))
    case "$replaceWith": self = .root(try ExpressionCompiler(scope: variables).compile(value))
    default: return nil
    }
  }

  private static func plan(
    _ name: String, _ value: Value, _ dialect: ProjectionPlan.Dialect, _ variables: [String]
  ) throws(PrivataError) -> ProjectionPlan {
    guard case .document(let document) = value else {
      throw .rejected(
        dialect == .project ? 15969 : 40272, "\(name) specification must be an object")
    }
    guard !document.isEmpty || dialect == .addFields else {
      throw .rejected(
        51272, "Invalid $project: projection specification must have at least one field")
    }
    return try ProjectionPlan(document, dialect: dialect, variables: variables)
  }

  private static func unset(_ value: Value) throws(PrivataError) -> ProjectionPlan {
    let names: [Value]
    switch value {
    case .array(let values): names = values
    case .string: names = [value]
    default: throw .rejected(31002, "$unset specification must be a string or an array")
    }
    var document = Document()
    for name in names {
      guard let path = name.asString else {
        throw .rejected(31120, "$unset takes a field or a list of fields, all strings")
      }
      guard !path.isEmpty else { throw .rejected(40352, "FieldPath cannot be constructed empty") }
      document.append(path, .bool(false))
    }
    guard !document.isEmpty else {
      throw .rejected(
        31119, "$unset specification must be a string or an array with at least one field")
    }
    return try ProjectionPlan(document, dialect: .project)
  }

  /// The document that the stage makes of the context's root.
  func apply(_ context: ExpressionContext) throws(PrivataError) -> Document {
    switch self {
    case .projection(let plan): return try plan.apply(context)
    case .root(let evaluator):
      guard case .document(let document)? = try evaluator(context) else {
        throw .rejected(40228, "'newRoot' expression must evaluate to an object")
      }
      return document
    }
  }
}
