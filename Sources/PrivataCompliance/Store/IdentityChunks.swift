internal import PrivataCore

/// The rows of the identity store, in pieces: as a stream where the store has one and the result
/// may be large, else as one answer cut up.
final class IdentityChunks {
  private let stream: (any RowStream)?
  private var batch: RowBatch?
  private var position = 0
  private let size: Int

  /// Asks for the rows. A query that is bounded below `size` is asked at once.
  init(_ query: Query, on store: any Store, size: Int) async throws(PrivataError) {
    self.size = size
    if let store = store as? any StreamingStore, query.limit.map({ $0 > size }) ?? true {
      stream = try await store.stream(query, batchSize: size)
      batch = nil
    } else {
      stream = nil
      batch = try await store.rows(for: query)
    }
  }

  /// The next piece of at most `size` rows.
  func next() async throws(PrivataError) -> RowBatch? {
    if let stream { return try await stream.next() }
    guard let batch, position < batch.count else { return nil }
    let end = min(position + size, batch.count)
    let piece =
      position == 0 && end == batch.count
      ? batch : batch.picking(Array(position..<end), width: batch.width)
    position = end
    return piece
  }

  /// Gives the stream back early.
  func close() async { await stream?.close() }
}
