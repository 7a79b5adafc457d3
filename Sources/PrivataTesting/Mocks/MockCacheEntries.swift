internal import Synchronization

/// What a mock of a cache holds.
final class MockCacheEntries<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let entries = Mutex<[Key: (value: Value, end: ContinuousClock.Instant?)]>([:])

  func value(_ key: Key) -> Value? {
    entries.withLock { entries in
      guard let entry = entries[key] else { return nil }
      return entry.end.map { ContinuousClock.now < $0 } ?? true ? entry.value : nil
    }
  }

  func set(_ value: Value, _ key: Key, _ lifetime: Duration?) {
    let end = lifetime.map { ContinuousClock.now + $0 }
    entries.withLock { $0[key] = (value, end) }
  }

  func removeAll(where isGone: (Key) -> Bool) {
    entries.withLock { entries in entries = entries.filter { !isGone($0.key) } }
  }
}
