internal import PrivataCore
internal import PrivataSQL

// A file that others write to as well: each operation compares what is known of the tables with what
// its connection sees, inside the transaction in which it then reads or writes.
//
// Source: https://www.sqlite.org/pragma.html#pragma_data_version

extension SQLiteDatabase {
  /// Brings the catalog up to the file, as the connection sees it.
  func compare(_ session: SQLiteSession) throws(PrivataError) {
    let data = try session.number(Self.dataVersion)
    if let seen = session.seen, seen.data == data { return }
    let schema = try session.number(Self.schemaVersion)
    func run(_ statement: SQLStatement) throws(PrivataError) -> SQLResult {
      try session.run(statement, nil)
    }
    if session.seen?.schema == schema {
      try catalog.lookForOddRows(in: catalog.plainModels, run)
    } else {
      // What others made anew is prepared again by whoever asks next.
      catalog.forget(try catalog.look(at: catalog.openModels, run))
    }
    session.seen = (data, schema)
  }

  /// Answers a query from a shared file. Its plan is made with the view at hand, so that both know
  /// the same columns.
  func sharedRows(
    _ query: Query, _ observer: (any StatementObserver)?
  ) async throws(PrivataError) -> RowBatch {
    while true {
      _ = try await plan(of: query)
      let session = try await reader()
      defer { giveBack(session) }
      do throws(PrivataError) {
        let plan = try plans.plan(of: query) { model throws(PrivataError) in
          try catalog.bound(model)
        }
        return try session.rows(query, plan, observer)
      } catch {
        // Others changed the table since it was prepared.
        guard error.code == .unprepared else { throw error }
      }
    }
  }

  /// Makes the models known without a change of the file.
  func look(at models: [ModelSchema]) async throws(PrivataError) {
    let session = try await reader()
    defer { giveBack(session) }
    let missing = try catalog.look(at: models) { (statement) throws(PrivataError) in
      try session.run(statement, StatementLog.observer)
    }
    guard let model = missing.first else { return }
    throw PrivataError(
      .rejectedByStore,
      "\(file.name) has no such table for \(model.name), and is open for reading only",
      model: model.name)
  }

  private static let dataVersion = pragma("data_version")
  private static let schemaVersion = pragma("schema_version")

  private static func pragma(_ name: String) -> SQLStatement {
    SQLStatement(SQLTemplate("PRAGMA \(name)", kind: "pragma", columns: [.int64]))
  }
}

extension SQLiteSession {
  /// The number that a statement answers.
  fileprivate func number(_ statement: SQLStatement) throws(PrivataError) -> Int64 {
    Int64(try run(statement, nil).rows.value(row: 0, column: 0)?.asInt ?? 0)
  }
}
