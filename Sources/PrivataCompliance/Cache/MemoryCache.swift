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

  /// Entries and bytes that the cache holds.
  public var usage: (entries: Int, bytes: Int) {
    shards.reduce(into: (0, 0)) { total, shard in
      let part = shard.usage
      total.0 += part.entries
      total.1 += part.bytes
    }
  }
}

/// One part of a memory cache: entries in a ring of slots, linked from the most to the least recently
/// used.
private final class MemoryCacheShard<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  fileprivate struct Entry {
    var key: Key
    var value: Value
    var bytes: Int
    var deadline: ContinuousClock.Instant?
    /// The neighbours by use: `newer` was used after this one.
    var newer: Int?
    var older: Int?
  }

  fileprivate struct State {
    var slots: [Entry?] = []
    var free: [Int] = []
    var places: [Key: Int] = [:]
    var newest: Int?
    var oldest: Int?
    var bytes = 0
  }

  private let state = Mutex(State())
  private let entries: Int
  private let bytes: Int

  init(entries: Int, bytes: Int) {
    self.entries = entries
    self.bytes = bytes
  }

  var usage: (entries: Int, bytes: Int) { state.withLock { ($0.places.count, $0.bytes) } }

  func value(_ key: Key, at now: ContinuousClock.Instant) -> Value? {
    state.withLock { state -> Value? in
      guard let place = state.places[key], let entry = state.slots[place] else { return nil }
      if let deadline = entry.deadline, deadline <= now {
        state.drop(place)
        return nil
      }
      if state.newest != place {
        state.unlink(place)
        state.linkNewest(place)
      }
      return entry.value
    }
  }

  func contains(_ key: Key, at now: ContinuousClock.Instant) -> Bool {
    state.withLock { state in
      guard let place = state.places[key], let entry = state.slots[place] else { return false }
      return entry.deadline.map { $0 > now } ?? true
    }
  }

  func set(_ value: Value, _ key: Key, bytes size: Int, until deadline: ContinuousClock.Instant?) {
    state.withLock { state in
      if let place = state.places[key] { state.drop(place) }
      guard size <= bytes else { return }
      while let oldest = state.oldest,
        state.places.count >= entries || state.bytes + size > bytes
      {
        state.drop(oldest)
      }
      state.add(Entry(key: key, value: value, bytes: size, deadline: deadline))
    }
  }

  func remove(_ key: Key) {
    state.withLock { state in
      if let place = state.places[key] { state.drop(place) }
    }
  }

  func removeAll(where isGone: (Key) -> Bool) {
    state.withLock { state in
      for (key, place) in state.places where isGone(key) { state.drop(place) }
    }
  }
}

extension MemoryCacheShard.State {
  mutating func add(_ entry: MemoryCacheShard.Entry) {
    let place: Int
    if let reused = free.popLast() {
      place = reused
      slots[place] = entry
    } else {
      place = slots.count
      slots.append(entry)
    }
    places[entry.key] = place
    bytes += entry.bytes
    linkNewest(place)
  }

  mutating func drop(_ place: Int) {
    unlink(place)
    guard let entry = slots[place] else { return }
    places[entry.key] = nil
    bytes -= entry.bytes
    slots[place] = nil
    free.append(place)
  }

  mutating func linkNewest(_ place: Int) {
    slots[place]?.older = newest
    slots[place]?.newer = nil
    if let newest { slots[newest]?.newer = place }
    newest = place
    if oldest == nil { oldest = place }
  }

  mutating func unlink(_ place: Int) {
    guard let entry = slots[place] else { return }
    if let newer = entry.newer { slots[newer]?.older = entry.older } else { newest = entry.older }
    if let older = entry.older { slots[older]?.newer = entry.newer } else { oldest = entry.newer }
  }
}
