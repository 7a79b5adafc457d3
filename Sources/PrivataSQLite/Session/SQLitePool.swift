internal import PrivataCore
internal import Synchronization

/// The connections that read. A free one is leased under a lock, without a hop; where all are in use
/// and no more may be opened, tasks wait in order.
final class SQLitePool: Sendable {
  private struct State: Sendable {
    var idle: [SQLiteSession] = []
    var opened = 0
    var waiting: [Waiter<SQLiteSession>] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let limit: Int
  private let patience: Int
  private let file: String
  private let open: @Sendable () throws(PrivataError) -> SQLiteSession

  init(
    limit: Int, patience: Int, file: String,
    open: @escaping @Sendable () throws(PrivataError) -> SQLiteSession
  ) {
    self.limit = max(1, limit)
    self.patience = patience
    self.file = file
    self.open = open
  }

  private enum Lease { case session(SQLiteSession), open, wait, closed }

  /// A free connection, where there is one.
  @inline(__always)
  func leaseFree() -> SQLiteSession? { state.withLock { $0.idle.popLast() } }

  /// A connection of the caller's own until it gives it back.
  func lease() async throws(PrivataError) -> SQLiteSession {
    let lease = state.withLock { state -> Lease in
      if state.isClosed { return .closed }
      if let session = state.idle.popLast() { return .session(session) }
      guard state.opened < limit else { return .wait }
      state.opened += 1
      return .open
    }
    switch lease {
    case .session(let session): return session
    case .open: return try opened()
    case .wait: return try await wait()
    case .closed: throw closed
    }
  }

  private func opened() throws(PrivataError) -> SQLiteSession {
    do {
      return try open()
    } catch {
      state.withLock { $0.opened -= 1 }
      throw error
    }
  }

  private func wait() async throws(PrivataError) -> SQLiteSession {
    let waiter = Waiter<SQLiteSession>()
    let isClosed = state.withLock { state -> Bool in
      if let session = state.idle.popLast() {
        // Given back since the first look.
        _ = waiter.resume(.success(session))
      } else if !state.isClosed {
        state.waiting.append(waiter)
      }
      return state.isClosed
    }
    if isClosed { throw closed }
    return try await waiter.gift(
      within: patience,
      or: PrivataError(
        .poolExhausted, "all \(limit) connections to \(file) are in use", isRetriable: true))
  }

  /// Takes a connection back, for the task that has waited longest.
  func giveBack(_ session: SQLiteSession) {
    while true {
      let waiter = state.withLock { state -> Waiter<SQLiteSession>? in
        if state.isClosed {
          state.opened -= 1
        } else if state.waiting.isEmpty {
          state.idle.append(session)
        } else {
          return state.waiting.removeFirst()
        }
        return nil
      }
      guard let waiter, !waiter.resume(.success(session)) else { return }
    }
  }

  /// Lets the views of all idle readers go, so that a checkpoint can finish.
  func endIdleViews() {
    let idle = state.withLock { state in
      let idle = state.idle
      state.idle = []
      return idle
    }
    for session in idle {
      session.endView()
      giveBack(session)
    }
  }

  /// Opens all connections now; for a file that will have no name.
  func fill() throws(PrivataError) {
    var sessions: [SQLiteSession] = []
    while sessions.count < limit {
      state.withLock { $0.opened += 1 }
      sessions.append(try opened())
    }
    state.withLock { $0.idle += sessions }
  }

  /// Ends idle connections; others end when they are given back.
  func close() {
    let (idle, waiting) = state.withLock { state in
      state.isClosed = true
      defer {
        state.opened -= state.idle.count
        state.idle = []
        state.waiting = []
      }
      return (state.idle, state.waiting)
    }
    for session in idle { session.endView() }
    for waiter in waiting { _ = waiter.resume(.failure(closed)) }
  }

  /// True after ``close()``.
  var isClosed: Bool { state.withLock { $0.isClosed } }

  private var closed: PrivataError { PrivataError(.closed, "the store of \(file) is closed") }
}
