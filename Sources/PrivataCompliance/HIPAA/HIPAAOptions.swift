public import PrivataCore

/// What HIPAA asks of each access; what is not set is not asked.
///
/// ```swift
/// var hipaa = HIPAAOptions()
/// hipaa.emergencyRoles = ["clinician"]
/// hipaa.proofVerifier = SharedSecretVerifier(secret: secret)
/// options.hipaa = hipaa
/// ```
///
/// The vault's own service context is asked for nothing.
///
/// Source: 45 CFR 164.306 to 164.316 and 164.502.
public struct HIPAAOptions: Sendable {
  /// The purposes under which personal data may be used. Another one is refused, and so is none.
  public var purposes: Set<String> = Set(DisclosurePurpose.allCases.map(\.rawValue))
    .union(["emergency", "reidentification", "statistics"])
  /// Names that no single person has: refused as users. Compared without regard to case.
  public var sharedNames: Set<String> = Self.usualSharedNames
  /// True refuses users to whom ``Workforce/grant(_:to:until:)`` granted no role.
  public var asksForGrants = false
  /// A grant that was not used for that many days is suspended.
  public var dormantDays = 90
  /// The roles that may break the glass.
  public var emergencyRoles: Set<String> = []
  /// How long an emergency access stays open, and until when it is to be reviewed.
  public var emergencyMinutes = 60
  public var reviewHours = 72
  /// Tells the security officer that the glass was broken, before any data is read.
  public var notifiesOfficer: (@Sendable (EmergencyRecord) async -> Void)?
  /// Which proof of identity actions ask for; checked where there is a verifier.
  public var proofRules: [ProofRule.Action: ProofRule] = Dictionary(
    uniqueKeysWithValues: ProofRule.Action.allCases.map { ($0, .strict) })
  /// Checks the proofs; `nil` asks for none.
  public var proofVerifier: (any ProofVerifier)?
  /// False lets stores on other machines be reached without TLS.
  public var requiresTransportEncryption = true
  /// True refuses models with a personal field that is not encrypted.
  public var requiresEncryption = false
  /// Models that are let through in spite of it, with the reason.
  public var unencrypted: [String: String] = [:]
  /// True holds disclosures that follow no protocol until a second person agreed.
  public var reviewsDisclosures = false
  /// What a second person has to agree to first: the caller's context names the number of the
  /// agreement as ``AccessDetails/approval``. A looser policy and a disposal always ask.
  public var twoPersonActions: Set<DangerousAction> = []
  /// From how many records on a set that leaves the vault is a bulk export.
  public var bulkExport = 1_000
  /// How many hours such a review stays open.
  public var approvalHours = 24
  /// Fields that are not in the designated record set, by model: compiled for legal proceedings.
  public var outsideRecordSet: [String: Set<String>] = [:]
  /// True lets the vault open only where ``ComplianceProgram/checkReadiness()`` finds nothing: each
  /// duty has a person, no incident is open, the safeguards were evaluated as they are.
  public var isProduction = false
  /// What time it is.
  public var clock: @Sendable () -> DateTime = { .now }

  /// The names that most systems share.
  public static let usualSharedNames: Set<String> = [
    "admin", "administrator", "root", "system", "shared", "user", "guest", "test", "temp", "demo",
    "nurse", "doctor", "clinician", "frontdesk", "front-desk", "reception", "office", "staff",
    "everyone", "anonymous", "operator", "support", "default",
  ]

  /// The defaults.
  public init() {}
}
