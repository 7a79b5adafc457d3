internal import Crypto
public import PrivataCore

/// What a check of the whole audit log found.
public struct AuditVerification: Sendable, Hashable {
  /// How many events were checked.
  public var events = 0
  /// How many signed heads were checked.
  public var checkpoints = 0
  /// How many events were removed after their retention, by signed and approved removals.
  public var removed = 0
  /// The first thing that is wrong, `nil` where all is well.
  public var problem: Problem?

  /// True where nothing was changed, removed, inserted or moved.
  public var isValid: Bool { problem == nil }

  /// The first bad record.
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// The process that wrote it.
    public var writer: UInt64
    /// Its place in that process's log.
    public var sequence: UInt64
    /// What is wrong with it.
    public var reason: String

    public var description: String {
      "writer \(String(writer, radix: 16)), event \(sequence): \(reason)"
    }
  }
}

extension VaultAudit {
  /// Checks every event against its authentication code, its place, its columns and the signed heads
  /// of its writer's tree.
  ///
  /// - Throws: what the audit store throws; what is wrong with the log is in the answer.
  public func verify() async throws(PrivataError) -> AuditVerification {
    try await core.drain()
    let report = try await AuditVerifier(core).run()
    if !report.isValid, let watch = core.watch {
      watch.raise(.chainBreak, nil, 1)
      await watch.deliver()
    }
    return report
  }
}

/// Walks all events by writer and place.
private struct AuditVerifier {
  let core: VaultCore
  var report = AuditVerification()

  init(_ core: VaultCore) { self.core = core }

  consuming func run() async throws(PrivataError) -> AuditVerification {
    var run = self
    let heads = try await run.heads()
    let removals = try await AuditRemoval.last(in: run.core.auditStore)
    for writer in try await run.writers(heads) {
      try await run.check(writer, heads[writer] ?? [], removals[writer])
      if run.report.problem != nil { break }
    }
    return run.report
  }

  private func heads() async throws(PrivataError) -> [UInt64: [AuditCheckpoint]] {
    let query = Query(AuditModels.checkpoints, sort: [SortKey("size")], layout: .cells)
    let rows = try await core.auditStore.rows(for: query)
    var heads: [UInt64: [AuditCheckpoint]] = [:]
    for row in 0..<rows.count {
      guard let head = AuditCheckpoint(rows, row: row) else { continue }
      heads[head.writer, default: []].append(head)
    }
    return heads
  }

  private func writers(_ heads: [UInt64: [AuditCheckpoint]]) async throws(PrivataError) -> [UInt64]
  {
    var writers = Set(heads.keys)
    writers.insert(core.home.writer)
    let query = Query(AuditModels.events, answer: .distinct("writer"), layout: .cells)
    let rows = try await core.auditStore.rows(for: query)
    for row in 0..<rows.count {
      guard case .int64(let writer)? = rows.value(row: row, column: 0) else { continue }
      writers.insert(UInt64(bitPattern: writer))
    }
    return writers.sorted()
  }

  private mutating func check(
    _ writer: UInt64, _ heads: [AuditCheckpoint], _ removal: AuditRemoval?
  ) async throws(PrivataError) {
    var tree = MerkleTree()
    var next = 0
    if let removal {
      guard let rest = try await checked(removal, writer) else { return }
      tree = rest
    }
    while next < heads.count, heads[next].size <= tree.size {
      // Of what was removed, the signatures are left; the edge proves itself by the next head.
      let isAtEdge = heads[next].size == tree.size
      guard isAtEdge ? check(heads[next], tree) : checkSignature(heads[next]) else { return }
      next += 1
    }
    while true {
      let rows = try await page(writer, from: tree.size)
      for row in 0..<rows.count {
        guard let leaf = checked(rows, row, writer, expecting: tree.size) else { return }
        tree.append(leaf: leaf)
        report.events += 1
        while next < heads.count, heads[next].size == tree.size {
          guard check(heads[next], tree) else { return }
          next += 1
        }
      }
      if rows.count < Self.pageSize { break }
    }
    if next < heads.count {
      fail(writer, tree.size, "signed heads cover \(heads[heads.count - 1].size) events: removed")
    } else if writer == core.home.writer, let signed = try TreeFile(core.home).load() {
      checkLocal(signed, tree, writer)
    }
  }

