public import PrivataCore
internal import Synchronization

/// A transaction of MongoDB. It holds one connection; calls of several tasks run one after another.
/// One that is dropped is rolled back.
///
/// ```swift
/// try await store.withTransaction { transaction in
///   try await transaction.write(.insert(order))
/// }
/// ```
///
/// A conflict with another transaction throws `writeConflict`, which is retriable: begin again.
public final class MongoTransaction: StoreTransaction, StreamingStore, AggregatingStore {
  private struct State: Sendable {
    var isActive = true
    var calls = 0
  }

  private let connection: PinnedConnection
  private let options: TransactionOptions
  private let deadline: UInt64?
  private let state = Mutex(State())

  /// What the store can do.
  public var traits: StoreTraits { connection.context.traits }

  private init(_ connection: PinnedConnection, _ options: TransactionOptions) {
    self.connection = connection
    self.options = options
    deadline = options.timeoutMilliseconds.map {
      MonotonicClock.nanoseconds + UInt64(max(0, $0)) * 1_000_000
    }
  }

  deinit {
    connection.release()
  }

  static func begin(
    _ options: TransactionOptions, on connection: PinnedConnection
  ) async throws(PrivataError) -> MongoTransaction {
    let transaction = MongoTransaction(connection, options)
    do {
      try await transaction.start()
    } catch {
      transaction.state.withLock { $0.isActive = false }
      connection.release()
      throw error
    }
    return transaction
  }

  private func start() async throws(PrivataError) {
    let level = options.isolation.map(Self.readConcern)
    let milliseconds = options.timeoutMilliseconds ?? 0
    try await connection.withConnection(nil) { (connection, _) throws(PrivataError) in
      if connection.isInTransaction { try connection.end(commits: false) }
      try connection.begin(readConcern: level, maxCommitMilliseconds: milliseconds)
    }
  }

  // MongoDB's nearest: `snapshot` reads from one moment, `majority` what cannot be undone.
  private static func readConcern(_ isolation: TransactionOptions.Isolation) -> String {
    switch isolation {
    case .readUncommitted: "local"
    case .readCommitted: "majority"
    case .repeatableRead, .serializable: "snapshot"
    }
  }

  /// Runs a call of the transaction.
  ///
  /// MongoDB gives a transaction 5 ms to get a lock, less than a busy server may need to create a
  /// collection beside it. The first call can be repeated unnoticed: nothing has happened yet.
  private func run<R>(
    writes: Bool = false, _ body: () async throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    for _ in 0..<4 {
      try check(writes: writes)
      let calls = state.withLock { state in
        state.calls += 1
        return state.calls
      }
      do {
        return try await body()
      } catch {
        let isLockTimeout = (error.underlying as? ServerError)?.code == 24
        guard isLockTimeout, calls == 1, state.withLock({ $0.calls == 1 }) else { throw error }
        state.withLock { $0.calls = 0 }
      }
      try await start()
    }
    return try await body()
  }

  private func check(writes: Bool) throws(PrivataError) {
    guard state.withLock({ $0.isActive }) else {
      throw PrivataError(.transactionEnded, "the transaction has been committed or rolled back")
    }
    if writes, options.isReadOnly {
      throw PrivataError(.badArgument, "a write in a transaction that only reads")
    }
    if let deadline, MonotonicClock.nanoseconds > deadline {
      throw PrivataError(.timeout, "the transaction has taken too long", isRetriable: true)
    }
  }
}

// MARK: - Reading and writing

extension MongoTransaction {
  /// Collections and indexes are made outside of transactions.
  ///
  /// - Throws: `unsupported`.
  public func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    throw PrivataError(.unsupported, "MongoDB makes collections and indexes outside transactions")
  }

  /// Answers the rows of a query, as the transaction sees them.
  public func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await run { () async throws(PrivataError) in try await connection.read(query) }
  }

  /// Carries out a change within the transaction. MongoDB aborts the whole transaction on a failed
  /// write, so each failure is thrown.
  public func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await run(writes: true) { () async throws(PrivataError) in
      let outcome = try await connection.perform(write)
      if let failure = outcome.failures.first { throw failure.error }
      return outcome
    }
  }

  /// Runs a pipeline within the transaction.
  public func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try await run { () async throws(PrivataError) in
      try await connection.pipeline(stages, on: model, options: options)
    }
  }

  /// Opens a stream within the transaction.
  public func stream(
    _ query: Query, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    try check(writes: false)
    state.withLock { $0.calls += 1 }
    return try MongoRowStream(query, batchSize: batchSize, on: connection, owns: false)
  }
}

// MARK: - Ending

extension MongoTransaction {
  /// MongoDB has no nested transactions.
  ///
  /// - Throws: `unsupported`.
  public func begin(
    _ options: TransactionOptions
  ) async throws(PrivataError) -> any StoreTransaction {
    throw PrivataError(.unsupported, "MongoDB has no transactions within transactions")
  }

  /// Makes the changes durable. The transaction is over, also on a throw; after `cancelled` it is not
  /// known whether the changes were kept.
  public func commit() async throws(PrivataError) {
    try check(writes: false)
    try await end(commits: true)
  }

  /// Undoes the changes. Without effect on a transaction that has ended. A cancelled task does not
  /// wait for it: the changes are undone when the call under way has ended.
  public func rollback() async throws(PrivataError) {
    try await end(commits: false)
  }

  private func end(commits: Bool) async throws(PrivataError) {
    let isFirst = state.withLock { state in
      defer { state.isActive = false }
      return state.isActive
    }
    guard isFirst else { return }
    let connection = connection
    if !commits, Task.isCancelled { return connection.release() }
    do {
      try await connection.withConnection(nil) { (raw, _) throws(PrivataError) in
        defer { connection.release() }
        try raw.end(commits: commits)
      }
    } catch {
      // A task that was cancelled while it waited for its turn has not ended the transaction.
      connection.release()
      throw error
    }
  }
}
