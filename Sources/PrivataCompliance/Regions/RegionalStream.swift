internal import PrivataCore

/// A stream over the records of all regions, one region after the other. Before each piece it is
/// looked whether the caller may still have it.
actor RegionalStream: RowStream {
  private let access: RegionalAccess
  private let query: Query
  private let batchSize: Int
  private var waiting: [VaultRegions.Member]
  private var current: (member: VaultRegions.Member, stream: any RowStream)?
  private var left: Int?

  /// - Throws: `unsupported` for an order over several regions.
  init(_ access: RegionalAccess, _ query: Query, batchSize: Int) async throws(PrivataError) {
    let members = try await access.admitted(query.model)
    guard members.count == 1 || (query.sort.isEmpty && query.skip == 0) else {
      throw PrivataError(
        .unsupported,
        "a stream over several regions has no order and skips nothing: ask one with vault.region",
        model: query.model.name)
    }
    self.access = access
    self.query = query
    self.batchSize = batchSize
    waiting = members
    left = query.limit.flatMap { $0 == 0 ? nil : abs($0) }
  }

  func next() async throws(PrivataError) -> RowBatch? {
    while true {
      if left == 0 { return nil }
      if current == nil, try await !openNext() { return nil }
      guard let (member, stream) = current else { return nil }
      try await access.admit(member, query.model)
      guard let batch = try await stream.next() else {
        current = nil
        continue
      }
      left = left.map { $0 - batch.count }
      return batch
    }
  }

  private func openNext() async throws(PrivataError) -> Bool {
    guard !waiting.isEmpty else { return false }
    let member = waiting.removeFirst()
    var query = query
    query.limit = left
    query.filter = access.visible(query.filter, query.model, in: member.region)
    guard let store = try await access.store(member) as? any StreamingStore else {
      throw PrivataError(.unsupported, "region \(member.region) has no streams")
    }
    current = (member, try await store.stream(query, batchSize: batchSize))
    return true
  }

  func close() async {
    waiting = []
    await current?.stream.close()
    current = nil
  }
}
