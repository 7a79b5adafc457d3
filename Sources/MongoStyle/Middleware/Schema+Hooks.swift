public import PrivataCore

extension Schema {
  /// Runs before an operation of a document (or subdocument).
  ///
  /// ```swift
  /// schema.pre(.save) { user in user["slug"] = .string(slug(user.text("name"))) }
  /// ```
  public mutating func pre(
    _ operations: DocumentOperation...,
    body: @escaping @Sendable (MongoDocument) async throws -> Void
  ) {
    for operation in operations {
      hooks.append(.beforeDocument(operation) { document, _ in try await body(document) })
    }
  }

  /// Runs after an operation of a document that succeeded.
  public mutating func post(
    _ operations: DocumentOperation...,
    body: @escaping @Sendable (MongoDocument) async throws -> Void
  ) {
    for operation in operations { hooks.append(.afterDocument(operation, body)) }
  }

  /// Runs after an operation of a document that failed; may throw another error in its place.
  public mutating func onError(
    _ operations: DocumentOperation...,
    body: @escaping @Sendable (any Error, MongoDocument) async throws -> Void
  ) {
    for operation in operations { hooks.append(.documentError(operation, body)) }
  }

  /// Runs before a stored document is turned into a ``MongoDocument``.
  public mutating func preInit(_ body: @escaping @Sendable (inout Document) throws -> Void) {
    hooks.append(.beforeInit(body))
  }

  /// Runs after a stored document was turned into a ``MongoDocument``.
  public mutating func postInit(_ body: @escaping @Sendable (MongoDocument) throws -> Void) {
    hooks.append(.afterInit(body))
  }

  /// Runs before a query, which it may change.
  ///
  /// ```swift
  /// schema.pre(query: .find, .findOne) { query in query.merge(["deletedAt": nil]) }
  /// ```
  public mutating func pre(
    query operations: QueryOperation...,
    body: @escaping @Sendable (inout QueryPlan) async throws -> Void
  ) {
    for operation in operations { hooks.append(.beforeQuery(operation, body)) }
  }

  /// Runs after a query with its answer, which it may replace.
  public mutating func post(
    query operations: QueryOperation...,
    body: @escaping @Sendable (QueryPlan, inout QueryAnswer) async throws -> Void
  ) {
    for operation in operations { hooks.append(.afterQuery(operation, body)) }
  }

  /// Runs after a query that failed; may throw another error in its place.
  public mutating func onError(
    query operations: QueryOperation...,
    body: @escaping @Sendable (any Error, QueryPlan) async throws -> Void
  ) {
    for operation in operations { hooks.append(.queryError(operation, body)) }
  }

  /// Runs before an aggregation, whose pipeline it may change.
  public mutating func preAggregate(
    _ body: @escaping @Sendable (inout AggregatePlan) async throws -> Void
  ) { hooks.append(.beforeAggregate(body)) }

  /// Runs after an aggregation with its rows.
  public mutating func postAggregate(
    _ body: @escaping @Sendable (AggregatePlan, inout [Document]) async throws -> Void
  ) { hooks.append(.afterAggregate(body)) }

  /// Runs after an aggregation that failed.
  public mutating func onAggregateError(
    _ body: @escaping @Sendable (any Error, AggregatePlan) async throws -> Void
  ) { hooks.append(.aggregateError(body)) }

  /// Runs before `insertMany`, whose documents it may change.
  public mutating func preInsertMany(
    _ body: @escaping @Sendable (MongoModel, inout [Document]) async throws -> Void
  ) { hooks.append(.beforeInsertMany(body)) }

  /// Runs after `insertMany`.
  public mutating func postInsertMany(
    _ body: @escaping @Sendable (MongoModel, InsertManyAnswer) async throws -> Void
  ) { hooks.append(.afterInsertMany(body)) }

  /// Runs after an `insertMany` that failed.
  public mutating func onInsertManyError(
    _ body: @escaping @Sendable (any Error, MongoModel) async throws -> Void
  ) { hooks.append(.insertManyError(body)) }

  /// Runs before `bulkWrite`, whose operations it may change.
  public mutating func preBulkWrite(
    _ body: @escaping @Sendable (MongoModel, inout [BulkOperation]) async throws -> Void
  ) { hooks.append(.beforeBulkWrite(body)) }

  /// Runs after `bulkWrite`.
  public mutating func postBulkWrite(
    _ body: @escaping @Sendable (MongoModel, BulkWriteResult) async throws -> Void
  ) { hooks.append(.afterBulkWrite(body)) }

  /// Runs after a `bulkWrite` that failed.
  public mutating func onBulkWriteError(
    _ body: @escaping @Sendable (any Error, MongoModel) async throws -> Void
  ) { hooks.append(.bulkWriteError(body)) }
}
