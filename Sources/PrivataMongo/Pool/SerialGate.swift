import PrivataCore
internal import Synchronization

/// Lets one call after another through, in the order of their coming.
final class SerialGate: Sendable {
  private enum Waiting: Sendable {
    case task(LaneCall<Void>)
    case work(@Sendable () -> Void)
  }

  private struct State {
    var isBusy = false
    var waiting = FIFO<Waiting>()

    /// Goes in where nobody is; otherwise waits, and is false.
    mutating func goIn(or waiter: @autoclosure () -> Waiting) -> Bool {
      if isBusy { waiting.append(waiter()) }
      defer { isBusy = true }
      return !isBusy
    }
  }

  private let state = Mutex(State())

  /// Waits for its turn; ``leave()`` ends it.
  ///
  /// - Throws: `cancelled` where the task was cancelled while it waited.
  func enter() async throws(PrivataError) {
    let call = LaneCall<Void>()
    if state.withLock({ $0.goIn(or: .task(call)) }) { return }
    try await call.value()
  }

  /// Calls the work when its turn comes, now where nobody is in. The work ends its turn with
  /// ``leave()``; nobody waits for it and nothing cancels it.
  func enter(_ work: @escaping @Sendable () -> Void) {
    if state.withLock({ $0.goIn(or: .work(work)) }) { work() }
  }

  /// Lets the next one in.
  func leave() {
    while true {
      let next = state.withLock { state in
        let next = state.waiting.popFirst()
        if next == nil { state.isBusy = false }
        return next
      }
      switch next {
      case nil: return
      case .work(let work)?: return work()
      case .task(let call)?: if call.finish(.success(())) { return }
      }
    }
  }
}
