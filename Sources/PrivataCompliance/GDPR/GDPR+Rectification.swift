public import PrivataCore

/// What a rectification did.
public struct RectificationResult: Sendable, Hashable {
  /// The fields that were changed, by name.
  public let fields: [String]
  /// True where something differed from what was there.
  public let isChanged: Bool
  /// The recipients who are told of it: GDPR Article 19.
  public var recipients: [String] = []
}

extension GDPR {
  /// Corrects a person's data in both stores, also where it is restricted.
  ///
  /// ```swift
  /// try await User.gdpr.rightToRectification(id, ["name": "Meyer"])
  /// ```
  ///
  /// That a value was corrected can be proven by who knows it (``wasCorrected(_:_:from:)``), while
  /// nothing holds it.
  ///
  /// - Throws: `notFound`, `notIdentifiable` for a person who was erased; `unknownField` for a field
  ///   that the model does not have; `badArgument` for the key, or without a field; `subjectFrozen` while the person is being erased;
  ///   `versionConflict` where others kept changing the record.
  /// - Privacy: audited with the names of the fields.
  ///
  /// Source: GDPR Article 16.
  public func rightToRectification(
    _ id: some FieldValue, _ fields: Document
  ) async throws(PrivataError) -> RectificationResult {
    if let there = try await elsewhere(id.value) {
      return try await there.rightToRectification(id, fields)
    }
    let scope = AuditCoding.scope(
      .init(rawValue: "gdpr.rectification"), model: model.name, fields: fields.keys,
      filterFields: [model.key.name])
    try checkCaller(.init(rawValue: "gdpr.rectification"))
    do {
      var result = try await rectify(id.value, fields)
      if result.isChanged {
        try await forgetVerifications(of: id.value, fields.keys)
        result.recipients = try await tellRecipients(of: id.value, .rectification)
      }
      let audit = AuditResult(
        count: 1, records: [core.references.reference(to: id.value, of: model.name)])
      try core.recorder.record(actor, scope: scope, result: audit, isPersonal: true)
      return result
    } catch {
      try core.recorder.record(actor, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  private func rectify(
    _ key: Value, _ fields: Document
  ) async throws(PrivataError) -> RectificationResult {
    guard !fields.isEmpty, !fields.contains(model.key.name) else {
      throw PrivataError(
        .badArgument, "a rectification changes fields, and not the key", fields: fields.keys,
        model: model.name)
    }
    for name in fields.keys where model.field(name) == nil {
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(name)", fields: [name], model: model.name)
    }
    try await core.gate.pass(core)
    let separation = try core.registry.separation(of: model)
    let before = try await values(key, fields.keys, separation)
    let outcome = try await write(key, fields, separation)
    guard outcome.matched > 0 else {
      try await checkIdentifiable(key)
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    if outcome.modified > 0 { try await prove(key, before, fields, separation) }
    return RectificationResult(fields: fields.keys, isChanged: outcome.modified > 0)
  }

  /// Changes both halves; where another change came first it is tried again, three times.
  private func write(
    _ key: Value, _ fields: Document, _ separation: Separation
  ) async throws(PrivataError) -> WriteOutcome {
    let update = Write.update(
      Update(
        model, where: .compare(model.key.name, .equal, key),
        .operators(["$set": .document(fields)]), layout: .documents))
    let (ticket, fences) = core.fences.enter()
    defer { core.fences.leave(ticket) }
    let session = core.session
    if !fences.isEmpty { try await session.check(update, fences, separation) }
    defer { core.cache?.forget(RecordChange(update)) }
    for _ in 0..<3 {
      do {
        return try await session.write(update, separation)
      } catch let error where error.code == .writeConflict || error.code == .versionConflict {
        continue
      }
    }
    throw PrivataError(
      .versionConflict, "others keep changing this \(model.name): ask again", model: model.name,
      isRetriable: true)
  }

  // MARK: - Proof without the value

  private func values(
    _ key: Value, _ names: [String], _ separation: Separation
  ) async throws(PrivataError) -> [Value] {
    let query = Query(
      model, where: .compare(model.key.name, .equal, key), projection: .fields(names), limit: 1,
      layout: .cells)
    let rows = try await core.session.rows(query, separation)
    guard rows.count > 0 else { return [] }
    return names.indices.map { rows.value(row: 0, column: $0) ?? .null }
  }

  /// Keeps keyed digests of what was and what is, under a key of the person.
  private func prove(
    _ key: Value, _ before: [Value], _ fields: Document, _ separation: Separation
  ) async throws(PrivataError) {
    guard separation.link != nil else { return }
    let link = try await pseudonym(of: key)
    let ledger = StatementLedger(core: core)
    for (old, element) in zip(before, fields.elements) where old != element.value {
      let salt = SecureBytes.random(32)
      let body: Document = [
        "salt": .binary(Binary(salt)),
        "old": .binary(Binary(ledger.digest(old, salt: salt))),
        "new": .binary(Binary(ledger.digest(element.value, salt: salt))),
      ]
      try await ledger.add(
        .correction, link, model.name, element.key, separation.half(of: element.key), body.bson)
    }
  }

  /// Whether a field of a person was corrected from a value; `nil` where nothing is known of a
  /// correction, as after the person's erasure.
  ///
  /// ```swift
  /// try await User.gdpr.wasCorrected(id, "name", from: "Maier")   // true
  /// ```
  ///
  /// - Privacy: only who brings the value learns something; audited.
  public func wasCorrected(
    _ id: some FieldValue, _ field: String, from value: Value
  ) async throws(PrivataError) -> Bool? {
    if let there = try await elsewhere(id.value) {
      return try await there.wasCorrected(id, field, from: value)
    }
    let action = AuditEvent.Action(rawValue: "gdpr.rectification.check")
    try checkCaller(action)
    let link: String
    do { link = try await pseudonym(of: id.value) } catch let error where error.code == .notFound {
      return nil
    }
    let ledger = StatementLedger(core: core)
    let rows = try await ledger.rows(.correction, link).filter { $0.field == field }
    let scope = AuditCoding.scope(action, model: model.name, fields: [field], filterFields: [])
    try core.recorder.record(
      actor, scope: scope,
      result: AuditResult(
        count: rows.count, records: [core.references.reference(to: id.value, of: model.name)]),
      isPersonal: true)
    guard !rows.isEmpty else { return nil }
    for row in rows {
      let body = try Document(bson: try await ledger.open(row))
      guard let salt = body["salt"]?.asBytes, let old = body["old"]?.asBytes else { continue }
      if ledger.digest(value, salt: salt) == old { return true }
    }
    return false
  }

  // MARK: - Supplementary statements

  /// Adds a person's own statement to a field that they dispute or find incomplete. The field keeps
  /// its value, and what is told of it from now on has the statement beside it.
  ///
  /// ```swift
  /// try await User.gdpr.supplement(id, "diagnosis", statement: "was ruled out in 2024")
  /// ```
  ///
  /// - Throws: `notFound`, `unknownField`; `badArgument` without a text.
  /// - Privacy: kept in the store of the field, sealed under a key of the person, erased with them;
  ///   audited.
  ///
  /// Source: GDPR Article 16, second sentence.
  public func supplement(
    _ id: some FieldValue, _ field: String, statement: String
  ) async throws(PrivataError) {
    if let there = try await elsewhere(id.value) {
      return try await there.supplement(id, field, statement: statement)
    }
    guard model.field(field) != nil else {
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(field)", fields: [field], model: model.name)
    }
    guard !statement.isEmpty else {
      throw PrivataError(.badArgument, "a statement says something", fields: ["statement"])
    }
    let action = AuditEvent.Action(rawValue: "gdpr.supplement")
    let scope = AuditCoding.scope(action, model: model.name, fields: [field], filterFields: [])
    try checkCaller(action)
    do {
      let link = try await pseudonym(of: id.value)
      let separation = try core.registry.separation(of: model)
      try await StatementLedger(core: core).add(
        .statement, link, model.name, field, separation.half(of: field), Array(statement.utf8))
      let result = AuditResult(
        count: 1, records: [core.references.reference(to: id.value, of: model.name)])
      try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
    } catch {
      try core.recorder.record(actor, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  /// The statements of a person about their fields, oldest first.
  public func statements(
    _ id: some FieldValue
  ) async throws(PrivataError) -> [SupplementaryStatement] {
    if let there = try await elsewhere(id.value) { return try await there.statements(id) }
    let graph = try SubjectGraph(model, core.registry)
    guard let subject = try await core.session.subject(id.value, graph) else {
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    return try await statements(about: subject)
  }

  func statements(
    about subject: Subject
  ) async throws(PrivataError) -> [SupplementaryStatement] {
    guard let link = subject.link else { return [] }
    let ledger = StatementLedger(core: core)
    var statements: [SupplementaryStatement] = []
    for row in try await ledger.rows(.statement, link) {
      let text = String(decoding: try await ledger.open(row), as: UTF8.self)
      statements.append(
        SupplementaryStatement(model: row.model, field: row.field, text: text, at: row.at))
    }
    return statements
  }
}

extension Separation {
  /// The half that holds a field; of one that is in both the identity half.
  func half(of field: String) -> Half { holds(field, in: .identity) ? .identity : .clinical }
}
