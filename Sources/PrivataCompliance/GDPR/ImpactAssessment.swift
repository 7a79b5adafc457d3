public import PrivataCore

/// A draft of an impact assessment, made from the models, the registers and the audit log: the four
/// parts that the law asks for, and why it asks.
///
/// ```swift
/// let draft = try await vault.impactAssessment(of: "Patient")
/// draft.triggers   // [.specialCategories, .largeScale]
/// ```
///
/// Source: GDPR Article 35(7).
public struct ImpactAssessment: Sendable, Hashable {
  /// Why an assessment is needed.
  ///
  /// Source: GDPR Article 35(3).
  public enum Trigger: String, Sendable, Hashable, CaseIterable {
    /// Programs decide about people.
    case automatedDecisions
    case specialCategories, criminalData
    /// More people than ``VaultOptions/largeScale``.
    case largeScale
    case children
    /// Data goes to other countries.
    case transfers
  }

  /// The model, and how many people its records are about.
  public let model: String
  public let people: Int
  public let triggers: [Trigger]
  /// What is done, (a); whether it is needed, (b); what can go wrong, (c); what is done about it, (d).
  public let description: Document
  public let necessity: Document
  public let risks: [String]
  public let measures: Document
  /// What the assessment is about: another schema, purpose or category has another hash.
  public let hash: String

  /// True where it has to be approved before data is processed.
  public var isNeeded: Bool {
    triggers.contains(.automatedDecisions) || triggers.contains(.criminalData)
      || triggers.contains(.specialCategories) && triggers.contains(.largeScale)
  }

  /// The draft as one document.
  public var document: Document {
    [
      "model": .string(model), "people": .int(people),
      "triggers": .array(triggers.map { .string($0.rawValue) }), "hash": .string(hash),
      "description": .document(description), "necessity": .document(necessity),
      "risks": .array(risks.map { .string($0) }), "measures": .document(measures),
    ]
  }

  /// The draft as JSON.
  public var json: String { document.extendedJSON(.relaxed) }
}

/// An approved impact assessment.
public struct ImpactApproval: Sendable, Hashable {
  /// The model, and the hash of what was assessed.
  public let model: String
  public let hash: String
  /// What the officer for data protection advised, and when.
  public let advice: String
  public let at: DateTime
  /// When the authority was asked, where a high risk remains.
  public let consultedAt: DateTime?

  /// By when the authority answers: eight weeks, and six more in complex cases.
  ///
  /// Source: GDPR Article 36(2).
  public var consultationEnds: (usual: DateTime, extended: DateTime)? {
    consultedAt.map {
      let weeks = { (count: Int64, from: DateTime) in
        DateTime(milliseconds: from.milliseconds + count * 7 * 86_400_000)
      }
      return (weeks(8, $0), weeks(14, $0))
    }
  }

  init?(_ entry: RegisterEntry) {
    guard let hash = entry.facts["hash"]?.asString, let model = entry.facts["model"]?.asString
    else { return nil }
    self.model = model
    self.hash = hash
    advice = entry.facts["advice"]?.asString ?? ""
    at = entry.at
    if case .date(let date)? = entry.facts["consultedAt"] {
      consultedAt = date
    } else {
      consultedAt = nil
    }
  }
}

extension Vault {
  /// Drafts the impact assessment of a model.
  ///
  /// - Throws: `unknownModel`; what the stores throw.
  /// - Privacy: counts records, and reads names of fields, purposes and roles.
  public func impactAssessment(of name: String) async throws(PrivataError) -> ImpactAssessment {
    guard let model = core.registry.model(name) else {
      throw PrivataError(.unknownModel, "the vault knows no model \(name)", model: name)
    }
    let activity = try await processingRecords().activities.first { $0.model == name }
    let people = try await count(model)
    let special = categories(model)
    let hasDecisions = try await core.registers.last(.decision)
      .contains { $0.facts["model"]?.asString == name }
    var triggers: [ImpactAssessment.Trigger] = []
    if hasDecisions { triggers.append(.automatedDecisions) }
    if special.contains(where: { $0.value != "criminal" }) { triggers.append(.specialCategories) }
    if special.contains(where: { $0.value == "criminal" }) { triggers.append(.criminalData) }
    if people >= core.options.largeScale { triggers.append(.largeScale) }
    if purposes.all.contains(where: \.isOfferedToChildren) { triggers.append(.children) }
    if recipients.all.contains(where: { $0.country != nil }) { triggers.append(.transfers) }
    let posture = posture().first { $0.model == name }
    return ImpactAssessment(
      model: name, people: people, triggers: triggers,
      description: describe(model, activity, special), necessity: necessity(activity),
      risks: risks(triggers, posture), measures: posture?.document ?? [:],
      hash: hash(model, special))
  }

