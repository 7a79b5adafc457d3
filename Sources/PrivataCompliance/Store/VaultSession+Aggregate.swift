internal import PrivataCore

extension AuditedSession {
  /// Runs a pipeline: on MongoDB where it holds all of the model, with what the vault adds taken away
  /// first; else here, over reads that take the same way as a program's own.
  func run(
    _ stages: [Document], _ separation: Separation, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    if let last = stages.last, last.contains("$out") || last.contains("$merge") {
      throw PrivataError(
        .unsupported,
        """
        a pipeline cannot write out of a vault, where each field of a record has its place: \
        insert what it answers into a model
        """, model: separation.model.name)
    }
    guard separation.shape == .identityOnly, !stages.contains(where: \.leavesTheModel),
      session.identity.traits.kind == .mongo, let store = session.identity as? any AggregatingStore
    else {
      return try await Aggregation(stages, on: separation.model, options: options)
        .run(on: PipelineReads(audited: self))
    }
    var physical = stages
    if let link = separation.link { physical.insert(["$unset": .string(link)], at: 0) }
    return try await store.aggregate(
      physical, on: separation.identity ?? separation.model, options: options)
  }
}

/// The vault as its pipelines see it: each read is checked and audited by itself.
private struct PipelineReads: AggregationHost, StreamingStore {
  let audited: AuditedSession

  var traits: StoreTraits { StoreTraits(kind: .vault, place: "", abilities: []) }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) { throw refusal }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome { throw refusal }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await audited.rows(for: query)
  }

  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    try await audited.stream(query, batchSize: batchSize)
  }

  /// - Throws: `unknownModel` for a collection that no model of the vault names: nothing says how it
  ///   is divided.
  func model(
    ofCollection collection: String, beside model: ModelSchema
  ) async throws(PrivataError) -> ModelSchema? {
    let found = audited.session.core.registry.models.first {
      $0.collection == collection && $0.namespace == model.namespace
    }
    guard let found else {
      throw PrivataError(.unknownModel, "the vault knows no model of the collection \(collection)")
    }
    return found
  }

  private var refusal: PrivataError {
    PrivataError(.unsupported, "a pipeline of a vault reads and does nothing else")
  }
}

extension Document {
  /// True for a stage that reads other collections, whose rows the vault divides too.
  fileprivate var leavesTheModel: Bool {
    let stages: Set<String> = ["$lookup", "$graphLookup", "$unionWith", "$out", "$merge"]
    if keys.contains(where: stages.contains) { return true }
    guard let facets = self["$facet"]?.asDocument else { return false }
    return facets.elements.contains { facet in
      (facet.value.asArray ?? []).contains { $0.asDocument?.leavesTheModel ?? false }
    }
  }
}
