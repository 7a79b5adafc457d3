internal import Crypto
public import PrivataCore

extension HIPAA {
  /// De-identifies records of the model.
  ///
  /// ```swift
  /// let set = try await User.hipaa.deidentify(.safeHarbor(method), where: .document(["ward": "north"]), codes: true)
  /// set.records; set.removed
  /// ```
  ///
  /// - Parameter codes: true gives each record a random code, by which only ``reidentify(_:in:)``
  ///   finds the person.
  /// - Throws: `badArgument` for a field without a kind, and for an expert's determination that is
  ///   over or protects nobody; `approvalRequired` for many records where
  ///   ``HIPAAOptions/twoPersonActions`` asks for a second person; what the read throws.
  /// - Privacy: reads whole records under the caller's context. The codes are random, for this set
  ///   alone; who is behind them is sealed, in the identity store.
  ///
  /// Source: 45 CFR 164.514(a) to (c).
  public func deidentify(
    _ method: DeidentificationMethod, where filter: Filter = .all, codes: Bool = false
  ) async throws(PrivataError) -> DeidentifiedSet {
    try await audited("hipaa.deidentify", nil, fields: model.fieldNames) {
      () async throws(PrivataError) in
      if case .expert(let expert, _) = method { try expert.check(at: now) }
      let records = coded(try await whole(filter), codes)
      try await checkBulk(records.count)
      let result: (set: SafeHarbor.Result, figures: AnonymityFigures?, suppressed: Int)
      switch method {
      case .safeHarbor(let harbor):
        let kinds = harbor.adding(codes)
        result = (try kinds.deidentified(records, now: now), nil, 0)
      case .expert(let expert, let harbor):
        result = try determined(expert, harbor.adding(codes), records)
      }
      let entry = DocumentationEntry(
        .dataSet, model: model.name, state: "made", at: now, effectiveUntil: now,
        body: report(method, result.set, result.figures), actor: actor.actor.id)
      try await documentation.add(entry)
      try await keep(entry.id, records, result.set.records)
      let set = DeidentifiedSet(
        id: entry.id, records: result.set.records, removed: result.set.removed,
        suppressed: result.suppressed,
        figures: result.figures, needsReview: result.set.needsReview)
      return (set, entry)
    }
  }

  /// Finds the person behind a code.
  ///
  /// - Throws: `accessDenied` under another purpose than `reidentification`; `notFound`.
  /// - Privacy: recorded on the disk before it answers.
  ///
  /// Source: 45 CFR 164.514(c).
  public func reidentify(
    _ code: String, in set: String
  ) async throws(PrivataError) -> Value {
    let key: Value = try await audited("hipaa.reidentify", nil) { () async throws(PrivataError) in
      guard actor.purpose == "reidentification" else {
        throw denied("codes are resolved under the purpose reidentification only", ["purpose"])
      }
      let entries = try await core.codes.entries(
        .reidentification, model: model.name, state: set)
      guard let entry = entries.first(where: { $0.body["code"]?.asString == code }),
        let key = entry.body["key"]
      else { throw PrivataError(.notFound, "the set has no record of this code") }
      return (key, entry)
    }
    try core.recorder.journal.sync()
    return key
  }

  // MARK: - Limited data sets

  /// Files a data use agreement and answers its number.
  ///
  /// - Throws: `badArgument` without recipient or purposes.
  public func fileAgreement(
    _ agreement: DataUseAgreement
  ) async throws(PrivataError) -> String {
    guard !agreement.recipient.isEmpty, !agreement.purposes.isEmpty else {
      throw PrivataError(.badArgument, "a data use agreement has a recipient and purposes")
    }
    let entry = DocumentationEntry(
      .agreement, model: model.name, at: now, effectiveUntil: agreement.until,
      body: [
        "recipient": .string(agreement.recipient),
        "purposes": .texts(agreement.purposes.map(\.rawValue)),
      ], actor: actor.actor.id)
    try await documentation.add(entry)
    try core.record("agreement.file", by: actor, about: entry)
    return entry.id
  }

  /// A limited data set: without direct identifiers, with dates, towns and postal codes.
  ///
  /// - Throws: `accessDenied` without an agreement that holds and has the purpose; `badArgument` for
  ///   a field without a kind.
  /// - Privacy: stays protected health information; what went out is written down.
  ///
  /// Source: 45 CFR 164.514(e).
  public func limitedDataSet(
    _ kinds: [String: IdentifierKind], where filter: Filter = .all, agreement number: String,
    purpose: DataUseAgreement.Purpose
  ) async throws(PrivataError) -> DeidentifiedSet {
    try await audited("hipaa.limitedDataSet", nil, fields: model.fieldNames) {
      () async throws(PrivataError) in
      let agreement = try await documentation.entry(number, .agreement)
      let isLive = agreement.effectiveUntil.map { now < $0 } ?? true
      guard isLive, agreement.body.texts("purposes").contains(purpose.rawValue) else {
        throw denied(
          "the data use agreement is over, or has another purpose", ["agreement", "purpose"])
      }
      let records = try await whole(filter)
      try await checkBulk(records.count)
      let result = try SafeHarbor(kinds).run(records, now) {
        !$0.isDirect && $0 != .freeText
          && $0 != .otherUnique
      }
      let entry = DocumentationEntry(
        .disclosure, model: model.name, state: "closed", at: now, effectiveUntil: now,
        body: [
          "recipient": agreement.body["recipient"] ?? .null, "kind": "other",
          "purpose": .string(DisclosurePurpose.limitedDataSet.rawValue),
          "fields": .texts(model.fieldNames), "count": .int(result.records.count),
          "agreement": .string(number),
        ], actor: actor.actor.id)
      try await documentation.add(entry)
      let set = DeidentifiedSet(
        id: entry.id, records: result.records, removed: result.removed, suppressed: 0,
        figures: nil, needsReview: result.needsReview)
      return (set, entry)
    }
  }

