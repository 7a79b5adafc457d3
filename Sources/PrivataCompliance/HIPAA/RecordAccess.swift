public import PrivataCore

/// A person's request to see their designated record set.
///
/// Source: 45 CFR 164.524.
public struct RecordAccessRequest: Sendable, Hashable {
  /// In which form.
  public enum Format: String, Sendable, Hashable, CaseIterable { case json, csv }

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

  /// A request of the person, unless more is said.
  public init(
    format: Format = .json, requester: Requester = .individual, receivedAt: DateTime? = nil
  ) {
    self.format = format
    self.requester = requester
    self.receivedAt = receivedAt
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
