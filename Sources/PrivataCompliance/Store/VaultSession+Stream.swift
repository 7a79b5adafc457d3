internal import PrivataCore

extension VaultSession {
  /// Answers a query in pieces.
  func stream(
    _ query: Query, _ separation: Separation, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    let needs = ReadNeeds(query, in: separation)
    if let half = needs.half(in: separation), let store = store(half) as? any StreamingStore {
      let read = HalfRead(self, separation, query, needs, half)
      let inner = try await store.stream(try await read.physicalQuery(), batchSize: batchSize)
      return HalfStream(inner, read)
    }
    // Rows of both halves come joined, and then in pieces: the identity store's own stream drives
    // them while they are gathered.
    return PiecedStream(try await rows(query, separation), size: max(batchSize, 1))
  }
}

/// A stream of one half.
private struct HalfStream: RowStream {
  let inner: any RowStream
  let read: HalfRead

  init(_ inner: any RowStream, _ read: HalfRead) {
    self.inner = inner
    self.read = read
  }

  func next() async throws(PrivataError) -> RowBatch? {
    guard let batch = try await inner.next() else { return nil }
    return try await read.logical(batch)
  }

  func close() async { await inner.close() }
}

/// Rows that are there already, in pieces.
private actor PiecedStream: RowStream {
  private let batch: RowBatch
  private let size: Int
  private var position = 0

  init(_ batch: RowBatch, size: Int) {
    self.batch = batch
    self.size = size
  }

  func next() async throws(PrivataError) -> RowBatch? {
    guard position < batch.count else { return nil }
    let end = min(position + size, batch.count)
    defer { position = end }
    return batch.picking(Array(position..<end), width: batch.width)
  }

  func close() async { position = batch.count }
}
