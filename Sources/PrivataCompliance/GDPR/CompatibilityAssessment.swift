internal import PrivataCore

/// Why data that was collected for one purpose may be used for another: the five factors of the law.
///
/// Source: GDPR Article 6(4).
public struct CompatibilityAssessment: Sendable, Hashable {
  /// The purpose of collection, and the one that is added.
  public var from: String
  public var to: String
  /// Any link between the purposes.
  public var link: String
  /// The context of collection and the relation to the persons.
  public var context: String
  /// The nature of the data.
  public var nature: String
  /// What follows for the persons.
  public var consequences: String
  /// The safeguards, such as encryption or pseudonyms.
  public var safeguards: String
  /// True where data of special categories or of children is concerned: somebody else reviews then.
  public var isSensitive: Bool
  /// Who reviewed it.
  public var reviewer: AccessContext.Actor?

  /// An assessment of all five factors.
  public init(
    from: String, to: String, link: String, context: String, nature: String,
    consequences: String, safeguards: String, isSensitive: Bool = false,
    reviewer: AccessContext.Actor? = nil
  ) {
    self.from = from
    self.to = to
    self.link = link
    self.context = context
    self.nature = nature
    self.consequences = consequences
    self.safeguards = safeguards
    self.isSensitive = isSensitive
    self.reviewer = reviewer
  }

  /// True once it allows what it is about.
  public var isInForce: Bool { !isSensitive || reviewer != nil }

  private var factors: [(String, String)] {
    [
      ("link", link), ("context", context), ("nature", nature), ("consequences", consequences),
      ("safeguards", safeguards),
    ]
  }

  func check(by actor: AccessContext.Actor) throws(PrivataError) {
    let missing = factors.filter(\.1.isEmpty).map(\.0)
    guard missing.isEmpty else {
      throw PrivataError(
        .badArgument,
        "a test of compatibility names all five factors; missing: "
          + missing.joined(separator: ", "), fields: missing)
    }
    guard isInForce, reviewer != actor else {
      throw PrivataError(
        .badArgument,
        "special categories and children make it a matter of review: another person reviews it",
        fields: ["reviewer"])
    }
  }

  var facts: Document {
    var facts: Document = ["from": .string(from), "to": .string(to)]
    for (name, text) in factors { facts[name] = .string(text) }
    facts["isSensitive"] = .bool(isSensitive)
    facts["reviewer"] = reviewer.map { .string($0.id) }
    return facts
  }

  init?(_ entry: RegisterEntry) {
    let text = { entry.facts[$0]?.asString ?? "" }
    guard entry.facts["from"] != nil, entry.facts["to"] != nil else { return nil }
    self.init(
      from: text("from"), to: text("to"), link: text("link"), context: text("context"),
      nature: text("nature"), consequences: text("consequences"), safeguards: text("safeguards"),
      isSensitive: entry.facts["isSensitive"]?.asBool ?? true,
      reviewer: entry.facts["reviewer"]?.asString.map { .user($0) })
  }
}
