/// Calls that take about the same time, for instance one command on one collection.
package struct CallKind: Sendable, Hashable {
  let slot: Int

  /// The kind of that hash; different kinds may share a slot, which costs a hop at worst.
  package init(_ hash: Int) {
    let mixed = UInt64(truncatingIfNeeded: hash) &* 0x9E37_79B9_7F4A_7C15
    slot = Int(mixed >> 56)
  }
}

/// Decides which calls may block one of Swift's own threads. A plain value: who holds it locks it.
struct InlinePermits: Sendable {
  /// A permission, to be given back.
  struct Permit: Sendable {
    fileprivate let index: Int
    fileprivate let start: UInt64
  }

  /// Calls of a kind must have taken less than this on average…
  static let fastNanoseconds: UInt64 = 2_000_000
  /// …and no call that runs inline now may have taken longer than this.
  static let stalledNanoseconds: UInt64 = 5_000_000

  /// When the call that holds each permit began; 0 for a free one.
  private var starts: [UInt64]
  private var used = 0
  /// Moving averages by the slot of the kind. A kind that was never seen is not known to be fast.
  private var averages = [UInt64](repeating: fastNanoseconds + fastNanoseconds / 8, count: 256)

  init(limit: Int) { starts = [UInt64](repeating: 0, count: max(0, limit)) }

  mutating func acquire(_ kind: CallKind, now: UInt64) -> Permit? {
    guard used < starts.count, averages[kind.slot] < Self.fastNanoseconds else { return nil }
    var free = 0
    for index in starts.indices {
      let start = starts[index]
      if start == 0 { free = index } else if now &- start > Self.stalledNanoseconds { return nil }
    }
    starts[free] = now
    used += 1
    return Permit(index: free, start: now)
  }

  mutating func release(_ permit: Permit, _ kind: CallKind, now: UInt64) {
    starts[permit.index] = 0
    used -= 1
    record(kind, now &- permit.start)
  }

  /// Takes a duration into the average of its kind, with a weight of a quarter.
  mutating func record(_ kind: CallKind, _ nanoseconds: UInt64) {
    // One stall of minutes must not keep a kind from ever being called fast again.
    let bounded = min(nanoseconds, 16 * Self.fastNanoseconds)
    averages[kind.slot] = (averages[kind.slot] * 3 + bounded) / 4
  }
}
