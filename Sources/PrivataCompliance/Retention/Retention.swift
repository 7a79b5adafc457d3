public import PrivataCore
internal import Synchronization

/// Carries out the rules of retention.
///
/// ```swift
/// let report = try await vault.retention.run()          // once, by the process that has the lease
/// vault.retention.start(every: .seconds(3_600))         // until the vault is closed
/// let soon = try await vault.retention.preview(within: .days(30))
/// ```
///
/// One process at a time: another takes over when its lease ends. Holds and restrictions are left
/// alone. Of a vault over several regions each sweeps by itself: `vault.region(.us).retention`.
///
/// - Privacy: persons are erased by the saga of Article 17; everything is audited.
public struct Retention: Sendable {
  let core: VaultCore
  /// For how long the process that sweeps may be silent.
  public var leaseSeconds = 60.0

  /// What a rule did, or will do.
  public struct Entry: Sendable, Hashable {
    /// The rule.
    public let rule: RetentionRule
    /// Records that were erased, emptied or made anonymous; in a preview those that will be.
    public internal(set) var due = 0
    /// Records whose period never began: somebody has to look.
    public internal(set) var review = 0
    /// Records that a hold, a restriction or an obligation keeps.
    public internal(set) var kept = 0
    /// Copies without a person that stay.
    public internal(set) var anonymous = 0
  }

  /// What a sweep did.
  public struct Report: Sendable, Hashable {
    /// False where another process has the lease: nothing was done.
    public let isLeader: Bool
    /// By rule.
    public let entries: [Entry]
    /// Parts of erased persons' data whose exception has ended.
    public let retainedErased: Int
    /// True where the budget ended before the work.
    public let isPartial: Bool
  }

  /// Sweeps once.
  ///
  /// - Parameters:
  ///   - batch: how many records are read at a time.
  ///   - budget: for how long; what is left waits for the next call.
  ///   - now: the moment that counts.
  /// - Throws: what the stores throw; what was done stays done.
  public func run(
    batch: Int = 1_000, budget: Duration = .seconds(3_600), now: DateTime = .now
  ) async throws(PrivataError) -> Report {
    let lease = Lease(
      store: core.auditStore, name: "retention", holder: core.home.writer, seconds: leaseSeconds)
    guard try await lease.take() else {
      return Report(isLeader: false, entries: [], retainedErased: 0, isPartial: false)
    }
    var sweep = RetentionSweep(
      core: core, lease: lease, batch: max(batch, 1), now: now,
      end: ContinuousClock.now.advanced(by: budget))
    do {
      let report = try await sweep.run()
      try await lease.release()
      return report
    } catch {
      try? await lease.release()
      throw error
    }
  }

  /// What will end within a period, without changing anything: counts and no values.
  public func preview(
    within period: RetentionRule.Period, now: DateTime = .now
  ) async throws(PrivataError) -> [Entry] {
    let lease = Lease(store: core.auditStore, name: "preview", holder: 0, seconds: 0)
    let sweep = RetentionSweep(
      core: core, lease: lease, batch: 1_000, now: period.after(now),
      end: ContinuousClock.now.advanced(by: .seconds(3_600)))
    return try await sweep.preview()
  }

  /// Sweeps again and again, until the vault is closed.
  public func start(every interval: Duration) {
    let owned = OwnedTask { [weak core] in
      while !Task.isCancelled {
        guard let core else { return }
        // What failed is tried again the next time; the erasures that began are in the ledger.
        _ = try? await Retention(core: core).run()
        do { try await Task.sleep(for: interval) } catch { return }
      }
    }
    core.sweeper.withLock { $0 = owned }
  }

  /// Ends the sweeping and waits until it has.
  public func stop() async {
    let owned = core.sweeper.withLock { sweeper in
      defer { sweeper = nil }
      return sweeper
    }
    await owned?.stop()
  }
}

extension Vault {
  /// The rules of retention, carried out.
  public var retention: Retention { Retention(core: core) }
}
