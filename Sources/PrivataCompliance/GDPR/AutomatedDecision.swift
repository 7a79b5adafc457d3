public import PrivataCore

/// How a program decides about people: what it looks at, how, and what follows.
///
/// ```swift
/// let rule = DecisionRule(
///   "credit", version: "7", purpose: "credit", features: ["age", "ward"],
///   logic: "points for age and ward", significance: "a credit is granted or not")
/// ```
///
/// Source: GDPR Articles 13(2)(f), 15(1)(h) and 22.
public struct DecisionRule: Sendable, Hashable {
  /// The rule, and its version.
  public var name: String
  public var version: String
  /// For what its features are read.
  public var purpose: String
  /// The fields that it looks at.
  public var features: [String]
  /// How it decides, and what follows for the person, in words that they understand.
  public var logic: String
  public var significance: String
  /// The field of the day of birth: children are refused.
  public var birthField: String?

  /// A rule with what a person is told about it.
  public init(
    _ name: String, version: String, purpose: String, features: [String], logic: String,
    significance: String, birthField: String? = nil
  ) {
    self.name = name
    self.version = version
    self.purpose = purpose
    self.features = features
    self.logic = logic
    self.significance = significance
    self.birthField = birthField
  }
}

/// What allows a program to decide alone.
///
/// Source: GDPR Article 22(2).
public enum DecisionBasis: Sendable, Hashable {
  case contract
  /// With the law.
  case law(reference: String)
  /// The person's explicit consent to the rule's purpose.
  case explicitConsent
  /// With the law; the one ground beside explicit consent for data of special categories.
  case substantialPublicInterest(reference: String)

  var name: String {
    switch self {
    case .contract: "contract"
    case .law: "law"
    case .explicitConsent: "explicitConsent"
    case .substantialPublicInterest: "substantialPublicInterest"
    }
  }

  var reference: String? {
    switch self {
    case .law(let reference), .substantialPublicInterest(let reference): reference
    default: nil
    }
  }

  /// True where it also allows data of special categories: Article 22(4).
  var allowsSpecialCategories: Bool {
    switch self {
    case .explicitConsent, .substantialPublicInterest: true
    case .contract, .law: false
    }
  }
}

/// What a program decided: a code, and the codes of its reasons. No text about the person.
public struct DecisionOutcome: Sendable, Hashable {
  /// The code of the outcome, and those of its reasons.
  public var outcome: String
  public var reasons: [String]

  /// An outcome with its reasons.
  public init(_ outcome: String, reasons: [String]) {
    self.outcome = outcome
    self.reasons = reasons
  }
}

/// A decision about a person, with what explains it.
public struct AutomatedDecision: Sendable, Hashable {
  /// Whether it has effect.
  public enum State: String, Sendable, Hashable {
    case effective
    /// The person contested it: it has no effect until a human looked at it.
    case suspended
    case upheld, overturned
  }

  /// Its number.
  public let id: String
  public let model: String
  public let subjectMark: String
  /// The rule with its version, what it looked at, how it decides and what follows.
  public let rule: String
  public let version: String
  public let features: [String]
  public let logic: String
  public let significance: String
  public let basis: String
  /// What came out, and why.
  public let outcome: String
  public let reasons: [String]
  public let at: DateTime
  public let state: State
  /// By when a contested decision is looked at.
  public let dueAt: DateTime?
  /// Who contested it, and who looked at it.
  public let contestedBy: String?
  public let reviewer: String?

  let number: Int
  let facts: Document

  init(_ entry: RegisterEntry) {
    facts = entry.facts
    number = entry.version
    id = entry.name
    subjectMark = entry.subject
    let facts = entry.facts
    let text = { (key: String) in facts[key]?.asString ?? "" }
    let texts = { (key: String) in (facts[key]?.asArray ?? []).compactMap(\.asString) }
    model = text("model")
    rule = text("rule")
    version = text("version")
    features = texts("features")
    logic = text("logic")
    significance = text("significance")
    basis = text("basis")
    outcome = text("outcome")
    reasons = texts("reasons")
    if case .date(let date)? = facts["decidedAt"] { at = date } else { at = entry.at }
    state = State(rawValue: text("state")) ?? .suspended
    if case .date(let date)? = facts["dueAt"] { dueAt = date } else { dueAt = nil }
    contestedBy = facts["contestedBy"]?.asString
    reviewer = facts["reviewer"]?.asString
  }

  /// The decision as the person is told of it.
  public var document: Document {
    let texts = { (texts: [String]) -> Value in .array(texts.map { .string($0) }) }
    return [
      "decision": .string(id), "rule": .string("\(rule) \(version)"), "basis": .string(basis),
      "features": texts(features), "logic": .string(logic), "significance": .string(significance),
      "outcome": .string(outcome), "reasons": texts(reasons), "at": .string(at.iso8601),
      "state": .string(state.rawValue),
    ]
  }
}
