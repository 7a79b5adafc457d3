public import PrivataCore

/// One row per person who is told of a breach, so that a crash loses nobody and tells nobody twice.
enum SubjectNoticeTable {
  enum State: String { case waiting, delivered, undeliverable, erased }

  static let model = ModelSchema(
    name: "BreachNotice", collection: "privata_breach_notices",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("breach", .string, isOptional: false, isIndexed: true),
      FieldSchema("person", .binary, isOptional: false),
      FieldSchema("state", .string, isOptional: false, isIndexed: true),
      FieldSchema("attempts", .int64, isOptional: false),
    ])
}

extension BreachRegister {
  /// Notes that persons are to be told; who is on the list already is not added again.
  ///
  /// ```swift
  /// try await vault.breaches.notifySubjects(breach.id, scope.persons, notice)
  /// try await vault.breaches.deliverNotices(breach.id, through: mail)
  /// ```
  ///
  /// - Throws: `badArgument` where a part of the notice is missing, and where an exception was
  ///   written down; `notFound`.
  /// - Privacy: the persons are kept sealed.
  ///
  /// Source: GDPR Article 34(1).
  public func notifySubjects(
    _ id: String, _ persons: [BreachScope.Person], _ notice: SubjectNotice
  ) async throws(PrivataError) {
    try notice.check()
    let breach = try await breach(id)
    guard breach.subjectException == nil else {
      throw PrivataError(.badArgument, "an exception was written down: nobody is to be told")
    }
    try await core.identityStore.prepare([SubjectNoticeTable.model])
    try await core.registers.append(
      .breachNotice, id,
      [
        "nature": .string(notice.nature), "contact": .string(notice.contact),
        "consequences": .string(notice.consequences), "measures": .string(notice.measures),
      ], actor: actor.actor.id)
    for start in stride(from: 0, to: persons.count, by: 1_000) {
      try await add(id, persons[start..<min(start + 1_000, persons.count)])
    }
    try core.record("breach.subjects", actor, result: AuditResult(count: persons.count))
  }

  private func add(
    _ id: String, _ persons: ArraySlice<BreachScope.Person>
  ) async throws(PrivataError) {
    let model = SubjectNoticeTable.model
    var rows = RowBatch(width: model.fields.count)
    for person in persons {
      let key = "\(id)/\(core.ledger.mark(person.model, person.key))"
      rows.append(text: key)
      rows.append(text: id)
      let sealed = try core.registers.seal.seal(
        ["model": .string(person.model), "key": person.key], authenticating: Array(key.utf8))
      rows.append(.bytes, bytes: sealed)
      rows.append(text: SubjectNoticeTable.State.waiting.rawValue)
      rows.append(int64: 0)
    }
    let insert = Insert(
      model, .cells(fields: model.fieldNames, rows), onConflict: .ignore(["_id"]))
    _ = try await core.identityStore.write(.insert(insert))
  }

  /// Tells persons who wait, as many as there are, and answers how far it is. Who is not reached is
  /// tried again at the next call, at most `attempts` times; who was erased is left alone.
  ///
  /// - Throws: `notFound` where nobody is to be told; what the stores throw.
  @discardableResult
  public func deliverNotices(
    _ id: String, through delivery: any SubjectNoticeDelivery, attempts: Int = 3
  ) async throws(PrivataError) -> SubjectNoticeProgress {
    guard let facts = try await core.registers.last(.breachNotice, name: id).first?.facts else {
      throw PrivataError(.notFound, "nobody is to be told of the breach \(id)")
    }
    let text = { (key: String) in facts[key]?.asString ?? "" }
    let notice = SubjectNotice(
      nature: text("nature"), contact: text("contact"), consequences: text("consequences"),
      measures: text("measures"))
    var last = ""
    while true {
      let rows = try await core.identityStore.rows(for: waiting(id, after: last))
      let contacts = try await contacts(rows)
      for row in 0..<rows.count {
        let person = try person(rows, row, contacts)
        last = person.key
        try await tell(person, notice, delivery, attempts)
      }
      if rows.count < 256 { break }
    }
    return try await progress(id)
  }

