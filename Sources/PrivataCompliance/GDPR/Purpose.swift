public import PrivataCore

/// What personal data is processed for, and why that is lawful.
///
/// ```swift
/// try await vault.purposes.register(Purpose("newsletter", basis: .consent))
/// ```
///
/// Source: GDPR Articles 5(1)(b) and 6(1).
public struct Purpose: Sendable, Hashable {
  /// One of the six grounds of Article 6(1); exactly one per purpose.
  public enum Basis: Sendable, Hashable {
    case consent
    case contract
    /// With the law that obliges.
    case legalObligation(reference: String)
    /// With what threatens whose life.
    case vitalInterests(reference: String)
    case publicTask
    case legitimateInterests
  }

  /// The name that contexts say: ``AccessContext/purpose``.
  public var name: String
  /// The ground of Article 6(1).
  public var basis: Basis
  /// The ground of Article 9(2) for data of special categories; `nil` for none.
  public var ground: SpecialGround?
  /// True for direct marketing, which a person can always end.
  public var isDirectMarketing: Bool
  /// True for a service that is offered directly to children.
  public var isOfferedToChildren: Bool
  /// The notice that a person must have seen before data is collected for the purpose.
  public var notice: String?
  /// What it is, in words, for the records of processing.
  public var summary: String

  /// A purpose on one ground.
  public init(
    _ name: String, basis: Basis, ground: SpecialGround? = nil, isDirectMarketing: Bool = false,
    isOfferedToChildren: Bool = false, notice: String? = nil, summary: String = ""
  ) {
    self.name = name
    self.basis = basis
    self.ground = ground
    self.isDirectMarketing = isDirectMarketing
    self.isOfferedToChildren = isOfferedToChildren
    self.notice = notice
    self.summary = summary
  }
}

/// A purpose as it was from a moment on.
public struct PurposeVersion: Sendable, Hashable {
  /// 1 for the first.
  public let number: Int
  public let purpose: Purpose
  /// From when it counts.
  public let since: DateTime
}

extension Purpose.Basis {
  /// The name of the ground.
  public var name: String {
    switch self {
    case .consent: "consent"
    case .contract: "contract"
    case .legalObligation: "legalObligation"
    case .vitalInterests: "vitalInterests"
    case .publicTask: "publicTask"
    case .legitimateInterests: "legitimateInterests"
    }
  }

  /// The letter of Article 6(1).
  public var letter: String {
    switch self {
    case .consent: "a"
    case .contract: "b"
    case .legalObligation: "c"
    case .vitalInterests: "d"
    case .publicTask: "e"
    case .legitimateInterests: "f"
    }
  }

  /// What the ground refers to; `nil` for a ground that stands by itself.
  var reference: String? {
    switch self {
    case .legalObligation(let reference), .vitalInterests(let reference): reference
    default: nil
    }
  }

  init?(name: String, reference: String) {
    switch name {
    case "consent": self = .consent
    case "contract": self = .contract
    case "legalObligation": self = .legalObligation(reference: reference)
    case "vitalInterests": self = .vitalInterests(reference: reference)
    case "publicTask": self = .publicTask
    case "legitimateInterests": self = .legitimateInterests
    default: return nil
    }
  }
}

extension Purpose {
  /// True where a person may object: Article 21(1).
  var isOpenToObjection: Bool { basis == .publicTask || basis == .legitimateInterests }

  var facts: Document {
    var facts: Document = [
      "basis": .string(basis.name), "reference": .string(basis.reference ?? ""),
      "isDirectMarketing": .bool(isDirectMarketing),
      "isOfferedToChildren": .bool(isOfferedToChildren), "summary": .string(summary),
    ]
    if let ground { facts["ground"] = .document(ground.facts) }
    facts["notice"] = notice.map { .string($0) }
    return facts
  }

  init?(_ entry: RegisterEntry) {
    let facts = entry.facts
    guard let name = facts["basis"]?.asString,
      let basis = Basis(name: name, reference: facts["reference"]?.asString ?? "")
    else { return nil }
    self.init(
      entry.name, basis: basis, ground: facts["ground"]?.asDocument.flatMap { SpecialGround($0) },
      isDirectMarketing: facts["isDirectMarketing"]?.asBool ?? false,
      isOfferedToChildren: facts["isOfferedToChildren"]?.asBool ?? false,
      notice: facts["notice"]?.asString, summary: facts["summary"]?.asString ?? "")
  }

  /// - Throws: `badArgument` for a purpose without a name, or a ground without its reference.
  func check() throws(PrivataError) {
    guard !name.isEmpty, name != AccessContext.service.purpose else {
      throw PrivataError(
        .badArgument, "a purpose has a name of its own", fields: ["name"])
    }
    if let reference = basis.reference, reference.isEmpty {
      throw PrivataError(
        .badArgument, "the basis \(basis.name) of \(name) says which law or which interest",
        fields: ["reference"])
    }
    try ground?.check(name)
  }
}
