public import PrivataCore

/// A piece of the log that a person looked through, or has to.
///
/// Source: 45 CFR 164.308(a)(1)(ii)(D), information system activity review.
public struct ActivityReview: Sendable, Hashable {
  /// Its number.
  public let id: String
  /// The time that is reviewed.
  public let from: DateTime
  public let to: DateTime
  /// Until when it is to be signed.
  public let dueAt: DateTime
  /// Who signed it, when, over how many events; `nil` while nobody has.
  public let signature: Signature?

  /// The end of a review.
  public struct Signature: Sendable, Hashable {
    /// Who, when, over how many events.
    public let by: String
    public let at: DateTime
    public let events: Int
    /// The hash over the reviewed events: ``ActivityReviews/hash(of:)`` computes it again.
    public let hash: [UInt8]
  }
}

/// The reviews of a vault's log.
///
/// ```swift
/// try await vault.reviews.schedule(everyDays: 7)
/// for review in try await vault.reviews.due() { … }
/// try await vault.acting(as: officer).reviews.sign(review.id)
/// ```
public struct ActivityReviews: Sendable {
  let core: VaultCore
  let context: AccessContext?

  private var actor: AccessContext { context ?? AccessContext.current ?? .service }

  private static let schema = ModelSchema(
    name: "ActivityReview", collection: "privata_reviews",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("from", .date, isOptional: false), FieldSchema("to", .date, isOptional: false),
      FieldSchema("dueAt", .date, isOptional: false), FieldSchema("signedBy", .string),
      FieldSchema("signedAt", .date), FieldSchema("events", .int64),
      FieldSchema("hash", .binary), FieldSchema("days", .int32),
    ])

  // MARK: - Schedule

  /// Asks for a review of every so many days from a moment on; it replaces an earlier schedule.
  ///
  /// - Parameter graceDays: how long after its end a piece may wait for its signature.
  /// - Throws: `badArgument` for a time of no days.
  public func schedule(
    everyDays days: Int, from start: DateTime = .now, graceDays: Int = 7
  ) async throws(PrivataError) {
    guard days > 0, graceDays >= 0 else {
      throw PrivataError(.badArgument, "a review is of one day at least", fields: ["everyDays"])
    }
    try await prepare()
    let delete = Delete(
      Self.schema, where: .compare("_id", .equal, "schedule"), layout: .cells)
    _ = try await core.auditStore.write(.delete(delete))
    let grace = start.milliseconds + Int64(graceDays) * Self.day
    try await insert("schedule", start, start, DateTime(milliseconds: grace), days: days)
    try record("review.schedule", "schedule", days)
  }

  private static let day: Int64 = 86_400_000

  /// The pieces of the log that have ended and are not signed, oldest first.
  public func due(now: DateTime = .now) async throws(PrivataError) -> [ActivityReview] {
    try await complete(now)
    return try await reviews().filter { $0.signature == nil && $0.to <= now }
  }

  /// Those whose time for a signature is over; of each an alarm is raised where the vault has
  /// ``VaultOptions/alarms``.
  public func overdue(now: DateTime = .now) async throws(PrivataError) -> [ActivityReview] {
    let overdue = try await due(now: now).filter { $0.dueAt < now }
    for review in overdue { core.watch?.raise(.reviewOverdue, nil, 1, review.id) }
    await core.watch?.deliver()
    return overdue
  }

  /// Every review, oldest first.
  public func all() async throws(PrivataError) -> [ActivityReview] {
    try await prepare()
    return try await reviews()
  }

  /// Makes the pieces that have ended since the last look.
  private func complete(_ now: DateTime) async throws(PrivataError) {
    try await prepare()
    let rows = try await rows(.compare("_id", .equal, "schedule"))
    guard !rows.isEmpty, case .date(let start)? = rows.value(row: 0, column: 1),
      case .date(let grace)? = rows.value(row: 0, column: 3),
      let days = rows.value(row: 0, column: 8)?.asInt
    else { return }
    let known = Set(try await reviews().map(\.id))
    let length = Int64(days) * Self.day
    var from = start.milliseconds
    while from + length <= now.milliseconds {
      let begin = DateTime(milliseconds: from)
      let end = DateTime(milliseconds: from + length)
      let due = DateTime(
        milliseconds: end.milliseconds + grace.milliseconds - start.milliseconds)
      let id = begin.iso8601
      if !known.contains(id) { try await insert(id, begin, end, due, days: nil) }
      from += length
    }
  }

  // MARK: - Signing

  /// Signs a review: whoever acts has looked at the events, whose hash is kept and audited.
  ///
  /// - Throws: `notFound`; `badArgument` where the piece has not ended or is signed already;
  ///   `contextRequired` where nobody says who signs.
  @discardableResult
  public func sign(
    _ id: String, now: DateTime = .now
  ) async throws(PrivataError) -> ActivityReview {
    guard let who = context ?? AccessContext.current, who.actor.kind == "user" else {
      throw PrivataError(.contextRequired, "a person signs a review: say who, with acting(as:)")
    }
    try await complete(now)
    guard let review = try await reviews().first(where: { $0.id == id }) else {
      throw PrivataError(.notFound, "there is no review \(id)")
    }
    guard review.signature == nil, review.to <= now else {
      throw PrivataError(
        .badArgument, "the review \(id) is signed already, or its time has not ended")
    }
    let (events, hash) = try await hashed(review)
    let update = Update(
      Self.schema,
      where: .and([.compare("_id", .equal, .string(id)), .isNull("signedBy")]),
      .assign([
        Assignment("signedBy", .string(who.actor.id)), Assignment("signedAt", .date(.now)),
        Assignment("events", .int64(Int64(events))), Assignment("hash", .binary(Binary(hash))),
      ]), layout: .cells)
    guard try await core.auditStore.write(.update(update)).matched == 1 else {
      throw PrivataError(.versionConflict, "somebody else signed the review \(id)")
    }
    try record("review.sign", Hexadecimal.text(hash), events)
    return try await reviews().first { $0.id == id } ?? review
  }

  /// The hash over the events of a review as they are now: what was signed, unless the log changed.
  public func hash(of review: ActivityReview) async throws(PrivataError) -> [UInt8] {
    try await hashed(review).hash
  }

  private func hashed(
    _ review: ActivityReview
  ) async throws(PrivataError) -> (events: Int, hash: [UInt8]) {
    try await core.drain()
    var tree = MerkleTree()
    var pages = AuditPages(core, AuditSelection(from: review.from, to: review.to))
    while let page = try await pages.next() {
      for event in page {
        tree.append(
          leaf: MerkleTree.leaf(AuditRow.leafBytes(event.writer, event.sequence, event.raw)))
      }
    }
    return (Int(tree.size), tree.root)
  }

  // MARK: - The table

  private func prepare() async throws(PrivataError) {
    try await core.auditStore.prepare([Self.schema])
  }

  private func rows(_ filter: Filter) async throws(PrivataError) -> RowBatch {
    try await core.auditStore.rows(
      for: Query(Self.schema, where: filter, sort: [SortKey("from")], layout: .cells))
  }

  private func reviews() async throws(PrivataError) -> [ActivityReview] {
    let rows = try await rows(.compare("_id", .notEqual, "schedule"))
    return (0..<rows.count).compactMap { ActivityReview(rows, $0) }
  }

  private func insert(
    _ id: String, _ from: DateTime, _ to: DateTime, _ due: DateTime, days: Int?
  ) async throws(PrivataError) {
    var row = RowBatch(width: Self.schema.fields.count)
    row.append(text: id)
    row.append(date: from)
    row.append(date: to)
    row.append(date: due)
    for _ in 0..<4 { row.appendNull() }
    row.append(days.map { .int32(Int32($0)) } ?? .null)
    var insert = Insert(Self.schema, .cells(fields: Self.schema.fields.map(\.name), row))
    // Another process may have made it in between.
    insert.onConflict = .ignore(["_id"])
    _ = try await core.auditStore.write(.insert(insert))
  }

  private func record(
    _ action: String, _ subject: String, _ count: Int
  ) throws(PrivataError) {
    let scope = AuditCoding.scope(
      .init(rawValue: action), model: "", fields: [], filterFields: [])
    try core.recorder.record(
      actor, scope: scope, result: AuditResult(count: count, subjectOf: subject),
      isPersonal: true)
  }
}

extension ActivityReview {
  fileprivate init?(_ rows: RowBatch, _ row: Int) {
    let date = { (column: Int) -> DateTime? in
      if case .date(let date)? = rows.value(row: row, column: column) { date } else { nil }
    }
    guard let id = rows.value(row: row, column: 0)?.asString, let from = date(1),
      let to = date(2), let due = date(3)
    else { return nil }
    var signature: Signature?
    if let by = rows.value(row: row, column: 4)?.asString, let at = date(5),
      let events = rows.value(row: row, column: 6)?.asInt,
      let hash = rows.value(row: row, column: 7)?.asBytes
    {
      signature = Signature(by: by, at: at, events: events, hash: hash)
    }
    self.init(id: id, from: from, to: to, dueAt: due, signature: signature)
  }
}

extension Vault {
  /// The reviews of the vault's log.
  public var reviews: ActivityReviews { ActivityReviews(core: core, context: context) }
}
