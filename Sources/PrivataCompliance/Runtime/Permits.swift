internal import PrivataCore
internal import Synchronization

/// Lets a bounded number of tasks in at a time; the others wait in order.
///
/// Two-store changes hold a connection of each store, so without a bound many of them at once would
/// take all connections and then wait for each other.
final class Permits: Sendable {
  fileprivate struct State {
    var free: Int
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(_ count: Int) { state = Mutex(State(free: count)) }

  /// Waits for a permit.
  func enter() async {
    if state.withLock({ $0.take() }) { return }
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.take() { return true }
        state.waiters.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  /// Gives a permit back, to the task that has waited longest.
  func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if state.waiters.isEmpty {
        state.free += 1
        return nil
      }
      return state.waiters.removeFirst()
    }
    next?.resume()
  }
}

extension Permits.State {
  fileprivate mutating func take() -> Bool {
    guard free > 0 else { return false }
    free -= 1
    return true
  }
}
