public import PrivataCore
internal import Synchronization

extension GDPR {
  /// Erases a person: their identity rows in every model, and the link to their clinical rows, which
  /// are kept under a fresh pseudonym or deleted as the request says.
  ///
  /// ```swift
  /// let proof = try await User.gdpr.rightToErasure(id, .init(requestedBy: id, reason: "asked by letter", legalBasis: .article17))
  /// proof.certificate.json   // for the person; verifies without the stores
  /// proof.retained           // what a law has kept, with ground and end
  /// ```
  ///
  /// Runs as a saga whose progress is kept: after a crash, or when a store fails, the vault goes on by
  /// itself, and a repeated call answers the first certificate.
  ///
  /// - Throws: `notFound` for a person who never was; `badArgument` without reason or requester;
  ///   `legalHold` where a hold covers the whole person: the erasure waits and begins when it is
  ///   released; `contextRequired` where the vault asks who it is; what the stores throw, in which
  ///   case the saga stays open and is taken up again.
  /// - Privacy: refuses writes about the person meanwhile (`subjectFrozen`), reads both stores again
  ///   at the end, and is audited.
  ///
  /// Source: GDPR Article 17.
  public func rightToErasure(
    _ id: some FieldValue, _ request: ErasureRequest
  ) async throws(PrivataError) -> ErasureResult {
    if let there = try await elsewhere(id.value) {
      return try await there.rightToErasure(id, request)
    }
    try request.check()
    try checkCaller(.erase)
    try await checkIdentity(.erasure, id.value)
    try await core.gate.pass(core)
    try await core.prepareLedger()
    let mark = core.ledger.mark(model.name, id.value)
    let scope = AuditCoding.scope(.erase, model: model.name, fields: [], filterFields: [])
    do {
      let result = try await erase(id.value, mark, request)
      let audit = AuditResult(
        count: 1, records: [core.references.reference(to: id.value, of: model.name)],
        errorCode: result.wasErasedBefore ? "replayed" : nil, subjectOf: result.sagaID)
      try core.recorder.record(actor, scope: scope, result: audit, isPersonal: true)
      return result
    } catch {
      try core.recorder.record(actor, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  private func erase(
    _ key: Value, _ mark: String, _ request: ErasureRequest
  ) async throws(PrivataError) -> ErasureResult {
    let graph = try SubjectGraph(model, core.registry)
    let last = try await core.ledger.last(mark)
    if let last, last.state != .attested, last.state != .onHold { return try await join(last) }
    guard let subject = try await core.session.subject(key, graph) else {
      if let last, last.isWhole { return try repeated(last) }
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    let plan = try await plan(subject, graph, request)
    let holds = try await core.wholeHolds(subject, model.name)
    if !holds.isEmpty, let last, last.state == .onHold { throw refusal }
    let id = ErasureLedger.number(after: last, mark: mark)
    let sealed = try JournalSeal(core.keys).seal(plan.document.bson, id: id)
    let entry = ErasureLedger.Entry(
      id: id, mark: mark, model: model.name, state: holds.isEmpty ? .frozen : .onHold,
      openedAt: .now, sealed: sealed)
    do {
      try await core.ledger.open(entry)
    } catch let error where error.code == .duplicateKey {
      return try await join(entry)
    }
    if !holds.isEmpty { try await wait(key, id) }
    guard try await core.ledger.lease(id) else { return try await join(entry) }
    return try await run(ErasureSaga(core, graph, entry, plan))
  }

  /// Leaves the erasure for when the hold ends; until then the person's data is kept and nothing
  /// else.
  private func wait(_ key: Value, _ saga: String) async throws(PrivataError) -> Never {
    core.hasOpenErasures.store(true, ordering: .releasing)
    try await act(key, .restriction, "gdpr.restriction") { link in
      RightsAct(
        subject: link, model: model.name, kind: .restriction,
        about: RestrictionGround.neededForClaims.rawValue, isOn: true, at: .now,
        evidence: ["saga": .string(saga)], actor: actor.actor.id)
    }
    throw refusal
  }

  private var refusal: PrivataError {
    PrivataError(
      .legalHold,
      """
      a legal hold keeps the data of this \(model.name): it is restricted now, and erased when the \
      hold is released
      """, model: model.name)
  }

  private func plan(
    _ subject: Subject, _ graph: SubjectGraph, _ request: ErasureRequest
  ) async throws(PrivataError) -> ErasurePlan {
    var plan = ErasurePlan(
      subject: subject, fresh: request.freshPseudonym(core.options.pseudonyms),
      ground: request.ground, legalBasis: request.legalBasis.rawValue,
      requestedBy: request.requestedBy.revealed.lookupKey == subject.key.lookupKey
        ? "subject" : "other")
    if let scope = request.scope {
      try ScopedErasure.check(scope, graph, core.registry)
      plan.scope = scope
    }
    guard !request.isMove else { return plan }
    plan.asOf = request.asOf
    for exception in request.exceptions { try exception.scope.check(core.registry) }
    plan.exceptions = request.exceptions + core.options.retention.exceptions(graph)
    plan.exceptions += try await core.heldParts(subject, model.name)
    return plan
  }

  private func run(_ saga: ErasureSaga) async throws(PrivataError) -> ErasureResult {
    var saga = saga
    let certificate = try await saga.run()
    return ErasureResult(
      success: true, sagaID: saga.entry.id, identityDeleted: saga.deletedIdentity,
      clinicalPreserved: saga.preserved,
      pseudonym: saga.preserved ? saga.plan.fresh.flatMap { Pseudonym($0) } : nil,
      wasErasedBefore: false, certificate: certificate)
  }

  /// Waits for a saga that another caller runs, or takes it over where that caller is gone.
  private func join(_ entry: ErasureLedger.Entry) async throws(PrivataError) -> ErasureResult {
    while true {
      guard let now = try await core.ledger.last(entry.mark) else {
        throw PrivataError(.notFound, "the erasure was taken back", model: model.name)
      }
      if now.state == .attested { return try repeated(now) }
      if now.state == .onHold { throw refusal }
      if try await core.ledger.lease(now.id) {
        return try await run(try ErasureSaga(core, now))
      }
      do { try await Task.sleep(for: .milliseconds(20)) } catch { throw .cancelledWait }
    }
  }

  private func repeated(_ entry: ErasureLedger.Entry) throws(PrivataError) -> ErasureResult {
    let certificate = try ErasureCertificate(json: entry.certificate ?? "")
    let clinical = certificate.statement["clinical"]?.asString ?? ""
    return ErasureResult(
      success: true, sagaID: entry.id,
      identityDeleted: certificate.statement["identity"] == "deleted",
      clinicalPreserved: clinical.hasPrefix("kept"), pseudonym: nil, wasErasedBefore: true,
      certificate: certificate)
  }
}

extension ErasureLedger.Entry {
  /// True where the person is gone, and not a part of their data.
  fileprivate var isWhole: Bool {
    let statement = certificate.flatMap { try? ErasureCertificate(json: $0) }?.statement
    return state == .attested && statement?["identity"] == "deleted"
  }
}

extension ErasureRequest {
  fileprivate func check() throws(PrivataError) {
    guard !reason.revealed.isEmpty else {
      throw PrivataError(.badArgument, "an erasure needs a reason", fields: ["reason"])
    }
    if requestedBy.revealed.isNull || requestedBy.revealed == "" {
      throw PrivataError(.badArgument, "an erasure needs a requester", fields: ["requestedBy"])
    }
  }

  fileprivate func freshPseudonym(_ pseudonyms: any PseudonymGenerator) -> String? {
    clinical == .erase ? nil : pseudonyms.next().text
  }

  fileprivate var ground: String {
    if case .preserveUnlinked(let ground) = clinical ?? .standard { ground } else { "" }
  }
}
