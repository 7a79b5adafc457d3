public import PrivataCore

/// A query as a value: a chain builds it, `exec()` runs it, as often as you like.
///
/// ```swift
/// let patients = try await User.find(["role": "patient"])
///   .where("age").gte(18).sort(["createdAt": -1]).limit(10).exec()
/// // find users {role: "patient", age: {$gte: 18}} sort {createdAt: -1} limit 10
/// ```
///
/// The answer's type follows the chain: `lean()` turns documents into plain ones, `orFail()` takes
/// the optional away, `countDocuments()` answers a number.
public struct MongoQuery<Answer: Sendable>: Sendable {
  /// The query without its type.
  public var plan: QueryPlan
  let decode: @Sendable (QueryAnswer) throws -> Answer

  init(_ plan: QueryPlan, _ decode: @escaping @Sendable (QueryAnswer) throws -> Answer) {
    self.plan = plan
    self.decode = decode
  }

  /// Runs the query: hooks before, casting, the store, documents, `populate`, hooks after.
  ///
  /// - Throws: ``CastError``, ``StrictModeError``, ``DocumentNotFoundError`` (each in
  ///   `PrivataError.underlying`), what the store answers and what hooks throw.
  /// - Privacy: reads what filter and projection say; a vault audits it.
  @discardableResult
  public func exec() async throws -> Answer {
    do { return try decode(try await plan.run()) } catch { throw outward(error) }
  }

  /// The same query for code that does not know its answer's type.
  public var erased: MongoQuery<QueryAnswer> { MongoQuery<QueryAnswer>(plan) { $0 } }

  func changed(_ change: (inout QueryPlan) -> Void) -> Self {
    var copy = self
    change(&copy.plan)
    return copy
  }

  func turned<Other>(
    into operation: QueryOperation, _ decode: @escaping @Sendable (QueryAnswer) throws -> Other,
    _ change: (inout QueryPlan) -> Void = { _ in }
  ) -> MongoQuery<Other> {
    var plan = plan
    plan.operation = operation
    change(&plan)
    return MongoQuery<Other>(plan, decode)
  }

  /// A copy that may run where this one did. Queries are values and run as often as you like; in
  /// Mongoose's profile each runs once, and this is the way to run it again.
  public func clone() -> Self {
    changed { if $0.mark != nil { $0.mark = ExecutionMark() } }
  }

  /// Joins another query's conditions, projection, options and update to this one.
  public func merge(_ other: MongoQuery<some Sendable>) -> Self {
    changed { $0.merge(other.plan) }
  }

  /// The conditions as they were given.
  public var filter: Document { plan.filter }

  /// The update as it was given.
  public var update: UpdateForm? { plan.update }

  /// The paths to populate, nested ones with dots.
  public var populatedPaths: [String] { PopulateRequest.paths(plan.populations) }

  /// Runs before this query alone.
  public func pre(_ body: @escaping @Sendable (inout QueryPlan) async throws -> Void) -> Self {
    changed { $0.ownHooks.before.append(body) }
  }

  /// Runs after this query alone.
  public func post(
    _ body: @escaping @Sendable (QueryPlan, QueryAnswer) async throws -> Void
  ) -> Self {
    changed { $0.ownHooks.after.append(body) }
  }

  /// Changes the answer after documents are made and populated, before hooks after the query.
  public func transform<Other>(
    _ body: @escaping @Sendable (Answer) throws -> Other
  ) -> MongoQuery<Other> {
    let decode = decode
    return MongoQuery<Other>(plan) { try body(decode($0)) }
  }

  /// Runs a chain method that the schema states.
  ///
  /// - Throws: `badArgument` where the schema has no such method.
  public func call(_ name: String, _ arguments: Value...) throws -> Self {
    try call(name, arguments)
  }

  /// Runs a chain method that the schema states.
  public func call(_ name: String, _ arguments: [Value]) throws -> Self {
    guard let method = plan.schema.queryHelpers[name] else {
      throw UsageError("The schema has no query method \"\(name)\"").wrapped
    }
    var copy = self
    try method(&copy.plan, arguments)
    return copy
  }
}

