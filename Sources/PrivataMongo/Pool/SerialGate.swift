import PrivataCore
internal import Synchronization

/// Lets one call after another through, in the order of their coming.
final class SerialGate: Sendable {
  private struct State {
    var isBusy = false
    var waiting = FIFO<LaneCall<Void>>()
  }

  private let state = Mutex(State())

  /// Waits for its turn; ``leave()`` ends it.
  ///
  /// - Throws: `cancelled` where the task was cancelled while it waited.
  func enter() async throws(PrivataError) {
    let call: LaneCall<Void>? = state.withLock { state in
      guard state.isBusy else {
        state.isBusy = true
        return nil
      }
      let call = LaneCall<Void>()
      state.waiting.append(call)
      return call
    }
    try await call?.value()
  }

  /// Lets the next one in.
  func leave() {
    while true {
      let next = state.withLock { state in
        let next = state.waiting.popFirst()
        if next == nil { state.isBusy = false }
        return next
      }
      guard let next else { return }
      if next.finish(.success(())) { return }
    }
  }
}