  private func waiting(_ id: String, after last: String) -> Query {
    Query(
      SubjectNoticeTable.model,
      where: .and([
        .compare("breach", .equal, .string(id)),
        .compare("state", .equal, .string(SubjectNoticeTable.State.waiting.rawValue)),
        .compare("_id", .greater, .string(last)),
      ]), sort: [SortKey("_id")], limit: 256, layout: .cells)
  }

  /// Where persons want to be reached, by their marks.
  private func contacts(
    _ rows: RowBatch
  ) async throws(PrivataError) -> [String: ConfidentialCommunication] {
    let marks = (0..<rows.count).compactMap { Self.mark(rows.value(row: $0, column: 0)?.asString) }
    let entries = try await core.documentation.entries(
      .communication, subjects: marks, state: "open")
    return entries.reduce(into: [:]) { $0[$1.subject] = ConfidentialCommunication($1) }
  }

  /// The mark of a person in the key of a row.
  private static func mark(_ key: String?) -> String? {
    key?.split(separator: "/", maxSplits: 1).last.map(String.init)
  }

  private func person(
    _ rows: RowBatch, _ row: Int, _ contacts: [String: ConfidentialCommunication]
  ) throws(PrivataError) -> SubjectDelivery {
    guard let key = rows.value(row: row, column: 0)?.asString,
      case .binary(let sealed)? = rows.value(row: row, column: 2),
      let attempts = rows.value(row: row, column: 4)?.asInt
    else { throw PrivataError(.corrupt, "a person on the list of a breach cannot be read") }
    let facts = try core.registers.seal.open(
      sealed.bytes, authenticating: Array(key.utf8), of: key)
    return SubjectDelivery(
      key: key, model: facts["model"]?.asString ?? "", id: Protected(facts["key"] ?? .null),
      attempt: attempts + 1,
      contact: Self.mark(key).flatMap { contacts[$0] }.map { Protected($0) })
  }

  private func tell(
    _ person: SubjectDelivery, _ notice: SubjectNotice, _ delivery: any SubjectNoticeDelivery,
    _ attempts: Int
  ) async throws(PrivataError) {
    guard try await exists(person) else { return try await settle(person, .erased) }
    do {
      try await delivery.deliver(notice, to: person)
      try await settle(person, .delivered)
    } catch {
      try await settle(person, person.attempt >= attempts ? .undeliverable : .waiting)
    }
  }

  private func exists(_ person: SubjectDelivery) async throws(PrivataError) -> Bool {
    guard let model = core.registry.model(person.model) else { return false }
    let graph = try SubjectGraph(model, core.registry)
    return try await core.session.subject(person.id.revealed, graph) != nil
  }

  private func settle(
    _ person: SubjectDelivery, _ state: SubjectNoticeTable.State
  ) async throws(PrivataError) {
    let update = Update(
      SubjectNoticeTable.model, where: .compare("_id", .equal, .string(person.key)),
      .assign([
        Assignment("state", .string(state.rawValue)),
        Assignment("attempts", .int64(Int64(person.attempt))),
      ]), layout: .cells)
    _ = try await core.identityStore.write(.update(update))
    try core.record("breach.told.\(state.rawValue)", .service, subjectOf: person.key)
  }

  /// How far the persons of a breach were told.
  public func progress(_ id: String) async throws(PrivataError) -> SubjectNoticeProgress {
    try await core.identityStore.prepare([SubjectNoticeTable.model])
    var progress = SubjectNoticeProgress()
    progress.waiting = try await count(id, .waiting)
    progress.delivered = try await count(id, .delivered)
    progress.undeliverable = try await count(id, .undeliverable)
    progress.erased = try await count(id, .erased)
    return progress
  }

  private func count(
    _ id: String, _ state: SubjectNoticeTable.State
  ) async throws(PrivataError) -> Int {
    let filter = Filter.and([
      .compare("breach", .equal, .string(id)), .compare("state", .equal, .string(state.rawValue)),
    ])
    let query = Query(SubjectNoticeTable.model, where: filter, answer: .count, layout: .cells)
    return try await core.identityStore.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
  }
}
