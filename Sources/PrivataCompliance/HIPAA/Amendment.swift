public import PrivataCore

/// A person's request to amend their record, and what became of it.
///
/// Source: 45 CFR 164.526.
public struct Amendment: Sendable, Hashable {
  /// How far it is.
  public enum State: String, Sendable, Hashable, CaseIterable { case requested, accepted, denied }

  /// Why an amendment is denied.
  ///
  /// Source: 45 CFR 164.526(a)(2).
  public enum Denial: String, Sendable, Hashable, CaseIterable {
    case accurateAndComplete, notCreatedHere, notInRecordSet, notOpenToAccess
  }

  /// Its number, the field, what was there and what is proposed.
  public let id: String
  public let field: String
  public let original: Value
  public let proposed: Value
  public let reason: String
  public let state: State
  public let receivedAt: DateTime
  /// When it is to be decided: 60 days, 30 more where the person was told why.
  public let dueAt: DateTime
  public let isExtended: Bool
  public let denial: Denial?
  /// What the person says to a denial, and what is said to that.
  public let disagreement: String?
  public let rebuttal: String?
  /// Who was to be told of an accepted amendment: who had got the information, and whom the person
  /// named.
  public let notified: [String]

  init?(_ entry: DocumentationEntry) {
    let body = entry.body
    guard let field = body["field"]?.asString, let state = State(rawValue: entry.state),
      let due = body.date("dueAt")
    else { return nil }
    id = entry.id
    self.field = field
    original = body["original"] ?? .null
    proposed = body["proposed"] ?? .null
    reason = body["reason"]?.asString ?? ""
    self.state = state
    receivedAt = entry.at
    dueAt = due
    isExtended = body["isExtended"]?.asBool ?? false
    denial = body["denial"]?.asString.flatMap(Denial.init)
    disagreement = body["disagreement"]?.asString
    rebuttal = body["rebuttal"]?.asString
    notified = body.texts("notified")
  }
}

/// What goes along with a disclosure of a field that was amended, or whose amendment was denied.
public struct AmendmentStatement: Sendable, Hashable {
  /// The amendment's number and field.
  public let amendment: String
  public let field: String
  /// What was there before, of an accepted one.
  public let replaced: Value?
  /// The person's statement and the answer to it, of a denied one.
  public let disagreement: String?
  public let rebuttal: String?
}
