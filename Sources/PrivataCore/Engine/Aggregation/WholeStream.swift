internal import Synchronization

/// Rows that are all there, as a stream of one piece.
package final class WholeStream: RowStream {
  private let rows: Mutex<RowBatch?>

  package init(_ rows: RowBatch) { self.rows = Mutex(rows.isEmpty ? nil : rows) }

  package func next() async throws(PrivataError) -> RowBatch? {
    rows.withLock { rows in
      defer { rows = nil }
      return rows
    }
  }

  package func close() async { rows.withLock { $0 = nil } }
}
