internal import PrivataCore
internal import Synchronization

extension AuditedSession {
  /// A record from the cache, for callers from whom nothing of it is kept: checked and audited like
  /// every read, in one step that waits for nothing.
  ///
  /// - Returns: `nil` where the cache does not have it, or where something has to be asked first.
  func known(
    _ query: Query, _ separation: Separation, _ cache: RecordCache
  ) throws(PrivataError) -> RowBatch? {
    let core = session.core
    guard !session.isTransaction, !core.gate.isClosed.load(ordering: .acquiring),
      let key = RecordCache.Key(query, separation), let entry = cache.known(key)
    else { return nil }
    let context = try admitted(entry.scope, separation)
    guard let sight = wholeSight(context, separation) else { return nil }
    cache.countHit()
    try core.recorder.record(
      context, scope: entry.scope.encoded,
      result: AuditResult(count: entry.batch.count, records: entry.references, rule: sight.rule),
      isPersonal: separation.isPersonal)
    return entry.batch
  }

  /// How a caller sees a model of which nothing is kept from them.
  private struct WholeSight {
    /// What the policy says, for the audit event.
    let rule: String?
  }

  /// `nil` for a caller who does not see all of every record, or of whom more has to be asked.
  private func wholeSight(_ context: AccessContext, _ separation: Separation) -> WholeSight? {
    let core = session.core
    guard context.details == nil, context.purpose != "emergency",
      !ProcessingGate.isActive(core.options), core.options.retention.rules.isEmpty
    else { return nil }
    if separation.isPersonal {
      if core.rights.hasProtections { return nil }
      if let purpose = context.purpose, core.restsOnConsent(purpose) { return nil }
    }
    guard let decision = core.policies.policy?.decision(context, separation.model) else {
      return WholeSight(rule: nil)
    }
    return decision.isOpen ? WholeSight(rule: decision.rule) : nil
  }
}
