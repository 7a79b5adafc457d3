public import PrivataCore

/// A body to which personal data is disclosed.
///
/// ```swift
/// try await vault.recipients.register(Recipient("lab-9", name: "Laboratory", purposes: ["care"]))
/// ```
///
/// Source: GDPR Articles 4(9) and 19.
public struct Recipient: Sendable, Hashable {
  /// The recipient's id, by which disclosures and notices name it.
  public var id: String
  /// Who it is, for people.
  public var name: String
  /// What it gets data for.
  public var purposes: Set<String>
  /// The processor of whose contract it is part; `nil` for a controller of its own.
  public var processor: String?
  /// Where it is, and on which safeguard data goes there, for the records of processing.
  public var country: String?
  public var safeguard: String?
  /// True for one through whom data becomes public, as a site or a search engine: after an erasure it
  /// is asked to remove links and copies.
  ///
  /// Source: GDPR Article 17(2).
  public var isPublic: Bool

  /// A recipient.
  public init(
    _ id: String, name: String, purposes: Set<String> = [], processor: String? = nil,
    country: String? = nil, safeguard: String? = nil, isPublic: Bool = false
  ) {
    self.id = id
    self.name = name
    self.purposes = purposes
    self.processor = processor
    self.country = country
    self.safeguard = safeguard
    self.isPublic = isPublic
  }

  var facts: Document {
    var facts: Document = [
      "name": .string(name), "purposes": .array(purposes.sorted().map { .string($0) }),
    ]
    facts["processor"] = processor.map { .string($0) }
    facts["country"] = country.map { .string($0) }
    facts["safeguard"] = safeguard.map { .string($0) }
    if isPublic { facts["isPublic"] = true }
    return facts
  }

  init(_ entry: RegisterEntry) {
    let facts = entry.facts
    self.init(
      entry.name, name: facts["name"]?.asString ?? "",
      purposes: Set((facts["purposes"]?.asArray ?? []).compactMap(\.asString)),
      processor: facts["processor"]?.asString, country: facts["country"]?.asString,
      safeguard: facts["safeguard"]?.asString, isPublic: facts["isPublic"]?.asBool ?? false)
  }
}

/// A body that processes data on the controller's instructions.
///
/// Source: GDPR Article 28.
public struct Processor: Sendable, Hashable {
  /// The processor's id.
  public var id: String
  /// A reference to the contract, and how long it lasts.
  public var contract: String
  public var endsAt: DateTime?
  /// What it is instructed to do, and where.
  public var purposes: Set<String>
  public var regions: Set<String>
  /// The processors that it engages.
  public var subprocessors: [String]
  /// When it confirmed that what it had was returned or deleted.
  public internal(set) var returnedAt: DateTime?

  /// A processor with its contract.
  public init(
    _ id: String, contract: String, endsAt: DateTime? = nil, purposes: Set<String> = [],
    regions: Set<String> = [], subprocessors: [String] = []
  ) {
    self.id = id
    self.contract = contract
    self.endsAt = endsAt
    self.purposes = purposes
    self.regions = regions
    self.subprocessors = subprocessors
  }

  /// True while its contract lasts.
  public func isUnderContract(at moment: DateTime = .now) -> Bool {
    !contract.isEmpty && endsAt.map { moment < $0 } ?? !contract.isEmpty
  }

  var facts: Document {
    let texts = { (texts: [String]) -> Value in .array(texts.map { .string($0) }) }
    var facts: Document = [
      "contract": .string(contract), "purposes": texts(purposes.sorted()),
      "regions": texts(regions.sorted()), "subprocessors": texts(subprocessors),
    ]
    facts["endsAt"] = endsAt.map { .date($0) }
    facts["returnedAt"] = returnedAt.map { .date($0) }
    return facts
  }

  init(_ entry: RegisterEntry) {
    let facts = entry.facts
    let texts = { (key: String) in (facts[key]?.asArray ?? []).compactMap(\.asString) }
    self.init(
      entry.name, contract: facts["contract"]?.asString ?? "", purposes: Set(texts("purposes")),
      regions: Set(texts("regions")), subprocessors: texts("subprocessors"))
    if case .date(let date)? = facts["endsAt"] { endsAt = date }
    if case .date(let date)? = facts["returnedAt"] { returnedAt = date }
  }
}
