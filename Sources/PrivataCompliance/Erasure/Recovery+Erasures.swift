internal import PrivataCore
internal import Synchronization

extension Recovery {
  /// Goes on with erasures that an earlier process left open and whose models are known by now.
  func resumeErasures() async throws(PrivataError) {
    guard core.hasOpenErasures.load(ordering: .acquiring) else { return }
    var isLeft = false
    for entry in try await core.ledger.unfinished() {
      guard core.registry.model(entry.model) != nil else {
        isLeft = true
        continue
      }
      do {
        // Another process may be at it.
        guard try await core.ledger.lease(entry.id) else {
          isLeft = true
          continue
        }
        var saga = try ErasureSaga(core, entry)
        _ = try await saga.run()
        try record(entry)
      } catch let error where error.code == .unknownModel {
        isLeft = true
      }
    }
    core.hasOpenErasures.store(isLeft, ordering: .releasing)
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

  /// Makes the ledger's table, once.
  func prepareLedger() async throws(PrivataError) {
    if ledgerIsReady.load(ordering: .acquiring) { return }
    try await auditStore.prepare([ErasureLedger.model])
    ledgerIsReady.store(true, ordering: .releasing)
  }
}