  private static let pageSize = 1_000

  private func page(_ writer: UInt64, from size: UInt64) async throws(PrivataError) -> RowBatch {
    var query = Query(
      AuditModels.events,
      where: .and([
        .compare("writer", .equal, .int64(Int64(bitPattern: writer))),
        .compare("sequence", .greaterOrEqual, .int64(Int64(size))),
      ]), sort: [SortKey("sequence")], layout: .cells)
    query.limit = Self.pageSize
    return try await core.auditStore.rows(for: query)
  }

  /// The leaf of a row that is what it should be.
  private mutating func checked(
    _ rows: RowBatch, _ row: Int, _ writer: UInt64, expecting sequence: UInt64
  ) -> [UInt8]? {
    guard case .int64(let found)? = rows.value(row: row, column: 2), UInt64(found) == sequence
    else {
      fail(writer, sequence, "it is missing, or another one stands in its place")
      return nil
    }
    guard case .binary(let raw)? = rows.value(row: row, column: 10),
      case .binary(let code)? = rows.value(row: row, column: 11)
    else {
      fail(writer, sequence, "its bytes are missing")
      return nil
    }
    let bytes = AuditRow.leafBytes(writer, sequence, raw.bytes)
    guard AuditRow.code(bytes, core.keys) == code.bytes else {
      fail(writer, sequence, "its bytes were changed or moved")
      return nil
    }
    guard hasTrueColumns(rows, row, raw.bytes, writer, sequence) else {
      fail(writer, sequence, "its columns differ from its bytes")
      return nil
    }
    return MerkleTree.leaf(bytes)
  }

  private func hasTrueColumns(
    _ rows: RowBatch, _ row: Int, _ raw: [UInt8], _ writer: UInt64, _ sequence: UInt64
  ) -> Bool {
    guard
      let made = try? AuditRow(
        writer: writer, sequence: sequence, raw: raw, keys: core.keys)
    else { return false }
    var expected = RowBatch(width: rows.width)
    made.append(to: &expected)
    return (0..<rows.width).allSatisfy {
      rows.value(row: row, column: $0)?.lookupKey == expected.value(row: 0, column: $0)?.lookupKey
    }
  }

  /// The tree of what was removed, where the removal is signed and nothing of it came back.
  private mutating func checked(
    _ removal: AuditRemoval, _ writer: UInt64
  ) async throws(PrivataError) -> MerkleTree? {
    guard let tree = removal.tree, removal.isSigned(by: core.keys) else {
      fail(writer, removal.size, "the signature of the removal of \(removal.size) events is wrong")
      return nil
    }
    let query = Query(
      AuditModels.events, where: removal.filter, answer: .count, layout: .cells)
    let left = try await core.auditStore.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
    guard left == 0 else {
      fail(writer, 0, "\(left) events stand among those that were removed")
      return nil
    }
    report.removed += Int(removal.size)
    return tree
  }

  private mutating func checkSignature(_ head: AuditCheckpoint) -> Bool {
    if head.isSigned(by: Array(core.keys.signing.publicKey.rawRepresentation)) { return true }
    fail(head.writer, head.size, "the signature of the head of \(head.size) events is wrong")
    return false
  }

  private mutating func check(_ head: AuditCheckpoint, _ tree: MerkleTree) -> Bool {
    guard checkSignature(head) else { return false }
    guard head.root == tree.root else {
      fail(head.writer, head.size, "the events before it are not those that were signed")
      return false
    }
    report.checkpoints += 1
    return true
  }

  private mutating func checkLocal(_ signed: MerkleTree, _ tree: MerkleTree, _ writer: UInt64) {
    if signed.size > tree.size {
      fail(writer, tree.size, "\(signed.size) events were signed, the rest was removed")
    } else if signed.size == tree.size, signed.root != tree.root {
      fail(writer, tree.size, "the log is not the one that was signed")
    }
  }

  private mutating func fail(_ writer: UInt64, _ sequence: UInt64, _ reason: String) {
    report.problem = .init(writer: writer, sequence: sequence, reason: reason)
  }
}
