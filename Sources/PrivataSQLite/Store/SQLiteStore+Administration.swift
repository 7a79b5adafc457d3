public import PrivataCore
internal import PrivataSQL

extension SQLiteStore: AdministrableStore {
  public func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    let session = try await database.writer.own()
    defer { database.writer.release(session) }
    session.watch.clear()
    // References between the tables must not decide the order.
    try session.run("PRAGMA foreign_keys = OFF")
    defer { try? session.run("PRAGMA foreign_keys = ON") }
    do throws(PrivataError) {
      try session.begin()
      for statement in SQLDrop.statements(models, dialect: .sqlite) {
        _ = try session.run(statement, StatementLog.observer)
      }
      try session.commit()
    } catch {
      session.rollback()
      throw error
    }
    database.noteCommit(session)
    database.catalog.forget(models)
  }

  public func close() async { await database.close() }
}
