internal import PrivataCore

/// One pass over everything whose period has ended.
struct RetentionSweep {
  let core: VaultCore
  let lease: Lease
  let batch: Int
  let now: DateTime
  let end: ContinuousClock.Instant
  private var isPartial = false

  init(
    core: VaultCore, lease: Lease, batch: Int, now: DateTime, end: ContinuousClock.Instant
  ) {
    self.core = core
    self.lease = lease
    self.batch = batch
    self.now = now
    self.end = end
  }

  private var rules: [(RetentionRule, ModelSchema)] {
    core.options.retention.rules.compactMap { rule in
      core.registry.model(rule.scope.model).map { (rule, $0) }
    }
  }

  /// Sweeps all rules, then what exceptions had kept.
  mutating func run() async throws(PrivataError) -> Retention.Report {
    var entries: [Retention.Entry] = []
    for (rule, model) in rules {
      try core.options.retention.check([model])
      var entry = Retention.Entry(rule: rule)
      if rule.action != .review { try await sweep(&entry, model) }
      entry.review = try await review(rule, model)
      entries.append(entry)
    }
    let archive = RetainedArchive(core: core)
    let ended = try await archive.rows(.compare("until", .lessOrEqual, .date(now)))
    try await archive.destroy(ended)
    if !ended.isEmpty { try record("retention.retained", "", ended.count) }
    let proofs = try await endProofs()
    if proofs > 0 { try record("retention.proofs", "", proofs) }
    return Retention.Report(
      isLeader: true, entries: entries, retainedErased: ended.count, isPartial: isPartial)
  }

  /// Ends the proof of consents and objections of persons whose erasure is long ago.
  private func endProofs() async throws(PrivataError) -> Int {
    guard let years = core.options.consentProofYears else { return 0 }
    try await core.prepareLedger()
    let marks = Set(try await core.rights.acts(.all).map(\.subject))
      .filter { Pseudonym($0) == nil }
    var ended: [String] = []
    for mark in marks.sorted() {
      guard let last = try await core.ledger.last(mark), last.state == .attested,
        RetentionRule.Period.years(years).after(last.openedAt) <= now
      else { continue }
      ended.append(mark)
    }
    return try await core.rights.remove(ended)
  }

  /// What a sweep at that moment would do.
  func preview() async throws(PrivataError) -> [Retention.Entry] {
    var entries: [Retention.Entry] = []
    for (rule, model) in rules {
      var entry = Retention.Entry(rule: rule)
      let separation = try core.registry.separation(of: model)
      try await pages(rule, separation) { records throws(PrivataError) in
        let (due, kept) = try await divided(records, rule, separation)
        entry.due += due.count
        entry.kept += kept
      }
      entry.review = try await review(rule, model)
      entries.append(entry)
    }
    return entries
  }

  // MARK: - A rule

  private mutating func sweep(
    _ entry: inout Retention.Entry, _ model: ModelSchema
  ) async throws(PrivataError) {
    let rule = entry.rule
    let separation = try core.registry.separation(of: model)
    var swept = entry
    var isOut = false
    let (lease, end) = (lease, end)
    try await pages(rule, separation) { records throws(PrivataError) in
      guard !isOut else { return }
      let (due, kept) = try await divided(records, rule, separation)
      swept.kept += kept
      try await act(due, rule, separation, &swept)
      let isLeader = try await lease.take()
      isOut = ContinuousClock.now >= end || !isLeader
    }
    entry = swept
    isPartial = isPartial || isOut
    if entry.due > 0 { try record("retention.\(rule.action.name)", model.name, entry.due) }
  }

  /// The records whose period has ended, and how many of them something keeps.
  private func divided(
    _ records: [Document], _ rule: RetentionRule, _ separation: Separation
  ) async throws(PrivataError) -> (due: [Document], kept: Int) {
    let key = separation.model.key.name
    let ended = records.filter { record in
      guard let end = rule.end(of: record, key: key), end <= now else { return false }
      return rule.scope.fields?.contains { record[$0].map { !$0.isNull } ?? false } ?? true
    }
    let guarded = RetentionGuard(core: core, separation: separation, now: now)
    let due = try await guarded.free(ended, rule)
    return (due, ended.count - due.count)
  }

  private func act(
    _ due: [Document], _ rule: RetentionRule, _ separation: Separation,
    _ entry: inout Retention.Entry
  ) async throws(PrivataError) {
    guard !due.isEmpty else { return }
    let key = separation.model.key.name
    let keys = due.compactMap { $0[key] }
    if let fields = rule.scope.fields {
      let nulls = Document(fields.map { .init(key: $0, value: .null) })
      let update = Update(
        separation.model, where: .oneOf(key, keys), .operators(["$set": .document(nulls)]),
        isMany: true)
      _ = try await write(.update(update), separation)
    } else if separation.link != nil {
      let gdpr = GDPR(core: core, context: .service, model: separation.model)
      for key in keys {
        var request = ErasureRequest(
          requestedBy: Value.string("retention"), reason: "the period of retention is over",
          legalBasis: .noLongerNecessary)
        request.asOf = now
        _ = try await gdpr.rightToErasure(key, request)
      }
    } else {
      _ = try await write(
        .delete(Delete(separation.model, where: .oneOf(key, keys))), separation)
    }
    entry.due += due.count
    if case .anonymise(let keep, let k) = rule.action {
      entry.anonymous += try await AnonymousRecords(core: core, separation: separation)
        .add(due, keep: keep, k: k)
    }
  }

