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

  /// A consent for one purpose.
  public init(
    purpose: String, notice: String, version: Int, method: Method, locale: String? = nil,
    noticeHash: [UInt8]? = nil, at: DateTime? = nil, until: DateTime? = nil
  ) {
    self.purpose = purpose
    self.notice = notice
    self.version = version
    self.method = method
    self.locale = locale
    self.noticeHash = noticeHash
    self.at = at
    self.until = until
  }

  var evidence: Document {
    var document: Document = [
      "notice": .string(notice), "version": .int(version), "method": .string(method.rawValue),
    ]
    document["locale"] = locale.map { .string($0) }
    document["hash"] = noticeHash.map { .binary(Binary($0)) }
    return document
  }
}

/// What a person said about a purpose last.
public struct ConsentState: Sendable, Hashable {
  /// The purpose, and whether data may be used for it now.
  public let purpose: String
  public let isGiven: Bool
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
    try await act(id.value, .consent, "consent.grant") { subject in
      RightsAct(
        subject: subject, model: model.name, kind: .consent, about: consent.purpose, isOn: true,
        at: moment, until: consent.until, evidence: consent.evidence, actor: actor.actor.id)
    }
  }

  /// Records that a person withdrew a consent: it holds for the next query.
  ///
  /// - Throws: `notFound`.
  ///
  /// Source: GDPR Article 7(3).
  public func withdrawConsent(
    _ id: some FieldValue, purpose: String, at moment: DateTime? = nil
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.withdrawConsent(id, purpose: purpose, at: moment)
    }
    try await act(id.value, .consent, "consent.withdraw") { subject in
      RightsAct(
        subject: subject, model: model.name, kind: .consent, about: purpose, isOn: false,
        at: moment ?? .now, actor: actor.actor.id)
    }
  }

  /// What a person said last about each purpose.
  public func consents(_ id: some FieldValue) async throws(PrivataError) -> [ConsentState] {
    if let there = try await elsewhere(id.value) { return try await there.consents(id) }
    let link = try await pseudonym(of: id.value)
    return core.rights.current.acts(about: link, .consent).map { act in
      ConsentState(
        purpose: act.about, isGiven: act.isLive(.now), at: act.at, until: act.until,
        notice: act.evidence["notice"]?.asString, version: act.evidence["version"]?.asInt)
    }
  }

  // MARK: - Acts

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
