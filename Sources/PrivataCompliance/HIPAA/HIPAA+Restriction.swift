public import PrivataCore

extension HIPAA {
  /// Files a person's request to restrict uses and disclosures. What was paid in full is agreed to at
  /// once, towards health plans; the rest waits for a decision.
  ///
  /// - Throws: `notFound`; `unknownField`; `unknownModel`.
  public func requestRestriction(
    _ id: some FieldValue, _ request: RestrictionRequest
  ) async throws(PrivataError) -> HealthRestriction {
    let key = id.value
    return try await audited("hipaa.restriction", key) { () async throws(PrivataError) in
      try check(fields: request.fields)
      for item in request.items where core.registry.model(item.model) == nil {
        throw PrivataError(.unknownModel, "the vault has no model '\(item.model)'")
      }
      try await checkExists(key)
      let state = request.isMandatory ? HealthRestriction.State.agreed : .requested
      let entry = entry(.restriction, about: key, state: state.rawValue, request.body)
      try await documentation.add(entry)
      return (try restriction(entry), entry)
    }
  }

  /// Agrees to a request, or denies it; the person is told either way.
  ///
  /// - Throws: `badArgument` for one that is decided, or that cannot be denied.
  public func decideRestriction(
    _ number: String, agreed: Bool, toldAt: DateTime
  ) async throws(PrivataError) -> HealthRestriction {
    let entry = try await documentation.entry(number, .restriction)
    guard entry.state == "requested", toldAt <= now else {
      throw PrivataError(.badArgument, "the restriction \(number) is \(entry.state)")
    }
    return try await close(entry, agreed ? .agreed : .denied, toldAt)
  }

  /// Ends a restriction: with the person's agreement wholly, without it for what is made later only,
  /// and one for what was paid in full with agreement only.
  public func endRestriction(
    _ number: String, personAgrees: Bool, toldAt: DateTime
  ) async throws(PrivataError) -> HealthRestriction {
    let entry = try await documentation.entry(number, .restriction)
    let known = try restriction(entry)
    guard known.state == .agreed else {
      throw PrivataError(.badArgument, "the restriction \(number) is \(entry.state)")
    }
    guard personAgrees || !known.isMandatory else {
      throw PrivataError(
        .accessDenied, "what was paid in full stays restricted until the person agrees")
    }
    // Without agreement it goes on for what there is: only the agreement lifts it wholly.
    guard personAgrees else {
      let changed = try await documentation.change(entry) { $0.body["onlyUntil"] = .date(toldAt) }
      try core.record("hipaa.restriction.limit", by: actor, about: changed)
      return try restriction(changed)
    }
    return try await close(entry, .ended, toldAt)
  }

  /// The restrictions of a person.
  public func restrictions(
    _ id: some FieldValue
  ) async throws(PrivataError) -> [HealthRestriction] {
    try await documentation.entries(.restriction, subject: mark(id.value))
      .compactMap(HealthRestriction.init)
  }

  private func close(
    _ entry: DocumentationEntry, _ state: HealthRestriction.State, _ toldAt: DateTime
  ) async throws(PrivataError) -> HealthRestriction {
    let changed = try await documentation.change(entry) { entry in
      entry.state = state.rawValue
      entry.body["toldAt"] = .date(toldAt)
      if state != .agreed { entry.effectiveUntil = toldAt }
    }
    try core.record("hipaa.restriction.\(state.rawValue)", by: actor, about: changed)
    return try restriction(changed)
  }

  private func restriction(
    _ entry: DocumentationEntry
  ) throws(PrivataError) -> HealthRestriction {
    guard let restriction = HealthRestriction(entry) else {
      throw PrivataError(.corrupt, "the restriction \(entry.id) cannot be read")
    }
    return restriction
  }

  // MARK: - Enforcing

  /// The agreed restrictions that a disclosure meets. Those of treatment can be overridden in an
  /// emergency, which is recorded.
  private func met(
    _ key: Value, _ request: DisclosureRequest
  ) async throws(PrivataError) -> [HealthRestriction] {
    guard request.purpose.isRoutineCare else { return [] }
    let all = try await restrictions(key).filter { restriction in
      guard restriction.state == .agreed else { return false }
      if restriction.isMandatory, request.purpose == .treatment { return false }
      let recipients = restriction.request.recipients
      return recipients.isEmpty || recipients.contains(request.recipient.kind)
    }
    guard !all.isEmpty, actor.details?.emergency != nil, request.purpose == .treatment else {
      return all
    }
    let entry = entry(
      .finding, about: key, state: "override", effectiveUntil: now,
      ["restrictions": .texts(all.map(\.id)), "recipient": .string(request.recipient.name)])
    try await documentation.add(entry)
    try core.record("hipaa.restriction.override", by: actor, about: entry)
    try core.recorder.journal.sync()
    return []
  }

  /// - Throws: `accessDenied` for fields, or all, that the person restricted.
  func checkRestrictions(
    _ key: Value, _ request: DisclosureRequest
  ) async throws(PrivataError) {
    for restriction in try await met(key, request) {
      let wish = restriction.request
      let fields = wish.fields.intersection(request.fields)
      let isAll = wish.fields.isEmpty && wish.items.isEmpty
      guard !fields.isEmpty || isAll else { continue }
      throw denied("the person restricted this disclosure", fields.sorted())
    }
  }

  /// The keys of the records of a model that the person restricted.
  func restrictedItems(
    _ key: Value, _ model: String, _ request: DisclosureRequest
  ) async throws(PrivataError) -> [Value] {
    try await met(key, request).flatMap { restriction in
      restriction.request.items.filter { $0.model == model }.map(\.key)
    }
  }
}
