public import PrivataCore

/// A piece of an export.
public struct ExportChunk: Sendable {
  /// The text, to be written after the one before.
  public let text: String
  /// How many records it holds, and how many there were with those before.
  public let records: Int
  public let total: Int
  /// Goes on behind this piece, with the same bytes, in another process too.
  public let token: String
}

/// The data of a person, a bounded number of records at a time.
public struct ExportStream: AsyncSequence, Sendable {
  var gdpr: GDPR
  let key: Value
  let format: PortableFormat
  let token: String?
  let batch: Int
  /// False for a report of access, which has everything and what the law tells beside it.
  var isPortable = true

  /// An iterator over the pieces.
  public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

  /// Reads one page per piece.
  public struct Iterator: AsyncIteratorProtocol {
    private var stream: ExportStream
    private var place: ExportPlace?
    private var sections: [ExportSection] = []
    private var subject: Subject?
    private var isAtEnd = false

    init(stream: ExportStream) { self.stream = stream }

    /// - Throws: `subjectFrozen` where the person is being erased or is gone; `malformed` for a token
    ///   that is none; what the stores throw.
    public mutating func next() async throws(PrivataError) -> ExportChunk? {
      guard !isAtEnd else { return nil }
      var place = try await begun()
      let core = stream.gdpr.core
      let graph = try SubjectGraph(stream.gdpr.model, core.registry)
      guard try await core.session.subject(stream.key, graph) != nil,
        !core.fences.holds(stream.key, of: stream.gdpr.model.name)
      else {
        throw PrivataError(
          .subjectFrozen, "the person is being erased: nothing more is handed out",
          model: stream.gdpr.model.name)
      }
      let writer = ExportWriter(stream: stream)
      var text = place.isBegun ? "" : writer.head
      var count = 0
      place.isBegun = true
      if place.section < sections.count {
        let section = sections[place.section]
        let rows = try await page(section, place.last)
        text += writer.page(try await shown(rows, section, graph), section.separation, &place)
        count = rows.count
        place.total += count
        place.last = rows.last?[section.separation.model.key.name]
        if rows.count < stream.batch { place.nextSection() }
      } else {
        text += try await tail(writer, graph)
        isAtEnd = true
        try stream.gdpr.recordExport(stream.key, place.total, isPortable: stream.isPortable)
      }
      self.place = place
      return ExportChunk(text: text, records: count, total: place.total, token: place.token)
    }

    private mutating func begun() async throws(PrivataError) -> ExportPlace {
      if let place { return place }
      if let there = try await stream.gdpr.elsewhere(stream.key) { stream.gdpr = there }
      let core = stream.gdpr.core
      let graph = try SubjectGraph(stream.gdpr.model, core.registry)
      guard let subject = try await core.session.subject(stream.key, graph) else {
        throw PrivataError(
          stream.token == nil ? .notFound : .subjectFrozen,
          "there is no \(stream.gdpr.model.name) with this \(stream.gdpr.model.key.name)",
          model: stream.gdpr.model.name)
      }
      try await stream.gdpr.checkIdentity(
        stream.isPortable ? .portability : .access, stream.key)
      self.subject = subject
      sections = try await ExportSections(
        core: core, graph: graph, subject: subject, namesSeveral: !stream.isPortable
      ).all()
      return try stream.token.map { text throws(PrivataError) in try ExportPlace(token: text) }
        ?? ExportPlace()
    }

    private func page(
      _ section: ExportSection, _ last: Value?
    ) async throws(PrivataError) -> [Document] {
      let key = section.separation.model.key.name
      let after = last.map { Filter.compare(key, .greater, $0) } ?? .all
      let query = Query(
        section.separation.model, where: section.filter.and(after), sort: [SortKey(key)],
        limit: stream.batch)
      return try await stream.gdpr.core.session.rows(query, section.separation).documents
    }

    /// The records without what they say of others.
    private func shown(
      _ rows: [Document], _ section: ExportSection, _ graph: SubjectGraph
    ) async throws(PrivataError) -> [Document] {
      guard let subject else { return rows }
      var rows = rows
      if let (edge, value) = section.edge {
        rows = rows.map { stream.gdpr.about(value, $0, edge, graph) }
      }
      let others = OthersMask(core: stream.gdpr.core, graph: graph, subject: subject)
      return try await others.masked(rows, section.separation).records
    }

