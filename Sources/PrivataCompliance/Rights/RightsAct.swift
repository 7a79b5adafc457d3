internal import PrivataCore

/// One act about a person's rights: a consent given or withdrawn, a restriction, an objection, a legal
/// hold. Acts are only ever added; what holds now is what the last ones say.
struct RightsAct: Sendable {
  enum Kind: String, Sendable, Hashable {
    case consent, restriction, objection, hold
    /// The end of what a purpose rested on: a contract that is over.
    case ended

    /// True where the act that binds the vault more wins over one of the same moment.
    func winsTie(_ isOn: Bool) -> Bool { self == .consent ? !isOn : isOn }
  }

  var id: String
  /// The person's pseudonym; after their erasure a keyed mark.
  var subject: String
  var model: String
  var kind: Kind
  /// The purpose of a consent or an objection, the matter of a hold.
  var about: String
  var isOn: Bool
  var at: DateTime
  var until: DateTime?
  /// What was shown or said: the notice with its version, the ground.
  var evidence: Document
  var actor: String

  static let model = ModelSchema(
    name: "RightsAct", collection: "privata_rights",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("subject", .string, isOptional: false, isIndexed: true),
      FieldSchema("model", .string, isOptional: false),
      FieldSchema("kind", .string, isOptional: false),
      FieldSchema("about", .string, isOptional: false),
      FieldSchema("isOn", .bool, isOptional: false),
      FieldSchema("at", .date, isOptional: false, isIndexed: true),
      FieldSchema("until", .date), FieldSchema("evidence", .binary),
      FieldSchema("actor", .string, isOptional: false),
    ])

  /// The act as a row.
  func append(to rows: inout RowBatch) {
    rows.append(text: id)
    rows.append(text: subject)
    rows.append(text: model)
    rows.append(text: kind.rawValue)
    rows.append(text: about)
    rows.append(bool: isOn)
    rows.append(date: at)
    rows.append(until.map { .date($0) } ?? .null)
    rows.append(.bytes, bytes: evidence.bson)
    rows.append(text: actor)
  }

  init(
    subject: String, model: String, kind: Kind, about: String, isOn: Bool, at: DateTime,
    until: DateTime? = nil, evidence: Document = [:], actor: String
  ) {
    id = Hexadecimal.text(SecureBytes.random(16))
    self.subject = subject
    self.model = model
    self.kind = kind
    self.about = about
    self.isOn = isOn
    self.at = at
    self.until = until
    self.evidence = evidence
    self.actor = actor
  }

  init?(_ rows: RowBatch, _ row: Int) {
    let text = { rows.value(row: row, column: $0)?.asString }
    guard let id = text(0), let subject = text(1), let model = text(2),
      let kind = text(3).flatMap(Kind.init(rawValue:)), let about = text(4),
      let isOn = rows.value(row: row, column: 5)?.asBool,
      case .date(let at)? = rows.value(row: row, column: 6), let actor = text(9)
    else { return nil }
    self.id = id
    self.subject = subject
    self.model = model
    self.kind = kind
    self.about = about
    self.isOn = isOn
    self.at = at
    self.actor = actor
    if case .date(let until)? = rows.value(row: row, column: 7) { self.until = until }
    let bytes = rows.value(row: row, column: 8)?.asBytes ?? []
    evidence = (try? Document(bson: bytes)) ?? [:]
  }
}

/// What holds now, from all acts.
struct RightsState: Sendable {
  private struct Key: Hashable {
    let model: String
    let kind: RightsAct.Kind
    let about: String
  }

  private var last: [Key: [String: RightsAct]] = [:]
  private(set) var count = 0
  private(set) var hasProtections = false

  init() {}

  /// The state after acts, in any order.
  init(_ acts: [RightsAct]) {
    for act in acts { add(act) }
  }

  mutating func add(_ act: RightsAct) {
    count += 1
    let key = Key(model: act.model, kind: act.kind, about: act.about)
    if let known = last[key]?[act.subject] {
      let isLater =
        act.at > known.at || act.at == known.at && act.kind.winsTie(act.isOn)
      guard isLater else { return }
    }
    last[key, default: [:]][act.subject] = act
    if [.restriction, .objection, .ended].contains(act.kind) { hasProtections = true }
  }

  /// The act at a moment of its own: one that follows another within a millisecond is the later one.
  /// Consents say themselves when they were given, and ties among them go to the withdrawal.
  func inOrder(_ act: RightsAct) -> RightsAct {
    let key = Key(model: act.model, kind: act.kind, about: act.about)
    guard act.kind != .consent, let known = last[key]?[act.subject], known.at >= act.at else {
      return act
    }
    var later = act
    later.at = DateTime(milliseconds: known.at.milliseconds + 1)
    return later
  }

  /// The consents of a model's persons that have ended by themselves.
  func expired(_ model: String, _ now: DateTime) -> [RightsAct] {
    last.filter { $0.key.kind == .consent && $0.key.model == model }.flatMap(\.value.values)
      .filter { act in act.isOn && act.until.map { $0 <= now } ?? false }
      .sorted { $0.id < $1.id }
  }

  /// True where somebody's last word about a purpose is a withdrawal of their consent.
  func hasWithdrawal(of purpose: String) -> Bool {
    last.contains { key, acts in
      key.kind == .consent && key.about == purpose && acts.values.contains { !$0.isOn }
    }
  }

  /// The persons of a model who consented to a purpose in an act that was for it alone.
  func explicitSubjects(of model: String, about: String, _ known: KnownRegisters) -> Set<String> {
    subjects(.consent, of: model, about: about) {
      known.isOutdated($0) || $0.evidence["isExplicit"]?.asBool != true
    }
  }

  /// The persons of a model for whom an act of a kind is on.
  func subjects(
    _ kind: RightsAct.Kind, of model: String, about: String? = nil, now: DateTime = .now,
    except isExcluded: (RightsAct) -> Bool = { _ in false }
  ) -> Set<String> {
    var subjects: Set<String> = []
    for (key, acts) in last where key.kind == kind && key.model == model {
      if let about, key.about != about { continue }
      for act in acts.values where act.isLive(now) && !isExcluded(act) {
        subjects.insert(act.subject)
      }
    }
    return subjects
  }

  /// The last acts about a person, by what they are about.
  func acts(about subject: String, _ kind: RightsAct.Kind) -> [RightsAct] {
    last.filter { $0.key.kind == kind }.compactMap { $0.value[subject] }
      .sorted { $0.about < $1.about }
  }
}

extension RightsAct {
  /// True where the act still allows or protects what it is about.
  func isLive(_ now: DateTime) -> Bool { isOn && (until.map { now < $0 } ?? true) }
}
