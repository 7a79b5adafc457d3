internal import PrivataCore
internal import Synchronization

/// Finishes or undoes what an earlier process left open.
struct Recovery {
  let core: VaultCore

  init(_ core: VaultCore) { self.core = core }

  /// Removes clinical rows that nobody is linked to, moves the events of processes that have ended,
  /// and notes what has to wait for its models.
  func run() async throws(PrivataError) {
    try await undo(core.intents, core.home)
    var ended = [core.home.writer]
    for home in JournalHome.abandoned(in: core.directory) {
      ended.append(home.writer)
      try await adopt(home)
    }
    try await core.prepareLedger()
    try await core.ledger.release(heldBy: ended)
    let isOpen = try await !core.ledger.unfinished().isEmpty
    core.hasOpenErasures.store(isOpen, ordering: .releasing)
  }

  /// Finishes what a process left that has ended and whose place no other has taken.
  private func adopt(_ home: JournalHome) async throws(PrivataError) {
    let options = core.options.journal
    let events = try Journal("events", in: home.path, writer: home.writer, options: options)
    try await AuditDrainer(events, home: home, store: core.auditStore, keys: core.keys).drain()
    let intents = try IntentJournal(
      try Journal("intents", in: home.path, writer: home.writer, options: options))
    try await undo(intents, home)
    // What waits for its models keeps the directory, and with it the lock.
    let isWaiting = core.pendingCommits.withLock { $0.contains { $0.home === home } }
    if !isWaiting { home.remove() }
  }

  private func undo(_ intents: IntentJournal, _ home: JournalHome) async throws(PrivataError) {
    for (sequence, intent) in intents.leftOpen {
      switch intent {
      case .link(let link):
        let removed = try await removeUnlinked(link)
        try intents.end(sequence)
        try record(link.model, removed)
      case .commit(let id, let sealed):
        let commit = PendingCommit(
          home: home, journal: intents, sequence: sequence, id: id, sealed: sealed)
        core.pendingCommits.withLock { $0.append(commit) }
      }
    }
  }

  /// Deletes the clinical rows among these whose pseudonym no identity row has.
  private func removeUnlinked(_ intent: LinkIntent) async throws(PrivataError) -> Int {
    let identity = intent.identity.model(
      named: intent.model, on: core.identityStore.traits.kind)
    let clinical = intent.clinical.model(
      named: intent.model, on: core.clinicalStore.traits.kind)
    var removed = 0
    for start in stride(from: 0, to: intent.links.count, by: core.options.joinBatch) {
      let end = min(start + core.options.joinBatch, intent.links.count)
      let links = intent.links[start..<end].map { Value.string($0) }
      let query = Query(
        identity, where: .oneOf(intent.identity.link, links),
        projection: .fields([intent.identity.link]), layout: .cells)
      let present = try await core.identityStore.rows(for: query)
      let linked = Set((0..<present.count).compactMap { present.value(row: $0, column: 0) })
      let gone = links.filter { !linked.contains($0) }
      guard !gone.isEmpty else { continue }
      let delete = Delete(clinical, where: .oneOf(intent.clinical.link, gone), layout: .cells)
      removed += try await core.clinicalStore.write(.delete(delete)).deleted
    }
    return removed
  }

  private func record(_ model: String, _ count: Int) throws(PrivataError) {
    let scope = AuditCoding.scope(.recovery, model: model, fields: [], filterFields: [])
    try core.recorder.record(
      .service, scope: scope, result: AuditResult(count: count), isPersonal: true)
  }

  /// Removes the clinical rows that this process could not when it should have.
  func finishLinks() async throws(PrivataError) {
    for pending in core.pendingLinks.withLock({ $0 }) {
      let removed = try await removeUnlinked(pending.link)
      try core.intents.end(pending.sequence)
      core.pendingLinks.withLock { $0.removeAll { $0.sequence == pending.sequence } }
      try record(pending.link.model, removed)
    }
  }

  // MARK: - Commits

  /// Finishes the open commits whose models have been registered since.
  func finishCommits() async throws(PrivataError) {
    let pending = core.pendingCommits.withLock { $0 }
    for commit in pending {
      do {
        try await finish(commit)
      } catch let error where error.code == .unknownModel {
        continue
      }
      core.pendingCommits.withLock { $0.removeAll { $0.id == commit.id } }
    }
  }

  /// Carries out the identity part of a commit whose clinical part went through, unless it did too.
  ///
  /// One at a time: two that found the same commit open would both carry it out.
  func finish(_ commit: PendingCommit) async throws(PrivataError) {
    await core.recoveryPermits.enter()
    defer { core.recoveryPermits.leave() }
    let id = commit.id
    if !core.isOneStore { try await core.prepareMarkers() }
    if try await CommitMarker.exists(id, in: core.clinicalStore),
      try await !CommitMarker.exists(id, in: core.identityStore)
    {
      let bytes = try JournalSeal(core.keys).open(commit.sealed, id: id)
      let writes = try WriteCoding.decode(bytes, core.registry)
      try await replay(writes, id)
      core.cache?.removeAll()
    }
    try commit.journal.end(commit.sequence)
    await core.removeMarkers([id])
    try record("", 1)
  }

  private func replay(_ writes: [Write], _ id: String) async throws(PrivataError) {
    guard let store = core.identityStore as? any TransactionalStore else { return }
    let transaction = try await store.begin(TransactionOptions())
    do {
      for write in writes { _ = try await transaction.write(write) }
      _ = try await transaction.write(CommitMarker.insert(id))
      try await transaction.commit()
    } catch {
      try? await transaction.rollback()
      throw error
    }
  }
}

/// A commit that waits for its models to be registered.
struct PendingCommit: Sendable {
  /// Where the journal is; keeps other processes from it.
  let home: JournalHome
  /// The journal that holds it.
  let journal: IntentJournal
  let sequence: UInt64
  let id: String
  let sealed: [UInt8]
}

/// Clinical rows of this process that may have lost their identity row.
struct PendingLink: Sendable {
  let sequence: UInt64
  let link: LinkIntent
}
