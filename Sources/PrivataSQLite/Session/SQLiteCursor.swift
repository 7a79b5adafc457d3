internal import PrivataCore
internal import PrivataSQL

/// A read that goes on between calls.
// Safe: its stream lets one task in at a time.
final class SQLiteCursor: @unchecked Sendable {
  private var session: SQLiteSession?
  private let statement: SQLiteStatement
  private var finisher: ReadFinisher
  private let batchSize: Int
  private var hasMore = true
  private var wantsMore = true

  init(
    _ session: SQLiteSession, _ query: Query, _ plan: ReadPlan, batchSize: Int,
    _ observer: (any StatementObserver)?
  ) throws(PrivataError) {
    finisher = try ReadFinisher(plan, query)
    session.watch.clear()
    statement = try session.start(plan.compiled, query, observer)
    self.session = session
    self.batchSize = batchSize
  }

  /// The next rows, `nil` after the last.
  func next() throws(PrivataError) -> RowBatch? {
    while true {
      if let batch = try finisher.piece(batchSize, isLast: !(hasMore && wantsMore)) { return batch }
      guard hasMore, wantsMore, let session else { return nil }
      var rows = RowBatch(width: max(1, statement.columnCount))
      hasMore = try session.step(statement, upTo: batchSize, into: &rows)
      wantsMore = try finisher.take(rows)
    }
  }

  /// Ends the read and gives the connection back, once.
  func end() -> SQLiteSession? {
    guard let session else { return nil }
    statement.reset()
    self.session = nil
    return session
  }
}
