internal import PrivataCore

/// A vault as a store: takes the models of programs and runs each operation on the halves it needs.
struct VaultStore: TransactionalStore, StreamingStore, AggregatingStore, ModelRegistering,
  AdministrableStore
{
  let core: VaultCore
  let context: AccessContext?

  var traits: StoreTraits {
    let places = [core.identityStore.traits.place, core.clinicalStore.traits.place]
    return StoreTraits(
      kind: .vault, place: places.joined(separator: " | "),
      abilities: core.identityStore.traits.abilities
        .intersection(core.clinicalStore.traits.abilities)
        .subtracting([.serverScript, .foreignKeys, .changeStreams])
        .union([.aggregation]))
  }

  private var audited: AuditedSession {
    AuditedSession(session: core.session, context: context)
  }

  func register(_ models: [ModelSchema]) { core.registry.register(models) }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    core.registry.register(models)
    if let warn = core.options.unmarkedField {
      for model in models {
        for finding in FieldAnalyzer().unmarked(in: model) { warn(model.name, finding) }
      }
    }
    try core.options.retention.check(models)
    var identity: [ModelSchema] = []
    var clinical: [ModelSchema] = []
    for model in models {
      let separation = try core.registry.separation(of: model)
      if let half = separation.identity { identity.append(half) }
      if let half = separation.clinical { clinical.append(half) }
    }
    if !identity.isEmpty { try await core.identityStore.prepare(identity) }
    if !clinical.isEmpty { try await core.clinicalStore.prepare(clinical) }
    try await core.catalog.save(models)
    try await Recovery(core).finishCommits()
    try await Recovery(core).resumeErasures()
    try await core.gate.pass(core)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await audited.rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await audited.write(write)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    try await core.prepareMarkers()
    return try VaultTransaction(core, context, options)
  }

  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    try await audited.stream(query, batchSize: batchSize)
  }

  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try await audited.aggregate(stages, on: model, options: options)
  }

  func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    core.registry.register(models)
    for model in models { try await audited.drop(model) }
    core.map.removeAll()
    core.cache?.removeAll()
  }

  func close() async { await Vault(core: core, context: nil).close() }
}
