public import PrivataCore

/// Why an objection is overridden: compelling grounds, weighed by the controller.
///
/// Source: GDPR Article 21(1).
public struct ObjectionAssessment: Sendable, Hashable {
  /// The compelling grounds, and what was weighed against them. Kept sealed.
  public var grounds: String
  public var weighing: String
  /// When the person was told.
  public var toldAt: DateTime

  /// An assessment in writing.
  public init(grounds: String, weighing: String, toldAt: DateTime) {
    self.grounds = grounds
    self.weighing = weighing
    self.toldAt = toldAt
  }
}

/// What a person's device says about the use of their data.
///
/// Source: GDPR Article 21(5).
public enum PrivacySignal: Sendable, Hashable {
  /// The header `Sec-GPC`.
  case globalPrivacyControl(Bool)
}

extension GDPR {
  /// The purpose that stands for direct marketing where none is registered as such.
  static let marketing = "marketing"

  /// Records that a person objects to a purpose: from the next query on, nothing under that purpose
  /// means them.
  ///
  /// ```swift
  /// try await User.gdpr.rightToObject(id, purpose: "analytics")
  /// ```
  ///
  /// - Parameter restricting: true also restricts all of the person's data until the objection is
  ///   decided: Article 18(1)(d).
  /// - Throws: `notFound`; `badArgument` for a purpose that rests on consent, which is withdrawn
  ///   instead, and for a registered one that rests on anything but public tasks and legitimate
  ///   interests.
  /// - Privacy: recorded in the ledger of rights and audited.
  ///
  /// Source: GDPR Article 21(1) to (3).
  public func rightToObject(
    _ id: some FieldValue, purpose: String, restricting: Bool = false
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.rightToObject(id, purpose: purpose, restricting: restricting)
    }
    guard !purpose.isEmpty, !core.restsOnConsent(purpose) else {
      throw PrivataError(
        .badArgument,
        "an objection is to a purpose that does not rest on consent: withdraw the consent instead",
        fields: ["purpose"])
    }
    if let known = core.registers.known.purpose(purpose), !known.isOpenToObjection,
      !known.isDirectMarketing
    {
      throw PrivataError(
        .badArgument,
        "\(purpose) rests on \(known.basis.name), to which the law gives no objection",
        fields: ["purpose"])
    }
    try await object(id.value, purpose, isOn: true)
    if restricting { try await rightToRestriction(id, ground: .objectionPending) }
  }

  /// Lifts what an objection restricted, once none is left to decide.
  private func lift(_ id: some FieldValue, toldAt: DateTime) async throws(PrivataError) {
    guard try await restrictions(id).contains(.objectionPending), try await objections(id).isEmpty
    else { return }
    try await liftRestriction(id, ground: .objectionPending, notifiedAt: toldAt)
  }

  /// Records that a person withdrew an objection.
  public func withdrawObjection(
    _ id: some FieldValue, purpose: String
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.withdrawObjection(id, purpose: purpose)
    }
    try await object(id.value, purpose, isOn: false)
    try await lift(id, toldAt: .now)
  }

  /// Goes on with a purpose in spite of an objection, on an assessment in writing.
  ///
  /// - Throws: `accessDenied` to who has none of ``VaultOptions/officerRoles``; `badArgument` without
  ///   grounds or weighing, before the person was told, or for direct marketing, which nothing
  ///   overrides; `notFound` where the person objects to no such purpose.
  /// - Privacy: the texts are sealed; audited.
  public func overrideObjection(
    _ id: some FieldValue, purpose: String, _ assessment: ObjectionAssessment
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.overrideObjection(id, purpose: purpose, assessment)
    }
    guard core.options.officerRoles.contains(actor.role ?? "") else {
      throw PrivataError(
        .accessDenied, "an objection is overridden by an officer for data protection")
    }
    guard !isMarketing(purpose) else {
      throw PrivataError(
        .badArgument, "nothing overrides an objection to direct marketing", fields: ["purpose"])
    }
    guard !assessment.grounds.isEmpty, !assessment.weighing.isEmpty, assessment.toldAt <= .now
    else {
      throw PrivataError(
        .badArgument, "an override has grounds, weighs them, and the person was told",
        fields: ["grounds", "weighing", "toldAt"])
    }
    guard try await objections(id).contains(purpose) else {
      throw PrivataError(.notFound, "there is no objection to \(purpose)", model: model.name)
    }
    let mark = core.ledger.mark(model.name, id.value)
    let entry = try await core.registers.append(
      .assessment, "objection \(mark) \(purpose)",
      [
        "grounds": .string(assessment.grounds), "weighing": .string(assessment.weighing),
        "toldAt": .date(assessment.toldAt),
      ], actor: actor.actor.id, subject: mark)
    try await object(
      id.value, purpose, isOn: false, evidence: ["override": .string(entry.id)],
      action: "gdpr.objection.override")
    try await lift(id, toldAt: assessment.toldAt)
  }

  /// The purposes that a person objects to now.
  public func objections(_ id: some FieldValue) async throws(PrivataError) -> [String] {
    if let there = try await elsewhere(id.value) { return try await there.objections(id) }
    let link = try await pseudonym(of: id.value)
    return core.rights.current.acts(about: link, .objection)
      .filter { $0.isLive(.now) }.map(\.about)
  }

  // MARK: - Direct marketing

  /// Records that a person wants no direct marketing: nothing overrides it, and it outlives their
  /// erasure. Whoever adds one of their addresses again adds a person who objects.
  ///
  /// ```swift
  /// try await User.gdpr.objectToMarketing(id, keeping: ["email"])
  /// ```
  ///
  /// - Parameter fields: the fields by whose values the person is known again; kept as keyed marks.
  /// - Throws: `notFound`; `unknownField`.
  /// - Privacy: of the values only marks stay that this vault alone can make.
  ///
  /// Source: GDPR Article 21(2) and (3).
  public func objectToMarketing(
    _ id: some FieldValue, keeping fields: [String]
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.objectToMarketing(id, keeping: fields)
    }
    for name in fields where model.field(name) == nil {
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(name)", fields: [name], model: model.name)
    }
    for purpose in marketingPurposes { try await object(id.value, purpose, isOn: true) }
    let separation = try core.registry.separation(of: model)
    let query = Query(
      model, where: .compare(model.key.name, .equal, id.value),
      projection: .fields(fields + [model.key.name]), limit: 1, layout: .cells)
    let rows = try await core.session.rows(query, separation)
    for (column, field) in fields.enumerated() where rows.count > 0 {
      guard let text = rows.value(row: 0, column: column)?.asString, !text.isEmpty else { continue }
      try await suppress(field, text)
    }
  }

  private func suppress(_ field: String, _ text: String) async throws(PrivataError) {
    let mark = core.registers.seal.suppression(model.name, field, text)
    if core.registers.known.suppressions[model.name]?[field]?.contains(mark) == true { return }
    try await core.registers.append(
      .suppression, mark, ["model": .string(model.name), "field": .string(field)],
      actor: actor.actor.id)
  }

  /// The purposes of direct marketing that do not rest on consent.
  var marketingPurposes: [String] {
    let known = core.registers.known.purposes.values.compactMap { $0.last?.purpose }
    let named = known.filter(\.isDirectMarketing).map(\.name).sorted()
    return named.isEmpty ? [Self.marketing] : named
  }

  private func isMarketing(_ purpose: String) -> Bool {
    purpose == Self.marketing || marketingPurposes.contains(purpose)
  }

  // MARK: - Signals

  /// Takes what a person's device says as an objection to direct marketing. A later explicit consent
  /// to the same purpose counts more, and a later signal more than that.
  ///
  /// - Throws: `notFound`.
  ///
  /// Source: GDPR Article 21(5).
  public func applySignal(
    _ id: some FieldValue, _ signal: PrivacySignal
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) { return try await there.applySignal(id, signal) }
    guard case .globalPrivacyControl(let isOn) = signal else { return }
    for purpose in marketingPurposes {
      try await object(id.value, purpose, isOn: isOn, evidence: ["signal": "Sec-GPC"])
    }
  }

  /// An explicit consent ends what a signal said before it.
  func overtakeSignal(_ key: Value, _ consent: Consent) async throws(PrivataError) {
    guard consent.isExplicit else { return }
    let link = try await pseudonym(of: key)
    let act = core.rights.current.acts(about: link, .objection).first {
      $0.about == consent.purpose && $0.isOn && $0.evidence["signal"] != nil
    }
    guard let act, (consent.at ?? .now) >= act.at else { return }
    try await object(
      key, consent.purpose, isOn: false, evidence: ["consent": .string(consent.notice)])
  }

  // MARK: - The act

  private func object(
    _ key: Value, _ purpose: String, isOn: Bool, evidence: Document = [:],
    action: String? = nil
  ) async throws(PrivataError) {
    let action = action ?? (isOn ? "gdpr.objection" : "gdpr.objection.withdraw")
    try await act(key, .objection, action) { link in
      RightsAct(
        subject: link, model: model.name, kind: .objection, about: purpose, isOn: isOn, at: .now,
        evidence: evidence, actor: actor.actor.id)
    }
  }
}