  private func write(
    _ write: Write, _ separation: Separation
  ) async throws(PrivataError) -> WriteOutcome {
    let (ticket, fences) = core.fences.enter()
    defer { core.fences.leave(ticket) }
    if !fences.isEmpty { try await core.session.check(write, fences, separation) }
    defer { core.cache?.forget(RecordChange(write)) }
    return try await core.session.write(write, separation)
  }

  private func pages(
    _ rule: RetentionRule, _ separation: Separation,
    _ body: ([Document]) async throws(PrivataError) -> Void
  ) async throws(PrivataError) {
    let filter = rule.dueFilter(now, key: separation.model.key.name)
    try await core.session.pages(separation, filter, batch: batch, body)
  }

  /// How many records have no date from which their period would run.
  private func review(
    _ rule: RetentionRule, _ model: ModelSchema
  ) async throws(PrivataError) -> Int {
    guard let start = rule.start, !rule.isExpiry else { return 0 }
    let query = Query(model, where: .isNull(start), answer: .count)
    let rows = try await core.session.rows(query, core.registry.separation(of: model))
    return rows.value(row: 0, column: 0)?.asInt ?? 0
  }

  private func record(_ action: String, _ model: String, _ count: Int) throws(PrivataError) {
    let scope = AuditCoding.scope(
      .init(rawValue: action), model: model, fields: [], filterFields: [])
    try core.recorder.record(
      .service, scope: scope, result: AuditResult(count: count), isPersonal: true)
  }
}

extension RetentionRule.Action {
  fileprivate var name: String {
    switch self {
    case .erase: "erase"
    case .anonymise: "anonymise"
    case .review: "review"
    }
  }
}

/// Finds out which records may go: none that a hold, a restriction or an obligation keeps.
struct RetentionGuard {
  let core: VaultCore
  let separation: Separation
  let now: DateTime

  func free(
    _ records: [Document], _ rule: RetentionRule
  ) async throws(PrivataError) -> [Document] {
    guard !records.isEmpty else { return [] }
    var left = records
    if rule.ground == nil, rule.scope.fields == nil {
      left = left.filter { record in
        core.options.retention.obligationEnd(of: record, separation.model).map { $0 <= now } ?? true
      }
    }
    try await core.rights.reload()
    let state = core.rights.current
    if separation.link != nil {
      let blocked = blocked(state, separation.model.name, rule.scope)
      let links = try await links(left, blocked)
      return left.filter { !links.contains($0[separation.model.key.name]?.lookupKey ?? .null) }
    }
    for field in separation.model.fields {
      guard let reference = field.reference, let target = core.registry.model(reference.model)
      else { continue }
      let blocked = blocked(state, target.name, rule.scope)
      guard !blocked.isEmpty else { continue }
      let persons = try await keys(of: blocked, target, reference.field ?? target.key.name)
      left = left.filter { record in
        let values = record[field.name]?.asArray ?? [record[field.name] ?? .null]
        return !values.contains { persons.contains($0.lookupKey) }
      }
    }
    return left
  }

  /// The persons whose data of a scope has to stay.
  private func blocked(
    _ state: RightsState, _ model: String, _ scope: DataScope
  ) -> Set<String> {
    var blocked = state.subjects(.restriction, of: model)
    for subject in state.subjects(.hold, of: model) {
      let holds = state.acts(about: subject, .hold).filter { $0.isLive(now) }
      let isHeld = holds.contains { hold in
        guard let parts = DataScope.list(hold.evidence["scope"]) else { return true }
        return parts.contains { $0.model == scope.model }
      }
      if isHeld { blocked.insert(subject) }
    }
    return blocked
  }

  private func links(
    _ records: [Document], _ blocked: Set<String>
  ) async throws(PrivataError) -> Set<Value> {
    blocked.isEmpty
      ? [] : try await keys(of: blocked, separation.model, separation.model.key.name)
  }

  /// The values of a field of the persons behind pseudonyms.
  private func keys(
    of links: Set<String>, _ model: ModelSchema, _ field: String
  ) async throws(PrivataError) -> Set<Value> {
    let target = try core.registry.separation(of: model)
    guard let physical = target.identity, let link = target.link else { return [] }
    let query = Query(
      physical, where: .oneOf(link, links.sorted().map { .string($0) }),
      projection: .fields([field]), layout: .cells)
    let rows = try await core.identityStore.rows(for: query)
    return Set((0..<rows.count).compactMap { rows.value(row: $0, column: 0)?.lookupKey })
  }
}
