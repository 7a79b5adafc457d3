public import PrivataCore

/// A consent as a person gave it.
///
/// ```swift
/// Consent(purpose: "research", notice: "study-7", version: 3, method: .checkbox)
/// ```
public struct Consent: Sendable, Hashable {
  /// How it was given. What is no consent (a box that was ticked before) is no case.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case checkbox, signature, spoken, letter, doubleOptIn
  }

  /// For what: one purpose, as in ``AccessContext/purpose``.
  public var purpose: String
  /// Which text was shown, in which version and language.
  public var notice: String
  public var version: Int
  public var locale: String?
  /// The hash of the text, so that it can be shown later which it was.
  public var noticeHash: [UInt8]?
  public var method: Method
  /// When it was given; now where `nil`.
  public var at: DateTime?
  /// When it ends by itself.
  public var until: DateTime?
  /// True where it was an act for this matter alone: what special categories and decisions by
  /// programs ask for. A signature, a letter and a confirmed opt-in are.
  public var isExplicit: Bool
  /// How old the person is, for services that are offered to children.
  public var age: SubjectAge?
  /// Who consents in a child's place.
  public var guardian: Guardian?

  /// A consent for one purpose.
  public init(
    purpose: String, notice: String, version: Int, method: Method, locale: String? = nil,
    noticeHash: [UInt8]? = nil, at: DateTime? = nil, until: DateTime? = nil,
    isExplicit: Bool? = nil, age: SubjectAge? = nil, guardian: Guardian? = nil
  ) {
    self.purpose = purpose
    self.notice = notice
    self.version = version
    self.method = method
    self.locale = locale
    self.noticeHash = noticeHash
    self.at = at
    self.until = until
    self.isExplicit = isExplicit ?? [.signature, .letter, .doubleOptIn].contains(method)
    self.age = age
    self.guardian = guardian
  }

  var evidence: Document {
    var document: Document = [
      "notice": .string(notice), "version": .int(version), "method": .string(method.rawValue),
      "isExplicit": .bool(isExplicit),
    ]
    document["locale"] = locale.map { .string($0) }
    document["hash"] = noticeHash.map { .binary(Binary($0)) }
    return document
  }
}

/// What a person said about a purpose last.
public struct ConsentState: Sendable, Hashable {
  /// Why data may be used or not.
  public enum Status: String, Sendable, Hashable {
    case given, withdrawn
    /// It ended by itself.
    case expired
    /// The text that was shown says less than the one that counts now.
    case outdated
    /// A guardian gave it, and the child has come of age.
    case needsReconfirmation
  }

  /// The purpose, and whether data may be used for it now.
  public let purpose: String
  public let isGiven: Bool
  public let status: Status
  /// When it was said, and until when it holds.
  public let at: DateTime
  public let until: DateTime?
  /// The text that was shown, with its version; `nil` of a withdrawal.
  public let notice: String?
  public let version: Int?
}

