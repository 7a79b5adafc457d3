internal import PrivataCore

/// What a running erasure has to remember; sealed while it waits in the ledger.
struct ErasurePlan: Sendable {
  var subject: Subject
  /// The pseudonym under which clinical rows are kept; `nil` where they are deleted.
  var fresh: String?
  /// Why clinical rows are kept.
  var ground: String
  var legalBasis: String
  var requestedBy: String
  /// What is erased; the whole person where `nil`.
  var scope: [DataScope]?
  /// What is kept.
  var exceptions: [ErasureException] = []
  var retained: [RetainedCategory] = []
  /// From which the pseudonyms of other clinical rows that are kept are made: the same ones when a
  /// step is repeated, and unknown to everybody once the saga has ended.
  var salt = SecureBytes.random(32)
  /// The pseudonyms of records that go with the person, under whose keys their values were sealed.
  var otherLinks: [String] = []
  /// The moment at which obligations are looked at, where it is not now.
  var asOf: DateTime?
  /// True where a backup brought the person back.
  var isReplay = false
  /// How many times a step failed.
  var attempts = 0
  /// The fingerprints of the keys that were destroyed.
  var keys: [String] = []
  /// What each step did.
  var steps: [Step] = []

  struct Step: Sendable {
    let name: String
    let at: DateTime
    let counts: [(what: String, count: Int)]
  }

  /// The step that asks for the removal of what was made public.
  static let removals = "asked to remove what was public"

  mutating func note(_ name: String, _ counts: [(what: String, count: Int)] = []) {
    steps.append(Step(name: name, at: .now, counts: counts.filter { $0.count > 0 }))
  }

  /// How many rows all steps of a name changed.
  func total(_ name: String) -> Int {
    steps.filter { $0.name == name }.flatMap(\.counts).reduce(0) { $0 + $1.count }
  }
}

// MARK: - As bytes

extension ErasurePlan {
  var document: Document {
    var document: Document = [
      "key": subject.key, "ground": .string(ground), "basis": .string(legalBasis),
      "by": .string(requestedBy), "steps": .array(steps.map(\.value)),
      "targets": .document(
        Document(subject.targets.map { .init(key: $0.key, value: $0.value) })),
    ]
    document["link"] = subject.link.map { .string($0) }
    document["salt"] = .binary(Binary(salt))
    if !otherLinks.isEmpty { document["links"] = .array(otherLinks.map { .string($0) }) }
    document["asOf"] = asOf.map { .date($0) }
    document["replay"] = isReplay ? .bool(true) : Value?.none
    document["attempts"] = attempts > 0 ? .int(attempts) : Value?.none
    document["scope"] = scope.map { .array($0.map { .document($0.document) }) }
    if !exceptions.isEmpty {
      document["exceptions"] = .array(exceptions.map { .document($0.document) })
    }
    if !retained.isEmpty { document["retained"] = .array(retained.map { .document($0.document) }) }
    if !keys.isEmpty { document["keys"] = .array(keys.map { .string($0) }) }
    document["fresh"] = fresh.map { .string($0) }
    return document
  }

  init(_ document: Document) throws(PrivataError) {
    guard let key = document["key"], let ground = document["ground"]?.asString,
      let basis = document["basis"]?.asString, let by = document["by"]?.asString
    else { throw PrivataError(.corrupt, "an open erasure in the ledger has an impossible form") }
    var targets: [String: Value] = [:]
    for element in document["targets"]?.asDocument?.elements ?? [] {
      targets[element.key] = element.value
    }
    subject = Subject(key: key, link: document["link"]?.asString, targets: targets)
    fresh = document["fresh"]?.asString
    self.ground = ground
    legalBasis = basis
    requestedBy = by
    scope = DataScope.list(document["scope"])
    exceptions = (document["exceptions"]?.asArray ?? []).compactMap {
      ErasureException($0.asDocument)
    }
    retained = (document["retained"]?.asArray ?? []).compactMap { RetainedCategory($0.asDocument) }
    if let salt = document["salt"]?.asBytes { self.salt = salt }
    otherLinks = (document["links"]?.asArray ?? []).compactMap(\.asString)
    if case .date(let moment)? = document["asOf"] { asOf = moment }
    isReplay = document["replay"]?.asBool ?? false
    attempts = document["attempts"]?.asInt ?? 0
    keys = (document["keys"]?.asArray ?? []).compactMap(\.asString)
    steps = (document["steps"]?.asArray ?? []).compactMap { Step($0) }
  }
}

extension ErasurePlan.Step {
  /// The step as certificate and ledger hold it.
  var value: Value {
    [
      "step": .string(name), "at": .string(at.iso8601),
      "rows": .document(
        Document(counts.map { .init(key: $0.what, value: .int($0.count)) })),
    ]
  }

  init?(_ value: Value) {
    guard let document = value.asDocument, let name = document["step"]?.asString,
      let at = document["at"]?.asString.flatMap({ DateTime(iso8601: $0) })
    else { return nil }
    self.name = name
    self.at = at
    counts = (document["rows"]?.asDocument?.elements ?? []).map { ($0.key, $0.value.asInt ?? 0) }
  }
}
