public import PrivataCore

/// Whether data about a person may be used for a purpose now, and on what.
public struct BasisState: Sendable, Hashable {
  /// The purpose, and the ground it rests on; `nil` for a purpose that is not registered.
  public let purpose: String
  public let basis: Purpose.Basis?
  /// False once the consent does not hold, what it rested on has ended, or the person objected.
  public let isLive: Bool
}

/// What the end of a purpose left of a person's data.
public struct DependentErasure: Sendable, Hashable {
  /// The fields that rested on nothing else any more and were emptied.
  public let erased: [String]
  /// The fields that other purposes still need.
  public let kept: [String]
  /// The recipients who are told of it.
  public let recipients: [String]
}

extension GDPR {
  /// What a field of a person's record rests on: for each purpose that it was collected for, whether
  /// it still may be used.
  ///
  /// - Throws: `notFound`; `unknownField`.
  ///
  /// Source: GDPR Article 6(1).
  public func bases(
    for field: String, of id: some FieldValue
  ) async throws(PrivataError) -> [BasisState] {
    if let there = try await elsewhere(id.value) {
      return try await there.bases(for: field, of: id)
    }
    guard model.field(field) != nil else {
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(field)", fields: [field], model: model.name)
    }
    let link = try await pseudonym(of: id.value)
    return bases(field, link)
  }

  private func bases(_ field: String, _ link: String) -> [BasisState] {
    let purposes = core.options.processing?.purposes(of: field, in: model.name) ?? []
    return purposes.sorted().map { name in
      BasisState(
        purpose: name, basis: core.registers.known.purpose(name)?.basis,
        isLive: isLive(name, link))
    }
  }

  private func isLive(_ purpose: String, _ link: String) -> Bool {
    let state = core.rights.current
    let holds = { (kind: RightsAct.Kind) in
      state.acts(about: link, kind).contains { $0.about == purpose && $0.isLive(.now) }
    }
    if holds(.ended) || holds(.objection) { return false }
    guard core.restsOnConsent(purpose) else { return true }
    return state.acts(about: link, .consent).contains {
      $0.about == purpose && $0.consentStatus(core.registers.known, now: .now) == .given
    }
  }

  /// Records that what a purpose rested on has ended for a person: a contract that is over. From the
  /// next query on nothing under that purpose means them, and fields that rested on nothing else are
  /// emptied.
  ///
  /// ```swift
  /// try await User.gdpr.endProcessing(id, purpose: "orders").erased   // ["email"]
  /// ```
  ///
  /// - Throws: `notFound`; `badArgument` without a purpose; `legalHold`.
  /// - Privacy: recorded in the ledger of rights and audited; recipients are told.
  @discardableResult
  public func endProcessing(
    _ id: some FieldValue, purpose: String
  ) async throws(PrivataError) -> DependentErasure {
    if let there = try await elsewhere(id.value) {
      return try await there.endProcessing(id, purpose: purpose)
    }
    guard !purpose.isEmpty else {
      throw PrivataError(.badArgument, "which purpose has ended?", fields: ["purpose"])
    }
    try await act(id.value, .ended, "gdpr.ended") { link in
      RightsAct(
        subject: link, model: model.name, kind: .ended, about: purpose, isOn: true, at: .now,
        actor: actor.actor.id)
    }
    return try await eraseDependent(id.value, purpose)
  }

  /// Empties the fields that were collected for a purpose and that nothing else needs any more.
  func eraseDependent(
    _ key: Value, _ purpose: String
  ) async throws(PrivataError) -> DependentErasure {
    let graph = try SubjectGraph(model, core.registry)
    guard let subject = try await core.session.subject(key, graph), let link = subject.link else {
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    let concerned = model.fields.filter { field in
      field.name != model.key.name
        && core.options.processing?.purposes(of: field.name, in: model.name)?.contains(purpose)
          == true
    }
    let dead = concerned.filter { field in !bases(field.name, link).contains(where: \.isLive) }
    let erased = dead.filter(\.isOptional).map(\.name)
    if !erased.isEmpty {
      try await checkHolds(subject)
      try await empty(erased, of: key)
    }
    let told = try await tellRecipients(of: key, .basisEnded, purpose: purpose)
    return DependentErasure(
      erased: erased, kept: concerned.map(\.name).filter { !erased.contains($0) },
      recipients: told)
  }

  private func empty(_ fields: [String], of key: Value) async throws(PrivataError) {
    let separation = try core.registry.separation(of: model)
    let changes: Document =
      model.isOpen
      ? ["$unset": .document(Document(fields.map { .init(key: $0, value: "") }))]
      : ["$set": .document(Document(fields.map { .init(key: $0, value: .null) }))]
    let update = Write.update(
      Update(
        model, where: .compare(model.key.name, .equal, key), .operators(changes),
        layout: .documents))
    defer { core.cache?.forget(RecordChange(update)) }
    _ = try await core.session.write(update, separation)
    let scope = AuditCoding.scope(
      .init(rawValue: "gdpr.erasure.fields"), model: model.name, fields: fields,
      filterFields: [model.key.name])
    let result = AuditResult(
      count: 1, records: [core.references.reference(to: key, of: model.name)])
    try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
  }
}
