public import PrivataCore

/// The breaches of personal data, each with all its versions: nothing that was written down is
/// changed or left out.
///
/// ```swift
/// let breach = try await vault.breaches.open(.init(awareAt: now, kinds: [.confidentiality], facts: "…"))
/// try await vault.breaches.notifyAuthority(breach.id, notice)
/// ```
///
/// - Privacy: texts are sealed; every step is audited.
///
/// Source: GDPR Articles 33 and 34; 45 CFR 164.400 to 164.414.
public struct BreachRegister: Sendable {
  let core: VaultCore
  let context: AccessContext?

  var actor: AccessContext { context ?? AccessContext.current ?? .service }

  /// Writes a breach down.
  ///
  /// - Throws: `badArgument` without facts or kind, and for a knowledge that lies in the future.
  public func open(_ breach: Breach) async throws(PrivataError) -> Breach {
    guard !breach.kinds.isEmpty, !breach.facts.isEmpty, breach.awareAt <= .now else {
      throw PrivataError(
        .badArgument, "a breach is of a kind, has facts, and is known by now",
        fields: ["kinds", "facts", "awareAt"])
    }
    var breach = breach
    breach.id = Hexadecimal.text(SecureBytes.random(8))
    return try await keep(breach, "breach.open")
  }

  /// The breach of a number, as it is now.
  ///
  /// - Throws: `notFound`.
  public func breach(_ id: String) async throws(PrivataError) -> Breach {
    guard let breach = try await versions(of: id).last else {
      throw PrivataError(.notFound, "there is no breach \(id)")
    }
    return breach
  }

  /// Every version of a breach, the first in front.
  public func versions(of id: String) async throws(PrivataError) -> [Breach] {
    try await core.registers.entries(.breach, name: id).compactMap(Breach.init)
  }

  /// All breaches as they are now, those that nobody had to be told of too.
  public func all() async throws(PrivataError) -> [Breach] {
    try await core.registers.last(.breach).compactMap(Breach.init)
      .sorted { $0.awareAt < $1.awareAt }
  }

  /// Writes down what became known since.
  ///
  /// - Throws: `badArgument` for a knowledge later than the one that is written down; `notFound`;
  ///   `versionConflict` where somebody else wrote meanwhile.
  @discardableResult
  public func update(
    _ id: String, _ change: (inout Breach) -> Void
  ) async throws(PrivataError) -> Breach {
    let before = try await breach(id)
    var after = before
    change(&after)
    guard after.awareAt <= before.awareAt, after.discoveredAt <= before.discoveredAt else {
      throw PrivataError(
        .badArgument, "what was known cannot become known later", fields: ["awareAt"])
    }
    return try await keep(after, "breach.update")
  }

  // MARK: - The authority

  /// Writes down what the authority was told.
  ///
  /// - Throws: `badArgument` where parts are missing and no later phase is planned, and where it is
  ///   late without reasons; `notFound`.
  ///
  /// Source: GDPR Article 33(1) to (4).
  @discardableResult
  public func notifyAuthority(
    _ id: String, _ notice: AuthorityNotice, at moment: DateTime = .now
  ) async throws(PrivataError) -> Breach {
    var breach = try await breach(id)
    try notice.check(breach, at: moment)
    var notice = notice
    notice.sentAt = moment
    breach.authorityNotices.append(notice)
    breach.noRisk = nil
    return try await keep(breach, "breach.authority")
  }

  /// Writes down why the authority is not told.
  ///
  /// - Throws: `badArgument` without likelihood, severity and reasons.
  @discardableResult
  public func decideNotToNotify(
    _ id: String, _ decision: RiskDecision
  ) async throws(PrivataError) -> Breach {
    guard decision.isComplete else {
      throw PrivataError(
        .badArgument, "who is not told of a breach needs an assessment of its risk",
        fields: ["likelihood", "severity", "reasons"])
    }
    var breach = try await breach(id)
    breach.noRisk = decision
    return try await keep(breach, "breach.noRisk")
  }

