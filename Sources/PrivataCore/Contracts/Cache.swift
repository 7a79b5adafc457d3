/// Reads of a cache. A cache that is down or has dropped an entry answers as one that never had it.
///
/// ```swift
/// if let batch = await cache.value(for: key) { return batch }
/// ```
public protocol CacheReader<Key, Value>: Sendable {
  /// What an entry is found by.
  associatedtype Key: Hashable & Sendable
  /// What an entry holds.
  associatedtype Value: Sendable
  /// The value of a key, `nil` where the cache does not have it or its lifetime is over.
  func value(for key: Key) async -> Value?
  /// The values that the cache has of these keys.
  func values(for keys: [Key]) async -> [Key: Value]
  /// True where the cache has a value of the key; nothing is counted as used.
  func contains(_ key: Key) async -> Bool
}

/// Writes of a cache. They never fail: what cannot be kept is not kept.
public protocol CacheWriter<Key, Value>: Sendable {
  /// What an entry is found by.
  associatedtype Key: Hashable & Sendable
  /// What an entry holds.
  associatedtype Value: Sendable
  /// Keeps a value, for at most that long where a lifetime is given.
  func set(_ value: Value, for key: Key, lifetime: Duration?) async
  /// Keeps several values.
  func set(contentsOf values: [Key: Value], lifetime: Duration?) async
  /// Drops a value; when the call returns, no read answers it any more.
  func remove(_ key: Key) async
  /// Drops the values of all keys that fulfil a condition.
  func removeAll(where isGone: @Sendable (Key) -> Bool) async
}

/// A cache that is read and written.
public typealias Cache<Key, Value> = CacheReader<Key, Value> & CacheWriter<Key, Value>
