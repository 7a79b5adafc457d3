public import PrivataCore

/// What the policy lets a caller use of a model: the minimum necessary for a role and purpose.
///
/// Source: 45 CFR 164.502(b) and 164.514(d).
public struct MinimumNecessary: Sendable, Hashable {
  /// The personal fields that may be used, those that are shown in part, and those that may not.
  public let fields: Set<String>
  public let masked: [String: ValueMask]
  public let denied: Set<String>
  /// True where all of a record may be read, and a reason is asked for it.
  public let needsReason: Bool
  /// What audit events say of it; `nil` where no policy governs the model.
  public let rule: String?
}

extension HIPAA {
  /// What the caller may use of the model.
  ///
  /// ```swift
  /// let allowed = try User.hipaa.minimumNecessary
  /// allowed.fields   // ["name", "insuranceID"]
  /// ```
  public var minimumNecessary: MinimumNecessary {
    let personal = Set(model.fields.filter { $0.privacy != .open }.map(\.name))
    guard let decision = core.policies.policy?.decision(actor, model) else {
      return MinimumNecessary(
        fields: personal, masked: [:], denied: [], needsReason: false, rule: nil)
    }
    let closed = decision.denied.union(decision.masks.keys)
    return MinimumNecessary(
      fields: personal.subtracting(closed), masked: decision.masks,
      denied: decision.denied, needsReason: decision.needsReason, rule: decision.rule)
  }

  /// Lets the task's actor at the records of one person of the model for an hour, see
  /// ``Vault/breakGlass(_:_:)``.
  ///
  /// ```swift
  /// try await User.hipaa.breakGlass(id, reason: .unconscious, note: "no pulse") {
  ///   try await User.findById(id).exec()
  /// }
  /// ```
  ///
  /// - Throws: as ``Vault/breakGlass(_:_:)``.
  /// - Privacy: written down and told to the officer before any data is read; the note is sealed.
  public func breakGlass<R>(
    _ id: some FieldValue, reason: EmergencyRequest.Reason, note: String,
    _ body: () async throws -> R
  ) async throws -> R {
    try await Vault(core: core, context: context).breakGlass(
      EmergencyRequest(subject: id, of: model.name, reason: reason, note: note), body)
  }
}
