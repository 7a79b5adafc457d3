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
  /// A store that does not answer leaves a part out, which ``AccessReport/missing`` names; fields that
  /// tell of others are left out and their names masked, which ``AccessReport/withheld`` names.
  ///
  /// - Parameter reviewed: free texts that somebody has looked at and that tell of nobody else.
  /// - Throws: `notFound` for a person who is not there; `contextRequired` where the vault asks who
  ///   it is; what the identity store throws.
  /// - Privacy: reads all fields of the person and is audited as such.
  public func rightToAccess(
    _ id: some FieldValue, reviewed: [DataScope] = []
  ) async throws(PrivataError) -> AccessReport {
    if let there = try await elsewhere(id.value) {
      return try await there.rightToAccess(id, reviewed: reviewed)
    }
    try checkCaller(.access)
    try await checkIdentity(.access, id.value)
    let graph = try SubjectGraph(model, core.registry)
    let scope = AuditCoding.scope(
      .access, model: model.name, fields: graph.root.fieldNames, filterFields: [model.key.name])
    do {
      let report = try await report(id.value, graph, reviewed)
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
    _ key: Value, _ graph: SubjectGraph, _ reviewed: [DataScope]
  ) async throws(PrivataError) -> AccessReport {
    try await core.gate.pass(core)
    guard let subject = try await core.session.subject(key, graph) else {
      try await checkIdentifiable(key)
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
    var parts = AccessParts()
    try await sections(graph, subject, &parts)
    let names = Set(parts.sections.map(\.model))
    var report = try await frame(subject, graph, names, &parts, reviewed)
    report.withheld += parts.masked.sorted { ($0.model, $0.field) < ($1.model, $1.field) }
    return report
  }

  /// The report with the records that were collected: what is told of them, of whoever saw them, and
  /// what the law tells beside them.
  func frame(
    _ subject: Subject, _ graph: SubjectGraph, _ names: Set<String>, _ parts: inout AccessParts,
    _ reviewed: [DataScope] = []
  ) async throws(PrivataError) -> AccessReport {
    let log = try await parts.collect("audit log", nil) { () async throws(PrivataError) in
      try await events(subject.key)
    }
    let seen = log ?? []
    let separations = [graph.root] + graph.all.map(\.separation)
    let models = names.sorted().compactMap { name in
      separations.first { $0.model.name == name }
    }
    var report = AccessReport(
      model: model.name, key: subject.key, generatedAt: .now, records: parts.sections,
      fields: models.flatMap { fieldUses($0, seen) },
      accesses: seen.map(AccessReport.Access.init))
    let facts = AccessFacts(core: core, graph: graph, subject: subject)
    var metadata = try await facts.metadata(models.map(\.model), seen)
    let told = try await parts.collect("registers", nil) { () async throws(PrivataError) in
      var told = metadata
      try await facts.add(to: &told)
      return told
    }
    if let told { metadata = told }
    report.metadata = metadata
    report.statements =
      try await parts.collect("statements", nil) { () async throws(PrivataError) in
        try await statements(about: subject)
      } ?? []
    report.missing = parts.missing
    let withheld = models.flatMap {
      core.options.fieldFacts.withheld($0.model, isPortable: false, reviewed: reviewed)
    }
    return report.without(withheld)
  }

  /// The person's own record, and those of every model that refers to them or to a record of theirs.
  private func sections(
    _ graph: SubjectGraph, _ subject: Subject, _ parts: inout AccessParts
  ) async throws(PrivataError) {
    let own = Filter.compare(model.key.name, .equal, subject.key)
    let others = OthersMask(core: core, graph: graph, subject: subject)
    if let section = try await parts.collect(
      model.name, nil,
      { () async throws(PrivataError) in try await section(graph.root, nil, own) })
    {
      parts.sections.append(section)
    } else if graph.root.shape == .split {
      // Of a record whose clinical half cannot be had the other one is told.
      let names = graph.root.fields(in: .identity)
      let half = try await parts.collect(model.name, "identity") {
        () async throws(PrivataError) in try await section(graph.root, nil, own, names)
      }
      if let half { parts.sections.append(half) }
    }
    for edge in graph.edges {
      guard let value = subject.targets[edge.target], !value.isNull else { continue }
      let part = try await parts.collect(edge.separation.model.name, edge.field.name) {
        () async throws(PrivataError) in
        try await section(edge.separation, edge.field.name, edge.filter(value))
      }
      guard var found = part, !found.records.isEmpty else { continue }
      let keys = found.records.compactMap { $0[edge.separation.model.key.name] }
      found.records = found.records.map { about(value, $0, edge, graph) }
      try await parts.add(found, edge.separation, others)
      guard !edge.isArray, graph.fate(edge) == .delete else { continue }
      try await below(
        edge.separation, keys, graph, [edge.separation.model.name], others, &parts)
    }
  }

  /// Records that belong to records of the person.
  private func below(
    _ separation: Separation, _ keys: [Value], _ graph: SubjectGraph, _ path: [String],
    _ others: OthersMask, _ parts: inout AccessParts
  ) async throws(PrivataError) {
    for edge in graph.edges(to: separation)
    where !edge.isArray && graph.fate(edge) == .delete
      && edge.target == separation.model.key.name && !path.contains(edge.separation.model.name)
    {
      let part = try await parts.collect(edge.separation.model.name, edge.field.name) {
        () async throws(PrivataError) in
        try await section(edge.separation, edge.field.name, .isIn(edge.field.name, keys))
      }
      guard let found = part, !found.records.isEmpty else { continue }
      let next = found.records.compactMap { $0[edge.separation.model.key.name] }
      try await parts.add(found, edge.separation, others)
      try await below(
        edge.separation, next, graph, path + [edge.separation.model.name], others, &parts)
    }
  }

  /// A record without what it says of others: another person's record is left with the reference,
  /// one that names several people with its key and this one of them.
  ///
  /// Source: GDPR Article 15(4).
  func about(
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
    _ separation: Separation, _ field: String?, _ filter: Filter, _ names: [String]? = nil
  ) async throws(PrivataError) -> AccessReport.Section {
    let query = Query(
      separation.model, where: filter, projection: names.map { .fields($0) } ?? .all,
      sort: [SortKey(separation.model.key.name)])
    let rows = try await core.session.rows(query, separation)
    return AccessReport.Section(
      model: separation.model.name, through: field, records: rows.documents,
      key: separation.model.key.name)
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
      fields: event.fields, outcome: event.outcome, isEmergency: event.purpose == "emergency")
  }
}

/// What a report is made of, with what could not be had.
struct AccessParts {
  var sections: [AccessReport.Section] = []
  var missing: [AccessReport.MissingPart] = []
  /// Fields in which other persons were masked.
  var masked: Set<WithheldField> = []

  /// Adds records, without what names others in them.
  mutating func add(
    _ section: AccessReport.Section, _ separation: Separation, _ others: OthersMask
  ) async throws(PrivataError) {
    var section = section
    let result = try await others.masked(section.records, separation)
    section.records = result.records
    masked.formUnion(
      result.fields.map {
        WithheldField(model: section.model, field: $0, reason: .rightsOfOthers)
      })
    sections.append(section)
  }

  /// A part, or `nil` with a word about it where its store does not answer.
  mutating func collect<Part>(
    _ model: String, _ through: String?, _ body: () async throws(PrivataError) -> Part
  ) async throws(PrivataError) -> Part? {
    do {
      return try await body()
    } catch let error where Self.outages.contains(error.code) {
      missing.append(.init(model: model, through: through, code: error.code))
      return nil
    }
  }

  private static let outages: Set<PrivataError.Code> = [
    .connection, .timeout, .poolExhausted, .busy, .keyUnavailable, .closed, .authentication,
  ]
}