extension GDPR {
  /// Records that a person consented.
  ///
  /// ```swift
  /// try await User.gdpr.grantConsent(id, Consent(purpose: "research", notice: "study-7", version: 3, method: .signature))
  /// ```
  ///
  /// Under a purpose of ``VaultOptions/consentPurposes``, queries mean only persons who consented.
  ///
  /// - Throws: `notFound`; `badArgument` without purpose or notice; `contextRequired` where the vault
  ///   asks who acts.
  /// - Privacy: the act is added to a ledger beside the identity rows, and audited.
  public func grantConsent(
    _ id: some FieldValue, _ consent: Consent
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.grantConsent(id, consent)
    }
    guard !consent.purpose.isEmpty, !consent.notice.isEmpty else {
      throw PrivataError(
        .badArgument, "a consent is for a purpose and follows a notice", fields: ["purpose"])
    }
    let moment = consent.at ?? .now
    guard moment.milliseconds <= DateTime.now.milliseconds + 300_000 else {
      throw PrivataError(.badArgument, "a consent cannot be given in the future", fields: ["at"])
    }
    let (evidence, until) = try proof(of: consent, at: moment)
    try await act(id.value, .consent, "consent.grant") { subject in
      RightsAct(
        subject: subject, model: model.name, kind: .consent, about: consent.purpose, isOn: true,
        at: moment, until: until, evidence: evidence, actor: actor.actor.id)
    }
    try await overtakeSignal(id.value, consent)
  }

  /// What proves a consent, and until when it holds.
  private func proof(
    of consent: Consent, at moment: DateTime
  ) throws(PrivataError) -> (Document, DateTime?) {
    let known = core.registers.known
    let purpose = known.purpose(consent.purpose)
    if core.options.purposes == .registered, purpose == nil {
      throw .unknownPurpose(consent.purpose, model: model.name)
    }
    var evidence = consent.evidence
    let published = known.notices[consent.notice]?.first {
      $0.version == consent.version && (consent.locale ?? $0.locale) == $0.locale
    }
    if core.options.requiresPublishedNotices, published == nil {
      throw PrivataError(
        .noticeRequired,
        "version \(consent.version) of the notice \(consent.notice) is not published",
        fields: ["notice"])
    }
    if let published {
      guard consent.noticeHash ?? published.hash == published.hash else {
        throw PrivataError(
          .badArgument, "the hash is not that of the notice's text", fields: ["noticeHash"])
      }
      evidence["hash"] = .binary(Binary(published.hash))
    }
    var until = consent.until
    if let childUntil = try consent.checkAge(purpose, at: moment) {
      until = min(until ?? childUntil, childUntil)
      evidence["isGuardians"] = true
    }
    if let guardian = consent.guardian {
      evidence["guardian"] = .string(core.ledger.mark(guardian.model, guardian.key.revealed))
      evidence["guardianEvidence"] = .string(guardian.evidence)
    }
    return (evidence, until)
  }

  /// Records that a person withdrew a consent: it holds for the next query. Fields that
  /// ``ProcessingRules`` declare for this purpose and that nothing else needs are emptied.
  ///
  /// - Throws: `notFound`; `legalHold` where a hold keeps such a field: the withdrawal holds then too.
  ///
  /// Source: GDPR Articles 7(3) and 17(1)(b).
  @discardableResult
  public func withdrawConsent(
    _ id: some FieldValue, purpose: String, at moment: DateTime? = nil
  ) async throws(PrivataError) -> DependentErasure {
    if let there = try await elsewhere(id.value) {
      return try await there.withdrawConsent(id, purpose: purpose, at: moment)
    }
    try await act(id.value, .consent, "consent.withdraw") { subject in
      RightsAct(
        subject: subject, model: model.name, kind: .consent, about: purpose, isOn: false,
        at: moment ?? .now, actor: actor.actor.id)
    }
    return try await eraseDependent(id.value, purpose)
  }

  /// Records each consent that has ended by itself since it was last asked, once over all processes.
  ///
  /// - Returns: how many were recorded now.
  /// - Privacy: audited as `consent.expired`, without a name.
  @discardableResult
  public func sweepConsents(now: DateTime = .now) async throws(PrivataError) -> Int {
    var count = 0
    for act in core.rights.current.expired(model.name, now) {
      do throws(PrivataError) {
        try await core.registers.append(
          .expiry, act.id, ["purpose": .string(act.about)], actor: actor.actor.id, after: 0)
      } catch  where error.code == .versionConflict {
        continue
      }
      try core.record("consent.expired", actor, model: model.name, subjectOf: act.id)
      count += 1
    }
    return count
  }

  /// What a person said last about each purpose.
  public func consents(_ id: some FieldValue) async throws(PrivataError) -> [ConsentState] {
    if let there = try await elsewhere(id.value) { return try await there.consents(id) }
    let link = try await pseudonym(of: id.value)
    let known = core.registers.known
    return core.rights.current.acts(about: link, .consent).map { act in
      let status = act.consentStatus(known, now: .now)
      return ConsentState(
        purpose: act.about, isGiven: status == .given, status: status, at: act.at,
        until: act.until, notice: act.evidence["notice"]?.asString,
        version: act.evidence["version"]?.asInt)
    }
  }

  /// Refuses where a person's consent to a purpose does not hold now.
  ///
  /// ```swift
  /// try await User.gdpr.checkConsent(id, purpose: "research")
  /// ```
  ///
  /// - Throws: `consentRequired`, which says whether it was never given, withdrawn, has expired, is
  ///   outdated, or has to be confirmed by a child that came of age; `notFound`.
  public func checkConsent(
    _ id: some FieldValue, purpose: String, explicit: Bool = false, now: DateTime = .now
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.checkConsent(id, purpose: purpose, explicit: explicit, now: now)
    }
    let link = try await pseudonym(of: id.value)
    let act = core.rights.current.acts(about: link, .consent).first { $0.about == purpose }
    let status = act?.consentStatus(core.registers.known, now: now)
    if status == .given, !explicit || act?.evidence["isExplicit"]?.asBool == true { return }
    let state = status.map { $0 == .given ? "not explicit" : $0.rawValue } ?? "never given"
    throw PrivataError(
      .consentRequired, "the consent to \(purpose) is needed and is \(state)", fields: ["purpose"],
      model: model.name)
  }

  // MARK: - Acts

  /// Takes a consent that was recorded late, in any order with others: the later act counts, and of
  /// one moment the withdrawal.
  ///
  /// - Throws: as ``grantConsent(_:_:)``.
  public func recordConsents(
    _ id: some FieldValue, _ acts: [ConsentAct]
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.recordConsents(id, acts)
    }
    for act in acts {
      switch act {
      case .granted(let consent): try await grantConsent(id, consent)
      case .withdrawn(let purpose, let moment):
        try await withdrawConsent(id, purpose: purpose, at: moment)
      }
    }
  }

  /// Adds an act about a person and audits it.
  func act(
    _ key: Value, _ kind: RightsAct.Kind, _ action: String, _ make: (String) -> RightsAct
  ) async throws(PrivataError) {
    let scope = AuditCoding.scope(
      .init(rawValue: action), model: model.name, fields: [], filterFields: [model.key.name])
    try checkCaller(.init(rawValue: action))
    do {
      let act = make(try await pseudonym(of: key))
      try await core.rights.add(act)
      let result = AuditResult(
        count: 1, records: [core.references.reference(to: key, of: model.name)],
        subjectOf: act.id)
      try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
    } catch {
      try core.recorder.record(actor, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  /// The pseudonym of a person.
  ///
  /// - Throws: `notFound` for nobody; `unsupported` for a model of nobody's personal data.
  func pseudonym(of key: Value) async throws(PrivataError) -> String {
    let graph = try SubjectGraph(model, core.registry)
    guard graph.root.link != nil else {
      throw PrivataError(
        .unsupported, "\(model.name) has no field of class .pii, so it is about no person",
        model: model.name)
    }
    guard let link = try await core.session.subject(key, graph)?.link else {
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    return link
  }
}

/// What a person did about a consent, as a device recorded it.
public enum ConsentAct: Sendable, Hashable {
  case granted(Consent)
  case withdrawn(purpose: String, at: DateTime)
}

extension RightsAct {
  /// Whether a consent holds, and why not.
  func consentStatus(_ known: KnownRegisters, now: DateTime) -> ConsentState.Status {
    guard isOn else { return .withdrawn }
    if let until, until <= now {
      return evidence["isGuardians"]?.asBool == true ? .needsReconfirmation : .expired
    }
    return known.isOutdated(self) ? .outdated : .given
  }
}
