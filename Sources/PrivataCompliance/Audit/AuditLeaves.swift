internal import PrivataCore

/// The leaves of writers' trees, as the audit store holds them.
struct AuditLeaves {
  let core: VaultCore

  init(_ core: VaultCore) { self.core = core }

  private static let pageSize = 1_000

  /// Hands out the leaf hashes of a range, in order.
  ///
  /// - Throws: `tampered` where one is missing.
  func forEach(
    _ writer: UInt64, _ range: Range<UInt64>, _ body: (UInt64, [UInt8]) -> Void
  ) async throws(PrivataError) {
    var next = range.lowerBound
    while next < range.upperBound {
      let first = next
      let limit = min(Self.pageSize, Int(range.upperBound - next))
      let query = Query(
        AuditModels.events,
        where: .and([
          .compare("writer", .equal, .int64(Int64(bitPattern: writer))),
          .compare("sequence", .greaterOrEqual, .int64(Int64(next))),
        ]), projection: .fields(["sequence", "raw"]), sort: [SortKey("sequence")], limit: limit,
        layout: .cells)
      let rows = try await core.auditStore.rows(for: query)
      for row in 0..<rows.count {
        guard rows.value(row: row, column: 0)?.asInt == Int(next),
          let raw = rows.value(row: row, column: 1)?.asBytes
        else { break }
        body(next, MerkleTree.leaf(AuditRow.leafBytes(writer, next, raw)))
        next += 1
      }
      // A page that is not whole misses the next event.
      guard next == first + UInt64(limit) else { break }
    }
    guard next >= range.upperBound else {
      throw PrivataError(
        .tampered,
        "writer \(String(writer, radix: 16)), event \(next): it is missing, so nothing is proven")
    }
  }

  /// The tree of a writer's first events, going on from what is known of it.
  func tree(
    _ writer: UInt64, from start: MerkleTree, to size: UInt64
  ) async throws(PrivataError) -> MerkleTree {
    var tree = start
    try await forEach(writer, start.size..<size) { tree.append(leaf: $1) }
    return tree
  }

  /// The roots of subtrees.
  ///
  /// - Throws: `notFound` where the leaves were removed after their retention.
  func roots(
    _ writer: UInt64, _ ranges: [Range<UInt64>]
  ) async throws(PrivataError) -> [[UInt8]] {
    let removed = try await AuditRemoval.last(in: core.auditStore)[writer]?.tree ?? MerkleTree()
    guard var subtrees = MerkleRanges(ranges, removed: removed) else {
      throw PrivataError(
        .notFound, "the proof needs events that were removed after their retention")
    }
    let pass = min(subtrees.first, subtrees.end)..<subtrees.end
    try await forEach(writer, pass) { subtrees.add($1, at: $0) }
    guard let roots = subtrees.roots else {
      throw PrivataError(.tampered, "events are missing, so nothing is proven")
    }
    return roots
  }
}
