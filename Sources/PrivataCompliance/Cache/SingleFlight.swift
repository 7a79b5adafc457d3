internal import Synchronization

/// Lets one caller at a time do the work of a key; the others wait for their turn.
final class SingleFlight<Key: Hashable & Sendable>: Sendable {
  /// The keys under way, each with those who wait.
  private let waiting = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

  init() {}

  /// Returns when nobody else does the work of the key. A caller who is cancelled while waiting takes
  /// its turn like the others and finds out by its own next step.
  func enter(_ key: Key) async {
    let isFree = waiting.withLock { waiting in
      if waiting[key] != nil { return false }
      waiting[key] = []
      return true
    }
    if isFree { return }
    await withCheckedContinuation { continuation in
      let isFree = waiting.withLock { waiting in
        if waiting[key] != nil {
          waiting[key]?.append(continuation)
          return false
        }
        waiting[key] = []
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  /// Ends the caller's turn: the next one's begins.
  func leave(_ key: Key) {
    let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
      guard var line = waiting[key], !line.isEmpty else {
        waiting[key] = nil
        return nil
      }
      let next = line.removeFirst()
      waiting[key] = line
      return next
    }
    next?.resume()
  }
}