  /// Writes down why the persons are not told.
  ///
  /// - Throws: `badArgument` without evidence.
  @discardableResult
  public func exceptSubjects(
    _ id: String, _ exception: SubjectException
  ) async throws(PrivataError) -> Breach {
    guard !exception.evidence.isEmpty else {
      throw PrivataError(
        .badArgument, "the exception \(exception.name) has evidence", fields: ["evidence"])
    }
    var breach = try await breach(id)
    breach.subjectException = exception
    return try await keep(breach, "breach.exception")
  }

  /// The breaches of which the authority is still to be told, the one due first in front.
  public func due(at moment: DateTime = .now) async throws(PrivataError) -> [Breach] {
    try await all().filter { !$0.isSettledWithAuthority }
      .sorted { $0.authorityDueAt < $1.authorityDueAt }
  }

  // MARK: - HIPAA

  /// Assesses whether protected health information was compromised. It is presumed where one of the
  /// four factors does not speak against it.
  ///
  /// - Throws: `badArgument` for a factor without reasons.
  ///
  /// Source: 45 CFR 164.402; the burden of proof is that of 164.414(b).
  @discardableResult
  public func assess(
    _ id: String, _ factors: BreachRiskFactors
  ) async throws(PrivataError) -> Breach {
    let missing = factors.all.filter(\.1.reasons.isEmpty).map(\.0)
    guard missing.isEmpty else {
      throw PrivataError(
        .badArgument, "each factor has reasons; missing: " + missing.joined(separator: ", "),
        fields: missing)
    }
    var breach = try await breach(id)
    breach.probability = factors.all.allSatisfy(\.1.isLow) ? .low : .breach
    let findings = factors.all.map { name, finding in
      Document.Element(
        key: name, value: ["isLow": .bool(finding.isLow), "reasons": .string(finding.reasons)])
    }
    return try await keep(
      breach, "breach.assess", more: ["factors": .document(Document(findings))])
  }

  /// Writes down that an exception holds.
  ///
  /// - Throws: `badArgument` where one of its facts is missing.
  @discardableResult
  public func except(
    _ id: String, _ exception: BreachException
  ) async throws(PrivataError) -> Breach {
    guard exception.isComplete else {
      throw PrivataError(
        .badArgument, "the exception \(exception.name) needs all of its facts",
        fields: ["exception"])
    }
    var breach = try await breach(id)
    breach.probability = .excepted
    return try await keep(
      breach, "breach.except", more: ["hipaaException": .string(exception.name)])
  }

  /// Writes down that law enforcement asks to wait. Only the periods of HIPAA stand still.
  ///
  /// - Throws: `badArgument` for a written statement without reference, or that ends before it begins.
  @discardableResult
  public func delay(
    _ id: String, _ delay: LawEnforcementDelay
  ) async throws(PrivataError) -> Breach {
    if case .written(let from, let until, let reference) = delay,
      reference.isEmpty || until <= from
    {
      throw PrivataError(
        .badArgument, "a statement in writing has a reference and an end", fields: ["reference"])
    }
    var breach = try await breach(id)
    breach.delays.append(delay)
    return try await keep(breach, "breach.delay")
  }

  /// Adds the next version; somebody else's version in between is a conflict.
  func keep(
    _ breach: Breach, _ action: String, more: Document = [:]
  ) async throws(PrivataError) -> Breach {
    var facts = breach.document
    for element in more.elements { facts[element.key] = element.value }
    let entry = try await core.registers.append(
      .breach, breach.id, facts, actor: actor.actor.id, after: breach.version)
    try core.record(action, actor, subjectOf: entry.id)
    var kept = breach
    kept.version = entry.version
    return kept
  }
}

extension Vault {
  /// The breaches of personal data.
  public var breaches: BreachRegister { BreachRegister(core: core, context: context) }
}
