public import PrivataCore

/// Who answers for the processing: what the records of processing name first.
///
/// Source: GDPR Article 30(1)(a).
public struct Controller: Sendable, Hashable {
  /// The controller with its address, its representative, and the officer for data protection.
  public var name: String
  public var contact: String
  public var representative: String?
  public var officer: String?

  /// A controller.
  public init(
    _ name: String, contact: String, representative: String? = nil, officer: String? = nil
  ) {
    self.name = name
    self.contact = contact
    self.representative = representative
    self.officer = officer
  }
}

/// The records of processing activities, made from the models that a vault knows, its registers and
/// what its audit log saw: which categories of data, where they are, for which purposes on which
/// basis, who gets them, how they are protected; and where what was done differs from what is
/// registered.
///
/// Source: GDPR Article 30(1) and (2).
public struct ProcessingRecords: Sendable {
  /// One model.
  public struct Activity: Sendable, Hashable {
    /// The model, and its fields by class.
    public let model: String
    public let identifying: [String]
    public let health: [String]
    /// The fields that are encrypted.
    public let encrypted: [String]
    /// The purposes and roles that used it, from the audit log.
    public let purposes: [String]
    public let roles: [String]
    /// True where uses without a purpose are among them.
    public let hasUseWithoutPurpose: Bool
    /// The measures that are on, from the options and the model.
    public let measures: [String]
    /// Who got data of it, from the disclosures.
    public let recipients: [String]
    /// How long it is kept, by the rules of retention.
    ///
    /// Source: GDPR Article 30(1)(f).
    public let timeLimits: [String]
  }

  /// One difference between what is registered and what was done.
  public enum Drift: Sendable, Hashable {
    /// A model was used for a purpose that is in no register.
    case unknownPurpose(String, model: String)
    /// A model was used without a purpose.
    case noPurpose(model: String)
    /// Data went to somebody who is in no register.
    case unknownRecipient(String, model: String)
    /// A purpose is registered and nothing was done for it.
    case unusedPurpose(String)
  }

  /// Who answers for it; `nil` where the options do not say.
  public let controller: Controller?
  /// One record per model with personal data.
  public let activities: [Activity]
  /// What is processed for, with its basis.
  public let purposes: [Purpose]
  /// Who gets data, where they are and on which safeguard.
  public let recipients: [Recipient]
  public let processors: [Processor]
  public let drift: [Drift]
  /// When the records were made.
  public let generatedAt: DateTime
}

extension Vault {
  /// Makes the records of processing activities.
  ///
  /// ```swift
  /// print(try await vault.processingRecords().json)
  /// ```
  ///
  /// - Throws: what the audit store and the identity store throw.
  /// - Privacy: reads names of models, fields, purposes, roles and recipients, and no record.
  public func processingRecords() async throws(PrivataError) -> ProcessingRecords {
    let uses = try await uses()
    let given = try await recipients.disclosedModels()
    let postures = posture()
    let activities = core.registry.models.sorted { $0.name < $1.name }.compactMap { model in
      activity(
        model, uses[model.name] ?? .init(), given[model.name] ?? [],
        postures.first { $0.model == model.name })
    }
    let known = core.registers.known
    return ProcessingRecords(
      controller: core.options.controller, activities: activities, purposes: purposes.all,
      recipients: recipients.all, processors: processors.all,
      drift: drift(activities, known), generatedAt: .now)
  }

  /// What was done with a model, by the audit log.
  private struct Use {
    var purposes: Set<String> = []
    var roles: Set<String> = []
    var isBare = false
  }

  private func uses() async throws(PrivataError) -> [String: Use] {
    var uses: [String: Use] = [:]
    for try await event in audit.events() where !event.model.isEmpty {
      var use = uses[event.model] ?? Use()
      if let purpose = event.purpose { use.purposes.insert(purpose) } else { use.isBare = true }
      if let role = event.role { use.roles.insert(role) }
      uses[event.model] = use
    }
    return uses
  }

  private func activity(
    _ model: ModelSchema, _ use: Use, _ recipients: Set<String>, _ posture: Posture?
  ) -> ProcessingRecords.Activity? {
    let names = { (privacy: Privacy) in
      model.fields.filter { $0.privacy == privacy }.map(\.name)
    }
    guard !names(.pii).isEmpty || !names(.phi).isEmpty else { return nil }
    let measures = Posture.Control.allCases.filter { posture?.controls[$0] == .on }
    return .init(
      model: model.name, identifying: names(.pii), health: names(.phi),
      encrypted: model.fields.filter { $0.encryption != nil }.map(\.name),
      purposes: use.purposes.sorted(), roles: use.roles.sorted(),
      hasUseWithoutPurpose: use.isBare, measures: measures.map(\.rawValue),
      recipients: recipients.sorted(),
      timeLimits: core.options.retention.texts(of: model.name))
  }

  private func drift(
    _ activities: [ProcessingRecords.Activity], _ known: KnownRegisters
  ) -> [ProcessingRecords.Drift] {
    var drift: [ProcessingRecords.Drift] = []
    for activity in activities {
      for purpose in activity.purposes
      where known.purpose(purpose) == nil && purpose != AccessContext.service.purpose {
        drift.append(.unknownPurpose(purpose, model: activity.model))
      }
      if activity.hasUseWithoutPurpose { drift.append(.noPurpose(model: activity.model)) }
      for recipient in activity.recipients where known.recipients[recipient] == nil {
        drift.append(.unknownRecipient(recipient, model: activity.model))
      }
    }
    let used = Set(activities.flatMap(\.purposes))
    for name in known.purposes.keys.sorted() where !used.contains(name) {
      drift.append(.unusedPurpose(name))
    }
    return drift
  }
}

extension RecipientRegister {
  /// Who got data, by model: from the disclosures that were recorded under both laws.
  func disclosedModels() async throws(PrivataError) -> [String: Set<String>] {
    try await core.registers.entries(.disclosure).reduce(into: [:]) { models, entry in
      guard let model = entry.facts["model"]?.asString,
        let recipient = entry.facts["recipient"]?.asString
      else { return }
      models[model, default: []].insert(recipient)
    }
  }
}
