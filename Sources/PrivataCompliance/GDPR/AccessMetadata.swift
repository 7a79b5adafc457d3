public import PrivataCore

/// What a person is told beside their data. A part that has nothing in it is there and empty.
///
/// Source: GDPR Article 15(1)(a) to (h) and (2).
public struct AccessMetadata: Sendable, Hashable {
  /// (a) The purposes for which the data was used, from the audit log and the register of purposes.
  public var purposes: [String] = []
  /// (b) The categories of data, by model: `Patient: identity, health`.
  public var categories: [String] = []
  /// (c) Who got the data, by name.
  public var recipients: [RecipientUse] = []
  /// (d) How long the data is kept, or by what that is decided.
  public var retention: [String] = []
  /// (e) and (f) What the person can ask for, and where they can complain.
  public var rights: [String] = AccessMetadata.allRights
  /// (g) Who gave data that the person did not give; empty where all of it is theirs.
  public var source: [String] = []
  /// (h) Decisions that a program made, with their logic and what follows from them.
  public var automatedDecisions: [AutomatedDecision] = []
  /// (2) To which states data of the person went, and on what.
  public var transfers: [TransferUse] = []
  /// What of the person's data was restricted, consented to and objected to.
  public var restrictions: [String] = []
  public var consents: [String] = []

  /// One recipient: who got data, when first and last, for what, which fields.
  public struct RecipientUse: Sendable, Hashable {
    public let name: String
    public let firstAt: DateTime
    public let lastAt: DateTime
    public let purposes: [String]
    public let fields: [String]
  }

  /// One transfer: to whom in which state, on which ground, as its document is numbered.
  public struct TransferUse: Sendable, Hashable {
    /// To whom, where, on which ground and document, and when.
    public let recipient: String
    public let country: String
    public let basis: String
    public let reference: String
    public let at: DateTime
  }

  static let allRights = [
    "access (Article 15)", "rectification (Article 16)", "erasure (Article 17)",
    "restriction (Article 18)", "portability (Article 20)", "objection (Article 21)",
    "no decision by programs alone (Article 22)", "withdrawal of consent (Article 7(3))",
    "complaint to a supervisory authority (Article 77)",
  ]

  /// An empty one.
  public init() {}

  /// The parts as one document: the names are those of the properties.
  public var document: Document {
    let texts = { (texts: [String]) -> Value in .array(texts.map { .string($0) }) }
    return [
      "purposes": texts(purposes), "categories": texts(categories),
      "recipients": .array(recipients.map(\.value)), "retention": texts(retention),
      "rights": texts(rights), "source": texts(source),
      "automatedDecisions": .array(automatedDecisions.map { .document($0.document) }),
      "transfers": .array(transfers.map(\.value)),
      "restrictions": texts(restrictions), "consents": texts(consents),
    ]
  }
}

extension AccessMetadata.RecipientUse {
  fileprivate var value: Value {
    [
      "name": .string(name), "firstAt": .string(firstAt.iso8601),
      "lastAt": .string(lastAt.iso8601), "purposes": .array(purposes.map { .string($0) }),
      "fields": .array(fields.map { .string($0) }),
    ]
  }
}

extension AccessMetadata.TransferUse {
  fileprivate var value: Value {
    [
      "recipient": .string(recipient), "country": .string(country), "basis": .string(basis),
      "reference": .string(reference), "at": .string(at.iso8601),
    ]
  }
}

/// Derives what a person is told from models, rules, registers and ledgers: nothing is typed by hand.
struct AccessFacts {
  let core: VaultCore
  let graph: SubjectGraph
  let subject: Subject

  /// - Throws: `badArgument` where a personal model has no rule of retention and rules are required;
  ///   what the stores throw.
  func metadata(
    _ models: [ModelSchema], _ events: [AuditEvent]
  ) async throws(PrivataError) -> AccessMetadata {
    try core.options.retention.check(models)
    var metadata = AccessMetadata()
    metadata.purposes = Set(events.compactMap(\.purpose)).sorted()
    metadata.categories = models.compactMap(Self.categories)
    metadata.retention = models.flatMap { core.options.retention.texts(of: $0.name) }
    guard let link = subject.link else { return metadata }
    let rights = core.rights.current
    metadata.restrictions = rights.acts(about: link, .restriction).filter { $0.isLive(.now) }
      .map(\.about)
    metadata.consents = rights.acts(about: link, .consent).map { act in
      "\(act.about): \(act.isLive(.now) ? "given" : "not given"), \(act.at.iso8601)"
    }
    return metadata
  }

  private static func categories(_ model: ModelSchema) -> String? {
    var classes: [String] = []
    if model.fields.contains(where: { $0.privacy == .pii }) { classes.append("identity") }
    if model.fields.contains(where: { $0.privacy == .phi }) { classes.append("health") }
    guard !classes.isEmpty else { return nil }
    return "\(model.name): " + classes.joined(separator: ", ")
  }

}

extension RetentionPolicy {
  /// How long a model's data is kept, in words.
  func texts(of model: String) -> [String] {
    rules(of: model).map { rule in
      let what = rule.scope.fields.map { "\(model) (\($0.joined(separator: ", ")))" }
      let start = rule.start.map { "from \($0)" } ?? "from creation"
      let why = rule.ground.map { "; kept by \($0.rawValue)" } ?? ""
      return "\(what ?? model): \(rule.period.text) \(start)\(why)"
    }
  }
}

extension RetentionRule.Period {
  /// The period in words.
  var text: String {
    let parts = [(years, "years"), (months, "months"), (days, "days")].filter { $0.0 != 0 }
      .map { "\($0.0) \($0.1)" }
    return parts.isEmpty ? "until its end" : parts.joined(separator: " ")
  }
}