  /// Records that an assessment was approved.
  ///
  /// - Throws: `accessDenied` to who has none of ``VaultOptions/officerRoles``; `badArgument` without
  ///   advice.
  public func approve(
    _ assessment: ImpactAssessment, advice: String, consultedAt: DateTime? = nil
  ) async throws(PrivataError) {
    let actor = context ?? AccessContext.current ?? .service
    guard core.options.officerRoles.contains(actor.role ?? "") else {
      throw PrivataError(
        .accessDenied, "an impact assessment is approved by an officer for data protection")
    }
    guard !advice.isEmpty else {
      throw PrivataError(
        .badArgument, "an approval says what the officer advised", fields: ["advice"])
    }
    var facts: Document = [
      "model": .string(assessment.model), "hash": .string(assessment.hash),
      "advice": .string(advice),
    ]
    facts["consultedAt"] = consultedAt.map { .date($0) }
    let entry = try await core.registers.append(
      .assessment, assessment.model, facts, actor: actor.actor.id)
    try core.record("assessment.approve", actor, model: assessment.model, subjectOf: entry.id)
  }

  /// The approval of a model's assessment; `nil` for none.
  public func approval(of model: String) -> ImpactApproval? {
    core.registers.known.approved[model]
  }

  /// Refuses where a model needs an impact assessment and none was approved for it as it is now: for
  /// a check before a release.
  ///
  /// - Throws: `validation`, which names the models.
  public func checkImpactAssessments() async throws(PrivataError) {
    var missing: [String] = []
    for model in core.registry.models.sorted(by: { $0.name < $1.name })
    where model.fields.contains(where: { $0.privacy != .open }) {
      let draft = try await impactAssessment(of: model.name)
      if draft.isNeeded, approval(of: model.name)?.hash != draft.hash { missing.append(model.name) }
    }
    guard missing.isEmpty else {
      throw PrivataError(
        .validation,
        "no impact assessment was approved for what these models are now: "
          + missing.joined(separator: ", "), fields: missing)
    }
  }

  // MARK: - Parts

  private func count(_ model: ModelSchema) async throws(PrivataError) -> Int {
    let query = Query(model, answer: .count, layout: .cells)
    let separation = try core.registry.separation(of: model)
    return try await core.session.rows(query, separation).value(row: 0, column: 0)?.asInt ?? 0
  }

  /// The fields of special categories.
  private func categories(_ model: ModelSchema) -> [String: String] {
    var found: [String: String] = [:]
    for field in model.fields {
      if let category = core.options.processing?.category(field, model.name) {
        found[field.name] = category.name
      } else if field.privacy == .phi {
        found[field.name] = SpecialCategory.health.name
      }
    }
    return found
  }

  private func describe(
    _ model: ModelSchema, _ activity: ProcessingRecords.Activity?, _ special: [String: String]
  ) -> Document {
    let texts = { (texts: [String]) -> Value in .array(texts.map { .string($0) }) }
    let categories = special.sorted { $0.key < $1.key }.map {
      Document.Element(key: $0.key, value: .string($0.value))
    }
    return [
      "identifying": texts(activity?.identifying ?? []), "health": texts(activity?.health ?? []),
      "specialCategories": .document(Document(categories)),
      "roles": texts(activity?.roles ?? []), "purposes": texts(activity?.purposes ?? []),
      "recipients": texts(recipients.all.map(\.id)), "processors": texts(processors.all.map(\.id)),
    ]
  }

  private func necessity(_ activity: ProcessingRecords.Activity?) -> Document {
    let used = activity?.purposes ?? []
    let known = purposes.all
    let bases = known.filter { used.contains($0.name) }.map {
      Document.Element(key: $0.name, value: .string("GDPR Article 6(1)(\($0.basis.letter))"))
    }
    let bare = used.filter { name in
      !known.contains { $0.name == name } && name != AccessContext.service.purpose
    }
    return [
      "bases": .document(Document(bases)),
      "purposesWithoutBasis": .array(bare.map { .string($0) }),
      "hasUseWithoutPurpose": .bool(activity?.hasUseWithoutPurpose ?? false),
    ]
  }

  private func risks(_ triggers: [ImpactAssessment.Trigger], _ posture: Posture?) -> [String] {
    var risks = triggers.map { trigger in
      switch trigger {
      case .automatedDecisions: "a program decides wrongly and nobody looks"
      case .specialCategories: "health or other intimate data becomes known"
      case .criminalData: "convictions become known"
      case .largeScale: "one incident concerns many people"
      case .children: "children cannot judge what they agree to"
      case .transfers: "data is less protected where it goes"
      }
    }
    for field in posture?.plainFields ?? [] {
      risks.append("\(field) can be read in a stolen store")
    }
    return risks
  }

  private func hash(_ model: ModelSchema, _ special: [String: String]) -> String {
    var parts = model.fields.map { "\($0.name) \($0.privacy.rawValue) \(special[$0.name] ?? "")" }
    parts += purposes.all.map { "\($0.name) \($0.basis.name) \($0.ground?.letter ?? "")" }
    return Hexadecimal.text(Notice.hash(parts.joined(separator: "\n")))
  }
}
