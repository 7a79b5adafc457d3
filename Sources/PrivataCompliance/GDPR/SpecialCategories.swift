internal import PrivataCore

/// The categories of data that need a ground of their own.
///
/// Source: GDPR Articles 9(1) and 10.
public enum SpecialCategory: Sendable, Hashable {
  case health, genetic, biometric, ethnicOrigin, politicalOpinion, belief, unionMembership
  case sexLife
  /// Criminal convictions, with the authority under whose control they are processed.
  case criminal(authority: String)

  /// The category's name.
  public var name: String {
    switch self {
    case .health: "health"
    case .genetic: "genetic"
    case .biometric: "biometric"
    case .ethnicOrigin: "ethnicOrigin"
    case .politicalOpinion: "politicalOpinion"
    case .belief: "belief"
    case .unionMembership: "unionMembership"
    case .sexLife: "sexLife"
    case .criminal: "criminal"
    }
  }
}

/// The grounds on which data of special categories may be processed.
///
/// Source: GDPR Article 9(2).
public enum SpecialGround: Sendable, Hashable {
  /// (a): queries then mean only persons who consented explicitly.
  case explicitConsent
  /// (b), with the law.
  case employmentLaw(reference: String)
  /// (c): for persons who cannot consent; the context gives the reason.
  case vitalInterests
  /// (d), (e)
  case membership, madePublic
  /// (f)
  case legalClaims
  /// (g), with the law.
  case substantialPublicInterest(reference: String)
  /// (h): for roles under professional secrecy only, see ``ProcessingRules/secrecyRoles``.
  case healthCare
  /// (i), with the law.
  case publicHealth(reference: String)
  /// (j), with the law.
  case research(reference: String)

  /// The letter of Article 9(2).
  public var letter: String {
    switch self {
    case .explicitConsent: "a"
    case .employmentLaw: "b"
    case .vitalInterests: "c"
    case .membership: "d"
    case .madePublic: "e"
    case .legalClaims: "f"
    case .substantialPublicInterest: "g"
    case .healthCare: "h"
    case .publicHealth: "i"
    case .research: "j"
    }
  }

  /// The law that the ground refers to; `nil` for a ground that stands by itself.
  var reference: String? {
    switch self {
    case .employmentLaw(let law), .substantialPublicInterest(let law), .publicHealth(let law),
      .research(let law):
      law
    default: nil
    }
  }

  var facts: Document {
    ["letter": .string(letter), "reference": .string(reference ?? "")]
  }

  init?(_ facts: Document) {
    let law = facts["reference"]?.asString ?? ""
    switch facts["letter"]?.asString {
    case "a": self = .explicitConsent
    case "b": self = .employmentLaw(reference: law)
    case "c": self = .vitalInterests
    case "d": self = .membership
    case "e": self = .madePublic
    case "f": self = .legalClaims
    case "g": self = .substantialPublicInterest(reference: law)
    case "h": self = .healthCare
    case "i": self = .publicHealth(reference: law)
    case "j": self = .research(reference: law)
    default: return nil
    }
  }

  /// - Throws: `badArgument` where the law is not named.
  func check(_ purpose: String) throws(PrivataError) {
    guard let reference, reference.isEmpty else { return }
    throw PrivataError(
      .badArgument, "the ground (\(letter)) of \(purpose) says on which law it rests",
      fields: ["ground"])
  }
}
