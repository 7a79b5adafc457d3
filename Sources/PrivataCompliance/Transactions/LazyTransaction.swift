internal import PrivataCore
internal import Synchronization

/// A transaction on one store that begins with the first statement: a transaction of the vault that
/// touches one half costs the other nothing.
actor LazyTransaction: TransactionalStore {
  nonisolated let traits: StoreTraits
  private let base: any TransactionalStore
  private let options: TransactionOptions
  /// The transaction that has to be open before this one.
  private let predecessor: LazyTransaction?
  private var transaction: (any StoreTransaction)?
  private var isOpening = false
  private var isEnded = false
  private var waiters: [CheckedContinuation<Void, Never>] = []
  /// What was written, for the journal.
  nonisolated let log = Mutex<[Write]>([])

  init(
    _ base: any TransactionalStore, _ options: TransactionOptions,
    after predecessor: LazyTransaction? = nil
  ) {
    self.base = base
    self.predecessor = predecessor
    self.options = options
    traits = base.traits
  }

  nonisolated var hasWrites: Bool { log.withLock { !$0.isEmpty } }

  nonisolated func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await opened().prepare(models)
  }

  nonisolated func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await opened().rows(for: query)
  }

  nonisolated func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    let outcome = try await opened().write(write)
    log.withLock { $0.append(write) }
    return outcome
  }

  nonisolated func begin(
    _ options: TransactionOptions
  ) async throws(PrivataError) -> any StoreTransaction {
    try await opened().begin(options)
  }

  /// Commits, where anything was begun.
  func commit() async throws(PrivataError) {
    let transaction = try end()
    try await transaction?.commit()
  }

  /// Undoes, where anything was begun.
  func rollback() async throws(PrivataError) {
    let transaction = try end()
    try await transaction?.rollback()
  }

  private func end() throws(PrivataError) -> (any StoreTransaction)? {
    guard !isEnded else { throw Self.ended }
    isEnded = true
    return transaction
  }

  private func open() async throws(PrivataError) { _ = try await opened() }

  private func opened() async throws(PrivataError) -> any StoreTransaction {
    while isOpening { await withCheckedContinuation { waiters.append($0) } }
    if isEnded { throw Self.ended }
    if let transaction { return transaction }
    isOpening = true
    defer {
      isOpening = false
      for waiter in waiters { waiter.resume() }
      waiters = []
    }
    try await predecessor?.open()
    let begun = try await base.begin(options)
    transaction = begun
    return begun
  }

  static var ended: PrivataError {
    PrivataError(.transactionEnded, "the transaction has ended: begin another one")
  }
}
