import Synchronization

/// What hooks and marks leave behind, in order.
final class HookTrace: Sendable {
  private let entries = Mutex<[String]>([])

  var all: [String] { entries.withLock { $0 } }

  func append(_ entry: String) { entries.withLock { $0.append(entry) } }

  func clear() { entries.withLock { $0 = [] } }
}
