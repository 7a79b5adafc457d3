public import PrivataCore
internal import PrivataSQL

extension SQLiteStore: StreamingStore {
  /// Opens a stream over a query's rows, on a connection of its own, which it gives back after the
  /// last piece. All pieces show the records as they were when the stream was opened.
  public func stream(
    _ query: Query, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    while true {
      _ = try await database.plan(of: query)
      let session = try await database.reader()
      do throws(PrivataError) {
        // Made with the view at hand, so that both know the same columns.
        let plan = try database.plans.plan(of: query) { model throws(PrivataError) in
          try database.catalog.bound(model)
        }
        return try SQLiteStream(
          database, session, query, plan, batchSize: max(1, batchSize), StatementLog.observer)
      } catch {
        database.giveBack(session)
        guard error.code == .unprepared else { throw error }
      }
    }
  }
}

/// Rows in pieces: a statement that stays open between them.
final class SQLiteStream: RowStream {
  private let database: SQLiteDatabase
  private let turns = Turns()
  private let cursor: SQLiteCursor

  init(
    _ database: SQLiteDatabase, _ session: SQLiteSession, _ query: Query, _ plan: ReadPlan,
    batchSize: Int, _ observer: (any StatementObserver)?
  ) throws(PrivataError) {
    self.database = database
    cursor = try SQLiteCursor(session, query, plan, batchSize: batchSize, observer)
  }

  deinit { giveBack() }

  func next() async throws(PrivataError) -> RowBatch? {
    try await turns.enter()
    defer { turns.leave() }
    do throws(PrivataError) {
      if let batch = try cursor.next() { return batch }
    } catch {
      giveBack()
      throw error
    }
    giveBack()
    return nil
  }

  func close() async {
    guard (try? await turns.enter()) != nil else { return }
    giveBack()
    turns.leave()
  }

  private func giveBack() {
    if let session = cursor.end() { database.giveBack(session) }
  }
}
