public import PrivataCore

/// Why data is restricted.
///
/// Source: GDPR Article 18(1).
public enum RestrictionGround: String, Sendable, Hashable, CaseIterable {
  case accuracyContested, unlawfulProcessing, neededForClaims, objectionPending
}

extension GDPR {
  /// Restricts the processing of a person's data: from the next query on it is kept and nothing
  /// else, in every model that refers to the person.
  ///
  /// ```swift
  /// try await User.gdpr.rightToRestriction(id, ground: .accuracyContested)
  /// ```
  ///
  /// Reads, changes, counts and deletes leave the person out, but for the purposes `legalClaims`,
  /// `rightsOfOthers`, `publicInterest`, `subjectRequest` and `storage`. A restriction per ground:
  /// the data opens when the last is lifted.
  ///
  /// - Throws: `notFound`.
  /// - Privacy: recorded in the ledger of rights and audited.
  public func rightToRestriction(
    _ id: some FieldValue, ground: RestrictionGround
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.rightToRestriction(id, ground: ground)
    }
    try await restrict(id.value, ground, isOn: true, evidence: [:])
  }

  /// Lifts a restriction, once the person was told.
  ///
  /// - Parameter notifiedAt: when the person was told.
  /// - Throws: `notFound`; `badArgument` for a notice that lies in the future.
  ///
  /// Source: GDPR Article 18(3).
  public func liftRestriction(
    _ id: some FieldValue, ground: RestrictionGround, notifiedAt: DateTime
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.liftRestriction(id, ground: ground, notifiedAt: notifiedAt)
    }
    guard notifiedAt <= .now else {
      throw PrivataError(
        .badArgument, "a restriction is lifted after the person was told", fields: ["notifiedAt"])
    }
    try await restrict(
      id.value, ground, isOn: false, evidence: ["notifiedAt": .date(notifiedAt)])
  }

  /// The grounds on which a person's data is restricted now.
  public func restrictions(
    _ id: some FieldValue
  ) async throws(PrivataError) -> [RestrictionGround] {
    if let there = try await elsewhere(id.value) { return try await there.restrictions(id) }
    let link = try await pseudonym(of: id.value)
    return core.rights.current.acts(about: link, .restriction)
      .filter { $0.isLive(.now) }.compactMap { RestrictionGround(rawValue: $0.about) }
  }

  func restrict(
    _ key: Value, _ ground: RestrictionGround, isOn: Bool, evidence: Document
  ) async throws(PrivataError) {
    try await act(key, .restriction, isOn ? "gdpr.restriction" : "gdpr.restriction.lift") { link in
      RightsAct(
        subject: link, model: model.name, kind: .restriction, about: ground.rawValue, isOn: isOn,
        at: .now, evidence: evidence, actor: actor.actor.id)
    }
    try await tellRecipients(of: key, isOn ? .restriction : .restrictionLifted)
  }
}