extension QueryPlan {
  mutating func merge(_ other: QueryPlan) {
    merge(other.filter)
    for element in other.projection.elements { projection[element.key] = element.value }
    for element in other.wishes.elements { wishes[element.key] = element.value }
    for element in other.sort.elements { sort[element.key] = element.value }
    if let limit = other.settings.limit { settings.limit = limit }
    if let skip = other.settings.skip { settings.skip = skip }
    if let update = other.update { merge(update: update) }
    if let distinct = other.distinctPath { distinctPath = distinct }
    for request in other.populations { add(request) }
    if other.settings.lean != nil { settings.lean = other.settings.lean }
  }
}

// MARK: - Types of answers

extension QueryAnswer {
  var asDocuments: [MongoDocument] { if case .documents(let all) = self { all } else { [] } }
  var asDocument: MongoDocument? { if case .document(let one) = self { one } else { nil } }
  var asPlain: [Document] { if case .plain(let all) = self { all } else { [] } }
  var asPlainDocument: Document? { if case .plainDocument(let one) = self { one } else { nil } }
  var asCount: Int { if case .count(let count) = self { count } else { 0 } }
  var asValues: [Value] { if case .values(let values) = self { values } else { [] } }

  func updateResult() throws -> UpdateResult {
    guard case .update(let result) = self else { return UpdateResult() }
    return result
  }

  func deleteResult() throws -> DeleteResult {
    guard case .delete(let result) = self else { return DeleteResult(deletedCount: 0) }
    return result
  }
}

extension MongoQuery where Answer == [MongoDocument] {
  /// Answers plain documents: nothing is tracked, hidden, computed or filled in.
  public func lean(_ options: LeanOptions = LeanOptions()) -> MongoQuery<[Document]> {
    MongoQuery<[Document]>(changed { $0.settings.lean = options }.plan) { $0.asPlain }
  }
}

extension MongoQuery where Answer == MongoDocument? {
  /// Answers a plain document: nothing is tracked, hidden, computed or filled in.
  public func lean(_ options: LeanOptions = LeanOptions()) -> MongoQuery<Document?> {
    MongoQuery<Document?>(changed { $0.settings.lean = options }.plan) { $0.asPlainDocument }
  }

  /// Fails with ``DocumentNotFoundError`` where nothing matches.
  public func orFail() -> MongoQuery<MongoDocument> { orFail(nil) }

  /// Fails with an error of the program where nothing matches.
  public func orFail(_ error: (@Sendable () -> any Error)?) -> MongoQuery<MongoDocument> {
    let model = plan.model.name
    return MongoQuery<MongoDocument>(changed { $0.transforms.append(.orFail(error)) }.plan) {
      guard let document = $0.asDocument else {
        throw DocumentNotFoundError(model: model, filter: Protected(Document()))
      }
      return document
    }
  }
}

extension MongoQuery where Answer == MongoDocument {
  /// Answers a plain document: nothing is tracked, hidden, computed or filled in.
  public func lean(_ options: LeanOptions = LeanOptions()) -> MongoQuery<Document> {
    let model = plan.model.name
    return MongoQuery<Document>(changed { $0.settings.lean = options }.plan) {
      guard let document = $0.asPlainDocument else {
        throw DocumentNotFoundError(model: model, filter: Protected(Document()))
      }
      return document
    }
  }
}

extension MongoQuery where Answer == Document? {
  /// Fails with ``DocumentNotFoundError`` where nothing matches.
  public func orFail() -> MongoQuery<Document> {
    let model = plan.model.name
    return MongoQuery<Document>(changed { $0.transforms.append(.orFail(nil)) }.plan) {
      guard let document = $0.asPlainDocument else {
        throw DocumentNotFoundError(model: model, filter: Protected(Document()))
      }
      return document
    }
  }
}

extension MongoQuery where Answer == QueryAnswer {
  /// Answers plain documents.
  public func lean(_ options: LeanOptions? = LeanOptions()) -> Self {
    changed { $0.settings.lean = options }
  }
}

extension MongoQuery {
  /// Fails with ``DocumentNotFoundError``, or an error of the program, where nothing matches: an
  /// empty list, nothing updated or deleted.
  @_disfavoredOverload
  public func orFail(_ error: (@Sendable () -> any Error)? = nil) -> Self {
    changed { $0.transforms.append(.orFail(error)) }
  }
}
