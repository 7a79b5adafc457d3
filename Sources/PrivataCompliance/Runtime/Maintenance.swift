internal import PrivataCore
internal import Synchronization

/// The work of a vault that no call waits for: events to the audit store, the journal to the disk.
final class Maintenance: Sendable {
  private let task = Mutex<OwnedTask?>(nil)

  /// Begins the work, which does not keep the core alive.
  func start(_ core: VaultCore) {
    let owned = OwnedTask { [weak core] in
      var state = Progress(core?.options.journal ?? JournalOptions())
      while !Task.isCancelled {
        do { try await Task.sleep(for: .milliseconds(state.pause)) } catch { return }
        guard let core else { return }
        await state.step(core)
      }
    }
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
}

/// What the work has to remember from one round to the next.
private struct Progress {
  private let options: JournalOptions
  private(set) var pause: Int
  private var sinceSync = 0
  private var sinceErasures = 0

  init(_ options: JournalOptions) {
    self.options = options
    pause = options.drainMilliseconds
  }

  /// Each second the erasures that are open are looked at; each has a pause of its own.
  private mutating func resumeErasures(_ core: VaultCore) async throws(PrivataError) {
    guard sinceErasures >= 1_000 else { return }
    sinceErasures = 0
    try await Recovery(core).resumeErasures()
  }

  mutating func step(_ core: VaultCore) async {
    sinceSync += pause
    sinceErasures += pause
    if sinceSync >= options.syncMilliseconds {
      sinceSync = 0
      // A disk that fails shows itself where a caller waits: at the next append or at `close`.
      try? core.recorder.journal.sync()
    }
    await core.removeDoneMarkers()
    core.cache?.dropEndedSessions()
    do {
      if core.pendingLinks.withLock({ !$0.isEmpty }) { try await Recovery(core).finishLinks() }
      if core.pendingCommits.withLock({ !$0.isEmpty }) { try await Recovery(core).finishCommits() }
      try await core.drain()
      if core.hasOpenErasures.load(ordering: .relaxed) { try await resumeErasures(core) }
      pause = options.drainMilliseconds
    } catch {
      // The events are safe in the journal; the store gets time to come back.
      // Nothing half done is left for longer than a second after that.
      let isHalfDone =
        core.pendingLinks.withLock({ !$0.isEmpty }) || core.pendingCommits.withLock({ !$0.isEmpty })
      // An alarm comes soon, though the store is away.
      let isUrgent = isHalfDone || core.watch != nil
      pause = min(max(pause, 50) * 2, isUrgent ? 1_000 : 30_000)
    }
  }
}
