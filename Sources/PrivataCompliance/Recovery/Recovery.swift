internal import PrivataCore
internal import Synchronization

/// Finishes or undoes what an earlier process left open.
struct Recovery {
  let core: VaultCore

  init(_ core: VaultCore) { self.core = core }

  /// Removes clinical rows that nobody is linked to; finishes commits as far as their models are
  /// known yet.
  func run() async throws(PrivataError) {
    for (sequence, intent) in core.intents.leftOpen {
      guard case .link(let link) = intent else { continue }
      let removed = try await removeUnlinked(link)
      try core.intents.end(sequence)
      try record(link.model, removed)
    }
    core.pendingCommits.withLock { pending in
      pending = core.intents.leftOpen.compactMap { sequence, intent in
        guard case .commit(let id, let sealed) = intent else { return nil }
        return PendingCommit(sequence: sequence, id: id, sealed: sealed)
      }
    }
    try await core.prepareLedger()
    let isOpen = try await !core.ledger.unfinished().isEmpty
    core.hasOpenErasures.store(isOpen, ordering: .releasing)
  }

  /// Deletes the clinical rows among these whose pseudonym no identity row has.
  private func removeUnlinked(_ intent: LinkIntent) async throws(PrivataError) -> Int {
    let identity = intent.identity.model(named: intent.model)
    let clinical = intent.clinical.model(named: intent.model)
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

  // MARK: - Commits

  /// Finishes the open commits whose models have been registered since.
  func finishCommits() async throws(PrivataError) {
    let pending = core.pendingCommits.withLock { $0 }
    for commit in pending {
      do {
        try await finish(commit.id, commit.sealed, commit.sequence)
      } catch let error where error.code == .unknownModel {
        continue
      }
      core.pendingCommits.withLock { $0.removeAll { $0.id == commit.id } }
    }
  }

  /// Carries out the identity part of a commit whose clinical part went through, unless it did too.
  func finish(
    _ id: String, _ sealed: [UInt8], _ sequence: UInt64
  ) async throws(PrivataError) {
    try await core.prepareMarkers()
    if try await CommitMarker.exists(id, in: core.clinicalStore),
      try await !CommitMarker.exists(id, in: core.identityStore)
    {
      let bytes = try JournalSeal(core.keys).open(sealed, id: id)
      let writes = try WriteCoding.decode(bytes, core.registry)
      try await replay(writes, id)
    }
    try core.intents.end(sequence)
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
  let sequence: UInt64
  let id: String
  let sealed: [UInt8]
}
