public import PrivataCore
internal import PrivataSQL

extension SQLiteStore: AggregatingStore, AggregationHost {
  /// Runs a pipeline: what a query can do goes to SQLite, the rest runs on the caller's task.
  ///
  /// - Throws: `unsupported` for stages that need a MongoDB server, what the stages throw.
  public func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try await Aggregation(stages, on: model, options: options).run(on: self)
  }

  /// Runs a pipeline piece by piece, see ``AggregatingStore``.
  ///
  /// - Throws: as ``aggregate(_:on:options:)``; the pieces what reading and stages throw.
  public func stream(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    try await Aggregation(stages, on: model, options: options)
      .stream(on: self, batchSize: batchSize)
  }

  package func model(
    ofCollection collection: String, beside model: ModelSchema
  ) async throws(PrivataError) -> ModelSchema? {
    try await database.catalog.model(ofCollection: collection, beside: model, in: self)
  }
}

extension SQLiteTransaction: AggregatingStore, AggregationHost {
  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try await Aggregation(stages, on: model, options: options).run(on: self)
  }

  func model(
    ofCollection collection: String, beside model: ModelSchema
  ) async throws(PrivataError) -> ModelSchema? {
    try await catalog.model(ofCollection: collection, beside: model, in: self)
  }
}
