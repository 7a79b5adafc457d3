import Foundation
@_spi(Measuring) import PrivataCompliance
import PrivataCore

/// How long a read's event takes to get into the journal: no comparison with a raw driver, which has
/// none, but a bound in nanoseconds for one writer and for one on each core.
struct AuditSuite {
  let place: Place
  let folder: String
  static let rounds = 9
  static let events = 10_000

  /// So many threads that append at the same time, with the nanoseconds that one append may take.
  private struct Load {
    let name: String
    let writers: Int
    let bound: Double
  }

  private var loads: [Load] {
    [
      Load(name: "append, one writer", writers: 1, bound: 500),
      Load(
        name: "append, one writer per core", writers: ProcessInfo.processInfo.activeProcessorCount,
        bound: 1_500),
    ]
  }

  /// Measures each load, checks that the log has every event, and prints the medians with their
  /// bounds.
  ///
  /// - Throws: `RawFailure` where a bound is missed or an event is.
  func run() async throws {
    var options = VaultOptions()
    options.journal.directory = "\(folder)/journal-\(place.name)-audit"
    // The writers are timed, and not the drainer beside them.
    options.journal.drainMilliseconds = 3_600_000
    let vault = try await Vault(
      identity: .store(try await place.store("identity_audit", dropping: [])),
      clinical: .store(try await place.store("clinical_audit", dropping: [])), options: options)
    let appending = try AuditAppending(vault, BenchUser.schema, key: .objectID(BenchUser.id(7)))
    var missed: [String] = []
    for load in loads { missed += try await measure(load, appending, vault) }
    await vault.close()
    guard missed.isEmpty else { throw RawFailure(message: missed.joined(separator: "; ")) }
  }

  private func measure(
    _ load: Load, _ appending: AuditAppending, _ vault: Vault
  ) async throws -> [String] {
    var times: [Double] = []
    for _ in 0..<Self.rounds {
      let before = vault.audit.waiting
      let start = ContinuousClock.now
      try await threads(load.writers) { _ in try appending.append(Self.events) }
      let time = start.duration(to: .now).components
      times.append(
        (Double(time.seconds) * 1e9 + Double(time.attoseconds) / 1e9) / Double(Self.events))
      guard vault.audit.waiting == before + load.writers * Self.events else {
        throw RawFailure(message: "audit: the journal lacks events")
      }
      try await vault.audit.flush()
    }
    times.sort()
    let line = String(
      format: "audit.%@  %@: %.0f ns (%.0f to %.0f), bound %.0f ns", place.name, load.name,
      times[Self.rounds / 2], times[0], times[Self.rounds - 1], load.bound)
    print(line)
    fflush(nil)
    return times[Self.rounds / 2] < load.bound ? [] : [line]
  }
}
