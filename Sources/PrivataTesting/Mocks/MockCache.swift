public import PrivataCore

/// A cache with calls and faults: a fault is an entry that is not there, since caches never throw.
///
/// ```swift
/// let cache = MockCache<Int, String>()
/// cache.calls.fail("value", with: PrivataError(.connection, "away"))   // one miss
/// ```
public struct MockCache<Key: Hashable & Sendable, Value: Sendable>: CacheReader, CacheWriter {
  /// What was asked, and the faults.
  public let calls = MockCalls()
  private let entries = MockCacheEntries<Key, Value>()

  /// An empty cache.
  public init() {}

  /// True where the call goes through.
  private func passes(_ name: String) async -> Bool {
    do {
      return try await calls.begin(name) != 0
    } catch {
      return false
    }
  }

  public func value(for key: Key) async -> Value? {
    await passes("value") ? entries.value(key) : nil
  }

  public func values(for keys: [Key]) async -> [Key: Value] {
    guard await passes("values") else { return [:] }
    return keys.reduce(into: [:]) { $0[$1] = entries.value($1) }
  }

  public func contains(_ key: Key) async -> Bool {
    await passes("contains") && entries.value(key) != nil
  }

  public func set(_ value: Value, for key: Key, lifetime: Duration?) async {
    if await passes("set") { entries.set(value, key, lifetime) }
  }

  public func set(contentsOf values: [Key: Value], lifetime: Duration?) async {
    guard await passes("setMany") else { return }
    for (key, value) in values { entries.set(value, key, lifetime) }
  }

  public func remove(_ key: Key) async {
    if await passes("remove") { entries.removeAll { $0 == key } }
  }

  public func removeAll(where isGone: @Sendable (Key) -> Bool) async {
    if await passes("removeAll") { entries.removeAll(where: isGone) }
  }
}