  // MARK: - Steps

  /// - Throws: `approvalRequired` for a set of many records that nobody else agreed to.
  private func checkBulk(_ count: Int) async throws(PrivataError) {
    guard let options = core.access?.options, count >= options.bulkExport else { return }
    try await core.checkSecondPerson(.bulkExport, by: actor)
  }

  private func whole(_ filter: Filter) async throws(PrivataError) -> [Document] {
    let session = AuditedSession(session: core.session, context: context)
    let query = Query(model, where: filter, sort: [SortKey(model.key.name)])
    return try await session.rows(for: query).documents
  }

  /// The records, each with a new code where codes are asked for.
  private func coded(_ records: [Document], _ codes: Bool) -> [Document] {
    guard codes else { return records }
    return records.map { record in
      var record = record
      record[DeidentifiedSet.code] = .string(Hexadecimal.text(SecureBytes.random(16)))
      return record
    }
  }

  /// Keeps who is behind the codes of the records that went out.
  private func keep(
    _ set: String, _ coded: [Document], _ clean: [Document]
  ) async throws(PrivataError) {
    let out = Set(clean.compactMap { $0[DeidentifiedSet.code]?.asString })
    var entries: [DocumentationEntry] = []
    for record in coded {
      guard let code = record[DeidentifiedSet.code]?.asString, out.contains(code),
        let key = record[model.key.name]
      else { continue }
      entries.append(
        entry(
          .reidentification, about: key, state: set, effectiveUntil: now,
          ["code": .string(code), "key": key]))
    }
    if !entries.isEmpty { try await core.codes.add(contentsOf: entries) }
  }

  private func determined(
    _ expert: ExpertDetermination, _ harbor: SafeHarbor, _ records: [Document]
  ) throws(PrivataError) -> (SafeHarbor.Result, AnonymityFigures?, Int) {
    var moved = records
    if case .shift(let days) = expert.dates {
      moved = records.map { DateShift(days: days).shifted($0, harbor) }
    }
    let clean = try harbor.run(moved, now) { kind in
      if case .shift = expert.dates, [.date, .birthDate, .deathDate].contains(kind) { return true }
      return kind == .safe
    }
    let kept = expert.suppressed(clean.records)
    let figures = AnonymityFigures(kept, quasi: expert.quasi, sensitive: expert.sensitive)
    let result = SafeHarbor.Result(
      records: kept, removed: clean.removed, needsReview: clean.needsReview)
    return (result, figures, clean.records.count - kept.count)
  }

  private func report(
    _ method: DeidentificationMethod, _ set: SafeHarbor.Result, _ figures: AnonymityFigures?
  ) -> Document {
    var hash = SHA256()
    for record in set.records { hash.update(data: record.bson) }
    var body: Document = [
      "count": .int(set.records.count), "hash": .binary(Binary(Array(hash.finalize()))),
    ]
    for (kind, count) in set.removed.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      body["removed.\(kind.rawValue)"] = .int(count)
    }
    if case .expert(let expert, _) = method {
      body["determination"] = .string(expert.reference)
      body["expires"] = .date(expert.expires)
      body["isSafeHarbor"] = .bool(false)
    } else {
      body["isSafeHarbor"] = .bool(true)
    }
    if let figures {
      body["k"] = .int(figures.k)
      body["l"] = .int(figures.l)
      body["t"] = .double(figures.t)
    }
    return body
  }
}

extension SafeHarbor {
  /// The method that lets codes through.
  fileprivate func adding(_ codes: Bool) -> SafeHarbor {
    guard codes else { return self }
    var kinds = kinds
    kinds[DeidentifiedSet.code] = .safe
    var method = SafeHarbor(kinds, codes: self.codes)
    method.scrubber = scrubber
    return method
  }
}

/// Moves all dates of a person by one random number of days, so that what lies between them stays.
struct DateShift {
  private let milliseconds: Int64

  init(days: Int) {
    let bound = max(days, 1)
    var number = Int.random(in: -bound...bound)
    if number == 0 { number = bound }
    milliseconds = Int64(number) * 86_400_000
  }

  func shifted(_ record: Document, _ method: SafeHarbor) -> Document { shifted(record, "", method) }

  private func shifted(_ record: Document, _ path: String, _ method: SafeHarbor) -> Document {
    Document(
      record.elements.map { element in
        let path = path.isEmpty ? element.key : path + "." + element.key
        return .init(key: element.key, value: shifted(element.value, path, method))
      })
  }

  private func shifted(_ value: Value, _ path: String, _ method: SafeHarbor) -> Value {
    switch value {
    case .document(let document): return .document(shifted(document, path, method))
    case .array(let parts): return .array(parts.map { shifted($0, path, method) })
    case .date(let date): return .date(moved(date))
    case .string(let text):
      guard [.date, .birthDate, .deathDate].contains(method.kind(path)),
        let date = CalendarText.moment(text)
      else { return value }
      return .string(String(moved(date).iso8601.prefix(10)))
    default: return value
    }
  }

  private func moved(_ date: DateTime) -> DateTime {
    DateTime(milliseconds: date.milliseconds + milliseconds)
  }
}
