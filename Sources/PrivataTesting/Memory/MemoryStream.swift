internal import PrivataCore
internal import Synchronization

/// The rows of a query in pieces.
final class MemoryStream: RowStream {
  private let rows: RowBatch
  private let size: Int
  private let position = Mutex(0)

  init(_ rows: RowBatch, batchSize: Int) {
    self.rows = rows
    size = max(1, batchSize)
  }

  func next() async throws(PrivataError) -> RowBatch? {
    let start = position.withLock { position in
      defer { position += size }
      return position
    }
    guard start < rows.count else { return nil }
    var piece = RowBatch(width: rows.width)
    for row in start..<min(start + size, rows.count) { piece.append(row: row, of: rows) }
    return piece
  }

  func close() async {
    position.withLock { $0 = Int.max / 2 }
  }
}
