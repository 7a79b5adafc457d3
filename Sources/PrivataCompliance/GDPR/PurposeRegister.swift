public import PrivataCore

/// The purposes for which the controller processes personal data, each with its legal basis. A vault
/// whose ``VaultOptions/purposes`` is `.registered` refuses every other one.
///
/// ```swift
/// try await vault.purposes.register(
///   Purpose("treatment", basis: .contract, ground: .healthCare))
/// vault.purposes.all.map(\.name)   // ["treatment"]
/// ```
///
/// - Privacy: holds names and texts of the controller, sealed; audited.
///
/// Source: GDPR Articles 5(1)(a), 5(2) and 6.
public struct PurposeRegister: Sendable {
  let core: VaultCore
  let context: AccessContext?

  private var actor: AccessContext { context ?? AccessContext.current ?? .service }

  /// The purposes as they are now, by name.
  public var all: [Purpose] {
    core.registers.known.purposes.values.compactMap { $0.last?.purpose }
      .sorted { $0.name < $1.name }
  }

  /// The purpose of a name as it is now; `nil` for an unknown one.
  public func purpose(_ name: String) -> Purpose? { core.registers.known.purpose(name) }

  /// Every version of a purpose, the first in front.
  public func versions(of name: String) -> [PurposeVersion] {
    core.registers.known.purposes[name] ?? []
  }

  /// The version that counted when something was done under a purpose: an event stays tied to the
  /// basis of its time. `nil` for an event under no registered purpose.
  public func version(for event: AuditEvent) -> PurposeVersion? {
    guard let purpose = event.purpose else { return nil }
    return versions(of: purpose).last { $0.since <= event.at }
  }

  /// Registers a purpose, or its next version.
  ///
  /// - Throws: `badArgument` without a name, for a legal obligation or a vital interest that says not
  ///   which, and for a change from consent to legitimate interests after somebody withdrew;
  ///   `versionConflict` where somebody else changed the purpose at the same time.
  @discardableResult
  public func register(_ purpose: Purpose) async throws(PrivataError) -> PurposeVersion {
    try purpose.check()
    let known = versions(of: purpose.name)
    if let last = known.last, last.purpose == purpose { return last }
    try checkChange(from: known.last?.purpose, to: purpose)
    let entry = try await core.registers.append(
      .purpose, purpose.name, purpose.facts, actor: actor.actor.id, after: known.last?.number ?? 0)
    try core.record("purpose.register", actor, subjectOf: entry.id)
    return PurposeVersion(number: entry.version, purpose: purpose, since: entry.at)
  }

  /// Who withdrew a consent must not find the same done to them on another ground.
  private func checkChange(from: Purpose?, to: Purpose) throws(PrivataError) {
    guard from?.basis == .consent, to.basis == .legitimateInterests,
      core.rights.current.hasWithdrawal(of: to.name)
    else { return }
    throw PrivataError(
      .badArgument,
      "\(to.name) rested on consent and somebody withdrew it: it cannot go on as a legitimate "
        + "interest", fields: ["basis"])
  }

  // MARK: - Further processing

  /// Allows data that was collected for one purpose to be used for another, on an assessment.
  ///
  /// ```swift
  /// try await vault.purposes.allowFurther(
  ///   .init(
  ///     from: "care", to: "quality", link: "same clinic", context: "same staff",
  ///     nature: "no free text", consequences: "none for the person", safeguards: "pseudonyms"))
  /// ```
  ///
  /// - Throws: `badArgument` where a factor is missing, and where special categories or children are
  ///   concerned and nobody else reviewed it; `unknownPurpose`.
  ///
  /// Source: GDPR Article 6(4).
  public func allowFurther(_ assessment: CompatibilityAssessment) async throws(PrivataError) {
    try assessment.check(by: actor.actor)
    for name in [assessment.from, assessment.to] where purpose(name) == nil {
      throw .unknownPurpose(name)
    }
    let entry = try await core.registers.append(
      .compatibility, "\(assessment.from) to \(assessment.to)", assessment.facts,
      actor: actor.actor.id)
    try core.record("purpose.further", actor, subjectOf: entry.id)
  }

  /// The assessments that allow further processing.
  public var compatibilities: [CompatibilityAssessment] { core.registers.known.assessments }
}

extension Vault {
  /// The purposes of processing with their legal bases.
  public var purposes: PurposeRegister { PurposeRegister(core: core, context: context) }
}

extension PrivataError {
  /// A purpose that is in no register.
  static func unknownPurpose(_ name: String, model: String? = nil) -> PrivataError {
    PrivataError(
      .unknownPurpose,
      "the purpose '\(name)' is in no register: register it with its legal basis first",
      fields: ["purpose"], model: model)
  }
}

extension VaultCore {
  /// Records an act that concerns no record of a model.
  func record(
    _ action: String, _ context: AccessContext, model: String = "", result: AuditResult? = nil,
    subjectOf: String? = nil
  ) throws(PrivataError) {
    let scope = AuditCoding.scope(
      .init(rawValue: action), model: model, fields: [], filterFields: [])
    try recorder.record(
      context, scope: scope, result: result ?? AuditResult(count: 1, subjectOf: subjectOf),
      isPersonal: true)
  }

  /// True for a purpose that rests on consent, by the options or by the register.
  func restsOnConsent(_ purpose: String) -> Bool {
    options.consentPurposes.contains(purpose)
      || registers.hasPurposes
        && registers.known.purpose(purpose)?.basis == .consent
  }
}
