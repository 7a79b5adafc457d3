public import PrivataCore

/// What shows that a person was told before a restriction is lifted.
///
/// Source: GDPR Article 18(3).
public struct RestrictionNotice: Sendable, Hashable {
  /// How the person was told.
  public enum Channel: String, Sendable, Hashable, CaseIterable {
    case letter, email, portal, spoken
  }

  /// When and how, and where the text is filed: a number that names no person.
  public var sentAt: DateTime
  public var channel: Channel
  public var reference: String?

  /// A notice that was sent.
  public static func sent(
    at moment: DateTime, channel: Channel, reference: String? = nil
  ) -> RestrictionNotice {
    RestrictionNotice(sentAt: moment, channel: channel, reference: reference)
  }
}

extension GDPR {
  /// Lifts a restriction, on the evidence that the person was told.
  ///
  /// ```swift
  /// try await User.gdpr.liftRestriction(id, ground: .accuracyContested, notice: .sent(at: day, channel: .letter))
  /// ```
  ///
  /// - Throws: `notFound`; `badArgument` for a notice that lies in the future.
  /// - Privacy: the evidence stays in the ledger of rights.
  ///
  /// Source: GDPR Article 18(3).
  public func liftRestriction(
    _ id: some FieldValue, ground: RestrictionGround, notice: RestrictionNotice
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.liftRestriction(id, ground: ground, notice: notice)
    }
    guard notice.sentAt <= .now else {
      throw PrivataError(
        .badArgument, "a restriction is lifted after the person was told", fields: ["notice"])
    }
    var evidence: Document = [
      "notifiedAt": .date(notice.sentAt), "channel": .string(notice.channel.rawValue),
    ]
    evidence["reference"] = notice.reference.map { .string($0) }
    try await restrict(id.value, ground, isOn: false, evidence: evidence)
  }

  /// How a person was told of the restrictions that were lifted, by ground.
  public func restrictionNotices(
    _ id: some FieldValue
  ) async throws(PrivataError) -> [RestrictionGround: RestrictionNotice] {
    if let there = try await elsewhere(id.value) {
      return try await there.restrictionNotices(id)
    }
    let link = try await pseudonym(of: id.value)
    var notices: [RestrictionGround: RestrictionNotice] = [:]
    for act in core.rights.current.acts(about: link, .restriction) where !act.isOn {
      guard let ground = RestrictionGround(rawValue: act.about),
        case .date(let sentAt)? = act.evidence["notifiedAt"],
        let channel = act.evidence["channel"]?.asString.flatMap(RestrictionNotice.Channel.init)
      else { continue }
      notices[ground] = .sent(
        at: sentAt, channel: channel, reference: act.evidence["reference"]?.asString)
    }
    return notices
  }
}
