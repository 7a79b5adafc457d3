public import PrivataCore

extension HIPAA {
  /// Reads what may be disclosed of a person and writes the disclosure down, before it answers.
  ///
  /// ```swift
  /// let disclosed = try await User.hipaa.disclose(id, request)
  /// // select name, procedureCodes from … where _id = ?
  /// ```
  ///
  /// - Throws: `accessDenied` for a purpose that does not allow it, with what is missing;
  ///   `approvalRequired` for one that follows no protocol, with the review's number in `fields`;
  ///   `notFound`; `unknownField`. Nothing was read then.
  /// - Privacy: the fields that are named are what is asked of the stores; who got them, when and why
  ///   is kept for six years.
  ///
  /// Source: 45 CFR 164.502(a) and (b), 164.514(d).
  public func disclose(
    _ id: some FieldValue, _ request: DisclosureRequest
  ) async throws(PrivataError) -> PHIDisclosure {
    let key = id.value
    return try await audited("hipaa.disclose", key, fields: request.fields.sorted()) {
      () async throws(PrivataError) in
      try await checkPermitted(key, request)
      let reading = DisclosureReading(self, key, request)
      let record = try await reading.own()
      var related: [String: [Document]] = [:]
      for model in request.related.keys.sorted() {
        related[model] = try await reading.related(model)
      }
      let entry = try await file(key, request)
      let disclosure = PHIDisclosure(
        id: entry.id, recipient: request.recipient, purpose: request.purpose, at: entry.at,
        record: record, related: related, statements: try await statements(key, request.fields))
      return (disclosure, entry)
    }
  }

  /// Discloses related records in pages. What allows it is checked before each page: once an
  /// authorization is revoked, no further page is sent.
  ///
  /// - Returns: how many pages were sent.
  /// - Throws: as ``disclose(_:_:)``, and what `send` throws.
  public func disclose(
    _ id: some FieldValue, _ request: DisclosureRequest, pageSize: Int,
    send: (_ model: String, _ page: [Document]) async throws -> Void
  ) async throws -> Int {
    let key = id.value
    var pages = 0
    for model in request.related.keys.sorted() {
      var position = 0
      while true {
        try await checkPermittedAudited(key, request)
        let page = try await DisclosureReading(self, key, request)
          .related(model, skip: position, limit: max(pageSize, 1))
        if page.isEmpty { break }
        if pages == 0 { _ = try await file(key, request) }
        try await send(model, page)
        pages += 1
        position += page.count
      }
    }
    return pages
  }

  private func checkPermittedAudited(
    _ key: Value, _ request: DisclosureRequest
  ) async throws(PrivataError) {
    try await audited("hipaa.disclose", key, fields: request.fields.sorted()) {
      () async throws(PrivataError) in
      try await checkPermitted(key, request)
      return ((), nil)
    }
  }

  private func file(
    _ key: Value, _ request: DisclosureRequest
  ) async throws(PrivataError) -> DocumentationEntry {
    var body: Document = [
      "recipient": .string(request.recipient.name),
      "kind": .string(request.recipient.kind.rawValue),
      "purpose": .string(request.purpose.rawValue), "fields": .texts(request.allFields),
    ]
    body["address"] = request.recipient.address.map { .string($0) }
    body["authorization"] = request.authorization.map { .string($0) }
    body["reference"] = request.reference.map { .string($0) }
    body["protocol"] = request.protocolName.map { .string($0) }
    body["justification"] = request.justification.map { .string($0) }
    if request.purpose.isMinimumNecessaryException {
      body["exception"] = .string(request.purpose.rawValue)
    }
    let entry = entry(.disclosure, about: key, state: "closed", effectiveUntil: now, body)
    try await documentation.add(entry)
    // The other law asks to tell who was given data when it changes.
    try await core.noteDisclosure(
      to: request.recipient.name, of: key, model.name, purpose: request.purpose.rawValue,
      fields: request.allFields.sorted(), by: actor)
    return entry
  }

  // MARK: - What is permitted

  func checkPermitted(_ key: Value, _ request: DisclosureRequest) async throws(PrivataError) {
    try check(fields: request.fields)
    guard !request.recipient.name.isEmpty else {
      throw PrivataError(.badArgument, "a disclosure has a recipient", fields: ["recipient"])
    }
    if request.purpose.needsAuthorization || !request.fields.isDisjoint(with: reserved) {
      _ = try await authorization(request.authorization, covering: request, of: key)
    } else if request.purpose.needsReference, request.reference?.isEmpty != false {
      throw denied(
        "a disclosure for \(request.purpose.rawValue) names what shows the reason",
        [
          "reference"
        ])
    }
    if request.purpose == .limitedDataSet {
      throw denied("a limited data set is made with limitedDataSet", ["purpose"])
    }
    if request.recipient.kind == .businessAssociate {
      try await core.checkAgreement(of: request.recipient.name, at: now)
    }
    try checkWhole(request)
    try await checkRestrictions(key, request)
    try await checkRoutine(key, request)
  }

