internal import PrivataCore
internal import Synchronization

/// One connection's transaction with its savepoints: which texts go before the next statements.
///
/// `BEGIN` and `SAVEPOINT` are not sent by themselves: they travel with the first statement, so that a
/// transaction costs no round trip but its statements' and its commit's.
final class PostgresTransactionScope: Sendable {
  let lease: PostgresLease
  private let state: Mutex<State>

  private struct State {
    /// What goes before the next statements.
    var prefix: [String]
    /// True once `BEGIN` has been sent.
    var isOpen = false
    var isEnded = false
    var savepoints = 0
    var cursors = 0
  }

  init(_ lease: PostgresLease, _ options: TransactionOptions) {
    self.lease = lease
    var prefix = [Self.begin(options)]
    if let milliseconds = options.lockTimeoutMilliseconds {
      prefix.append("SET LOCAL lock_timeout = \(max(1, milliseconds))")
    }
    state = Mutex(State(prefix: prefix))
  }

  private static func begin(_ options: TransactionOptions) -> String {
    var text = "BEGIN"
    switch options.isolation {
    case .readUncommitted: text += " ISOLATION LEVEL READ UNCOMMITTED"
    case .readCommitted: text += " ISOLATION LEVEL READ COMMITTED"
    case .repeatableRead: text += " ISOLATION LEVEL REPEATABLE READ"
    case .serializable: text += " ISOLATION LEVEL SERIALIZABLE"
    case nil: break
    }
    if options.isReadOnly { text += " READ ONLY" }
    return options.isDeferrable ? text + " DEFERRABLE" : text
  }

  /// What goes before the statements that are about to be sent; they count as sent.
  ///
  /// - Throws: `transactionEnded`.
  func takePrefix() throws(PrivataError) -> [String] {
    let prefix = state.withLock { state -> [String]? in
      guard !state.isEnded else { return nil }
      defer { state.prefix = [] }
      state.isOpen = true
      return state.prefix
    }
    guard let prefix else { throw Self.ended }
    return prefix
  }

  /// What goes before the last statements, which end the transaction.
  func takeLastPrefix() throws(PrivataError) -> [String] {
    let prefix = try takePrefix()
    state.withLock { $0.isEnded = true }
    return prefix
  }

  /// A new savepoint, set before the next statement.
  func addSavepoint() throws(PrivataError) -> String {
    let name = state.withLock { state -> String? in
      guard !state.isEnded else { return nil }
      state.savepoints += 1
      let name = "privata_\(state.savepoints)"
      state.prefix.append("SAVEPOINT \(name)")
      return name
    }
    guard let name else { throw Self.ended }
    return name
  }

  /// The name of a new cursor: several may be open in one transaction. They are counted by the
  /// transaction, so that the few names there are leave few statements prepared.
  func addCursor() -> String {
    state.withLock { state in
      state.cursors += 1
      return "privata_\(state.cursors)"
    }
  }

  /// True where a savepoint has not been sent, and so is gone with this call.
  func forgetSavepoint(_ name: String) -> Bool {
    state.withLock { state in
      guard let index = state.prefix.firstIndex(of: "SAVEPOINT \(name)") else { return false }
      // What was set after it lies within it.
      state.prefix.removeSubrange(index...)
      return true
    }
  }

  /// Has a savepoint released before the next statement.
  func releaseLater(_ name: String) {
    guard !forgetSavepoint(name) else { return }
    state.withLock { state in
      if !state.isEnded { state.prefix.append("RELEASE SAVEPOINT \(name)") }
    }
  }

  /// Has a savepoint undone before the next statement.
  func undoLater(_ name: String) {
    guard !forgetSavepoint(name) else { return }
    state.withLock { state in
      if !state.isEnded {
        state.prefix += ["ROLLBACK TO SAVEPOINT \(name)", "RELEASE SAVEPOINT \(name)"]
      }
    }
  }

  /// Ends the transaction: answers what to send before the ending word, `nil` where nothing has been
  /// sent at all.
  ///
  /// - Throws: `transactionEnded` for the second end.
  func end() throws(PrivataError) -> [String]? {
    let ending = state.withLock { state -> [String]?? in
      guard !state.isEnded else { return .none }
      state.isEnded = true
      return .some(state.isOpen ? state.prefix : nil)
    }
    guard let ending else { throw Self.ended }
    return ending
  }

  private static var ended: PrivataError {
    PrivataError(.transactionEnded, "the transaction has ended")
  }

  deinit {
    // A transaction that was dropped is undone.
    lease.end(state.withLock { $0.isOpen && !$0.isEnded } ? .inTransaction : .clean)
  }
}
