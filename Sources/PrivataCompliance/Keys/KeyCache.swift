/// The keys that a process has in memory, up to a bound; two generations, of which the older one
/// goes when the younger is full.
struct KeyCache {
  private struct Slot {
    let id: KeyID
    var seals: Int
  }

  private var young: [KeyID: DataKey] = [:]
  private var old: [KeyID: DataKey] = [:]
  private var slots: [[UInt8]: Slot] = [:]
  private let bound: Int
  /// Until when the keys may be used, and when to ask again.
  var validUntil: ContinuousClock.Instant?
  var renewAt: ContinuousClock.Instant?
  /// The last destruction of keys that this process knows.
  var generation: Int64 = -1
  /// How many times a lease ended before it was renewed.
  var lapses = 0
  /// Sealed writes under way, by the destruction that was the last known when they began.
  private var writes: [Int64: Int] = [:]
  /// What the key store was last told of ``drained``.
  var announced: Int64 = -1

  /// The destruction before which all sealed writes of this process have ended.
  var drained: Int64 { writes.keys.min() ?? generation }
  var hasWrites: Bool { !writes.isEmpty }

  /// Notes that a write that is to be sealed begins.
  mutating func enter() -> Int64 {
    writes[generation, default: 0] += 1
    return generation
  }

  /// Notes that such a write has ended.
  mutating func leave(_ generation: Int64) {
    let count = (writes[generation] ?? 1) - 1
    writes[generation] = count == 0 ? nil : count
  }

  init(bound: Int) { self.bound = max(bound, 2) }

  var isEmpty: Bool { young.isEmpty && old.isEmpty }

  /// The key of a slot, where it may seal that many values more without asking.
  mutating func take(_ slot: [UInt8], _ count: Int) -> DataKey? {
    guard let known = slots[slot], known.seals >= count, let key = young[known.id] ?? old[known.id]
    else { return nil }
    slots[slot]?.seals -= count
    return key
  }

  /// Remembers a key to seal with, unless keys were destroyed since it was asked for.
  mutating func insert(_ key: DataKey, slot: [UInt8], seals: Int, asOf generation: Int64) {
    guard generation == self.generation else { return }
    insert(key, asOf: generation)
    slots[slot] = Slot(id: key.id, seals: seals)
  }

  /// Remembers a key, unless keys were destroyed since it was asked for: it may be one of them.
  mutating func insert(_ key: DataKey, asOf generation: Int64) {
    guard generation == self.generation else { return }
    if young.count >= bound / 2 {
      old = young
      young = [:]
      slots = slots.filter { old[$0.value.id] != nil }
    }
    young[key.id] = key
  }

  func find(_ ids: Set<KeyID>) -> (found: [KeyID: DataKey], missing: [KeyID]) {
    var found: [KeyID: DataKey] = [:]
    var missing: [KeyID] = []
    for id in ids {
      if let key = young[id] ?? old[id] { found[id] = key } else { missing.append(id) }
    }
    return (found, missing)
  }

  /// The keys of all ids, where all are there and may be used without asking.
  func all(
    _ ids: [KeyID], at now: ContinuousClock.Instant
  ) -> [(id: KeyID, key: DataKey?)]? {
    guard let renewAt, now < renewAt else { return nil }
    var found: [(id: KeyID, key: DataKey?)] = []
    found.reserveCapacity(ids.count)
    for id in ids {
      guard let key = young[id] ?? old[id] else { return nil }
      found.append((id, key))
    }
    return found
  }

  mutating func removeAll() {
    young = [:]
    old = [:]
    slots = [:]
  }
}
