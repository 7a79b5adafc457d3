public import PrivataCore

extension HIPAA {
  /// A copy of what is kept about a person in the designated record set: their own record and those
  /// that refer to it, without psychotherapy notes and what was compiled for legal proceedings.
  ///
  /// ```swift
  /// let copy = try await User.hipaa.rightOfAccess(id, .init(format: .fhirR4))
  /// ```
  ///
  /// - Throws: `notFound`; `accessDenied` for a representative without authority, and for a third
  ///   party whom the person did not direct it to in writing; `badArgument` for a fee of less than
  ///   nothing, a delay without a reason or that was told too late, and for FHIR without a mapping of
  ///   the model.
  /// - Privacy: reads the record set and writes the copy down.
  public func rightOfAccess(
    _ id: some FieldValue, _ request: RecordAccessRequest = RecordAccessRequest()
  ) async throws(PrivataError) -> RecordAccessPackage {
    let key = id.value
    return try await audited("hipaa.access", key) { () async throws(PrivataError) in
      try check(request.requester)
      let records = try await recordSet(key)
      let received = request.receivedAt ?? now
      try check(request, received)
      let due = HIPAADeadline.access(
        receivedAt: received, isExtended: request.delay != nil, underGDPR: request.isUnderGDPR)
      let text = try text(of: records, key, request.format)
      var body: Document = ["format": .string(request.format.rawValue), "dueAt": .date(due)]
      body["requester"] = .string(request.requester.name)
      body["delay"] = request.delay.map { .string($0.reason) }
      body["fee"] = request.fee.map { .int($0.total) }
      let entry = entry(.access, about: key, state: "fulfilled", effectiveUntil: now, body)
      try await documentation.add(entry)
      let package = RecordAccessPackage(
        id: entry.id, format: request.format, records: records, text: text,
        receivedAt: received, dueAt: due, fee: request.fee?.total ?? 0)
      return (package, entry)
    }
  }

  /// Denies access, and writes down why; a reviewable denial waits for another professional.
  ///
  /// - Returns: the number of the denial.
  public func denyAccess(
    _ id: some FieldValue, _ denial: RecordAccessDenial
  ) async throws(PrivataError) -> String {
    let key = id.value
    return try await audited("hipaa.access.deny", key) { () async throws(PrivataError) in
      try await checkExists(key)
      let entry = entry(
        .access, about: key, state: denial.isReviewable ? "reviewable" : "denied",
        effectiveUntil: denial.isReviewable ? nil : now, ["denial": .string(denial.rawValue)])
      try await documentation.add(entry)
      return (entry.id, entry)
    }
  }

  /// Another professional than who denied it decides on a reviewable denial.
  ///
  /// - Throws: `accessDenied` for who denied it; `badArgument` for a denial that is not reviewable.
  public func reviewDenial(
    _ number: String, upheld: Bool
  ) async throws(PrivataError) {
    let entry = try await documentation.entry(number, .access)
    guard entry.state == "reviewable" else {
      throw PrivataError(.badArgument, "the denial \(number) is not open to review")
    }
    guard entry.actor != actor.actor.id else {
      throw PrivataError(.accessDenied, "another professional reviews a denial")
    }
    let changed = try await documentation.change(entry) { [now, actor] entry in
      entry.state = upheld ? "denied" : "overturned"
      entry.effectiveUntil = now
      entry.body["reviewer"] = .string(actor.actor.id)
    }
    try core.record("hipaa.access.review", by: actor, about: changed)
  }

  private func check(_ requester: RecordAccessRequest.Requester) throws(PrivataError) {
    switch requester {
    case .individual: return
    case .representative(let name, let authority):
      if name.isEmpty || authority.isEmpty {
        throw denied("a representative says by what right they act", ["authority"])
      }
    case .thirdParty(let name, let signedAt):
      if name.isEmpty || signedAt > now {
        throw denied("a copy for somebody else needs the person's signed direction", ["signedAt"])
      }
    }
  }

