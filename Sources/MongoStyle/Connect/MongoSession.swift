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
    /// A transaction that is asked for: it begins with its first operation, as MongoDB's do.
    var pending: TransactionOptions?
    var isBeginning = false
    var waiting: [CheckedContinuation<Void, Never>] = []
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

  /// How long transactions of the session wait for another one's records.
  private let lockTimeoutMilliseconds: Int?

  init(store: any Store, lockTimeoutMilliseconds: Int? = nil) {
    self.store = store
    self.lockTimeoutMilliseconds = lockTimeoutMilliseconds
  }

  /// True while a transaction is open.
  public var isInTransaction: Bool {
    state.withLock { $0.transaction != nil || $0.pending != nil }
  }

  /// True after ``end()``.
  public var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// The store that operations of the session use; a transaction that waits for its first one
  /// begins.
  func active() async throws(PrivataError) -> any Store {
    while true {
      switch state.withLock({ Self.next(&$0) }) {
      case .ready(let transaction): return transaction ?? store
      case .begin(let options): return try await begin(options)
      case .wait: await waitForBeginning()
      }
    }
  }

  private enum Step {
    case ready((any StoreTransaction)?)
    case begin(TransactionOptions)
    case wait
  }

  private static func next(_ state: inout State) -> Step {
    if state.isBeginning { return .wait }
    guard let options = state.pending else { return .ready(state.transaction) }
    state.isBeginning = true
    return .begin(options)
  }

  private func begin(_ options: TransactionOptions) async throws(PrivataError) -> any Store {
    guard let store = store as? any TransactionalStore else { throw Self.unsupported }
    do {
      let transaction = try await store.begin(options)
      settle { state in
        state.transaction = transaction
        state.pending = nil
      }
      return transaction
    } catch {
      settle { _ in }
      guard error.code == .busy else { throw error }
      // A store with one writer says here what MongoDB says at the write.
      throw PrivataError(
        .writeConflict, error.message, isRetriable: true,
        underlying: ServerError(code: 112, labels: ["TransientTransactionError"]))
    }
  }

  private func settle(_ change: (inout State) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      state.isBeginning = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for one in waiting { one.resume() }
  }

  private func waitForBeginning() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.isBeginning { state.waiting.append(continuation) }
        return !state.isBeginning
      }
      if isOver { continuation.resume() }
    }
  }

  private static let unsupported = PrivataError(.unsupported, "this store has no transactions")

  /// Opens a transaction by hand; nothing is tried again and documents keep their state. The store
  /// hears of it with the first operation.
  ///
  /// - Throws: `unsupported` where the store has no transactions, ``UsageError`` where one is open.
  public func startTransaction(
    _ options: TransactionOptions = TransactionOptions()
  ) async throws {
    guard store is any TransactionalStore, store.traits.abilities.contains(.transactions) else {
      throw Self.unsupported
    }
    guard !isInTransaction else {
      throw UsageError("Transaction already in progress", code: .transactionEnded).wrapped
    }
    var options = options
    options.lockTimeoutMilliseconds = options.lockTimeoutMilliseconds ?? lockTimeoutMilliseconds
    state.withLock { $0.pending = options }
  }

  /// Makes the changes of the transaction durable.
  public func commitTransaction() async throws {
    try await take()?.commit()
    state.withLock { $0.snapshots = [] }
  }

  /// Undoes the changes of the transaction.
  public func abortTransaction() async throws {
    try await take()?.rollback()
  }

  /// Takes the transaction; `nil` for one that nothing was done in.
  private func take() throws(PrivataError) -> (any StoreTransaction)? {
    guard isInTransaction else {
      throw PrivataError(.transactionEnded, "no transaction is open in this session")
    }
    return state.withLock { state in
      defer {
        state.transaction = nil
        state.pending = nil
      }
      return state.transaction
    }
  }

  /// Ends the session; an open transaction is undone.
  public func end() async {
    if isInTransaction { try? await abortTransaction() }
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
      state.tracks && (state.transaction != nil || state.pending != nil)
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
  public func startSession() -> MongoSession {
    MongoSession(store: store, lockTimeoutMilliseconds: profile.lockTimeoutMilliseconds)
  }

  /// Runs the body with a session that ends with it.
  ///
  /// ```swift
  /// try await mongo.withSession { session in
  ///   try await User.find().session(session).exec()
  /// }
  /// ```
  public func withSession<R>(_ body: (MongoSession) async throws -> R) async throws -> R {
    let session = startSession()
    do {
      let result = try await body(session)
      await session.end()
      return result
    } catch {
      await session.end()
      throw error
    }
  }

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