    private func tail(
      _ writer: ExportWriter, _ graph: SubjectGraph
    ) async throws(PrivataError) -> String {
      guard !stream.isPortable, let subject else { return writer.tail }
      var parts = AccessParts()
      let names = Set(sections.map(\.separation.model.name))
      let report = try await stream.gdpr.frame(subject, graph, names, &parts)
      var document = report.document
      document.remove("records")
      return "],\"report\":" + document.extendedJSON(.relaxed) + "}\n"
    }
  }
}

/// Records that an export holds: of a model, which a filter means.
struct ExportSection: Sendable {
  let separation: Separation
  let filter: Filter
  /// How they refer to the person; `nil` for the person's own, and for what belongs to others here.
  var edge: (SubjectGraph.Edge, Value)?
}

/// Finds the records of an export: those that refer to the person, and what belongs to them.
struct ExportSections {
  let core: VaultCore
  let graph: SubjectGraph
  let subject: Subject
  /// True with records that name several people, of which this person's part is told.
  let namesSeveral: Bool

  func all() async throws(PrivataError) -> [ExportSection] {
    let key = graph.root.model.key.name
    var sections = [
      ExportSection(separation: graph.root, filter: .compare(key, .equal, subject.key))
    ]
    for edge in graph.edges {
      let isPlain = edge.separation.model !== graph.root.model && !edge.isArray
      guard isPlain || namesSeveral, let value = subject.targets[edge.target], !value.isNull else {
        continue
      }
      let filter = edge.filter(value)
      sections.append(
        ExportSection(separation: edge.separation, filter: filter, edge: (edge, value)))
      guard !edge.isArray, graph.fate(edge) == .delete else { continue }
      try await add(below: edge.separation, filter, [edge.separation.model.name], &sections)
    }
    return sections
  }

  private func add(
    below separation: Separation, _ filter: Filter, _ path: [String],
    _ sections: inout [ExportSection]
  ) async throws(PrivataError) {
    let edges = graph.edges(to: separation).filter { edge in
      !edge.isArray && graph.fate(edge) == .delete
        && edge.target == separation.model.key.name && !path.contains(edge.separation.model.name)
    }
    guard !edges.isEmpty else { return }
    let keys = try await keys(separation, filter)
    for edge in edges {
      for start in stride(from: 0, to: keys.count, by: core.options.joinBatch) {
        let end = min(start + core.options.joinBatch, keys.count)
        let part = Filter.isIn(edge.field.name, Array(keys[start..<end]))
        sections.append(ExportSection(separation: edge.separation, filter: part))
        try await add(
          below: edge.separation, part, path + [edge.separation.model.name], &sections)
      }
    }
  }

  private func keys(
    _ separation: Separation, _ filter: Filter
  ) async throws(PrivataError) -> [Value] {
    let key = separation.model.key.name
    let query = Query(
      separation.model, where: filter, projection: .fields([key]), sort: [SortKey(key)],
      layout: .cells)
    let rows = try await core.session.rows(query, separation)
    return (0..<rows.count).compactMap { rows.value(row: $0, column: 0) }
  }
}

/// How far an export is.
struct ExportPlace: Sendable {
  var isBegun = false
  var section = 0
  var last: Value?
  var total = 0
  /// The model whose heading was written last, and whether a record was.
  var heading: String?
  var hasRecords = false

  init() {}

  mutating func nextSection() {
    section += 1
    last = nil
  }

  var token: String {
    var document: Document = [
      "begun": .bool(isBegun), "section": .int(section), "total": .int(total),
      "records": .bool(hasRecords),
    ]
    document["last"] = last
    document["heading"] = heading.map { .string($0) }
    return Base64.encode(document.bson)
  }

  init(token: String) throws(PrivataError) {
    guard let bytes = Base64.decode(token), let document = try? Document(bson: bytes),
      let section = document["section"]?.asInt, section >= 0,
      let total = document["total"]?.asInt, let isBegun = document["begun"]?.asBool
    else { throw PrivataError(.malformed, "the text is no token of an export") }
    self.isBegun = isBegun
    self.section = section
    self.total = total
    last = document["last"]
    heading = document["heading"]?.asString
    hasRecords = document["records"]?.asBool ?? false
  }
}

/// Writes the pieces of an export.
struct ExportWriter {
  let stream: ExportStream

