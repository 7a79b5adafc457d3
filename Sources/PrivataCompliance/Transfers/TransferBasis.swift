public import PrivataCore

/// Where data is to go.
public struct TransferDestination: Sendable, Hashable {
  /// The state, by its ISO 3166-1 code.
  public var country: String
  /// The organisation that receives it; no person.
  public var recipient: String
  /// True for a commercial organisation.
  public var isCommercial: Bool
  /// True for one that is certified under its state's framework, such as the EU-US Data Privacy
  /// Framework.
  public var isCertified: Bool
  /// True for a court or an authority. One of a third country gets what an order of
  /// ``Vault/foreignOrders`` allows it.
  public var isAuthority: Bool

  /// A recipient in a state.
  public init(
    country: String, recipient: String, isCommercial: Bool = false, isCertified: Bool = false,
    isAuthority: Bool = false
  ) {
    self.country = country.uppercased()
    self.recipient = recipient
    self.isCommercial = isCommercial
    self.isCertified = isCertified
    self.isAuthority = isAuthority
  }
}

/// Why data may go where no adequacy decision reaches.
public enum TransferBasis: Sendable, Hashable {
  /// Safeguards of Article 46.
  case safeguards(TransferSafeguards)
  /// A derogation of Article 49.
  case derogation(TransferDerogation)
}

/// Safeguards that bind a recipient.
///
/// ```swift
/// TransferSafeguards(.standardClauses(module: 2), reference: "scc-2026-4", assessment: .init(reference: "tia-9", reviewBy: date))
/// ```
///
/// Source: GDPR Articles 46 and 47; Commission Implementing Decision (EU) 2021/914.
public struct TransferSafeguards: Sendable, Hashable {
  /// Which kind.
  public enum Kind: Sendable, Hashable {
    /// The Commission's clauses, of module 1 to 4.
    case standardClauses(module: Int)
    case bindingRules, codeOfConduct, certification, publicInstrument
  }

  /// The assessment of the law and practice of the state; it is to be looked at again by a day.
  public struct Assessment: Sendable, Hashable {
    /// The document's number, and the last day on which it counts.
    public let reference: String
    public let reviewBy: DateTime

    /// An assessment that counts until a day.
    public init(reference: String, reviewBy: DateTime) {
      self.reference = reference
      self.reviewBy = reviewBy
    }
  }

  /// What is done beside the contract.
  public enum Measure: String, Sendable, Hashable {
    /// The fields are encrypted, and the keys stay in the region: checked, not believed.
    case keysInRegion
    case pseudonymised
    case minimised
  }

  /// The kind, the contract's number, the assessment and the measures.
  public var kind: Kind
  public var reference: String
  public var assessment: Assessment?
  public var measures: Set<Measure>

  /// Safeguards by a contract of a number.
  public init(
    _ kind: Kind, reference: String, assessment: Assessment?, measures: Set<Measure> = []
  ) {
    self.kind = kind
    self.reference = reference
    self.assessment = assessment
    self.measures = measures
  }

  /// What the register calls it.
  var name: String {
    switch kind {
    case .standardClauses(let module): "standardClauses.\(module)"
    case .bindingRules: "bindingRules"
    case .codeOfConduct: "codeOfConduct"
    case .certification: "certification"
    case .publicInstrument: "publicInstrument"
    }
  }
}

/// A derogation for one situation; used again and again for a recipient it is none.
///
/// Source: GDPR Article 49; EDPB Guidelines 2/2018.
public enum TransferDerogation: Sendable, Hashable {
  /// The reference names the consent, contract, law or claim, and no person.
  case explicitConsent(reference: String)
  case contract(reference: String)
  case publicInterest(reference: String)
  case legalClaims(reference: String)
  case vitalInterests(reference: String)
  case register(reference: String)
  /// Compelling interests of the controller, of which authority and person were told.
  case compellingInterests(reference: String, authorityTold: DateTime?, personTold: DateTime?)

  /// What the register calls it.
  var name: String {
    switch self {
    case .explicitConsent: "explicitConsent"
    case .contract: "contract"
    case .publicInterest: "publicInterest"
    case .legalClaims: "legalClaims"
    case .vitalInterests: "vitalInterests"
    case .register: "register"
    case .compellingInterests: "compellingInterests"
    }
  }

  var reference: String {
    switch self {
    case .explicitConsent(let reference), .contract(let reference),
      .publicInterest(let reference), .legalClaims(let reference),
      .vitalInterests(let reference), .register(let reference),
      .compellingInterests(let reference, _, _):
      reference
    }
  }
}

/// The transfers that a vault allows without being asked each time.
///
/// ```swift
/// options.transfers.standing = [
///   .init(from: .eu, to: .us, .init(country: "US", recipient: "Clinic Inc.", isCommercial: true, isCertified: true))
/// ]
/// ```
public struct TransferRules: Sendable {
  /// Callers of one region who may see data of another.
  public struct Standing: Sendable, Hashable {
    /// From which region to which, to whom, on which ground beside adequacy.
    public let from: Region
    public let to: Region
    public let destination: TransferDestination
    public let basis: TransferBasis?

    /// A standing transfer.
    public init(
      from: Region, to: Region, _ destination: TransferDestination, basis: TransferBasis? = nil
    ) {
      self.from = from
      self.to = to
      self.destination = destination
      self.basis = basis
    }
  }

  /// The adequacy decisions, and what is allowed standing.
  public var adequacy: AdequacyTable
  public var standing: [Standing]

  /// Rules; without standing transfers no caller of another region sees anything.
  public init(adequacy: AdequacyTable = .bundled, standing: [Standing] = []) {
    self.adequacy = adequacy
    self.standing = standing
  }
}

extension PrivataError.Code {
  /// A transfer to a third country has no ground.
  public static let transferRefused = PrivataError.Code("transferRefused")
  /// A derogation is used again and again: somebody has to look at it.
  public static let transferPendingReview = PrivataError.Code("transferPendingReview")
}
