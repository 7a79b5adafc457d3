import PrivataCore
internal import Synchronization

/// One leased connection for several calls that belong together: a cursor's, a transaction's. Calls
/// of several tasks run one after another.
final class PinnedConnection: CommandRunner {
  private enum State { case held, released }

  let context: StoreContext
  private let pool: ConnectionPool
  private let connection: MongoConnection
  private let gate = SerialGate()
  private let state = Mutex(State.held)

  init(_ connection: MongoConnection, of pool: ConnectionPool, _ context: StoreContext) {
    self.connection = connection
    self.pool = pool
    self.context = context
  }

  deinit { release() }

  /// Runs the body with the connection.
  ///
  /// - Throws: `closed` after ``release(after:)``.
  func withConnection<R: Sendable>(
    _ kind: CallKind?,
    _ body: @escaping @Sendable (MongoConnection, CallSignal) throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    try await gate.enter()
    guard state.withLock({ $0 == .held }) else {
      gate.leave()
      throw PrivataError(.closed, "the connection has been given back")
    }
    return try await context.lanes.run(kind) { [self] (signal) throws(PrivataError) in
      defer { gate.leave() }
      return try body(connection, signal)
    }
  }

  /// Gives the connection back after the work, if any, without waiting for it. A call under way ends
  /// first, also one whose task was cancelled and so does not wait for it any more; a transaction
  /// that is still open is undone. Only the first call counts.
  func release(after work: (@Sendable (MongoConnection) -> Void)? = nil) {
    guard end() else { return }
    gate.enter { [context, pool, connection, gate] in
      @Sendable func giveBack() {
        work?(connection)
        try? connection.end(commits: false)
        pool.giveBack(connection)
        gate.leave()
      }
      // What asks the server belongs on a lane.
      if work != nil || connection.isInTransaction {
        context.lanes.afterwards(giveBack)
      } else {
        giveBack()
      }
    }
  }

  private func end() -> Bool {
    state.withLock { state in
      defer { state = .released }
      return state == .held
    }
  }
}
