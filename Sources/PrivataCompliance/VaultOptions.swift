public import PrivataCore

/// How a vault behaves.
///
/// ```swift
/// var options = VaultOptions()
/// options.contextPolicy = .required
/// let vault = try await Vault(identity: .sqlite("identity.db"), clinical: .sqlite("clinical.db"), options: options)
/// ```
public struct VaultOptions: Sendable {
  /// What happens to a caller without an ``AccessContext``.
  public enum ContextPolicy: String, Sendable, Hashable {
    /// The vault's own service context is used and audited.
    case service
    /// Personal data is refused with `contextRequired`.
    case required
  }

  /// Who may act, and how the journal is kept.
  public var contextPolicy = ContextPolicy.service
  public var journal = JournalOptions()
  /// The secret from which the vault derives its keys.
  public var masterKey = MasterKeySource.file(nil)
  /// How fields are encrypted; `nil` refuses models that ask for it.
  public var encryption: EncryptionOptions?
  /// Which purposes a context may name.
  public enum PurposePolicy: String, Sendable, Hashable {
    /// Every one; the audit log shows which.
    case open
    /// Those of ``Vault/purposes``. Another one is refused with `unknownPurpose`, none with
    /// `contextRequired`; the vault's own service context needs none.
    case registered
  }
  /// Which purposes a context may name.
  public var purposes = PurposePolicy.open
  /// What fields were collected for, and which are of a special category; `nil` limits nothing.
  public var processing: ProcessingRules?
  /// The roles of those who decide for the controller: who overrides an objection.
  public var officerRoles: Set<String> = ["dpo"]
  /// The roles that may see the pseudonym of a record.
  public var linkageRoles: Set<String> = []
  /// What becomes of the rights of the GDPR when a person dies, by country; where none is said, who
  /// represents the person asks.
  public var deceasedRights: [String: DeceasedRights] = [:]
  /// Who answers for the processing, for the records of processing.
  public var controller: Controller?
  /// How many people make processing one on a large scale, for impact assessments.
  public var largeScale = 10_000
  /// True hands out and erases only on a request of ``Vault/requests`` whose person has proven who
  /// they are.
  public var requiresVerifiedRequests = false
  /// True refuses a consent to a notice that was not published.
  public var requiresPublishedNotices = false
  /// Brings notices to recipients; `nil` leaves them to ``RecipientRegister/deliver(through:now:)``.
  public var noticeDelivery: (any NoticeDelivery)?
  /// When an alarm is raised, and who hears of it; `nil` watches nothing.
  public var alarms: AlarmOptions?
  /// The purposes that rest on consent: under them, queries mean only persons who consented.
  public var consentPurposes: Set<String> = []
  /// Which personal fields a role may use for a purpose; `nil` lets every caller use all.
  public var fieldPolicy: FieldPolicy?
  /// What HIPAA asks of each access; `nil` asks nothing.
  public var hipaa: HIPAAOptions?
  /// By which rules data may leave its region.
  public var transfers = TransferRules()
  /// Told of each field that is named like personal or health data and is not marked so, when its
  /// model is prepared; `nil` looks at no names.
  public var unmarkedField: (@Sendable (_ model: String, FieldFinding) -> Void)?
  /// Where values come from, and which tell of others: what copies leave out.
  public var fieldFacts: [FieldFact] = []
  /// How models become resources of FHIR R4.
  public var fhir: [FHIRMapping] = []
  /// How long data is kept, and what a law has kept although a person is erased.
  public var retention = RetentionPolicy()
  /// What happens where records of persons who were erased come back in bulk.
  public var erasedImports = ErasedImports.allow
  /// For how many years after an erasure the proof of consents and objections stays, without a name;
  /// `nil` keeps it. The sweep of retention ends it.
  public var consentProofYears: Int?
  /// Makes the links between identity and clinical rows.
  public var pseudonyms: any PseudonymGenerator = SecurePseudonyms()
  /// How many pseudonyms go into one query that joins both stores.
  public var joinBatch = 1_000
  /// How many pairs of id and pseudonym are remembered.
  public var linkCache = 100_000
  /// What is kept of the records that were read by their key; `nil` keeps nothing.
  public var cache: CacheOptions?
  /// How many records one audit event names; beyond it the event gives their number.
  public var auditedRecords = 1_000

  /// The defaults.
  public init() {}

  /// The settings that protect most: callers say who they are and for which registered purpose, and
  /// nobody uses a personal field unless ``fieldPolicy`` allows it. What is loosened from here is code
  /// that a review sees; ``Vault/posture()`` lists what is off.
  ///
  /// Source: GDPR Article 25(2).
  public static var protective: VaultOptions {
    var options = VaultOptions()
    options.contextPolicy = .required
    options.purposes = .registered
    var policy = FieldPolicy()
    policy.restrictsEveryModel = true
    options.fieldPolicy = policy
    var rules = ProcessingRules()
    rules.undeclared = .reject
    rules.treatsClinicalAsHealth = true
    options.processing = rules
    options.requiresPublishedNotices = true
    options.requiresVerifiedRequests = true
    return options
  }
}
