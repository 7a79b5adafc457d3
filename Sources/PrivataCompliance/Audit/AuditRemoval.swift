internal import Crypto
public import PrivataCore

/// A signed note that a writer's oldest events were removed after their retention. The edge of their
/// tree stays, so that everything after it verifies as before.
struct AuditRemoval: Sendable {
  let writer: UInt64
  /// The number of events that are gone: those before this place.
  let size: UInt64
  let frontier: [[UInt8]]
  let before: DateTime
  let at: DateTime
  let signature: [UInt8]

  init(
    writer: UInt64, tree: MerkleTree, before: DateTime, keys: VaultKeys
  ) throws(PrivataError) {
    self.writer = writer
    size = tree.size
    frontier = tree.frontier
    self.before = before
    at = .now
    do {
      signature = Array(
        try keys.signing.signature(
          for: Self.message(writer, tree.size, tree.frontier, before, at)))
    } catch {
      throw PrivataError(.rejectedByStore, "a removal could not be signed", underlying: error)
    }
  }

  init?(_ rows: RowBatch, _ row: Int) {
    guard case .int64(let writer)? = rows.value(row: row, column: 1),
      let size = rows.value(row: row, column: 2)?.asInt,
      let nodes = rows.value(row: row, column: 3)?.asBytes, nodes.count.isMultiple(of: 32),
      case .date(let before)? = rows.value(row: row, column: 4),
      case .date(let at)? = rows.value(row: row, column: 5),
      let signature = rows.value(row: row, column: 6)?.asBytes
    else { return nil }
    self.writer = UInt64(bitPattern: writer)
    self.size = UInt64(size)
    frontier = stride(from: 0, to: nodes.count, by: 32).map { Array(nodes[$0..<$0 + 32]) }
    self.before = before
    self.at = at
    self.signature = signature
  }

  /// What is left of the removed events' tree.
  var tree: MerkleTree? { MerkleTree(size: size, frontier: frontier) }

  /// The events that are gone.
  var filter: Filter {
    .and([
      .compare("writer", .equal, .int64(Int64(bitPattern: writer))),
      .compare("sequence", .less, .int64(Int64(size))),
    ])
  }

  func isSigned(by keys: VaultKeys) -> Bool {
    keys.signing.publicKey.isValidSignature(
      signature, for: Self.message(writer, size, frontier, before, at))
  }

  private static func message(
    _ writer: UInt64, _ size: UInt64, _ frontier: [[UInt8]], _ before: DateTime, _ at: DateTime
  ) -> [UInt8] {
    let text =
      "\(AuditCheckpoint.origin(writer))/removed\n\(size)\n"
      + frontier.map { Base64.encode($0) + "\n" }.joined()
      + "before \(before.iso8601)\nat \(at.iso8601)\n"
    return Array(text.utf8)
  }

  var insert: Write {
    var cells = RowBatch(width: AuditModels.removals.fields.count)
    cells.append(text: "\(String(writer, radix: 16)):\(size)")
    cells.append(int64: Int64(bitPattern: writer))
    cells.append(int64: Int64(size))
    cells.append(.bytes, bytes: Array(frontier.joined()))
    cells.append(date: before)
    cells.append(date: at)
    cells.append(.bytes, bytes: signature)
    var insert = Insert(
      AuditModels.removals, .cells(fields: AuditModels.removals.fields.map(\.name), cells))
    insert.onConflict = .ignore(["_id"])
    return .insert(insert)
  }

  /// The last removal of each writer.
  static func last(in store: any Store) async throws(PrivataError) -> [UInt64: AuditRemoval] {
    try await store.prepare([AuditModels.removals])
    let query = Query(AuditModels.removals, sort: [SortKey("size")], layout: .cells)
    let rows = try await store.rows(for: query)
    var last: [UInt64: AuditRemoval] = [:]
    for row in 0..<rows.count {
      guard let removal = AuditRemoval(rows, row) else {
        throw PrivataError(.corrupt, "a note about removed audit events cannot be read")
      }
      last[removal.writer] = removal
    }
    return last
  }
}

/// The events of an audit store that were removed.
public struct AuditRemovalResult: Sendable, Hashable {
  /// How many events are gone now, of how many writers.
  public var events = 0
  public var writers = 0
}

