internal import PrivataCore

extension AuditedSession {
  /// Runs a pipeline: on MongoDB where it holds all of the model, with what the vault adds taken away
  /// first; else here, over reads that take the same way as a program's own.
  func run(
    _ stages: [Document], _ separation: Separation, isNarrowed: Bool, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    for stage in stages { try stage.checkForVault(separation.model) }
    guard separation.shape == .identityOnly, !separation.isEncrypted, !isNarrowed,
      !stages.contains(where: \.leavesTheModel),
      session.identity.traits.kind == .mongo, let store = session.identity as? any AggregatingStore
    else {
      return try await Aggregation(stages, on: separation.model, options: options)
        .run(on: PipelineReads(audited: self))
    }
    return try await store.aggregate(
      stages.withoutLink(separation.link), on: separation.identity ?? separation.model,
      options: options)
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

extension [Document] {
  /// The stages over a collection whose records carry a pseudonym, which no program sees.
  fileprivate func withoutLink(_ link: String?) -> [Document] {
    guard let link else { return self }
    var stages = self
    let isBoundToStart =
      first?["$geoNear"] != nil || first?["$match"]?.asDocument?["$text"] != nil
    stages.insert(["$unset": .string(link)], at: isBoundToStart ? 1 : 0)
    return stages
  }
}

extension Document {
  /// True for a stage that reads other collections, whose rows the vault divides too.
  fileprivate var leavesTheModel: Bool {
    let stages: Set<String> = ["$lookup", "$graphLookup", "$unionWith"]
    return keys.contains(where: stages.contains) || innerStages.contains(where: \.leavesTheModel)
  }

  /// The stages within a `$facet`.
  private var innerStages: [Document] {
    (self["$facet"]?.asDocument?.elements ?? []).flatMap { facet in
      (facet.value.asArray ?? []).compactMap(\.asDocument)
    }
  }

  /// - Throws: `unsupported` for a stage that would go round separation or audit.
  func checkForVault(_ model: ModelSchema) throws(PrivataError) {
    for stage in innerStages { try stage.checkForVault(model) }
    for name in keys {
      guard let advice = Self.advice(insteadOf: name) else { continue }
      throw PrivataError(
        .unsupported, "\(name) on \(model.name) would go past the vault: \(advice)",
        model: model.name)
    }
  }

  private static func advice(insteadOf stage: String) -> String? {
    switch stage {
    case "$out", "$merge": "insert what the pipeline answers into a model"
    case "$changeStream": "read what happened from vault.audit"
    case "$collStats", "$indexStats", "$planCacheStats", "$currentOp", "$listSessions",
      "$listLocalSessions":
      "ask the store itself, over a connection of its own"
    default: nil
    }
  }
}
