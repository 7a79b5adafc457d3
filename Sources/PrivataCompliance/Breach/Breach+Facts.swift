internal import PrivataCore

extension Breach {
  /// The breach as its register holds it, sealed.
  var document: Document {
    var facts: Document = [
      "awareAt": .date(awareAt), "discoveredAt": .date(discoveredAt),
      "kinds": .array(kinds.map(\.rawValue).sorted().map { .string($0) }),
      "facts": .string(self.facts), "effects": .string(effects), "actions": .string(actions),
      "affected": .int(affected),
      "states": .document(
        Document(
          affectedByState.sorted { $0.key < $1.key }
            .map { .init(key: $0.key, value: .int($0.value)) })),
      "authority": .array(authorityNotices.map { .document($0.document) }),
      "controllers": .array(controllerNotices.map { .document($0.document) }),
      "probability": .string(probability.rawValue),
      "delays": .array(delays.map { .document($0.document) }),
    ]
    if let noRisk {
      facts["noRisk"] = [
        "likelihood": .string(noRisk.likelihood), "severity": .string(noRisk.severity),
        "reasons": .string(noRisk.reasons),
      ]
    }
    if let exception = subjectException {
      facts["exception"] = .string(exception.name)
      facts["exceptionEvidence"] = .string(exception.evidence)
    }
    return facts
  }

  init?(_ entry: RegisterEntry) {
    let facts = entry.facts
    let text = { (key: String) in facts[key]?.asString ?? "" }
    guard case .date(let awareAt)? = facts["awareAt"],
      case .date(let discoveredAt)? = facts["discoveredAt"]
    else { return nil }
    var states: [String: Int] = [:]
    for element in facts["states"]?.asDocument?.elements ?? [] {
      states[element.key] = element.value.asInt
    }
    self.init(
      awareAt: awareAt, discoveredAt: discoveredAt,
      kinds: Set((facts["kinds"]?.asArray ?? []).compactMap { $0.asString.flatMap(Kind.init) }),
      facts: text("facts"), effects: text("effects"), actions: text("actions"),
      affected: facts["affected"]?.asInt ?? 0, affectedByState: states)
    id = entry.name
    version = entry.version
    authorityNotices = (facts["authority"]?.asArray ?? [])
      .compactMap { $0.asDocument.map(AuthorityNotice.init) }
    controllerNotices = (facts["controllers"]?.asArray ?? [])
      .compactMap { $0.asDocument.flatMap(ControllerNotice.init) }
    probability = BreachProbability(rawValue: text("probability")) ?? .breach
    delays = (facts["delays"]?.asArray ?? [])
      .compactMap { $0.asDocument.flatMap(LawEnforcementDelay.init) }
    if let risk = facts["noRisk"]?.asDocument {
      noRisk = RiskDecision(
        likelihood: risk["likelihood"]?.asString ?? "", severity: risk["severity"]?.asString ?? "",
        reasons: risk["reasons"]?.asString ?? "")
    }
    subjectException = SubjectException(text("exception"), text("exceptionEvidence"))
  }
}

extension AuthorityNotice {
  var document: Document {
    var document: Document = [
      "nature": .string(nature), "categories": .string(categories), "contact": .string(contact),
      "consequences": .string(consequences), "measures": .string(measures),
      "sentAt": .date(sentAt),
    ]
    document["subjects"] = approximateSubjects.map { .int($0) }
    document["records"] = approximateRecords.map { .int($0) }
    document["nextPhaseAt"] = nextPhaseAt.map { .date($0) }
    document["lateReasons"] = lateReasons.map { .string($0) }
    return document
  }

  init(_ document: Document) {
    let text = { (key: String) in document[key]?.asString ?? "" }
    self.init(
      nature: text("nature"), categories: text("categories"),
      approximateSubjects: document["subjects"]?.asInt,
      approximateRecords: document["records"]?.asInt, contact: text("contact"),
      consequences: text("consequences"), measures: text("measures"),
      lateReasons: document["lateReasons"]?.asString)
    if case .date(let date)? = document["nextPhaseAt"] { nextPhaseAt = date }
    if case .date(let date)? = document["sentAt"] { sentAt = date }
  }
}

extension LawEnforcementDelay {
  var document: Document {
    switch self {
    case .written(let from, let until, let reference):
      ["from": .date(from), "until": .date(until), "reference": .string(reference)]
    case .oral(let at): ["at": .date(at)]
    }
  }

  init?(_ document: Document) {
    if case .date(let at)? = document["at"] {
      self = .oral(at: at)
      return
    }
    guard case .date(let from)? = document["from"], case .date(let until)? = document["until"]
    else { return nil }
    self = .written(from: from, until: until, reference: document["reference"]?.asString ?? "")
  }
}
