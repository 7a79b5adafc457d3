public import PrivataCore

extension GDPR {
  /// Collects everything that is kept about a person, over all models and both stores, and what was
  /// done with it.
  ///
  /// ```swift
  /// let report = try await User.gdpr.rightToAccess(id)
  /// report.json
  /// ```
  ///
  /// - Throws: `notFound` for a person who is not there; `contextRequired` where the vault asks who
  ///   it is; what the stores throw: a report leaves nothing out silently.
  /// - Privacy: reads all fields of the person and is audited as such.
  public func rightToAccess(_ id: some FieldValue) async throws(PrivataError) -> AccessReport {
    if let there = try await elsewhere(id.value) { return try await there.rightToAccess(id) }
    try checkCaller(.access)
    try await checkIdentity(.access, id.value)
    let graph = try SubjectGraph(model, core.registry)
    let scope = AuditCoding.scope(
      .access, model: model.name, fields: graph.root.fieldNames, filterFields: [model.key.name])
    do {
      let report = try await report(id.value, graph)
      let result = AuditResult(
        count: report.records.reduce(0) { $0 + $1.records.count },
        records: [core.references.reference(to: id.value, of: model.name)])
      try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
      return report
    } catch {
      try core.recorder.record(actor, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  private func report(
    _ key: Value, _ graph: SubjectGraph
  ) async throws(PrivataError) -> AccessReport {
    let session = core.session
    guard let subject = try await session.subject(key, graph) else {
      try await checkIdentifiable(key)
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    let events = try await events(key)
    var sections = [
      try await section(graph.root, nil, .compare(model.key.name, .equal, subject.key))
    ]
    for edge in graph.edges {
      guard let value = subject.targets[edge.target], !value.isNull else { continue }
      let found = try await section(edge.separation, edge.field.name, edge.filter(value))
      guard !found.records.isEmpty else { continue }
      let records = found.records.map { about(value, $0, edge, graph) }
      sections.append(.init(model: found.model, through: found.through, records: records))
    }
    let models = Set(sections.map(\.model))
    let separations = [graph.root] + graph.edges.map(\.separation)
    var fields: [AccessReport.FieldUse] = []
    for name in models.sorted() {
      guard let separation = separations.first(where: { $0.model.name == name }) else { continue }
      fields += fieldUses(separation, events)
    }
    return AccessReport(
      model: model.name, key: subject.key, generatedAt: .now, records: sections, fields: fields,
      accesses: events.map(AccessReport.Access.init))
  }

  /// A record without what it says of others: another person's record is left with the reference,
  /// one that names several people with its key and this one of them.
  ///
  /// Source: GDPR Article 15(4).
  private func about(
    _ value: Value, _ record: Document, _ edge: SubjectGraph.Edge, _ graph: SubjectGraph
  ) -> Document {
    let isOther = edge.separation.model === graph.root.model
    guard isOther || edge.isArray else { return record }
    var left = Document()
    let key = edge.separation.model.key.name
    if !isOther { left[key] = record[key] }
    left[edge.field.name] = edge.isArray ? .array([value]) : value
    return left
  }

  private func section(
    _ separation: Separation, _ field: String?, _ filter: Filter
  ) async throws(PrivataError) -> AccessReport.Section {
    let query = Query(
      separation.model, where: filter, sort: [SortKey(separation.model.key.name)])
    let rows = try await core.session.rows(query, separation)
    return AccessReport.Section(
      model: separation.model.name, through: field, records: rows.documents)
  }

  private func events(_ key: Value) async throws(PrivataError) -> [AuditEvent] {
    var events: [AuditEvent] = []
    let selection = AuditSelection(model: model.name, record: key)
    for try await event in VaultAudit(core: core).events(matching: selection) {
      events.append(event)
    }
    return events
  }

  private func fieldUses(
    _ separation: Separation, _ events: [AuditEvent]
  ) -> [AccessReport.FieldUse] {
    separation.model.fields.map { field in
      let uses = events.filter {
        $0.model == separation.model.name && $0.fields.contains(field.name)
      }
      return AccessReport.FieldUse(
        model: separation.model.name, field: field.name, privacy: field.privacy,
        purposes: Set(uses.compactMap(\.purpose)).sorted(),
        recipients: Set(uses.compactMap(\.role)).sorted())
    }
  }
}

extension AccessReport.Access {
  fileprivate init(_ event: AuditEvent) {
    self.init(
      at: event.at, role: event.role, purpose: event.purpose, action: event.action.rawValue,
      fields: event.fields, outcome: event.outcome)
  }
}