extension VaultAudit {
  /// Removes the events before a month whose retention is over: at least six years old. Heads, counts
  /// and the edge of each tree stay, so that ``verify()`` goes on and names what is gone; the removal
  /// is an event itself. Two persons: who asks, and who approves.
  ///
  /// ```swift
  /// try await vault.acting(as: officer).audit.removeEvents(before: "2020-01", approvedBy: .user("dpo"))
  /// ```
  ///
  /// - Parameter month: year and month, as `2020-01`.
  /// - Throws: `badArgument` for another text or a month that is too young; `accessDenied` where both
  ///   persons are one; `legalHold` while a hold lasts; `tampered` where the log does not verify:
  ///   nothing is removed then.
  ///
  /// Source: 45 CFR 164.316(b)(2)(i), six years.
  @discardableResult
  public func removeEvents(
    before month: String, approvedBy approver: AccessContext.Actor, now: DateTime = .now
  ) async throws(PrivataError) -> AuditRemovalResult {
    let scope = AuditCoding.scope(.auditRemoval, model: "", fields: [], filterFields: [])
    do {
      let before = try Self.moment(month, now)
      try checkRemoval(approver)
      let result = try await remove(before)
      try core.recorder.record(
        who, scope: scope, result: AuditResult(count: result.events, subjectOf: approver.id),
        isPersonal: true)
      return result
    } catch {
      try core.recorder.record(
        who, scope: scope, result: AuditResult(error, .refused), isPersonal: true)
      throw error
    }
  }

  private static func moment(_ month: String, _ now: DateTime) throws(PrivataError) -> DateTime {
    guard month.utf8.count == 7, let start = DateTime(iso8601: month + "-01T00:00:00Z") else {
      throw PrivataError(
        .badArgument, "say the month as year and month: 2020-01", fields: ["before"])
    }
    var parts = now.parts
    parts = .init(year: parts.year - 6, month: parts.month, day: 1)
    guard let bound = DateTime(parts), start <= bound else {
      throw PrivataError(
        .badArgument, "audit events are kept for six years: \(month) is too young",
        fields: ["before"])
    }
    return start
  }

  private func checkRemoval(_ approver: AccessContext.Actor) throws(PrivataError) {
    guard approver != who.actor else {
      throw PrivataError(
        .accessDenied, "audit events are removed by two persons: the approver is another one")
    }
    let rights = core.rights.current
    for model in core.registry.models where !rights.subjects(.hold, of: model.name).isEmpty {
      throw PrivataError(.legalHold, "a legal hold keeps the log", model: model.name)
    }
  }

  private func remove(_ before: DateTime) async throws(PrivataError) -> AuditRemovalResult {
    guard try await verify().isValid else {
      throw PrivataError(.tampered, "the log does not verify: nothing is removed from it")
    }
    var result = AuditRemovalResult()
    let known = try await AuditRemoval.last(in: core.auditStore)
    for writer in Set(try await checkpoints().map(\.writer)).sorted() {
      let end = try await boundary(writer, before)
      let removed = known[writer]?.tree ?? MerkleTree()
      guard end > removed.size else { continue }
      let tree = try await AuditLeaves(core).tree(writer, from: removed, to: end)
      let removal = try AuditRemoval(
        writer: writer, tree: tree, before: before, keys: core.keys)
      try await carryOut(removal)
      result.events += Int(end - removed.size)
      result.writers += 1
    }
    return result
  }

  /// The place of a writer's first event that stays.
  private func boundary(
    _ writer: UInt64, _ before: DateTime
  ) async throws(PrivataError) -> UInt64 {
    let own = Filter.compare("writer", .equal, .int64(Int64(bitPattern: writer)))
    func place(_ filter: Filter, descending: Bool) async throws(PrivataError) -> UInt64? {
      let query = Query(
        AuditModels.events, where: filter, projection: .fields(["sequence"]),
        sort: [SortKey("sequence", descending: descending)], limit: 1, layout: .cells)
      let rows = try await core.auditStore.rows(for: query)
      return rows.isEmpty ? nil : rows.value(row: 0, column: 0)?.asInt.map { UInt64($0) }
    }
    let stays = own.and(.compare("at", .greaterOrEqual, .date(before)))
    if let first = try await place(stays, descending: false) { return first }
    return try await place(own, descending: true).map { $0 + 1 } ?? 0
  }

  /// The note first: events that are gone without one would be a forgery.
  private func carryOut(_ removal: AuditRemoval) async throws(PrivataError) {
    let delete = Write.delete(Delete(AuditModels.events, where: removal.filter, layout: .cells))
    guard let store = core.auditStore as? any TransactionalStore else {
      _ = try await core.auditStore.write(removal.insert)
      _ = try await core.auditStore.write(delete)
      return
    }
    let transaction = try await store.begin(TransactionOptions())
    do {
      _ = try await transaction.write(removal.insert)
      _ = try await transaction.write(delete)
      try await transaction.commit()
    } catch {
      try? await transaction.rollback()
      throw error
    }
  }
}
