public import PrivataCore

extension MemoryStore: AggregationHost {
  /// Runs a pipeline over a model's records.
  ///
  /// - Throws: `unsupported` for stages that need a MongoDB server, what the stages throw.
  public func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try await Aggregation(stages, on: model, options: options).run(on: self)
  }

  package func model(
    ofCollection collection: String, beside model: ModelSchema
  ) async throws(PrivataError) -> ModelSchema? {
    state.snapshot.model(ofCollection: collection, beside: model)
  }
}

extension MemoryTransaction: AggregationHost {
  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try await Aggregation(stages, on: model, options: options).run(on: self)
  }

  func model(
    ofCollection collection: String, beside model: ModelSchema
  ) async throws(PrivataError) -> ModelSchema? {
    try current().model(ofCollection: collection, beside: model)
  }
}

extension MemoryState {
  fileprivate func model(
    ofCollection collection: String, beside model: ModelSchema
  ) -> ModelSchema? {
    tables.values.first {
      $0.model.collection == collection && $0.model.namespace == model.namespace
    }?.model
  }
}
