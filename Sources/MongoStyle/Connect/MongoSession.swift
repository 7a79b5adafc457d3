public import PrivataCore
internal import Synchronization

/// A session: the frame of a transaction.
///
/// ```swift
/// try await mongo.transaction { session in
///   try await User.create(["name": "Ada"])          // takes part by itself
///   try await Account.updateOne(f, u).session(session).exec()
/// }
/// ```
public final class MongoSession: Sendable {
  /// The session of the `transaction { }` that the current task runs in.
  @TaskLocal static var current: MongoSession?

  let store: any Store

  private struct State {
    var transaction: (any StoreTransaction)?
    var hasEnded = false
    var snapshots: [Snapshot] = []
    var tracks = false
  }

  /// What a document was before the transaction touched it.
  struct Snapshot: Sendable {
    var document: MongoDocument
    var isNew: Bool
    var isDeleted: Bool
    var version: Value
    var modified: [String]
    var lists: [String: List.Change]
  }

  private let state = Mutex(State())

  init(store: any Store) { self.store = store }

  /// True while a transaction is open.
  public var isInTransaction: Bool { state.withLock { $0.transaction != nil } }

  /// True after ``end()``.
  public var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// The store that operations of the session use.
  var active: any Store { state.withLock { $0.transaction } ?? store }

  /// Opens a transaction by hand; nothing is tried again and documents keep their state.
  ///
  /// - Throws: `unsupported` where the store has no transactions, ``UsageError`` where one is open.
  public func startTransaction(
    _ options: TransactionOptions = TransactionOptions()
  ) async throws {
    guard let store = store as? any TransactionalStore else {
      throw PrivataError(.unsupported, "this store has no transactions")
    }
    guard !isInTransaction else {
      throw UsageError("Transaction already in progress", code: .transactionEnded).wrapped
    }
    let transaction = try await store.begin(options)
    state.withLock { $0.transaction = transaction }
  }

  /// Makes the changes of the transaction durable.
  public func commitTransaction() async throws {
    guard let transaction = take() else {
      throw PrivataError(.transactionEnded, "no transaction is open in this session")
    }
    try await transaction.commit()
    state.withLock { $0.snapshots = [] }
  }

  /// Undoes the changes of the transaction.
  public func abortTransaction() async throws {
    guard let transaction = take() else {
      throw PrivataError(.transactionEnded, "no transaction is open in this session")
    }
    try await transaction.rollback()
  }

  private func take() -> (any StoreTransaction)? {
    state.withLock { state in
      defer { state.transaction = nil }
      return state.transaction
    }
  }

  /// Ends the session; an open transaction is undone.
  public func end() async {
    if let transaction = take() { try? await transaction.rollback() }
    state.withLock { $0.hasEnded = true }
  }

  /// Runs the body in a transaction: returning commits, throwing undoes and rethrows. What the store
  /// calls retriable is tried again, up to three times.
  public func withTransaction<R>(
    _ options: TransactionOptions = TransactionOptions(),
    _ body: (MongoSession) async throws -> R
  ) async throws -> R {
    var attempt = 0
    while true {
      attempt += 1
      try await startTransaction(options)
      do {
        let result = try await body(self)
        if isInTransaction { try await commitTransaction() }
        return result
      } catch {
        if isInTransaction { try? await abortTransaction() }
        restoreDocuments()
        let isRetriable = (error as? PrivataError)?.isRetriable ?? false
        guard isRetriable, attempt < 3 else { throw error }
      }
    }
  }

  // MARK: - Documents

  func trackDocuments() { state.withLock { $0.tracks = true } }

  /// Remembers what a document is before the transaction changes it.
  func remember(_ document: MongoDocument) {
    let isWanted = state.withLock { state in
      state.tracks && state.transaction != nil
        && !state.snapshots.contains { $0.document === document }
    }
    guard isWanted else { return }
    let snapshot = document.snapshot()
    state.withLock { $0.snapshots.append(snapshot) }
  }

  private func restoreDocuments() {
    let snapshots = state.withLock { state in
      defer { state.snapshots = [] }
      return state.snapshots
    }
    for snapshot in snapshots { snapshot.document.restore(snapshot) }
  }
}

extension MongoDocument {
  func snapshot() -> MongoSession.Snapshot {
    locked {
      var lists: [String: List.Change] = [:]
      for path in state.paths.paths(.modify) + state.paths.paths(.initial) {
        if case .list(let list)? = storedSlot(path), list.hasChange { lists[path] = list.change }
      }
      return MongoSession.Snapshot(
        document: self, isNew: state.isNew, isDeleted: state.isDeleted,
        version: schema.options.versionKey.map { rawValue($0) } ?? .undefined,
        modified: state.paths.paths(.modify), lists: lists)
    }
  }

  func restore(_ snapshot: MongoSession.Snapshot) {
    locked {
      setIsNew(snapshot.isNew)
      state.isDeleted = snapshot.isDeleted
      if let key = schema.options.versionKey {
        if snapshot.version.isUndefined {
          removeSlot(key)
        } else {
          storeSlot(key, .value(snapshot.version))
        }
      }
      for path in snapshot.modified { state.paths.change(path, to: .modify) }
      for (path, change) in snapshot.lists {
        guard case .list(var list)? = storedSlot(path) else { continue }
        list.change = change
        storeSlot(path, .list(list))
      }
    }
  }
}

extension MongoConnection {
  /// A session for transactions by hand.
  public func startSession() -> MongoSession { MongoSession(store: store) }

  /// Runs the body in a transaction. Documents that it saved or deleted are put back where it
  /// throws; operations inside take part by themselves, unless the profile is Mongoose's.
  ///
  /// - Throws: what the body throws, after the transaction was undone.
  public func transaction<R>(
    _ options: TransactionOptions = TransactionOptions(),
    _ body: (MongoSession) async throws -> R
  ) async throws -> R {
    let session = startSession()
    session.trackDocuments()
    let joins = profile.joinsTransactions
    do {
      let result = try await session.withTransaction(options) { session in
        guard joins else { return try await body(session) }
        return try await MongoSession.$current.withValue(session) { try await body(session) }
      }
      await session.end()
      return result
    } catch {
      await session.end()
      throw error
    }
  }
}