  private func check(
    _ request: RecordAccessRequest, _ received: DateTime
  ) throws(PrivataError) {
    if let fee = request.fee,
      [fee.labor, fee.supplies, fee.postage, fee.summary].contains(where: { $0 < 0 })
    {
      throw PrivataError(.badArgument, "no part of a fee is less than nothing", fields: ["fee"])
    }
    guard let delay = request.delay else { return }
    let first = HIPAADeadline.access(receivedAt: received, underGDPR: request.isUnderGDPR)
    guard !delay.reason.isEmpty, delay.toldAt <= first, delay.toldAt <= now else {
      throw PrivataError(
        .badArgument, "a delay has a reason, of which the person is told within the first period",
        fields: ["delay"])
    }
  }

  private func text(
    of records: [String: [Document]], _ key: Value, _ format: RecordAccessRequest.Format
  ) throws(PrivataError) -> String {
    switch format {
    case .json: return Self.json(records)
    case .csv: return Self.csv(records)
    case .fhirR4:
      let mappings = core.options.fhir
      guard mappings.contains(where: { $0.model == model.name }) else {
        throw PrivataError(
          .badArgument, "VaultOptions.fhir has no mapping of \(model.name)", fields: ["format"],
          model: model.name)
      }
      let sections = records.sorted { $0.key < $1.key }.map { name, found in
        (model: name, key: core.registry.model(name)?.key.name ?? "_id", records: found)
      }
      return mappings.bundle(sections, of: key, model.name, at: now).extendedJSON(.relaxed)
    }
  }

  // MARK: - The record set

  private func recordSet(_ key: Value) async throws(PrivataError) -> [String: [Document]] {
    let graph = try SubjectGraph(model, core.registry)
    let own = try await records(graph.root, .compare(model.key.name, .equal, key))
    guard !own.isEmpty else {
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    var sets = [model.name: own]
    for edge in graph.edges where !edge.isArray && edge.separation.model !== model {
      let value = own[0][edge.target] ?? (edge.target == model.key.name ? key : .null)
      guard !value.isNull else { continue }
      let found = try await records(edge.separation, .compare(edge.field.name, .equal, value))
      if !found.isEmpty { sets[edge.separation.model.name, default: []] += found }
    }
    return sets
  }

  private func records(
    _ separation: Separation, _ filter: Filter
  ) async throws(PrivataError) -> [Document] {
    let name = separation.model.name
    var outside = core.access?.options.outsideRecordSet[name] ?? []
    outside.formUnion(core.policies.policy?.policy.reserved[name]?.keys.map { $0 } ?? [])
    let left: [Document.Element] = outside.sorted().map { .init(key: $0, value: 0) }
    let query = Query(
      separation.model, where: filter,
      projection: left.isEmpty ? .all : .document(Document(left)),
      sort: [SortKey(separation.model.key.name)])
    return try await core.session.rows(query, separation).documents
  }

  private static func json(_ records: [String: [Document]]) -> String {
    var document = Document()
    for (name, found) in records.sorted(by: { $0.key < $1.key }) {
      document[name] = .array(found.map { .document($0) })
    }
    return document.extendedJSON(.relaxed)
  }

  private static func csv(_ records: [String: [Document]]) -> String {
    var lines: [String] = []
    for (name, found) in records.sorted(by: { $0.key < $1.key }) {
      var names: [String] = []
      for key in found.flatMap(\.keys) where !names.contains(key) { names.append(key) }
      lines.append((["model"] + names).map(cell).joined(separator: ","))
      for record in found {
        let cells = names.map { record[$0].map(text) ?? "" }
        lines.append(([name] + cells).map(cell).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\r\n") + "\r\n"
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    case .date(let date): date.iso8601
    case .objectID(let id): id.description
    default: Document([.init(key: "v", value: value)]).extendedJSON(.relaxed)
    }
  }

  private static func cell(_ text: String) -> String {
    let needsQuotes = text.contains { ",\"\r\n".contains($0) }
    return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}

extension RecordAccessRequest.Requester {
  /// Who asked, as it is written down.
  var name: String {
    switch self {
    case .individual: "individual"
    case .representative(let name, let authority): "\(name) (\(authority))"
    case .thirdParty(let name, _): name
    }
  }
}
