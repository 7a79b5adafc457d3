public import PrivataCore
internal import Synchronization

/// A cache in the process: sharded, bounded by entries and by bytes, least recently used out first,
/// each entry for a lifetime.
///
/// ```swift
/// let cache = MemoryCache<String, [UInt8]>(entries: 10_000, bytes: 16 << 20) { $0.count }
/// cache.set(bytes, for: "report", lifetime: .seconds(60))
/// ```
///
/// Shape: a key belongs to one shard by its hash, and a shard has an equal part of the bounds, so that
/// many tasks rarely meet on one lock. A value larger than a shard's part of the bytes is not kept.
///
/// - Privacy: holds values as they are, in memory only.
public final class MemoryCache<Key: Hashable & Sendable, Value: Sendable>: CacheReader,
  CacheWriter
{
  private let shards: [MemoryCacheShard<Key, Value>]
  private let size: @Sendable (Value) -> Int
  private let now: @Sendable () -> ContinuousClock.Instant

  /// A cache of at most so many entries and bytes, as `size` measures a value.
  public init(
    entries: Int, bytes: Int, shards: Int = 16,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
    size: @escaping @Sendable (Value) -> Int
  ) {
    let count = max(1, shards)
    self.shards = (0..<count).map { _ in
      MemoryCacheShard(entries: max(1, entries / count), bytes: max(1, bytes / count))
    }
    self.size = size
    self.now = now
  }

  private func shard(_ key: Key) -> MemoryCacheShard<Key, Value> {
    shards[Int(UInt(bitPattern: key.hashValue) % UInt(shards.count))]
  }

  /// The value of a key; reading makes it the most recently used of its shard.
  public func value(for key: Key) -> Value? { shard(key).value(key, at: now()) }

  /// The values that the cache has of these keys.
  public func values(for keys: [Key]) -> [Key: Value] {
    var found: [Key: Value] = [:]
    for key in keys { found[key] = value(for: key) }
    return found
  }

  /// True where the cache has a value of the key.
  public func contains(_ key: Key) -> Bool { shard(key).contains(key, at: now()) }

  /// Keeps a value.
  public func set(_ value: Value, for key: Key, lifetime: Duration? = nil) {
    shard(key).set(value, key, bytes: size(value), until: lifetime.map { now() + $0 })
  }

  /// Keeps several values.
  public func set(contentsOf values: [Key: Value], lifetime: Duration? = nil) {
    for (key, value) in values { set(value, for: key, lifetime: lifetime) }
  }

  /// Drops a value.
  public func remove(_ key: Key) { shard(key).remove(key) }

  /// Drops the values of all keys that fulfil a condition.
  public func removeAll(where isGone: @Sendable (Key) -> Bool) {
    for shard in shards { shard.removeAll(where: isGone) }
  }

  /// How many entries had to go for others.
  public var evictions: Int { shards.reduce(0) { $0 + $1.evictions } }

  /// Entries and bytes that the cache holds.
  public var usage: (entries: Int, bytes: Int) {
    shards.reduce(into: (0, 0)) { total, shard in
      let part = shard.usage
      total.0 += part.entries
      total.1 += part.bytes
    }
  }
}

/// One part of a memory cache: entries that are linked from the most to the least recently used.
private final class MemoryCacheShard<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// An entry; of its own, so that moving it copies neither key nor value.
  fileprivate final class Entry {
    let key: Key
    let value: Value
    let bytes: Int
    let deadline: ContinuousClock.Instant?
    /// The neighbours by use: `newer` was used after this one.
    var newer: Entry?
    var older: Entry?

    init(_ key: Key, _ value: Value, bytes: Int, deadline: ContinuousClock.Instant?) {
      self.key = key
      self.value = value
      self.bytes = bytes
      self.deadline = deadline
    }
  }

  fileprivate struct State {
    var entries: [Key: Entry] = [:]
    var newest: Entry?
    var oldest: Entry?
    var bytes = 0
    var evictions = 0
  }

  private let state = Mutex(State())
  private let entries: Int
  private let bytes: Int

  init(entries: Int, bytes: Int) {
    self.entries = entries
    self.bytes = bytes
  }

  // Neighbours keep each other alive until they are parted.
  deinit { state.withLock { $0.dropAll() } }

  var evictions: Int { state.withLock { $0.evictions } }

  var usage: (entries: Int, bytes: Int) { state.withLock { ($0.entries.count, $0.bytes) } }

  func value(_ key: Key, at now: ContinuousClock.Instant) -> Value? {
    state.withLock { state -> Value? in
      guard let entry = state.entries[key] else { return nil }
      if let deadline = entry.deadline, deadline <= now {
        state.drop(entry)
        return nil
      }
      if state.newest !== entry {
        state.unlink(entry)
        state.linkNewest(entry)
      }
      return entry.value
    }
  }

  func contains(_ key: Key, at now: ContinuousClock.Instant) -> Bool {
    state.withLock { state in
      guard let entry = state.entries[key] else { return false }
      return entry.deadline.map { $0 > now } ?? true
    }
  }

  func set(_ value: Value, _ key: Key, bytes size: Int, until deadline: ContinuousClock.Instant?) {
    state.withLock { state in
      if let entry = state.entries[key] { state.drop(entry) }
      guard size <= bytes else { return }
      while let oldest = state.oldest,
        state.entries.count >= entries || state.bytes + size > bytes
      {
        state.drop(oldest)
        state.evictions += 1
      }
      state.add(Entry(key, value, bytes: size, deadline: deadline))
    }
  }

  func remove(_ key: Key) {
    state.withLock { state in
      if let entry = state.entries[key] { state.drop(entry) }
    }
  }

  func removeAll(where isGone: (Key) -> Bool) {
    state.withLock { state in
      for (key, entry) in state.entries where isGone(key) { state.drop(entry) }
    }
  }
}

extension MemoryCacheShard.State {
  mutating func add(_ entry: MemoryCacheShard.Entry) {
    entries[entry.key] = entry
    bytes += entry.bytes
    linkNewest(entry)
  }

  mutating func drop(_ entry: MemoryCacheShard.Entry) {
    unlink(entry)
    entries[entry.key] = nil
    bytes -= entry.bytes
  }

  mutating func dropAll() {
    var next = oldest
    while let entry = next {
      next = entry.newer
      entry.newer = nil
      entry.older = nil
    }
    self = Self()
  }

  mutating func linkNewest(_ entry: MemoryCacheShard.Entry) {
    entry.older = newest
    entry.newer = nil
    newest?.newer = entry
    newest = entry
    if oldest == nil { oldest = entry }
  }

  mutating func unlink(_ entry: MemoryCacheShard.Entry) {
    if let newer = entry.newer { newer.older = entry.older } else { newest = entry.older }
    if let older = entry.older { older.newer = entry.newer } else { oldest = entry.newer }
    entry.newer = nil
    entry.older = nil
  }
}
