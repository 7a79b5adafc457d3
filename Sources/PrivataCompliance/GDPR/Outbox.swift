internal import PrivataCore

/// What recipients are still to be told, kept beside the identity rows until they acknowledged it.
struct Outbox: Sendable {
  let core: VaultCore

  private var store: any Store { core.identityStore }
  private var model: ModelSchema { RecipientNotice.model }

  /// How long a recipient is tried.
  private static let patience: Int64 = 30 * 86_400_000
  /// How long one delivery may take before another process tries.
  private static let lease: Int64 = 60_000

  // MARK: - In

  /// Tells every recipient of a person's data what happened; who was told of the same cause before is
  /// not told again.
  ///
  /// - Parameter cause: what makes the notice one: the id of a saga, of an act.
  /// - Returns: the recipients.
  @discardableResult
  func tell(
    _ kind: RecipientNotice.Kind, mark: String, cause: String, purpose: String? = nil
  ) async throws(PrivataError) -> [String] {
    guard !core.registers.known.recipients.isEmpty else { return [] }
    let disclosures = try await core.registers.entries(.disclosure, subject: mark)
      .filter { purpose == nil || $0.facts["purpose"]?.asString == purpose }
    var references: [String: String] = [:]
    for entry in disclosures {
      guard let recipient = entry.facts["recipient"]?.asString else { continue }
      references[recipient] = entry.facts["reference"]?.asString ?? mark
    }
    for (recipient, reference) in references.sorted(by: { $0.key < $1.key }) {
      let isPublic = core.registers.known.recipients[recipient]?.isPublic == true
      try await add(
        kind == .erasure && isPublic ? .removal : kind, recipient, reference, mark, cause)
    }
    return references.keys.sorted()
  }

  private func add(
    _ kind: RecipientNotice.Kind, _ recipient: String, _ reference: String, _ mark: String,
    _ cause: String
  ) async throws(PrivataError) {
    let key = core.registers.seal.mark("notice", "\(cause) \(kind.rawValue) \(recipient)")
    let sealed = try core.registers.seal.seal(
      ["reference": .string(reference)], authenticating: Array(key.utf8))
    var row = RowBatch(width: model.fields.count)
    for text in [key, recipient, kind.rawValue, mark] { row.append(text: text) }
    row.append(.bytes, bytes: sealed)
    row.append(date: .now)
    row.append(text: RecipientNotice.State.waiting.rawValue)
    row.append(int64: 0)
    row.append(date: .now)
    row.appendNull()
    row.append(date: DateTime(milliseconds: 0))
    let insert = Insert(
      model, .cells(fields: model.fieldNames, row), onConflict: .ignore(["_id"]))
    _ = try await store.write(.insert(insert))
  }

  // MARK: - Out

  /// The notices that a filter means, the oldest in front.
  func notices(_ filter: Filter) async throws(PrivataError) -> [RecipientNotice] {
    let query = Query(
      model, where: filter, sort: [SortKey("createdAt"), SortKey("_id")], layout: .cells)
    let rows = try await store.rows(for: query)
    var notices: [RecipientNotice] = []
    for row in 0..<rows.count {
      if let notice = try RecipientNotice(rows, row, core.keys) { notices.append(notice) }
    }
    return notices
  }

  /// Tries every notice that is due, and answers how many were acknowledged.
  func deliver(
    through delivery: any NoticeDelivery, now: DateTime
  ) async throws(PrivataError) -> Int {
    let due = try await notices(
      .and([
        .compare("state", .equal, .string(RecipientNotice.State.waiting.rawValue)),
        .compare("nextAt", .lessOrEqual, .date(now)),
      ]))
    var delivered = 0
    for notice in due where try await take(notice, now) {
      do {
        let answer = try await delivery.deliver(notice)
        try await settle(notice, .acknowledged, answer, notice.nextAt)
        delivered += 1
      } catch {
        try await postpone(notice, now)
      }
    }
    return delivered
  }

  /// Takes a notice for this process alone; false where another one has it.
  private func take(_ notice: RecipientNotice, _ now: DateTime) async throws(PrivataError) -> Bool {
    let free = Filter.and([
      .compare("_id", .equal, .string(notice.key)),
      .compare("attempts", .equal, .int64(Int64(notice.attempts))),
      .compare("state", .equal, .string(RecipientNotice.State.waiting.rawValue)),
      .compare("leasedUntil", .lessOrEqual, .date(now)),
    ])
    let until = DateTime(milliseconds: now.milliseconds + Self.lease)
    let update = Update(
      model, where: free,
      .assign([
        Assignment("leasedUntil", .date(until)),
        Assignment("attempts", .int64(Int64(notice.attempts + 1))),
      ]), layout: .cells)
    return try await store.write(.update(update)).matched == 1
  }

  /// Waits longer after each attempt, from a second to six hours; after 30 days the effort is shown.
  private func postpone(_ notice: RecipientNotice, _ now: DateTime) async throws(PrivataError) {
    let isOver = now.milliseconds - notice.createdAt.milliseconds >= Self.patience
    let wait = min(Int64(1_000) << Int64(min(notice.attempts, 20)), 6 * 3_600_000)
    try await settle(
      notice, isOver ? .unreachable : .waiting, nil,
      DateTime(milliseconds: now.milliseconds + wait))
  }

  private func settle(
    _ notice: RecipientNotice, _ state: RecipientNotice.State, _ answer: String?,
    _ next: DateTime
  ) async throws(PrivataError) {
    let update = Update(
      model, where: .compare("_id", .equal, .string(notice.key)),
      .assign([
        Assignment("state", .string(state.rawValue)), Assignment("nextAt", .date(next)),
        Assignment("acknowledgement", answer.map { .string($0) } ?? .null),
        Assignment("leasedUntil", .date(DateTime(milliseconds: 0))),
      ]), layout: .cells)
    _ = try await store.write(.update(update))
    try core.record("recipient.\(state.rawValue)", .service, subjectOf: notice.key)
  }
}
