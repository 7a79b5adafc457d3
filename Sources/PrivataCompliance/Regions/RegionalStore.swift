internal import PrivataCore

/// A vault over several regions as a store: each record of its region alone, queries over all.
struct RegionalStore: TransactionalStore, StreamingStore, AggregatingStore, ModelRegistering,
  AdministrableStore
{
  let regions: VaultRegions
  let context: AccessContext?
  /// The one region that is meant, where it is one.
  let pinned: Region?

  private var access: RegionalAccess {
    RegionalAccess(regions: regions, context: context, pinned: pinned) {
      [regions, context] (member) async throws(PrivataError) -> any Store in
      regions.store(member, context)
    }
  }

  private var stores: [VaultStore] { regions.members.map { regions.store($0, context) } }

  var traits: StoreTraits {
    let all = stores.map(\.traits)
    let abilities = all.dropFirst().reduce(all[0].abilities) { $0.intersection($1.abilities) }
    return StoreTraits(
      kind: .vault, place: all.map(\.place).joined(separator: " | "), abilities: abilities)
  }

  func register(_ models: [ModelSchema]) {
    for store in stores { store.register(models) }
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    for store in stores { try await store.prepare(models) }
    try await Relocation.resume(regions)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await RegionalRead(access, query).rows()
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await RegionalWrite(access).run(write)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    RegionalTransaction(regions: regions, context: context, pinned: pinned) {
      [regions, context] (member) async throws(PrivataError) -> any StoreTransaction in
      try await regions.store(member, context).begin(options)
    }
  }

  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    try await RegionalStream(access, query, batchSize: batchSize)
  }

  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    if let pinned {
      return try await regions.store(try regions.member(pinned), context)
        .aggregate(stages, on: model, options: options)
    }
    for stage in stages { try stage.checkForVault(model) }
    return try await Aggregation(stages, on: model, options: options)
      .run(on: RegionalPipeline(store: self))
  }

  func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    for store in stores { try await store.drop(models) }
  }

  func close() async {
    for store in stores { await store.close() }
  }
}

/// All regions as a pipeline sees them: each read takes the way of a program's own.
private struct RegionalPipeline: AggregationHost {
  let store: RegionalStore

  var traits: StoreTraits { StoreTraits(kind: .vault, place: "", abilities: []) }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) { throw refusal }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome { throw refusal }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await store.rows(for: query)
  }

  /// - Throws: `unknownModel` for a collection that no model of the vault names.
  func model(
    ofCollection collection: String, beside model: ModelSchema
  ) async throws(PrivataError) -> ModelSchema? {
    let found = store.regions.home.core.registry.models.first {
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
