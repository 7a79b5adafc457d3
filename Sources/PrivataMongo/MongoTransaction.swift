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
  private let connection: PinnedConnection
  private let isReadOnly: Bool
  private let deadline: UInt64?
  private let isActive = Mutex(true)

  /// What the store can do.
  public var traits: StoreTraits { connection.context.traits }

  private init(_ connection: PinnedConnection, _ options: TransactionOptions) {
    self.connection = connection
    isReadOnly = options.isReadOnly
    deadline = options.timeoutMilliseconds.map {
      MonotonicClock.nanoseconds + UInt64(max(0, $0)) * 1_000_000
    }
  }

  deinit {
    if isActive.withLock({ $0 }) {
      connection.release { connection in try? connection.end(commits: false) }
    }
  }

  static func begin(
    _ options: TransactionOptions, on connection: PinnedConnection
  ) async throws(PrivataError) -> MongoTransaction {
    let level = options.isolation.map(readConcern)
    let milliseconds = options.timeoutMilliseconds ?? 0
    do {
      try await connection.withConnection(nil) { (connection, _) throws(PrivataError) in
        try connection.begin(readConcern: level, maxCommitMilliseconds: milliseconds)
      }
    } catch {
      connection.release()
      throw error
    }
    return MongoTransaction(connection, options)
  }

  // MongoDB's nearest: `snapshot` reads from one moment, `majority` what cannot be undone.
  private static func readConcern(_ isolation: TransactionOptions.Isolation) -> String {
    switch isolation {
    case .readUncommitted: "local"
    case .readCommitted: "majority"
    case .repeatableRead, .serializable: "snapshot"
    }
  }

  private func check(writes: Bool = false) throws(PrivataError) {
    guard isActive.withLock({ $0 }) else {
      throw PrivataError(.transactionEnded, "the transaction has been committed or rolled back")
    }
    if writes, isReadOnly {
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
    try check()
    return try await connection.read(query)
  }

  /// Carries out a change within the transaction. MongoDB aborts the whole transaction on a failed
  /// write, so each failure is thrown.
  public func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try check(writes: true)
    let outcome = try await connection.perform(write)
    if let failure = outcome.failures.first { throw failure.error }
    return outcome
  }

  /// Runs a pipeline within the transaction.
  public func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try check()
    return try await connection.pipeline(stages, on: model, options: options)
  }

  /// Opens a stream within the transaction.
  public func stream(
    _ query: Query, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    try check()
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

  /// Makes the changes durable. The transaction is over, also on a throw.
  public func commit() async throws(PrivataError) {
    try check()
    try await end(commits: true)
  }

  /// Undoes the changes. Without effect on a transaction that has ended.
  public func rollback() async throws(PrivataError) {
    try await end(commits: false)
  }

  private func end(commits: Bool) async throws(PrivataError) {
    let isFirst = isActive.withLock { isActive in
      defer { isActive = false }
      return isActive
    }
    guard isFirst else { return }
    let connection = connection
    try await connection.withConnection(nil) { (raw, _) throws(PrivataError) in
      defer { connection.release() }
      try raw.end(commits: commits)
    }
  }
}
