internal import Dispatch
import PrivataCore
internal import Synchronization

/// Connections, opened when they are needed and kept up to the pool's size. The one given back last
/// is leased first.
final class ConnectionPool: Sendable {
  private struct Waiter: Sendable {
    let call: LaneCall<MongoConnection>
    let deadline: UInt64
  }

  private struct State: Sendable {
    var clients: MongoClients?
    var idle: [MongoConnection] = []
    var open = 0
    var waiting = FIFO<Waiter>()
    var isWatched = false
  }

  private enum Lease {
    case connection(MongoConnection)
    case open(MongoClients)
    case wait(LaneCall<MongoConnection>, isFirst: Bool)
    case refused(PrivataError)
  }

  private let place: String
  private let size: Int
  private let waitingLimit: Int
  private let waitNanoseconds: UInt64
  private let state: Mutex<State>
  private let watch = WorkerThreads(limit: 1, idleSeconds: 1)

  init(_ clients: MongoClients, options: MongoOptions) {
    place = clients.address.hosts
    size = clients.address.poolSize
    waitingLimit = options.waitQueueLimit
    let milliseconds =
      clients.address.waitQueueTimeoutMilliseconds ?? options.waitQueueTimeoutMilliseconds
    waitNanoseconds = UInt64(max(1, milliseconds)) * 1_000_000
    state = Mutex(State(clients: clients))
  }

  /// Leases a connection; it is to be given back.
  ///
  /// - Throws: `poolExhausted` where none came free in time or too many wait already, `cancelled`,
  ///   `closed`.
  func lease() async throws(PrivataError) -> MongoConnection {
    switch state.withLock({ decide(&$0) }) {
    case .connection(let connection): return connection
    case .open(let clients): return try open(clients)
    case .refused(let error): throw error
    case .wait(let call, let isFirst):
      if isFirst { watch.submit { [self] in expireLateOnes() } }
      return try await call.value()
    }
  }

  /// Gives a connection back, to the task that has waited longest or to the pool.
  func giveBack(_ connection: MongoConnection) {
    while true {
      let waiter: Waiter? = state.withLock { state in
        if let waiter = state.waiting.popFirst() { return waiter }
        if state.clients != nil { state.idle.append(connection) } else { state.open -= 1 }
        return nil
      }
      guard let waiter else { return }
      if waiter.call.finish(.success(connection)) { return }
    }
  }

  /// Closes the idle connections now and the leased ones as they come back.
  func close() {
    let (idle, waiting) = state.withLock { state in
      defer {
        state.clients = nil
        state.open -= state.idle.count
        state.idle = []
      }
      return (state.idle, state.waiting.removeAll { _ in true })
    }
    for waiter in waiting { waiter.call.finish(.failure(closed)) }
    withExtendedLifetime(idle) {}
  }

  private func decide(_ state: inout State) -> Lease {
    guard let clients = state.clients else { return .refused(closed) }
    if let connection = state.idle.popLast() { return .connection(connection) }
    if state.open < size {
      state.open += 1
      return .open(clients)
    }
    guard state.waiting.count < waitingLimit else { return .refused(exhausted) }
    let call = LaneCall<MongoConnection>()
    let deadline = MonotonicClock.nanoseconds + waitNanoseconds
    state.waiting.append(Waiter(call: call, deadline: deadline))
    defer { state.isWatched = true }
    return .wait(call, isFirst: !state.isWatched)
  }

  private func open(_ clients: MongoClients) throws(PrivataError) -> MongoConnection {
    do {
      return try MongoConnection(clients)
    } catch {
      state.withLock { $0.open -= 1 }
      throw error
    }
  }

  private var closed: PrivataError {
    PrivataError(.closed, "the store at \(place) has been closed")
  }

  private var exhausted: PrivataError {
    PrivataError(
      .poolExhausted, "all \(size) connections to MongoDB at \(place) are busy", isRetriable: true)
  }
}

extension ConnectionPool {
  /// Refuses those who have waited too long, while anybody waits.
  private func expireLateOnes() {
    let pause = DispatchSemaphore(value: 0)
    while true {
      let now = MonotonicClock.nanoseconds
      let (late, next) = state.withLock { takeLate(&$0, now) }
      for waiter in late { waiter.call.finish(.failure(exhausted)) }
      guard let next else { return }
      let nanoseconds = max(next &- now, 1_000_000)
      _ = pause.wait(timeout: .now() + .nanoseconds(Int(min(nanoseconds, 1_000_000_000))))
    }
  }

  private func takeLate(_ state: inout State, _ now: UInt64) -> (late: [Waiter], next: UInt64?) {
    var late: [Waiter] = []
    while let first = state.waiting.first, first.deadline <= now {
      if let waiter = state.waiting.popFirst() { late.append(waiter) }
    }
    if state.waiting.isEmpty { state.isWatched = false }
    return (late, state.waiting.first?.deadline)
  }
}
