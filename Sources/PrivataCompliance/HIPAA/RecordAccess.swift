public import PrivataCore

/// A person's request to see their designated record set.
///
/// Source: 45 CFR 164.524.
public struct RecordAccessRequest: Sendable, Hashable {
  /// In which form.
  public enum Format: String, Sendable, Hashable, CaseIterable {
    case json, csv
    /// A FHIR R4 Bundle, made by ``VaultOptions/fhir``.
    case fhirR4
  }

  /// Who asks.
  public enum Requester: Sendable, Hashable {
    case individual
    /// Who acts for the person, by what right: a parent, a guardian, an executor.
    case representative(String, authority: String)
    /// Somebody to whom the person directs the copy, in writing and signed.
    case thirdParty(String, signedAt: DateTime)
  }

  /// In which form, for whom, and since when it waits.
  public var format: Format
  public var requester: Requester
  public var receivedAt: DateTime?
  /// What the copy costs; `nil` for nothing.
  public var fee: RecordAccessFee?
  /// Why it takes 30 days more, of which the person was told in writing within the first 30.
  public var delay: RecordAccessDelay?
  /// True where the person has the rights of the GDPR too: the earlier period holds.
  public var isUnderGDPR = false

  /// A request of the person, unless more is said.
  public init(
    format: Format = .json, requester: Requester = .individual, receivedAt: DateTime? = nil
  ) {
    self.format = format
    self.requester = requester
    self.receivedAt = receivedAt
  }
}

/// What a copy may cost: what it cost to make and to send. Looking for the records, keeping them and
/// the system that holds them cost the person nothing, so there is no place for them here.
///
/// ```swift
/// request.fee = RecordAccessFee(labor: 350, supplies: 100, postage: 250)   // 7.00 USD
/// ```
///
/// Source: 45 CFR 164.524(c)(4).
public struct RecordAccessFee: Sendable, Hashable {
  /// In cents: the labor of copying, paper or a medium, postage, and a summary that the person agreed
  /// to.
  public var labor: Int
  public var supplies: Int
  public var postage: Int
  public var summary: Int

  /// A fee of these parts.
  public init(labor: Int = 0, supplies: Int = 0, postage: Int = 0, summary: Int = 0) {
    self.labor = labor
    self.supplies = supplies
    self.postage = postage
    self.summary = summary
  }

  /// All of it, in cents.
  public var total: Int { labor + supplies + postage + summary }
}

/// Why an answer takes 30 days more.
///
/// Source: 45 CFR 164.524(b)(2)(ii).
public struct RecordAccessDelay: Sendable, Hashable {
  /// The reason, and when the person was told of it in writing.
  public var reason: String
  public var toldAt: DateTime

  /// A delay with its reason.
  public init(reason: String, toldAt: DateTime) {
    self.reason = reason
    self.toldAt = toldAt
  }
}

/// A copy of a person's designated record set.
public struct RecordAccessPackage: Sendable {
  /// The number under which it is written down.
  public let id: String
  public let format: RecordAccessRequest.Format
  /// The person's own record, and those that refer to the person, by model.
  public let records: [String: [Document]]
  /// The copy in the form that was asked for.
  public let text: String
  /// When the request came in, and until when it was to be answered.
  public let receivedAt: DateTime
  public let dueAt: DateTime
  /// What it costs, in cents.
  public let fee: Int
}

/// Why access is denied.
public enum RecordAccessDenial: String, Sendable, Hashable, CaseIterable {
  // Not to be reviewed.
  case psychotherapyNotes, legalProceedings, inmate, research, privacyAct, confidentialSource
  // To be reviewed by another professional.
  case endangersLife, harmsOther, harmedByRepresentative

  /// True where the person may have the denial reviewed.
  ///
  /// Source: 45 CFR 164.524(a)(3).
  public var isReviewable: Bool {
    [.endangersLife, .harmsOther, .harmedByRepresentative].contains(self)
  }
}

/// Until when HIPAA wants requests answered, in calendar days from receipt.
public enum HIPAADeadline {
  /// 30 days for access, 30 more with a written reason. Where the GDPR applies too, the earlier one.
  ///
  /// Source: 45 CFR 164.524(b)(2).
  public static func access(
    receivedAt: DateTime, isExtended: Bool = false, underGDPR: Bool = false,
    calendar: DeadlineCalendar = DeadlineCalendar()
  ) -> DateTime {
    let own = calendar.end(of: isExtended ? 60 : 30, daysAfter: receivedAt)
    guard underGDPR else { return own }
    return min(own, calendar.end(of: isExtended ? 3 : 1, monthsAfter: receivedAt))
  }

  /// 60 days for an amendment, 30 more with a written reason.
  ///
  /// Source: 45 CFR 164.526(b)(2).
  public static func amendment(
    receivedAt: DateTime, isExtended: Bool = false,
    calendar: DeadlineCalendar = DeadlineCalendar()
  ) -> DateTime {
    calendar.end(of: isExtended ? 90 : 60, daysAfter: receivedAt)
  }
}
