public import PrivataCore

/// When a field of a person was last found to be right, and by what.
///
/// Source: GDPR Article 5(1)(d).
public struct FieldVerification: Sendable, Hashable {
  /// The model and its field, and a keyed mark in place of the person's id.
  public let model: String
  public let field: String
  public let subjectMark: String
  /// What it was checked against, as `passport`.
  public let source: String
  public let verifiedAt: DateTime

  init?(_ entry: RegisterEntry) {
    guard let model = entry.facts["model"]?.asString, let field = entry.facts["field"]?.asString,
      let source = entry.facts["source"]?.asString,
      case .date(let moment)? = entry.facts["verifiedAt"]
    else { return nil }
    self.model = model
    self.field = field
    self.source = source
    subjectMark = entry.subject
    verifiedAt = moment
  }
}

extension GDPR {
  /// Records that fields of a person were checked and found right. A correction ends that of the
  /// fields that it changes.
  ///
  /// ```swift
  /// try await User.gdpr.recordVerification(id, ["address"], source: "passport")
  /// ```
  ///
  /// - Throws: `notFound`, `unknownField`; `badArgument` without a source.
  /// - Privacy: names of fields, and a keyed mark of the person; audited.
  ///
  /// Source: GDPR Article 5(1)(d).
  public func recordVerification(
    _ id: some FieldValue, _ fields: [String], source: String, at moment: DateTime = .now
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.recordVerification(id, fields, source: source, at: moment)
    }
    guard !source.isEmpty, !fields.isEmpty else {
      throw PrivataError(
        .badArgument, "a verification says what was checked, and against what",
        fields: ["source"])
    }
    if let unknown = fields.first(where: { model.field($0) == nil }) {
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(unknown)", fields: [unknown],
        model: model.name)
    }
    let action = AuditEvent.Action(rawValue: "gdpr.verification")
    try checkCaller(action)
    _ = try await pseudonym(of: id.value)
    for field in fields {
      try await note(id.value, field, ["source": .string(source), "verifiedAt": .date(moment)])
    }
    let scope = AuditCoding.scope(action, model: model.name, fields: fields, filterFields: [])
    let result = AuditResult(
      count: 1, records: [core.references.reference(to: id.value, of: model.name)])
    try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
  }

  /// What of a person was found right, by field.
  public func verifications(
    _ id: some FieldValue
  ) async throws(PrivataError) -> [FieldVerification] {
    if let there = try await elsewhere(id.value) { return try await there.verifications(id) }
    let mark = core.ledger.mark(model.name, id.value)
    return try await core.registers.last(.verified, subject: mark)
      .compactMap(FieldVerification.init).sorted { $0.field < $1.field }
  }

  /// The verifications of this model that are older than a period: to be looked at again, the oldest
  /// first. Persons who were erased are not among them.
  public func staleVerifications(
    after period: RetentionRule.Period, now: DateTime = .now
  ) async throws(PrivataError) -> [FieldVerification] {
    let old = try await core.registers.last(.verified).compactMap(FieldVerification.init)
      .filter { $0.model == model.name && period.after($0.verifiedAt) <= now }
    guard !old.isEmpty else { return [] }
    try await core.prepareLedger()
    var stale: [FieldVerification] = []
    var isErased: [String: Bool] = [:]
    for one in old.sorted(by: { $0.verifiedAt < $1.verifiedAt }) {
      if isErased[one.subjectMark] == nil {
        isErased[one.subjectMark] =
          try await core.ledger.last(one.subjectMark)?.state == .attested
      }
      if isErased[one.subjectMark] == false { stale.append(one) }
    }
    return stale
  }

  /// Ends what was known of fields that were corrected.
  func forgetVerifications(of key: Value, _ fields: [String]) async throws(PrivataError) {
    let mark = core.ledger.mark(model.name, key)
    let known = try await core.registers.last(.verified, subject: mark)
      .compactMap(FieldVerification.init)
    for one in known where fields.contains(one.field) { try await note(key, one.field, [:]) }
  }

  private func note(
    _ key: Value, _ field: String, _ more: Document
  ) async throws(PrivataError) {
    let mark = core.ledger.mark(model.name, key)
    var facts: Document = ["model": .string(model.name), "field": .string(field)]
    for element in more.elements { facts[element.key] = element.value }
    try await core.registers.append(
      .verified, "\(mark) \(field)", facts, actor: actor.actor.id, subject: mark)
  }
}
