internal import PrivataCore
internal import Synchronization

/// A transaction over both stores. Each store's own is atomic; between the two commits, clinical
/// first, stands the journal: after a crash there the next start finishes the identity part.
final class VaultTransaction: StoreTransaction, AggregatingStore, StreamingStore {
  let core: VaultCore
  let context: AccessContext?
  let identity: LazyTransaction
  /// The same as ``identity`` where one store holds both halves.
  let clinical: LazyTransaction
  private let parent: VaultTransaction?
  /// What the cache has to forget when the transaction ends.
  private let changes = Mutex<Set<RecordChange>>([])

  /// Begins a transaction; the stores' own begin with the first statement.
  ///
  /// - Throws: `unsupported` where a store has no transactions.
  convenience init(
    _ core: VaultCore, _ context: AccessContext?, _ options: TransactionOptions
  ) throws(PrivataError) {
    let identity = try Self.transactional(core.identityStore)
    let clinical = try Self.transactional(core.clinicalStore)
    self.init(core, context, options, identity, clinical, parent: nil)
  }

  private init(
    _ core: VaultCore, _ context: AccessContext?, _ options: TransactionOptions,
    _ identity: any TransactionalStore, _ clinical: any TransactionalStore,
    parent: VaultTransaction?
  ) {
    self.core = core
    self.context = context
    self.parent = parent
    let first = LazyTransaction(clinical, options)
    if core.isOneStore {
      self.identity = first
    } else {
      // Where a transaction locks a whole file, all take the files in one order, or two of them could
      // wait for each other.
      let locksAll = identity.traits.kind == .sqlite && clinical.traits.kind == .sqlite
      self.identity = LazyTransaction(
        identity, options, after: locksAll && !options.isReadOnly ? first : nil)
    }
    self.clinical = first
  }

  private static func transactional(
    _ store: any Store
  ) throws(PrivataError) -> any TransactionalStore {
    if let store = store as? any TransactionalStore, store.traits.abilities.contains(.transactions)
    {
      return store
    }
    throw PrivataError(
      .unsupported, "\(store.traits.kind.rawValue) at \(store.traits.place) has no transactions")
  }

  var traits: StoreTraits { VaultStore(core: core, context: context).traits }

  /// The operations of this transaction.
  var session: VaultSession {
    VaultSession(core: core, identity: identity, clinical: clinical, isTransaction: true)
  }

  private var audited: AuditedSession { AuditedSession(session: session, context: context) }

  // MARK: - Operations

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await VaultStore(core: core, context: context).prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await audited.rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    if core.cache != nil { changes.withLock { _ = $0.insert(RecordChange(write)) } }
    return try await audited.write(write)
  }

  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    try await audited.stream(query, batchSize: batchSize)
  }

  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try await audited.aggregate(stages, on: model, options: options)
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    VaultTransaction(core, context, options, identity, clinical, parent: self)
  }

  // MARK: - The end

  func commit() async throws(PrivataError) {
    if let parent { return try await release(into: parent) }
    defer {
      if let cache = core.cache { changes.withLock { $0.forEach(cache.forget) } }
    }
    if core.isOneStore || !clinical.hasWrites || !identity.hasWrites {
      if !core.isOneStore { try await clinical.commit() }
      try await identity.commit()
    } else {
      try await TwoStoreCommit(self).run()
    }
  }

  func rollback() async throws(PrivataError) {
    var failure: PrivataError?
    if !core.isOneStore {
      do { try await clinical.rollback() } catch { failure = error }
    }
    try await identity.rollback()
    if let failure { throw failure }
  }

  /// Ends a nested transaction: its writes are the outer one's from now on.
  private func release(into parent: VaultTransaction) async throws(PrivataError) {
    if !core.isOneStore { try await clinical.commit() }
    try await identity.commit()
    let written = identity.log.withLock { $0 }
    parent.identity.log.withLock { $0 += written }
    let changed = changes.withLock { $0 }
    parent.changes.withLock { $0.formUnion(changed) }
    if !core.isOneStore {
      let written = clinical.log.withLock { $0 }
      parent.clinical.log.withLock { $0 += written }
    }
  }
}

extension VaultSession {
  /// Runs steps on both stores as one: in the transaction that is open, or in one of their own where
  /// the stores have transactions. One of their own is begun anew where others got in its way.
  func together<R>(
    _ body: (VaultSession) async throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    guard !isTransaction, core.hasTransactions else { return try await body(self) }
    try await core.prepareMarkers()
    await core.twoStorePermits.enter()
    defer { core.twoStorePermits.leave() }
    var attempt = 1
    while true {
      do {
        return try await attemptTogether(body)
      } catch {
        guard attempt < 8, error.code == .writeConflict || error.code == .transactionEnded else {
          throw error
        }
        do {
          try await Task.sleep(for: .milliseconds(Int.random(in: 1...(4 << attempt))))
        } catch {
          throw .cancelledWait
        }
        attempt += 1
      }
    }
  }

  private func attemptTogether<R>(
    _ body: (VaultSession) async throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    let transaction = try VaultTransaction(core, nil, TransactionOptions())
    do {
      let result = try await body(transaction.session)
      try await transaction.commit()
      return result
    } catch {
      try? await transaction.rollback()
      throw error
    }
  }
}

extension VaultCore {
  /// True where both stores have transactions.
  var hasTransactions: Bool {
    identityStore is any TransactionalStore && clinicalStore is any TransactionalStore
      && identityStore.traits.abilities.contains(.transactions)
      && clinicalStore.traits.abilities.contains(.transactions)
  }
}
