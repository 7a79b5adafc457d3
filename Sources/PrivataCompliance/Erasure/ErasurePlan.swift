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
  /// The fingerprints of the keys that were destroyed.
  var keys: [String] = []
  /// What each step did.
  var steps: [Step] = []

  struct Step: Sendable {
    let name: String
    let at: DateTime
    let counts: [(what: String, count: Int)]
  }

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
