internal import PrivataCore
internal import Synchronization

/// Commits two transactions, clinical first.
///
/// Each carries a marker, and the journal holds, sealed, what the identity store was told. So a crash
/// anywhere leaves one of three states that the next start can tell apart: nothing committed, both,
/// or the clinical one alone, whose other part is then carried out exactly once.
struct TwoStoreCommit {
  private let transaction: VaultTransaction
  private let core: VaultCore

  init(_ transaction: VaultTransaction) {
    self.transaction = transaction
    core = transaction.core
  }

  func run() async throws(PrivataError) {
    let writes = transaction.identity.log.withLock { $0 }
    let id = SecurePseudonyms().next().text
    _ = try await transaction.clinical.write(CommitMarker.insert(id))
    _ = try await transaction.identity.write(CommitMarker.insert(id))
    let sealed = try JournalSeal(core.keys).seal(WriteCoding.encode(writes), id: id)
    let intent = try core.intents.begin(.commit(id: id, sealed: sealed))
    let commit = PendingCommit(
      home: core.home, journal: core.intents, sequence: intent, id: id, sealed: sealed)
    KillPoint.reached("commit-intent")
    do {
      try await transaction.clinical.commit()
    } catch {
      guard try await isStored(commit) else {
        try? await transaction.identity.rollback()
        try core.intents.end(intent)
        throw error
      }
    }
    KillPoint.reached("commit-clinical")
    do {
      try await transaction.identity.commit()
    } catch {
      // The clinical part is durable, so the identity part has to follow.
      return try await finish(commit)
    }
    KillPoint.reached("commit-identity")
    try core.intents.end(intent)
    await core.noteDone(id)
  }

  /// Asks the clinical store whether a commit that failed went through all the same: its answer may
  /// have been lost.
  ///
  /// - Throws: `connection` where the store cannot say; the change is then finished or dropped as a
  ///   whole as soon as it can.
  private func isStored(_ commit: PendingCommit) async throws(PrivataError) -> Bool {
    do {
      return try await CommitMarker.exists(commit.id, in: core.clinicalStore)
    } catch {
      try? await transaction.identity.rollback()
      core.pendingCommits.withLock { $0.append(commit) }
      throw PrivataError(
        .connection,
        """
        whether the change is stored is not known before \(core.clinicalStore.traits.place) is back: \
        it is then finished or dropped as a whole, so look before you repeat it
        """)
    }
  }

  /// Carries out the identity part, against all that gets in its way for a while. What does not
  /// succeed then is tried again and again until it does; the caller learns that it is not done yet.
  private func finish(_ commit: PendingCommit) async throws(PrivataError) {
    for attempt in 1...8 {
      do {
        return try await Recovery(core).finish(commit)
      } catch {
        try? await Task.sleep(for: .milliseconds(5 << attempt))
      }
    }
    core.pendingCommits.withLock { $0.append(commit) }
    throw PrivataError(
      .connection,
      """
      the clinical part of the change is stored, the identity part follows once \
      \(core.identityStore.traits.place) takes it: do not repeat the change
      """)
  }
}

extension VaultCore {
  /// Makes the markers' tables, once: before a transaction, which may keep others from the store.
  func prepareMarkers() async throws(PrivataError) {
    if isOneStore || markersAreReady.load(ordering: .acquiring) { return }
    try await identityStore.prepare([CommitMarker.model])
    try await clinicalStore.prepare([CommitMarker.model])
    markersAreReady.store(true, ordering: .releasing)
  }

  /// Notes that a commit is through: its markers go, many at a time.
  func noteDone(_ id: String) async {
    let ids = doneCommits.withLock { done -> [String] in
      done.append(id)
      guard done.count >= 100 else { return [] }
      defer { done = [] }
      return done
    }
    await removeMarkers(ids)
  }

  /// Removes the markers that wait.
  func removeDoneMarkers() async {
    let ids = doneCommits.withLock { done in
      defer { done = [] }
      return done
    }
    await removeMarkers(ids)
  }

  /// Removes markers that nobody will ask for; one that stays is only a row too many.
  func removeMarkers(_ ids: [String]) async {
    if ids.isEmpty { return }
    try? await CommitMarker.remove(ids, from: clinicalStore)
    try? await CommitMarker.remove(ids, from: identityStore)
  }
}
