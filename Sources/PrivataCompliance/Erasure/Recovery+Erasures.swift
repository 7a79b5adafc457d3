internal import PrivataCore
internal import Synchronization

extension Recovery {
  /// Goes on with erasures that were left open and whose models are known by now: those of an earlier
  /// process, those that a store's failure interrupted, and those that waited for a hold to end.
  func resumeErasures() async throws(PrivataError) {
    guard core.hasOpenErasures.load(ordering: .acquiring) else { return }
    var isLeft = false
    for entry in try await core.ledger.unfinished() {
      guard core.registry.model(entry.model) != nil else {
        isLeft = true
        continue
      }
      // What fails again is left for later, and keeps no other from its end.
      let isDone = (try? await resume(entry)) ?? false
      if !isDone { isLeft = true }
    }
    core.hasOpenErasures.store(isLeft, ordering: .releasing)
  }

  /// Goes on with one; false where it has to wait, or another process is at it.
  func resume(_ entry: ErasureLedger.Entry) async throws(PrivataError) -> Bool {
    guard try await core.ledger.lease(entry.id) else { return false }
    var saga = try ErasureSaga(core, entry)
    if entry.state == .onHold, try await !core.wholeHolds(saga.plan.subject, entry.model).isEmpty {
      try await core.ledger.release(entry.id)
      return false
    }
    _ = try await saga.run()
    try record(entry)
    return true
  }

  private func record(_ entry: ErasureLedger.Entry) throws(PrivataError) {
    let scope = AuditCoding.scope(.erase, model: entry.model, fields: [], filterFields: [])
    try core.recorder.record(
      .service, scope: scope, result: AuditResult(count: 1, subjectOf: entry.id), isPersonal: true)
  }
}

extension VaultCore {
  /// Where erasures are kept.
  var ledger: ErasureLedger {
    ErasureLedger(store: auditStore, keys: keys, writer: home.writer)
  }

  /// Makes the ledger's table, once, with the others that a request of a person needs: a server makes
  /// tables in one transaction behind a lock, for which nobody is to wait who asks for their data.
  func prepareLedger() async throws(PrivataError) {
    if ledgerIsReady.load(ordering: .acquiring) { return }
    try await auditStore.prepare([
      ErasureLedger.model, SubjectRequest.schema, DocumentationEntry.schema,
    ])
    documentation.notePrepared()
    if keepsCodesApart { try await codes.prepare() }
    ledgerIsReady.store(true, ordering: .releasing)
  }
}
