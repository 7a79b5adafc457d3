public import PrivataCore

extension GDPR {
  /// Lets a program decide about a person, where the law allows that, and keeps what explains it.
  ///
  /// ```swift
  /// let decision = try await User.gdpr.decide(id, rule, basis: .explicitConsent) { features in
  ///   DecisionOutcome(features["age"]?.asInt ?? 0 >= 21 ? "granted" : "refused", reasons: ["age"])
  /// }
  /// ```
  ///
  /// The features are read under the rule's purpose, so that what a person objected to, restricted or
  /// withdrew does not reach the closure. A consent that is withdrawn meanwhile cancels the decision.
  ///
  /// - Throws: `automatedDecisionNotAllowed` without a basis that carries it, and for children;
  ///   `consentRequired`; `subjectFrozen` for data that may not be used for the purpose; `notFound`;
  ///   what the closure throws.
  /// - Privacy: names of fields and codes of reasons are kept, sealed, and no value; audited.
  ///
  /// Source: GDPR Article 22.
  public func decide(
    _ id: some FieldValue, _ rule: DecisionRule, basis: DecisionBasis,
    _ body: (Document) async throws -> DecisionOutcome
  ) async throws -> AutomatedDecision {
    if let there = try await elsewhere(id.value) {
      return try await there.decide(id, rule, basis: basis, body)
    }
    let action = AuditEvent.Action(rawValue: "gdpr.decision")
    let scope = AuditCoding.scope(
      action, model: model.name, fields: rule.features, filterFields: [model.key.name])
    try checkCaller(action)
    do {
      try check(rule, basis)
      try await checkBasis(id.value, rule, basis)
      let features = try await features(id.value, rule)
      let outcome = try await body(features)
      // What was withdrawn while the program thought counts.
      try await checkBasis(id.value, rule, basis)
      let decision = try await keep(id.value, rule, basis, outcome)
      let result = AuditResult(
        count: 1, records: [core.references.reference(to: id.value, of: model.name)],
        subjectOf: decision.id)
      try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
      return decision
    } catch {
      let known = error as? PrivataError ?? PrivataError(.rejectedByStore, "the rule failed")
      try core.recorder.record(actor, scope: scope, result: AuditResult(known), isPersonal: true)
      throw error
    }
  }

  /// The decisions that programs made about a person, with their logic.
  public func decisions(
    _ id: some FieldValue
  ) async throws(PrivataError) -> [AutomatedDecision] {
    if let there = try await elsewhere(id.value) { return try await there.decisions(id) }
    let mark = core.ledger.mark(model.name, id.value)
    return try await core.registers.last(.decision, subject: mark).map(AutomatedDecision.init)
      .sorted { $0.at < $1.at }
  }

  // MARK: - Checks

  private func check(_ rule: DecisionRule, _ basis: DecisionBasis) throws(PrivataError) {
    guard !rule.logic.isEmpty, !rule.significance.isEmpty, !rule.features.isEmpty else {
      throw PrivataError(
        .badArgument, "a rule says what it looks at, how it decides and what follows",
        fields: ["logic", "significance", "features"])
    }
    if let unknown = rule.features.first(where: { model.field($0) == nil }) {
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(unknown)", fields: [unknown],
        model: model.name)
    }
    if basis.reference?.isEmpty == true {
      throw PrivataError(
        .automatedDecisionNotAllowed, "a decision on a law says which", fields: ["basis"],
        model: model.name)
    }
    let special = rule.features.filter(isSpecial)
    guard special.isEmpty || basis.allowsSpecialCategories else {
      throw PrivataError(
        .automatedDecisionNotAllowed,
        "\(basis.name) carries no decision on data of special categories", fields: special,
        model: model.name)
    }
  }

  private func isSpecial(_ name: String) -> Bool {
    guard let field = model.field(name) else { return false }
    return field.privacy == .phi || core.options.processing?.category(field, model.name) != nil
  }

  private func checkBasis(
    _ key: Value, _ rule: DecisionRule, _ basis: DecisionBasis
  ) async throws(PrivataError) {
    if core.options.purposes == .registered, core.registers.known.purpose(rule.purpose) == nil {
      throw .unknownPurpose(rule.purpose, model: model.name)
    }
    guard basis == .explicitConsent else { return }
    try await checkConsent(key, purpose: rule.purpose, explicit: true)
  }

  // MARK: - Features

  /// The features, read under the rule's purpose.
  private func features(
    _ key: Value, _ rule: DecisionRule
  ) async throws(PrivataError) -> Document {
    let reader = AccessContext(
      actor: actor.actor, role: actor.role, purpose: rule.purpose, region: actor.region,
      reason: actor.reason, requestID: actor.requestID)
    var names = rule.features
    if let birth = rule.birthField, !names.contains(birth) { names.append(birth) }
    let query = Query(
      model, where: .compare(model.key.name, .equal, key), projection: .fields(names), limit: 1,
      layout: .cells)
    let rows = try await AuditedSession(session: core.session, context: reader).rows(for: query)
    guard rows.count > 0 else {
      _ = try await pseudonym(of: key)
      throw PrivataError(
        .subjectFrozen, "the person's data may not be used for \(rule.purpose)", model: model.name)
    }
    var features = Document()
    for (column, name) in names.enumerated() {
      features[name] = rows.value(row: 0, column: column) ?? .null
    }
    if let birth = rule.birthField {
      try checkAdult(features[birth])
      if !rule.features.contains(birth) { features.remove(birth) }
    }
    return features
  }

  private func checkAdult(_ birth: Value?) throws(PrivataError) {
    let now = DateTime.now.parts
    if case .date(let born)? = birth {
      let isBefore =
        (now.month, now.day) < (born.parts.month, born.parts.day)
      if now.year - born.parts.year - (isBefore ? 1 : 0) >= 18 { return }
    }
    throw PrivataError(
      .automatedDecisionNotAllowed,
      "no program decides alone about a child, nor where the age is unknown", model: model.name)
  }

  // MARK: - Keeping

  private func keep(
    _ key: Value, _ rule: DecisionRule, _ basis: DecisionBasis, _ outcome: DecisionOutcome
  ) async throws(PrivataError) -> AutomatedDecision {
    let texts = { (texts: [String]) -> Value in .array(texts.map { .string($0) }) }
    let entry = try await core.registers.append(
      .decision, Hexadecimal.text(SecureBytes.random(12)),
      [
        "model": .string(model.name), "rule": .string(rule.name), "version": .string(rule.version),
        "purpose": .string(rule.purpose), "features": texts(rule.features),
        "logic": .string(rule.logic), "significance": .string(rule.significance),
        "basis": .string(basis.name), "outcome": .string(outcome.outcome),
        "reasons": texts(outcome.reasons), "decidedAt": .date(.now), "state": "effective",
      ], actor: actor.actor.id, subject: core.ledger.mark(model.name, key), after: 0)
    return AutomatedDecision(entry)
  }
}