  /// - Throws: `accessDenied` where all of a record is asked for without a reason.
  private func checkWhole(_ request: DisclosureRequest) throws(PrivataError) {
    let personal = Set(model.fields.filter { $0.privacy != .open }.map(\.name))
      .subtracting(reserved)
    guard !request.purpose.isMinimumNecessaryException, personal.count > 1,
      request.fields.isSuperset(of: personal), request.justification?.isEmpty != false
    else { return }
    throw denied("to disclose all of a record needs a justification", ["justification"])
  }

  private func checkRoutine(
    _ key: Value, _ request: DisclosureRequest
  ) async throws(PrivataError) {
    if let name = request.protocolName {
      let extra = request.allFields.subtracting(
        try await core.protocolFields(name, model.name, request.purpose))
      guard extra.isEmpty else {
        throw denied("the protocol \(name) does not have all of the fields", extra.sorted())
      }
      return
    }
    guard core.access?.options.reviewsDisclosures == true,
      !request.purpose.isMinimumNecessaryException, !request.purpose.needsAuthorization
    else { return }
    try await checkReview(key, request)
  }

  /// - Throws: `approvalRequired` until a second person agreed to just this disclosure.
  private func checkReview(
    _ key: Value, _ request: DisclosureRequest
  ) async throws(PrivataError) {
    let wanted: Document = [
      "recipient": .string(request.recipient.name),
      "purpose": .string(request.purpose.rawValue), "fields": .texts(request.allFields),
      "asker": .string(actor.actor.id),
    ]
    guard let number = request.review else {
      let entry = entry(.review, about: key, wanted)
      try await documentation.add(entry)
      throw PrivataError(
        .approvalRequired,
        "the disclosure follows no protocol: a second person has to agree to review \(entry.id)",
        fields: [entry.id], model: model.name)
    }
    let entry = try await documentation.entry(number, .review)
    let isSame = ["recipient", "purpose", "fields", "asker"].allSatisfy {
      entry.body[$0] == wanted[$0]
    }
    guard entry.subject == mark(key), isSame else {
      throw denied("the review \(number) is about another disclosure", ["review"])
    }
    guard entry.state == "approved" else {
      throw PrivataError(
        .approvalRequired, "the review \(number) is \(entry.state)", fields: [number])
    }
    let end = entry.at.milliseconds + Int64(core.access?.options.approvalHours ?? 24) * 3_600_000
    guard now.milliseconds < end else {
      throw denied("the review \(number) is over: ask again", ["review"])
    }
    _ = try await documentation.change(entry) { [now] entry in
      entry.state = "used"
      entry.effectiveUntil = now
    }
  }

  func denied(_ what: String, _ fields: [String]) -> PrivataError {
    PrivataError(.accessDenied, what, fields: fields, model: model.name)
  }
}

/// Reads what is disclosed, under the purpose of the disclosure.
struct DisclosureReading {
  let hipaa: HIPAA
  let key: Value
  let request: DisclosureRequest
  private let session: AuditedSession

  init(_ hipaa: HIPAA, _ key: Value, _ request: DisclosureRequest) {
    self.hipaa = hipaa
    self.key = key
    self.request = request
    let given = hipaa.actor
    let context =
      // An emergency stays the purpose of what is read in it.
      given == .service || given.details?.emergency != nil
      ? given
      : AccessContext(
        actor: given.actor, role: given.role, purpose: request.purpose.rawValue,
        region: given.region, reason: request.justification ?? given.reason,
        requestID: given.requestID, details: given.details)
    session = AuditedSession(session: hipaa.core.session, context: context)
  }

  /// The person's own record.
  ///
  /// - Throws: `notFound`.
  func own() async throws(PrivataError) -> Document {
    let model = hipaa.model
    let names = request.fields.union([model.key.name]).sorted()
    let fields: [Document.Element] = names.map { .init(key: $0, value: 1) }
    let query = Query(
      model, where: .compare(model.key.name, .equal, key),
      projection: .document(Document(fields)), limit: 1)
    guard let record = try await session.rows(for: query).documents.first else {
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    return record
  }

  /// Records of another model that refer to the person, without those that the person restricted.
  func related(
    _ name: String, skip: Int = 0, limit: Int? = nil
  ) async throws(PrivataError) -> [Document] {
    guard let model = hipaa.core.registry.model(name),
      let field = model.fields.first(where: { $0.reference?.model == hipaa.model.name })
    else {
      throw PrivataError(
        .unknownModel, "no model '\(name)' refers to \(hipaa.model.name)", model: name)
    }
    let names = (request.related[name] ?? []).union([model.key.name]).sorted()
    var filter = Filter.compare(field.name, .equal, key)
    if case .array = field.type { filter = .document([field.name: key]) }
    let restricted = try await hipaa.restrictedItems(key, name, request)
    if !restricted.isEmpty { filter = filter.and(.isNotIn(model.key.name, restricted)) }
    let query = Query(
      model, where: filter,
      projection: .document(Document(names.map { .init(key: $0, value: 1) })),
      sort: [SortKey(model.key.name)], skip: skip, limit: limit)
    return try await session.rows(for: query).documents
  }
}
