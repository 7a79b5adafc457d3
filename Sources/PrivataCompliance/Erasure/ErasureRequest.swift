public import PrivataCore

/// A request to erase a person's data.
///
/// ```swift
/// ErasureRequest(requestedBy: id, reason: "asked by letter", legalBasis: .article17)
/// ```
public struct ErasureRequest: Sendable {
  /// Who asked: the person's id, or the name of an office.
  public var requestedBy: Protected<Value>
  /// Why, in words. It is checked to be there and kept nowhere.
  public var reason: Protected<String>
  public var legalBasis: LegalBasis
  /// What happens to the clinical half; what the law's exception allows where `nil`.
  public var clinical: ClinicalDisposition?
  /// What is erased where the ground does not reach everything: a withdrawn consent, the data that
  /// was unlawful. The person with all that refers to them where `nil`.
  ///
  /// Source: GDPR Article 17(1)(b) to (d).
  public var scope: [DataScope]?
  /// What a law has kept, beside what ``VaultOptions/retention`` says.
  public var exceptions: [ErasureException] = []
  /// The moment at which obligations are looked at, where it is not now.
  var asOf: DateTime?
  /// True where the data lives on elsewhere, so that nothing has to be kept here.
  var isMove = false

  /// A request by a person or an office.
  public init(
    requestedBy: some FieldValue, reason: String, legalBasis: LegalBasis,
    clinical: ClinicalDisposition? = nil
  ) {
    self.requestedBy = Protected(requestedBy.value)
    self.reason = Protected(reason)
    self.legalBasis = legalBasis
    self.clinical = clinical
  }
}

/// The ground on which data is erased.
///
/// Source: GDPR Article 17(1).
public struct LegalBasis: RawRepresentable, Sendable, Hashable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// The person asks for it.
  public static let article17 = LegalBasis(rawValue: "GDPR Article 17(1)")
  public static let noLongerNecessary = LegalBasis(rawValue: "GDPR Article 17(1)(a)")
  public static let consentWithdrawn = LegalBasis(rawValue: "GDPR Article 17(1)(b)")
  public static let objection = LegalBasis(rawValue: "GDPR Article 17(1)(c)")
  public static let unlawfulProcessing = LegalBasis(rawValue: "GDPR Article 17(1)(d)")
  public static let legalObligation = LegalBasis(rawValue: "GDPR Article 17(1)(e)")
  public static let childService = LegalBasis(rawValue: "GDPR Article 17(1)(f)")
}

/// What an erasure does with the clinical half.
public enum ClinicalDisposition: Sendable, Hashable {
  /// It is kept under a fresh pseudonym that nobody is linked to, on this ground.
  case preserveUnlinked(ground: String)
  /// It is deleted too.
  case erase

  /// What happens if nobody says: health data is kept for public health and medical records.
  ///
  /// Source: GDPR Article 17(3)(b) and (c).
  public static let standard = ClinicalDisposition.preserveUnlinked(
    ground: "GDPR Article 17(3)(b), (c): retention of medical records")
}

/// What an erasure did.
public struct ErasureResult: Sendable {
  /// How an erasure ended.
  public enum State: String, Sendable, Hashable {
    /// Everything is erased but what ``ErasureResult/retained`` says.
    case attested
    /// The same, and a legal hold keeps a part; it goes when the hold is released.
    case onHold
  }

  /// True once both stores were read again and nothing of the person was found.
  public let success: Bool
  public let sagaID: String
  /// True where identity rows were deleted.
  public let identityDeleted: Bool
  /// True where clinical rows were kept, unlinked.
  public let clinicalPreserved: Bool
  /// The fresh pseudonym of the clinical rows that were kept: told once, kept nowhere beside an
  /// identity. `nil` in answers to a repeated request.
  public let pseudonym: Pseudonym?
  /// True where the person had been erased before; the certificate is the first one.
  public let wasErasedBefore: Bool
  /// The proof, which verifies without the stores.
  public let certificate: ErasureCertificate

  /// What was kept, on which ground, until when.
  ///
  /// Source: GDPR Article 17(3).
  public var retained: [RetainedCategory] {
    (certificate.statement["retained"]?.asArray ?? []).compactMap {
      RetainedCategory($0.asDocument)
    }
  }

  /// Who is asked to remove what was made public; ``GDPR/recipientNotices(_:)`` shows the effort.
  ///
  /// Source: GDPR Article 17(2).
  public var publicNotices: [String] {
    (certificate.statement["steps"]?.asArray ?? []).compactMap(\.asDocument)
      .filter { $0["step"]?.asString == ErasurePlan.removals }
      .flatMap { $0["rows"]?.asDocument?.keys ?? [] }
  }

  /// How it ended.
  public var state: State { retained.contains { $0.matter != nil } ? .onHold : .attested }
}
