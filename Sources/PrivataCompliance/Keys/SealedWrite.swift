internal import PrivataCore
internal import Synchronization

/// A write with sealed values on its way to a store, from before it takes its keys until the store
/// has it. A rotation destroys no key while a write that may have taken it is under way, in this
/// process or another.
final class SealedWrite: Sendable {
  private let keys: SubjectKeys
  /// The last destruction of keys that was known when the write began.
  private let generation: Int64
  private let lapses: Int

  /// Notes a write; it ends with the last reference to this.
  init(_ keys: SubjectKeys) async throws(PrivataError) {
    try await keys.checkLease()
    self.keys = keys
    (generation, lapses) = keys.cache.withLock { ($0.enter(), $0.lapses) }
  }

  deinit { keys.cache.withLock { $0.leave(generation) } }

  /// Makes sure that the keys are still waited for. A process that stood still for longer than its
  /// lease was not: what it sealed before then may not be stored any more, once keys were exchanged.
  ///
  /// - Throws: `keyUnavailable`.
  func check() async throws(PrivataError) {
    if isWaitedFor() { return }
    try await keys.renew()
    guard isWaitedFor() else {
      throw PrivataError(
        .keyUnavailable,
        "keys were exchanged while this process stood still: nothing was stored, write again",
        isRetriable: true)
    }
  }

  private func isWaitedFor() -> Bool {
    keys.cache.withLock { cache in
      guard let end = cache.validUntil, ContinuousClock.now < end else { return false }
      return cache.lapses == lapses || cache.generation == generation
    }
  }
}

/// The sealed writes of a transaction, which end with it.
final class SealedWrites: Sendable {
  private let write = Mutex<SealedWrite?>(nil)

  /// The transaction's write, begun with the first sealed value.
  func begin(_ keys: SubjectKeys) async throws(PrivataError) -> SealedWrite {
    if let known = write.withLock({ $0 }) { return known }
    let new = try await SealedWrite(keys)
    return write.withLock { write in
      let kept = write ?? new
      write = kept
      return kept
    }
  }

  /// Asked before the transaction is committed.
  func check() async throws(PrivataError) {
    try await write.withLock({ $0 })?.check()
  }

  /// The transaction has ended.
  func end() { write.withLock { $0 = nil } }
}
