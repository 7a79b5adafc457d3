public import PrivataCore

/// A breach of personal data, as it is documented: facts, effects, what was done.
///
/// ```swift
/// let breach = try await vault.breaches.open(
///   .init(awareAt: .now, kinds: [.confidentiality], facts: "a laptop was stolen"))
/// breach.authorityDueAt   // 72 hours later
/// ```
///
/// Source: GDPR Article 33(5).
public struct Breach: Sendable, Hashable {
  /// What suffered.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case confidentiality, integrity, availability
  }

  /// Its number, and how often it was written down anew.
  public internal(set) var id = ""
  public internal(set) var version = 0
  /// When the controller became aware of it.
  public var awareAt: DateTime
  /// When it was known, or would have been to who looks with care: the clock of HIPAA.
  public var discoveredAt: DateTime
  public var kinds: Set<Kind>
  /// What happened, what it led to, what was done. Kept sealed: they may name somebody.
  public var facts: String
  public var effects: String
  public var actions: String
  /// How many persons are affected; by state where residents of states are counted.
  public var affected: Int
  public var affectedByState: [String: Int]
  /// Why the authority is not told; `nil` where it is, or is to be.
  public internal(set) var noRisk: RiskDecision?
  /// What the authority was told, phase by phase.
  public internal(set) var authorityNotices: [AuthorityNotice] = []
  /// What the vault's owner, as a processor, told the controllers.
  public internal(set) var controllerNotices: [ControllerNotice] = []
  /// The assessment under HIPAA; without one it is a breach.
  public internal(set) var probability: BreachProbability = .breach
  /// Requests of law enforcement to wait.
  public internal(set) var delays: [LawEnforcementDelay] = []
  /// Why the persons are not told: GDPR Article 34(3).
  public internal(set) var subjectException: SubjectException?

  /// A breach that becomes known.
  public init(
    awareAt: DateTime, discoveredAt: DateTime? = nil, kinds: Set<Kind>, facts: String,
    effects: String = "", actions: String = "", affected: Int = 0,
    affectedByState: [String: Int] = [:]
  ) {
    self.awareAt = awareAt
    self.discoveredAt = discoveredAt ?? awareAt
    self.kinds = kinds
    self.facts = facts
    self.effects = effects
    self.actions = actions
    self.affected = affected
    self.affectedByState = affectedByState
  }

  /// True once the authority was told everything, or there was nothing to tell.
  public var isSettledWithAuthority: Bool {
    noRisk != nil || authorityNotices.last.map { $0.nextPhaseAt == nil } ?? false
  }
}

/// Why a breach is no risk to anybody.
///
/// Source: GDPR Article 33(1).
public struct RiskDecision: Sendable, Hashable {
  /// How likely harm is, how bad it would be, and why that is no risk.
  public var likelihood: String
  public var severity: String
  public var reasons: String

  /// A decision with its reasons.
  public init(likelihood: String, severity: String, reasons: String) {
    self.likelihood = likelihood
    self.severity = severity
    self.reasons = reasons
  }

  var isComplete: Bool { !likelihood.isEmpty && !severity.isEmpty && !reasons.isEmpty }
}

/// Why persons are not told of a breach, each with its evidence.
///
/// Source: GDPR Article 34(3).
public enum SubjectException: Sendable, Hashable {
  /// (a): what was taken cannot be read.
  case unintelligible(evidence: String)
  /// (b): the high risk is gone.
  case laterMeasures(evidence: String)
  /// (c): it would be disproportionate; the public was told instead.
  case disproportionate(publicCommunication: String)

  var name: String {
    switch self {
    case .unintelligible: "unintelligible"
    case .laterMeasures: "laterMeasures"
    case .disproportionate: "disproportionate"
    }
  }

  var evidence: String {
    switch self {
    case .unintelligible(let text), .laterMeasures(let text), .disproportionate(let text): text
    }
  }

  init?(_ name: String, _ evidence: String) {
    switch name {
    case "unintelligible": self = .unintelligible(evidence: evidence)
    case "laterMeasures": self = .laterMeasures(evidence: evidence)
    case "disproportionate": self = .disproportionate(publicCommunication: evidence)
    default: return nil
    }
  }
}
