public import PrivataCore
internal import Synchronization

/// The erasures of a vault that have not come to their end.
///
/// ```swift
/// for one in try await vault.erasures.open() where one.needsOperator { alert(one.sagaID) }
/// try await vault.erasures.resume(id)
/// ```
///
/// The vault goes on with them by itself, after a pause that doubles with each failure, up to ten
/// minutes.
public struct Erasures: Sendable {
  let core: VaultCore

  /// How far one is.
  public struct Status: Sendable, Hashable {
    /// The saga's number, the model of the person, when it was asked for.
    public let sagaID: String
    public let model: String
    public let openedAt: DateTime
    /// True where a legal hold on the whole person keeps it from beginning.
    public let isOnHold: Bool
    /// What is still to do: `identity`, `clinical`, `keys`, `verification`.
    public let pending: [String]
    /// True after a day: somebody has to look.
    public let needsOperator: Bool
  }

  /// The erasures that are not attested.
  public func open() async throws(PrivataError) -> [Status] {
    try await core.prepareLedger()
    return try await core.ledger.unfinished().map { Status($0) }
      .sorted { $0.openedAt < $1.openedAt }
  }

  /// Goes on with one now; true where it came to its end.
  ///
  /// - Throws: `notFound` for a number that there is not; what the stores throw.
  public func resume(_ sagaID: String) async throws(PrivataError) -> Bool {
    try await core.prepareLedger()
    guard let entry = try await core.ledger.entry(sagaID) else {
      throw PrivataError(.notFound, "there is no erasure \(sagaID)")
    }
    if entry.state == .attested { return true }
    try await core.ledger.release(sagaID)
    return try await Recovery(core).resume(entry)
  }

  /// Goes on with all that can.
  public func recover() async throws(PrivataError) {
    try await core.prepareLedger()
    core.hasOpenErasures.store(true, ordering: .releasing)
    try await Recovery(core).resumeErasures()
  }

  /// How many erasures wait to be repeated on a store that was restored from a backup.
  public var waitingForReplay: Int { core.gate.count }

  /// Repeats the erasures that a restored store does not know of, for all models that are
  /// registered. Reads do it by themselves; this answers how many are still waiting.
  ///
  /// - Throws: `restoreReplayPending` where one could not be repeated.
  public func replay() async throws(PrivataError) -> Int {
    try await core.gate.look(core)
    try await core.gate.pass(core)
    return core.gate.count
  }
}

extension Erasures.Status {
  init(_ entry: ErasureLedger.Entry, now: DateTime = .now) {
    sagaID = entry.id
    model = entry.model
    openedAt = entry.openedAt
    isOnHold = entry.state == .onHold
    let steps: [(ErasureState, String)] = [
      (.identityDeleted, "identity"), (.clinicalSettled, "clinical"), (.keysDestroyed, "keys"),
      (.verified, "verification"),
    ]
    let done = steps.firstIndex { $0.0 == entry.state }.map { $0 + 1 } ?? 0
    pending = steps.dropFirst(done).map(\.1)
    needsOperator =
      !isOnHold && now.milliseconds - entry.openedAt.milliseconds > 24 * 60 * 60 * 1_000
  }
}

extension Vault {
  /// The erasures that have not come to their end.
  public var erasures: Erasures { Erasures(core: core) }
}
