public import PrivataCore

/// The records of processing activities, made from the models that a vault knows and from what its
/// audit log saw: which categories of data, where they are, under which purposes and by which roles
/// they were used.
///
/// Source: GDPR Article 30(1).
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
  }

  /// One record per model with personal data.
  public let activities: [Activity]
  /// When the records were made.
  public let generatedAt: DateTime

  /// The records as one document.
  public var document: Document {
    [
      "generatedAt": .string(generatedAt.iso8601),
      "activities": .array(activities.map { .document($0.document) }),
    ]
  }

  /// The records as JSON.
  public var json: String { document.extendedJSON(.relaxed) }

  /// The records as a CSV file.
  public var csv: String { CSVText.text(activities.map(\.line)) }
}

extension ProcessingRecords.Activity {
  fileprivate var document: Document {
    let texts = { (texts: [String]) -> Value in .array(texts.map { .string($0) }) }
    return [
      "model": .string(model), "identifying": texts(identifying), "health": texts(health),
      "encrypted": texts(encrypted), "purposes": texts(purposes), "roles": texts(roles),
      "hasUseWithoutPurpose": .bool(hasUseWithoutPurpose),
    ]
  }

  fileprivate var line: Document {
    let joined = { (texts: [String]) -> Value in .string(texts.joined(separator: " ")) }
    return [
      "model": .string(model), "identifying": joined(identifying), "health": joined(health),
      "encrypted": joined(encrypted), "purposes": joined(purposes), "roles": joined(roles),
      "hasUseWithoutPurpose": .bool(hasUseWithoutPurpose),
    ]
  }
}

extension Vault {
  /// Makes the records of processing activities.
  ///
  /// ```swift
  /// print(try await vault.processingRecords().json)
  /// ```
  ///
  /// - Throws: what the audit store throws.
  /// - Privacy: reads names of models, fields, purposes and roles, and no record.
  public func processingRecords() async throws(PrivataError) -> ProcessingRecords {
    var uses: [String: (purposes: Set<String>, roles: Set<String>, isBare: Bool)] = [:]
    for try await event in audit.events() where !event.model.isEmpty {
      var use = uses[event.model] ?? ([], [], false)
      if let purpose = event.purpose { use.purposes.insert(purpose) } else { use.isBare = true }
      if let role = event.role { use.roles.insert(role) }
      uses[event.model] = use
    }
    let models = core.registry.models.sorted { $0.name < $1.name }
    let activities = models.compactMap { model -> ProcessingRecords.Activity? in
      let names = { (privacy: Privacy) in
        model.fields.filter { $0.privacy == privacy }.map(\.name)
      }
      guard !names(.pii).isEmpty || !names(.phi).isEmpty else { return nil }
      let use = uses[model.name] ?? ([], [], false)
      return .init(
        model: model.name, identifying: names(.pii), health: names(.phi),
        encrypted: model.fields.filter { $0.encryption != nil }.map(\.name),
        purposes: use.purposes.sorted(), roles: use.roles.sorted(), hasUseWithoutPurpose: use.isBare
      )
    }
    return ProcessingRecords(activities: activities, generatedAt: .now)
  }
}
