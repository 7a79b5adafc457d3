internal import PrivataCore

/// A store of a vault whose models may have encrypted fields: what comes in is sealed, what goes out
/// is opened, and models without such fields pass as they are. All styles run through it, because a
/// vault reaches its stores by no other way.
final class EncryptedStore: TransactionalStore, StreamingStore, AggregatingStore,
  AdministrableStore
{
  let inner: any Store
  let plans: SeparationRegistry
  let keys: SubjectKeys

  init(_ inner: any Store, plans: SeparationRegistry, keys: SubjectKeys) {
    self.inner = inner
    self.plans = plans
    self.keys = keys
  }

  var traits: StoreTraits { inner.traits }

  private func access(_ model: ModelSchema) -> SealedAccess? {
    plans.sealing(of: model).map {
      SealedAccess(store: inner, keys: keys, plan: $0, transaction: nil)
    }
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await inner.prepare(models.map { plans.sealing(of: $0)?.physical ?? $0 })
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    guard let access = access(query.model) else { return try await inner.rows(for: query) }
    return try await access.rows(query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    guard let model = write.model, let access = access(model) else {
      return try await inner.write(write)
    }
    return try await access.write(write)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    guard let inner = inner as? any TransactionalStore else {
      throw PrivataError(
        .unsupported, "\(traits.kind.rawValue) at \(traits.place) has no transactions")
    }
    return EncryptedTransaction(inner: try await inner.begin(options), plans: plans, keys: keys)
  }

  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    guard let inner = inner as? any StreamingStore else {
      throw PrivataError(.unsupported, "\(traits.kind.rawValue) at \(traits.place) has no streams")
    }
    guard let access = access(query.model) else {
      return try await inner.stream(query, batchSize: batchSize)
    }
    return try await access.stream(query, on: inner, batchSize: batchSize)
  }

  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    guard let inner = inner as? any AggregatingStore else {
      throw PrivataError(
        .unsupported, "\(traits.kind.rawValue) at \(traits.place) runs no pipelines")
    }
    guard access(model) == nil else {
      throw PrivataError(
        .unsupported, "\(model.name) is encrypted, so its pipelines run over open records",
        model: model.name)
    }
    return try await inner.aggregate(stages, on: model, options: options)
  }

  func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    let physical = models.map { plans.sealing(of: $0)?.physical ?? $0 }
    try await (inner as? any AdministrableStore)?.drop(physical)
  }

  func close() async { await (inner as? any AdministrableStore)?.close() }
}

/// A transaction on such a store.
struct EncryptedTransaction: StoreTransaction {
  let inner: any StoreTransaction
  let plans: SeparationRegistry
  let keys: SubjectKeys
  /// What it has sealed; a transaction in a transaction ends nothing of it.
  var writes = SealedWrites()
  var isNested = false

  var traits: StoreTraits { inner.traits }

  private func access(_ model: ModelSchema) -> SealedAccess? {
    plans.sealing(of: model).map {
      SealedAccess(store: inner, keys: keys, plan: $0, transaction: writes)
    }
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await inner.prepare(models.map { plans.sealing(of: $0)?.physical ?? $0 })
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    guard let access = access(query.model) else { return try await inner.rows(for: query) }
    return try await access.rows(query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    guard let model = write.model, let access = access(model) else {
      return try await inner.write(write)
    }
    return try await access.write(write)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    EncryptedTransaction(
      inner: try await inner.begin(options), plans: plans, keys: keys, writes: writes,
      isNested: true)
  }

  func commit() async throws(PrivataError) {
    if isNested { return try await inner.commit() }
    defer { writes.end() }
    do { try await writes.check() } catch {
      try? await inner.rollback()
      throw error
    }
    try await inner.commit()
  }

  func rollback() async throws(PrivataError) {
    defer { if !isNested { writes.end() } }
    try await inner.rollback()
  }
}
