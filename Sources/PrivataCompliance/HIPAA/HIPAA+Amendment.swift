public import PrivataCore

extension HIPAA {
  /// Files a person's request to change a field of their record; it is due in 60 days.
  ///
  /// ```swift
  /// let request = try await User.hipaa.requestAmendment(id, "diagnosis", proposed: "J45.1", reason: "mild form")
  /// try await User.hipaa.acceptAmendment(request.id, of: id)
  /// ```
  ///
  /// - Throws: `notFound`; `unknownField`; `badArgument` without a reason.
  /// - Privacy: the field is read; both values are sealed.
  public func requestAmendment(
    _ id: some FieldValue, _ field: String, proposed: Value, reason: String,
    receivedAt: DateTime? = nil
  ) async throws(PrivataError) -> Amendment {
    let key = id.value
    return try await audited("hipaa.amendment", key, fields: [field]) {
      () async throws(PrivataError) in
      try check(fields: [field])
      guard !reason.isEmpty else {
        throw PrivataError(.badArgument, "an amendment has a reason", fields: ["reason"])
      }
      let original = try await value(of: field, key)
      let received = receivedAt ?? now
      var entry = entry(
        .amendment, about: key, state: Amendment.State.requested.rawValue,
        [
          "field": .string(field), "original": original, "proposed": proposed,
          "reason": .string(reason),
          "dueAt": .date(DeadlineCalendar().end(of: 60, daysAfter: received)),
        ])
      entry.at = received
      try await documentation.add(entry)
      return (try amendment(entry), entry)
    }
  }

  /// Extends the period by 30 days, once, where the person was told why within the first.
  public func extendAmendment(
    _ number: String, reason: String, toldAt: DateTime
  ) async throws(PrivataError) -> Amendment {
    let known = try amendment(try await documentation.entry(number, .amendment))
    guard !known.isExtended, !reason.isEmpty, toldAt <= known.dueAt, toldAt <= now else {
      throw PrivataError(
        .badArgument, "a period is extended once, and the person is told why before it is over")
    }
    return try await change(number, "hipaa.amendment.extend") { entry in
      entry.body["isExtended"] = true
      entry.body["dueAt"] = .date(
        DeadlineCalendar().end(of: 90, daysAfter: known.receivedAt))
    }
  }

  /// Accepts an amendment: the record holds the new value, what it held stays readable here, and who
  /// had got the information is named, to be told.
  ///
  /// - Parameter notify: whom the person wants to be told besides.
  /// - Throws: `badArgument` for one that is decided or another person's; what the change throws.
  public func acceptAmendment(
    _ number: String, of id: some FieldValue, notify: [String] = []
  ) async throws(PrivataError) -> Amendment {
    let entry = try await documentation.entry(number, .amendment)
    let known = try amendment(entry)
    guard known.state == .requested, entry.subject == mark(id.value) else {
      throw PrivataError(.badArgument, "the amendment \(number) is decided, or another person's")
    }
    let gdpr = GDPR(core: core, context: context, model: model)
    _ = try await gdpr.rightToRectification(id, [known.field: known.proposed])
    let recipients = try await recipients(of: known.field, entry.subject)
    return try await change(number, "hipaa.amendment.accept") { [now] entry in
      entry.state = Amendment.State.accepted.rawValue
      entry.effectiveUntil = now
      entry.body["notified"] = .texts(recipients.union(notify))
    }
  }

  /// Denies an amendment; the person is told why, and may disagree.
  public func denyAmendment(
    _ number: String, _ denial: Amendment.Denial
  ) async throws(PrivataError) -> Amendment {
    let known = try amendment(try await documentation.entry(number, .amendment))
    guard known.state == .requested else {
      throw PrivataError(.badArgument, "the amendment \(number) is \(known.state.rawValue)")
    }
    return try await change(number, "hipaa.amendment.deny") { [now] entry in
      entry.state = Amendment.State.denied.rawValue
      entry.effectiveUntil = now
      entry.body["denial"] = .string(denial.rawValue)
    }
  }

  /// Keeps what the person says to a denial; it goes along with every disclosure of the field.
  public func disagree(
    withAmendment number: String, statement: String
  ) async throws(PrivataError) -> Amendment {
    try await state(number, "disagreement", statement)
  }

  /// Keeps an answer to a statement of disagreement.
  public func rebut(
    amendment number: String, statement: String
  ) async throws(PrivataError) -> Amendment {
    try await state(number, "rebuttal", statement)
  }

  /// The amendments of a person, the oldest first: the history of what was changed on request.
  public func amendments(_ id: some FieldValue) async throws(PrivataError) -> [Amendment] {
    try await documentation.entries(.amendment, subject: mark(id.value))
      .compactMap(Amendment.init)
  }

  /// What goes along with a disclosure of fields of a person.
  func statements(
    _ key: Value, _ fields: Set<String>
  ) async throws(PrivataError) -> [AmendmentStatement] {
    try await amendments(key).compactMap { amendment in
      guard fields.contains(amendment.field), amendment.state != .requested else { return nil }
      let isAccepted = amendment.state == .accepted
      guard isAccepted || amendment.disagreement != nil else { return nil }
      return AmendmentStatement(
        amendment: amendment.id, field: amendment.field,
        replaced: isAccepted ? Value?.some(amendment.original) : Value?.none,
        disagreement: amendment.disagreement, rebuttal: amendment.rebuttal)
    }
  }

  // MARK: - Steps

  private func state(
    _ number: String, _ name: String, _ statement: String
  ) async throws(PrivataError) -> Amendment {
    let known = try amendment(try await documentation.entry(number, .amendment))
    guard known.state == .denied, !statement.isEmpty,
      name == "disagreement" || known.disagreement != nil
    else {
      throw PrivataError(
        .badArgument, "a statement answers a denial, and a rebuttal answers a statement")
    }
    return try await change(number, "hipaa.amendment.\(name)") { entry in
      entry.body[name] = .string(statement)
    }
  }

  private func change(
    _ number: String, _ action: String, _ body: (inout DocumentationEntry) -> Void
  ) async throws(PrivataError) -> Amendment {
    let entry = try await documentation.entry(number, .amendment)
    let changed = try await documentation.change(entry, body)
    try core.record(action, by: actor, about: changed)
    return try amendment(changed)
  }

  private func amendment(_ entry: DocumentationEntry) throws(PrivataError) -> Amendment {
    guard let amendment = Amendment(entry) else {
      throw PrivataError(.corrupt, "the amendment \(entry.id) cannot be read")
    }
    return amendment
  }

  private func value(of field: String, _ key: Value) async throws(PrivataError) -> Value {
    let separation = try core.registry.separation(of: model)
    let query = Query(
      model, where: .compare(model.key.name, .equal, key),
      projection: .document([field: 1]), limit: 1)
    guard let found = try await core.session.rows(query, separation).documents.first else {
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    return found[field] ?? .null
  }

  /// Who got a field of a person.
  private func recipients(
    of field: String, _ subject: String
  ) async throws(PrivataError) -> Set<String> {
    let disclosures = try await documentation.entries(.disclosure, subject: subject)
    return Set(
      disclosures.filter { $0.body.texts("fields").contains(field) }
        .compactMap { $0.body["recipient"]?.asString })
  }
}
