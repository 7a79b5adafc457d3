public import PrivataCore

extension GDPR {
  /// Records that a person objects to a purpose: from the next query on, nothing under that purpose
  /// means them.
  ///
  /// ```swift
  /// try await User.gdpr.rightToObject(id, purpose: "analytics")
  /// ```
  ///
  /// - Throws: `notFound`; `badArgument` for a purpose that rests on consent, which is withdrawn
  ///   instead.
  /// - Privacy: recorded in the ledger of rights and audited.
  ///
  /// Source: GDPR Article 21(1) to (3).
  public func rightToObject(
    _ id: some FieldValue, purpose: String
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.rightToObject(id, purpose: purpose)
    }
    guard !purpose.isEmpty, !core.options.consentPurposes.contains(purpose) else {
      throw PrivataError(
        .badArgument,
        "an objection is to a purpose that does not rest on consent: withdraw the consent instead",
        fields: ["purpose"])
    }
    try await object(id.value, purpose, isOn: true)
  }

  /// Records that a person withdrew an objection.
  public func withdrawObjection(
    _ id: some FieldValue, purpose: String
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.withdrawObjection(id, purpose: purpose)
    }
    try await object(id.value, purpose, isOn: false)
  }

  /// The purposes that a person objects to now.
  public func objections(_ id: some FieldValue) async throws(PrivataError) -> [String] {
    if let there = try await elsewhere(id.value) { return try await there.objections(id) }
    let link = try await pseudonym(of: id.value)
    return core.rights.current.acts(about: link, .objection)
      .filter { $0.isLive(.now) }.map(\.about)
  }

  private func object(
    _ key: Value, _ purpose: String, isOn: Bool
  ) async throws(PrivataError) {
    try await act(key, .objection, isOn ? "gdpr.objection" : "gdpr.objection.withdraw") { link in
      RightsAct(
        subject: link, model: model.name, kind: .objection, about: purpose, isOn: isOn, at: .now,
        actor: actor.actor.id)
    }
  }
}
