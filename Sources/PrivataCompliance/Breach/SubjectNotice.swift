public import PrivataCore

/// What persons are told of a breach: in plain language, four things.
///
/// Source: GDPR Article 34(2).
public struct SubjectNotice: Sendable, Hashable {
  /// The four parts, in the order of the law.
  public var nature: String
  public var contact: String
  public var consequences: String
  public var measures: String

  /// A notice of all four.
  public init(nature: String, contact: String, consequences: String, measures: String) {
    self.nature = nature
    self.contact = contact
    self.consequences = consequences
    self.measures = measures
  }

  func check() throws(PrivataError) {
    let missing = [
      ("nature", nature), ("contact", contact), ("consequences", consequences),
      ("measures", measures),
    ].filter(\.1.isEmpty).map(\.0)
    guard missing.isEmpty else {
      throw PrivataError(
        .badArgument, "the notice lacks " + missing.joined(separator: ", "), fields: missing)
    }
  }
}

/// One person who is told.
public struct SubjectDelivery: Sendable, Hashable {
  /// The same for every attempt, so that nobody is told twice.
  public let key: String
  /// The record of the person.
  public let model: String
  public let id: Protected<Value>
  /// 1 for the first; who is not reached is tried at another address.
  public let attempt: Int
  /// Where the person wants to be reached, and nowhere else; `nil` for where everybody is.
  ///
  /// Source: 45 CFR 164.522(b).
  public let contact: Protected<ConfidentialCommunication>?
}

/// Brings notices of a breach to persons.
public protocol SubjectNoticeDelivery: Sendable {
  /// Tells one person.
  ///
  /// - Throws: anything where the person was not reached by this attempt.
  func deliver(_ notice: SubjectNotice, to person: SubjectDelivery) async throws
}

/// How far the persons of a breach were told.
public struct SubjectNoticeProgress: Sendable, Hashable {
  /// Persons who are still to be told, and those who were.
  public var waiting = 0
  public var delivered = 0
  /// Persons whom no attempt reached: see ``SubstituteNotice/needed(undeliverable:)``.
  public var undeliverable = 0
  /// Persons who were erased meanwhile and are left alone.
  public var erased = 0
}
