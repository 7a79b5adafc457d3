import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataSQLite

/// How connections are set up and what they keep.
@Suite struct ConnectionTests {
  private func value(_ store: some SQLExecutor, _ sql: String) async throws -> Value? {
    try await store.execute(SQLStatement(sql: sql)).rows.value(row: 0, column: 0)
  }

  @Test func filesAreInWALModeWithForeignKeys() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file())
    let transaction = try await store.begin(TransactionOptions())
    let writer = try #require(transaction as? any SQLExecutor)
    #expect(try await value(writer, "PRAGMA foreign_keys")?.asInt == 1)
    #expect(try await value(writer, "PRAGMA synchronous")?.asInt == 2)
    #expect(try await value(writer, "PRAGMA secure_delete")?.asInt == 1)
    try await transaction.rollback()
    #expect(try Outsider(folder.file()).run("PRAGMA journal_mode") == ["wal"])
    await store.close()
  }

  @Test func referencesAreEnforced() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let clinic = ModelSchema(
      name: "Clinic", collection: "clinics", fields: [.init("id", .int64), .init("name", .string)])
    let visit = ModelSchema(
      name: "Visit", collection: "visits",
      fields: [
        .init("id", .int64),
        .init(
          "clinic", .int64,
          reference: Reference("Clinic", onDelete: .cascade, isEnforced: true)),
      ])
    try await store.prepare([clinic, visit])
    try await store.insert([["id": 1, "name": "North"]], into: clinic)
    try await store.insert([["id": 1, "clinic": 1]], into: visit)
    let lost = await code { try await store.insert([["id": 2, "clinic": 9]], into: visit) }
    #expect(lost == .foreignKey)
    _ = try await store.write(.delete(Delete(clinic, where: .all)))
    #expect(try await store.count(visit) == 0)
    await store.close()
  }

  @Test func readersRefuseWrites() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    try await store.insert([["_id": 1]], into: noteModel())
    let transaction = try await store.begin(TransactionOptions(isReadOnly: true))
    let refused = await code {
      _ = try await transaction.write(.delete(Delete(noteModel(), where: .all)))
    }
    #expect(refused == .rejectedByStore)
    try? await transaction.rollback()
    #expect(try await store.count(noteModel()) == 1)
    await store.close()
  }

  @Test func aReadFindsItsConnectionWithoutSuspending() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let model = noteModel()
    try await store.insert([["_id": 1]], into: model)
    _ = try await store.count(model)
    // The reader is free again as soon as the call is over.
    for _ in 0..<100 {
      #expect(try await store.count(model) == 1)
      let session = try #require(try store.database.freeReader())
      store.database.giveBack(session)
    }
    await store.close()
  }

  /// More shapes of statement than a connection keeps prepared.
  @Test func statementsComeAndGo() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    try await store.insert([["_id": 1, "count": 5]], into: noteModel())
    for round in 0..<2 {
      for number in 0..<1200 {
        let found = try await value(store, "SELECT \(number) + count FROM notes")
        #expect(found?.asInt == number + 5, "round \(round)")
      }
    }
    let fields = (0..<700).map { "f\($0)" }
    for field in fields {
      #expect(try await store.count(noteModel(), [field: ["$exists": true]]) == 0)
      let filter: Document = ["count": 5, "$or": [[field: 1], ["_id": 1]]]
      #expect(try await store.find(noteModel(), filter).count == 1)
    }
    await store.close()
  }

  @Test func memoryStoresAreApart() async throws {
    let first = try await SQLiteStore(path: ":memory:")
    let second = try await SQLiteStore(path: ":memory:")
    #expect(first.traits.place != second.traits.place)
    try await first.insert([["_id": 1]], into: noteModel())
    #expect(try await second.count(noteModel()) == 0)
    await first.close()
    await second.close()
  }

  @Test func anUnfinishedTransactionIsUndone() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file())
    let model = noteModel()
    try await store.prepare([model])
    do {
      let transaction = try await store.begin(TransactionOptions())
      _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 1]]))))
    }
    #expect(try await store.count(model) == 0)
    try await store.insert([["_id": 2]], into: model)
    await store.close()
  }

  @Test func theLogIsCopiedIntoTheFile() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file())
    let model = noteModel()
    for round in 0..<30 {
      let documents: [Document] = (0..<200).map {
        ["_id": .int(round * 200 + $0), "title": .string(String(repeating: "w", count: 2000))]
      }
      try await store.insert(documents, into: model)
      #expect(try await store.count(model) == (round + 1) * 200)
    }
    let size = try Outsider(folder.file()).run("PRAGMA wal_checkpoint(PASSIVE)", column: 1)
    #expect(size.first.flatMap { Int($0) }.map { $0 < 4000 } == true, "\(size)")
    await store.close()
  }
}