  private var core: VaultCore { stream.gdpr.core }

  var head: String {
    switch stream.format {
    case .json:
      "{\"format\":\"privata-\(stream.isPortable ? "portable" : "access")\",\"version\":1,"
        + "\"records\":["
    case .csv: ""
    case .xml: XMLText.head + "<portable version=\"1\">\n"
    case .fhirR4: "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
    }
  }

  var tail: String {
    switch stream.format {
    case .json, .fhirR4: "]}\n"
    case .csv: ""
    case .xml: "</portable>\n"
    }
  }

  /// The records of a page.
  func page(
    _ rows: [Document], _ separation: Separation, _ place: inout ExportPlace
  ) -> String {
    let model = separation.model
    let withheld = Set(
      core.options.fieldFacts.withheld(model, isPortable: stream.isPortable).map(\.field))
    var text = ""
    for row in rows {
      let record = Document(row.elements.filter { !withheld.contains($0.key) })
      switch stream.format {
      case .json:
        let line: Document = ["model": .string(model.name), "record": .document(record)]
        text += (place.hasRecords ? ",\n" : "\n") + line.extendedJSON(.relaxed)
      case .csv:
        let names = model.fieldNames.filter { !withheld.contains($0) }
        if place.heading != model.name {
          text += "# \(model.name)\r\n" + CSVText.line(names.map(CSVText.quoted))
          place.heading = model.name
        }
        text += CSVText.line(record, names)
      case .xml: text += XMLText.record(record, model: model.name)
      case .fhirR4:
        guard let mapping = core.options.fhir.first(where: { $0.model == model.name }) else {
          continue
        }
        let entry = mapping.entry(record, key: model.key.name, patient: patient)
        text += (place.hasRecords ? ",\n" : "\n") + entry.extendedJSON(.relaxed)
      }
      place.hasRecords = true
    }
    return text
  }

  private var patient: String {
    let mapping = core.options.fhir.first { $0.model == stream.gdpr.model.name }
    return mapping.map { FHIRMapping.url($0.resource, FHIRMapping.id(stream.key)) } ?? ""
  }
}

extension GDPR {
  /// A person's data as a stream: a bounded number of records in memory, resumable by the token of
  /// each piece with the same bytes, ended by an erasure of the person.
  ///
  /// ```swift
  /// for try await chunk in User.gdpr.exportStream(id, .json) { file.write(chunk.text) }
  /// ```
  ///
  /// - Parameters:
  ///   - token: goes on behind a piece.
  ///   - batch: how many records are read at a time.
  /// - Privacy: the fields of ``rightToPortability(_:)``; records that name several people are left
  ///   out; audited when it has come to its end.
  ///
  /// Source: GDPR Article 20.
  public func exportStream(
    _ id: some FieldValue, _ format: PortableFormat, after token: String? = nil,
    batch: Int = 1_000
  ) throws(PrivataError) -> ExportStream {
    try checkCaller(.init(rawValue: "gdpr.portability"))
    return ExportStream(
      gdpr: self, key: id.value, format: format, token: token, batch: max(batch, 1))
  }

  /// The report of ``rightToAccess(_:reviewed:)`` for a person of whom much is kept, as a stream of
  /// JSON: the records a bounded number at a time, then what the law tells beside them. Resumable by
  /// the token of each piece, ended by an erasure of the person.
  ///
  /// ```swift
  /// for try await chunk in try User.gdpr.accessStream(id) { file.write(chunk.text) }
  /// ```
  ///
  /// - Privacy: all fields of the person; audited when it has come to its end.
  ///
  /// Source: GDPR Article 15.
  public func accessStream(
    _ id: some FieldValue, after token: String? = nil, batch: Int = 1_000
  ) throws(PrivataError) -> ExportStream {
    try checkCaller(.access)
    return ExportStream(
      gdpr: self, key: id.value, format: .json, token: token, batch: max(batch, 1),
      isPortable: false)
  }

  func recordExport(_ key: Value, _ count: Int, isPortable: Bool) throws(PrivataError) {
    let scope = AuditCoding.scope(
      isPortable ? .init(rawValue: "gdpr.portability") : .access, model: model.name,
      fields: model.fieldNames, filterFields: [model.key.name])
    let result = AuditResult(
      count: count, records: [core.references.reference(to: key, of: model.name)])
    try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
  }
}
