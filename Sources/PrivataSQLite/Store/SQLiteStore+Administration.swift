public import PrivataCore
internal import PrivataSQL

extension SQLiteStore: AdministrableStore {
  public func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    let observer = StatementLog.observer
    try await database.writer.write { session throws(PrivataError) in
      // References between the tables must not decide the order.
      try session.run("PRAGMA foreign_keys = OFF")
      defer { try? session.run("PRAGMA foreign_keys = ON") }
      try session.begin()
      for statement in SQLDrop.statements(models, dialect: .sqlite) {
        _ = try session.run(statement, observer)
      }
      try session.commit()
    }
    database.catalog.forget(models)
  }

  public func close() async { await database.close() }
}
