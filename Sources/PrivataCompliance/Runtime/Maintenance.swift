internal import PrivataCore
internal import Synchronization

/// The work of a vault that no call waits for: events to the audit store, the journal to the disk.
final class Maintenance: Sendable {
  private let task = Mutex<OwnedTask?>(nil)

  /// Begins the work on a core's parts; the core itself is not kept alive by it.
  func start(_ drainer: AuditDrainer, _ journal: Journal, _ options: JournalOptions) {
    let owned = OwnedTask { await Self.run(drainer, journal, options) }
    task.withLock { $0 = owned }
  }

  /// Ends the work and waits until it has.
  func stop() async {
    let owned = task.withLock { task in
      defer { task = nil }
      return task
    }
    await owned?.stop()
  }

  private static func run(
    _ drainer: AuditDrainer, _ journal: Journal, _ options: JournalOptions
  ) async {
    var pause = options.drainMilliseconds
    var sinceSync = 0
    while !Task.isCancelled {
      do { try await Task.sleep(for: .milliseconds(pause)) } catch { return }
      sinceSync += pause
      if sinceSync >= options.syncMilliseconds {
        sinceSync = 0
        // A disk that fails shows itself where a caller waits: at the next append or at `close`.
        try? journal.sync()
      }
      do {
        try await drainer.drain()
        pause = options.drainMilliseconds
      } catch {
        // The events are safe in the journal; the store gets time to come back.
        pause = min(max(pause, 50) * 2, 30_000)
      }
    }
  }
}
