public import PrivataCore

/// A query as a plain value without a type: what hooks see and change, and what a ``MongoQuery``
/// builds. Building never sends anything.
public struct QueryPlan: Sendable {
  /// The model that is asked.
  public let model: MongoModel
  /// What the query does; the last one that the chain names.
  public var operation: QueryOperation
  /// The conditions as they were given; cast when the query runs.
  public var filter: Document
  /// The update or replacement as it was given.
  public var update: UpdateForm?
  /// The projection as it was given, with `-path` and `+path`.
  public var projection = Document()
  /// What the caller asked for, without what the schema adds.
  var wishes = Document()
  /// The order and the options.
  public var sort = Document()
  public var settings = QuerySettings()
  /// The path of `distinct`.
  public var distinctPath: String?
  /// Which hooks of the program run.
  public var hooks: HookChoice = .all
  /// The paths to populate, in order.
  public var populations: [PopulateRequest] = []
  /// The path that the next comparison means.
  var path: String?
  /// What was wrong with the building; thrown when the query runs.
  var problem: (any Error)?
  var hasNullFilter = false
  var transforms: [Transform] = []
  /// Hooks of this query alone.
  var ownHooks = OwnHooks()
  /// Lets the query run but once, where the profile says so.
  var mark: ExecutionMark?

  /// A change of the answer after hydration and population.
  enum Transform: Sendable {
    case orFail((@Sendable () -> any Error)?)
    case map(@Sendable (QueryAnswer) throws -> QueryAnswer)
  }

  struct OwnHooks: Sendable {
    var before: [@Sendable (inout QueryPlan) async throws -> Void] = []
    var after: [@Sendable (QueryPlan, QueryAnswer) async throws -> Void] = []
  }

  init(_ model: MongoModel, _ operation: QueryOperation) {
    self.model = model
    self.operation = operation
    filter = Document()
    if model.schema.options.lean { settings.lean = LeanOptions() }
    if model.connection.profile.runsQueriesOnce { mark = ExecutionMark() }
  }

  var schema: CompiledSchema { model.schema }
}

/// What an update was given as.
public enum UpdateForm: Sendable {
  case document(Document)
  case pipeline([Document])
}

extension QueryPlan {
  /// Adds conditions: a key that is there already is replaced, `$and` and `$or` are joined.
  public mutating func merge(_ conditions: Document) {
    for element in conditions.elements {
      if element.key == "$and" || element.key == "$or",
        case .array(let old)? = filter[element.key], case .array(let new) = element.value
      {
        filter[element.key] = .array(old + new)
      } else {
        filter[element.key] = mergedCondition(filter[element.key], element.value)
      }
    }
  }

  /// Operators on one path add up.
  private func mergedCondition(_ old: Value?, _ new: Value) -> Value {
    guard case .document(let a)? = old, case .document(let b) = new, a.hasOperators, b.hasOperators
    else { return new }
    var merged = a
    for element in b.elements { merged[element.key] = element.value }
    return .document(merged)
  }

  /// Adds conditions given as any value: documents add their keys, an id is one of `_id`, null and
  /// what is no document is refused when the query runs.
  @_disfavoredOverload
  public mutating func merge(_ value: Value) {
    switch value {
    case .undefined: break
    case .document(let conditions): merge(conditions)
    case .objectID: filter["_id"] = value
    case .null: hasNullFilter = true
    default:
      fail(ObjectParameterError(parameter: "filter", function: operation.rawValue))
    }
  }

  mutating func fail(_ error: any Error) { if problem == nil { problem = error } }

  /// Sets a path of the update.
  public mutating func set(_ path: String, _ value: Value) {
    var document = Document()
    if case .document(let current)? = update { document = current }
    document[path] = nil
    var set = document["$set"]?.asDocument ?? Document()
    set[path] = value
    document["$set"] = .document(set)
    update = .document(document)
  }

  /// The value that the update sets at a path.
  public func updateValue(_ path: String) -> Value? {
    guard case .document(let document)? = update else { return nil }
    return document[path] ?? document["$set"]?.asDocument?[path]
  }

  /// Adds an update or replacement to the one that is there.
  mutating func merge(update other: UpdateForm) {
    switch (update, other) {
    case (.document(let old)?, .document(let new)) where !old.isEmpty:
      update = .document(QueryPlan.merged(old, new))
    case (.pipeline(let old)?, .pipeline(let new)): update = .pipeline(old + new)
    case (.pipeline?, .document), (.document?, .pipeline):
      if case .document(let old)? = update, old.isEmpty {
        update = other
      } else {
        fail(UsageError("Cannot mix array and object updates"))
      }
    default: update = other
    }
  }

  private static func merged(_ old: Document, _ new: Document) -> Document {
    var result = old
    for element in new.elements {
      if case .document(let inner)? = result[element.key],
        case .document(let other) = element.value
      {
        result[element.key] = .document(merged(inner, other))
      } else {
        result[element.key] = element.value
      }
    }
    return result
  }

  /// Applies options by Mongoose's names; those that are chain methods too act as such.
  public mutating func setOptions(_ options: Document) {
    for element in options.elements {
      switch element.key {
      case "sort": addSort(element.value)
      case "select", "projection", "fields": select(element.value)
      case "populate": populate(element.value)
      case "middleware": hooks = QueryPlan.hooks(element.value)
      default:
        do { try settings.set(element.key, element.value) } catch { fail(error) }
      }
    }
  }

  private static func hooks(_ value: Value) -> HookChoice {
    guard case .document(let choice) = value else { return value.isTruthy ? .all : .none }
    var hooks = HookChoice.all
    if choice["pre"] == false { hooks.remove(.pre) }
    if choice["post"] == false { hooks.remove(.post) }
    return hooks
  }
}
