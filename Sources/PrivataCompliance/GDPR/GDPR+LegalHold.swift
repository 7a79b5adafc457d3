public import PrivataCore

extension GDPR {
  /// Places a legal hold: what it covers is not erased while it lasts, by nobody and no rule.
  ///
  /// ```swift
  /// try await User.gdpr.placeHold(id, matter: "M-12")
  /// try await User.gdpr.placeHold(id, matter: "M-13", scope: [DataScope("Message")])
  /// ```
  ///
  /// An erasure under a hold on the whole person waits; under one with a scope it erases the rest and
  /// seals away what is held. Both go on when the hold is released, without a second request.
  ///
  /// - Parameters:
  ///   - matter: the matter's number; it must name no person.
  ///   - scope: what is held; the whole person where `nil`.
  /// - Throws: `notFound`; `badArgument` without a matter; `unknownModel`, `unknownField`.
  ///
  /// Source: GDPR Article 17(3)(e).
  public func placeHold(
    _ id: some FieldValue, matter: String, scope: [DataScope]? = nil, until: DateTime? = nil
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.placeHold(id, matter: matter, scope: scope, until: until)
    }
    guard !matter.isEmpty else {
      throw PrivataError(.badArgument, "a hold is for a matter", fields: ["matter"])
    }
    for part in scope ?? [] { try part.check(core.registry) }
    var evidence = Document()
    evidence["scope"] = scope.map { .array($0.map { .document($0.document) }) }
    try await hold(id.value, matter, isOn: true, until: until, evidence: evidence)
  }

  /// Ends a legal hold. Two persons: who asks, and who approves. An erasure that waited for it is
  /// carried out at once.
  ///
  /// - Throws: `notFound`; `accessDenied` where both are one.
  public func releaseHold(
    _ id: some FieldValue, matter: String, approvedBy approver: AccessContext.Actor
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.releaseHold(id, matter: matter, approvedBy: approver)
    }
    guard approver != actor.actor else {
      throw PrivataError(
        .accessDenied, "a hold is released by two persons: the approver is another one")
    }
    try await core.checkSecondPerson(.holdRelease, by: actor)
    let mark = core.ledger.mark(model.name, id.value)
    let held = try await RetainedArchive(core: core).rows(
      .and([.compare("mark", .equal, .string(mark)), .compare("matter", .equal, .string(matter))]))
    guard held.isEmpty else { return try await releaseRetained(id.value, held) }
    try await hold(
      id.value, matter, isOn: false, until: nil, evidence: ["approver": .string(approver.id)])
    try await core.prepareLedger()
    guard let last = try await core.ledger.last(mark), last.state == .onHold else { return }
    _ = try await Recovery(core).resume(last)
  }

  /// The matters for which a person's data is held now.
  public func holds(_ id: some FieldValue) async throws(PrivataError) -> [String] {
    if let there = try await elsewhere(id.value) { return try await there.holds(id) }
    let link = try await pseudonym(of: id.value)
    return core.rights.current.acts(about: link, .hold).filter { $0.isLive(.now) }.map(\.about)
  }

  /// Refuses where a hold lasts, on the whole person or a part.
  ///
  /// - Throws: `legalHold`.
  func checkHolds(_ subject: Subject) async throws(PrivataError) {
    guard try await !core.liveHolds(subject, model.name).isEmpty else { return }
    throw PrivataError(
      .legalHold, "a legal hold keeps the data of this \(model.name): release it first",
      model: model.name)
  }

  private func hold(
    _ key: Value, _ matter: String, isOn: Bool, until: DateTime?, evidence: Document
  ) async throws(PrivataError) {
    try await act(key, .hold, isOn ? "hold.place" : "hold.release") { link in
      RightsAct(
        subject: link, model: model.name, kind: .hold, about: matter, isOn: isOn, at: .now,
        until: until, evidence: evidence, actor: actor.actor.id)
    }
  }

  /// What an erasure had left because of the hold goes now.
  private func releaseRetained(
    _ key: Value, _ held: [RetainedArchive.Row]
  ) async throws(PrivataError) {
    try checkCaller(.init(rawValue: "hold.release"))
    try await RetainedArchive(core: core).destroy(held)
    let scope = AuditCoding.scope(
      .init(rawValue: "hold.release"), model: model.name, fields: [], filterFields: [])
    let result = AuditResult(
      count: held.count, records: [core.references.reference(to: key, of: model.name)])
    try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
  }
}

extension VaultCore {
  /// The holds on a person that last; asks the store, because another process may have placed one.
  func liveHolds(
    _ subject: Subject, _ model: String
  ) async throws(PrivataError) -> [RightsAct] {
    guard let link = subject.link else { return [] }
    let own = try await rights.acts(
      .and([
        .compare("subject", .equal, .string(link)),
        .compare("kind", .equal, .string(RightsAct.Kind.hold.rawValue)),
      ]))
    return RightsState(own).acts(about: link, .hold).filter { $0.isLive(.now) }
  }

  /// The holds on the whole person.
  func wholeHolds(_ subject: Subject, _ model: String) async throws(PrivataError) -> [RightsAct] {
    try await liveHolds(subject, model).filter { $0.evidence["scope"] == nil }
  }

  /// The parts of a person's data that holds keep.
  func heldParts(
    _ subject: Subject, _ model: String
  ) async throws(PrivataError) -> [ErasureException] {
    try await liveHolds(subject, model).flatMap { act in
      (DataScope.list(act.evidence["scope"]) ?? []).map { scope in
        var exception = ErasureException(scope, ground: .legalClaims, until: act.until)
        exception.matter = act.about
        return exception
      }
    }
  }
}
