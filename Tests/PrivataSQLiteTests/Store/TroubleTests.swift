import Foundation
import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataSQLite

/// Files that cannot be used, and calls that cannot be finished: each has its own code and loses
/// nothing.
@Suite struct TroubleTests {
  @Test func aFileOfOtherContentIsCorrupt() async throws {
    let folder = try Folder()
    try Data("this is no database, but long enough to look like one".utf8)
      .write(to: URL(filePath: folder.file()))
    let error = await #expect(throws: PrivataError.self) {
      _ = try await SQLiteStore(path: folder.file())
    }
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains("test.db") == true)
    #expect(error?.message.contains(folder.path) == false)
  }

  @Test func aDamagedPageIsCorrupt() async throws {
    let folder = try Folder()
    let model = noteModel()
    var store = try await SQLiteStore(path: folder.file())
    let documents: [Document] = (0..<2000).map {
      ["_id": .int($0), "title": .string(String(repeating: "x", count: 200))]
    }
    try await store.insert(documents, into: model)
    await store.close()
    let file = try FileHandle(forUpdating: URL(filePath: folder.file()))
    let size = try file.seekToEnd()
    for page in 8..<min(60, size / 4096) {
      try file.seek(toOffset: page * 4096)
      try file.write(contentsOf: Data(repeating: 0xAB, count: 4096))
    }
    try file.close()
    store = try await SQLiteStore(path: folder.file())
    #expect(await code { _ = try await store.find(model) } == .corrupt)
    await store.close()
  }

  @Test func aFileThatMayOnlyBeRead() async throws {
    let folder = try Folder()
    let model = noteModel(indexes: [IndexSchema(parts: [.init("body.zip")])])
    let writer = try await SQLiteStore(path: folder.file())
    try await writer.insert(
      [["_id": 1, "title": "a", "body": ["zip": 1]], ["_id": 2, "title": 5]], into: model)
    await writer.close()
    var options = SQLiteOptions()
    options.isReadOnly = true
    let store = try await SQLiteStore(path: folder.file(), options)
    #expect(try await store.find(model).count == 2)
    #expect(try await store.find(model, ["title": 5]).count == 1)
    #expect(try await store.find(model, ["body.zip": 1]).count == 1)
    let refused = await code { try await store.insert([["_id": 3]], into: model) }
    #expect(refused == .rejectedByStore)
    let missing = await code { _ = try await store.find(noteModel(collection: "others")) }
    #expect(missing == .rejectedByStore)
    await store.close()
  }

  @Test func aFileThatIsNotThere() async throws {
    let folder = try Folder()
    var options = SQLiteOptions()
    options.createsFile = false
    #expect(await code { _ = try await SQLiteStore(path: folder.file(), options) } == .connection)
    options.createsFile = true
    let lost = folder.path + "/no/such/folder.db"
    #expect(await code { _ = try await SQLiteStore(path: lost, options) } == .connection)
  }

  @Test func aNewFileIsItsOwnersAlone() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file())
    try await store.insert([["_id": 1]], into: noteModel())
    for end in ["", "-wal", "-shm"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.file() + end)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(end)")
    }
    await store.close()
  }

  @Test func aFullFileRefusesAndKeepsWhatItHas() async throws {
    let folder = try Folder()
    var options = SQLiteOptions()
    options.pageLimit = 40
    let store = try await SQLiteStore(path: folder.file(), options)
    let model = noteModel()
    var kept = 0
    var refusal: PrivataError.Code?
    for number in 0..<500 where refusal == nil {
      let text = String(repeating: "y", count: 2000)
      refusal = await code {
        try await store.insert([["_id": .int(number), "title": .string(text)]], into: model)
      }
      if refusal == nil { kept += 1 }
    }
    #expect(refusal == .diskFull)
    #expect(kept > 5)
    #expect(try await store.count(model) == kept)
    // Several at once fail as a whole, and the store goes on.
    let many: [Document] = (1000..<1100).map {
      ["_id": .int($0), "title": .string(String(repeating: "z", count: 2000))]
    }
    #expect(await code { try await store.insert(many, into: model) } == .diskFull)
    #expect(try await store.count(model) == kept)
    _ = try await store.write(.delete(Delete(model, where: .all)))
    try await store.insert([["_id": 1, "title": "fits again"]], into: model)
    await store.close()
    #expect(try Outsider(folder.file()).run("PRAGMA integrity_check") == ["ok"])
  }

  @Test func anotherWriterIsWaitedForThenBusy() async throws {
    let folder = try Folder()
    var options = SQLiteOptions()
    options.waitMilliseconds = 200
    let store = try await SQLiteStore(path: folder.file(), options)
    let model = noteModel()
    try await store.insert([["_id": 1]], into: model)
    let other = Outsider(folder.file())
    try other.run("BEGIN IMMEDIATE")
    let error = await #expect(throws: PrivataError.self) {
      try await store.insert([["_id": 2]], into: model)
    }
    #expect(error?.code == .busy)
    #expect(error?.isRetriable == true)
    // Reads go on, and so do writes once the lock is gone.
    #expect(try await store.count(model) == 1)
    try other.run("COMMIT")
    try await store.insert([["_id": 2]], into: model)
    await store.close()
  }

  @Test func aClosedStoreSaysSo() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file())
    let model = noteModel()
    try await store.insert([["_id": 1]], into: model)
    await store.close()
    #expect(await code { _ = try await store.find(model) } == .closed)
    #expect(await code { try await store.insert([["_id": 2]], into: model) } == .closed)
    #expect(await code { _ = try await store.begin(TransactionOptions()) } == .closed)
    #expect(await code { try await store.prepare([model]) } == .closed)
    await store.close()
    // The log was copied into the file.
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left.filter { !$0.hasSuffix("-shm") && !$0.hasSuffix("-wal") } == ["test.db"])
    #expect(try Outsider(folder.file()).run("SELECT count(*) FROM notes") == ["1"])
  }

  // MARK: - Time

  private static let endless = """
    WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n
    """

  @Test func aStatementEndsWithItsTask() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let running = Task {
      await code { _ = try await store.execute(SQLStatement(sql: Self.endless)) }
    }
    try await Task.sleep(for: .milliseconds(100))
    running.cancel()
    #expect(await running.value == .cancelled)
    #expect(try await store.execute(SQLStatement(sql: "SELECT 1")).rows.count == 1)
    await store.close()
  }

  @Test func aQueryEndsAfterItsTime() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let model = noteModel()
    let documents: [Document] = (0..<3000).map { ["_id": .int($0), "title": .string("t\($0)")] }
    try await store.insert(documents, into: model)
    var options = QueryOptions()
    options.maxTimeMilliseconds = 1
    // Every record against every other: some seconds of work.
    let transaction = try await store.begin(
      TransactionOptions(isReadOnly: true, timeoutMilliseconds: 50))
    let executor = try #require(transaction as? any SQLExecutor)
    let found = await code { _ = try await executor.execute(SQLStatement(sql: Self.endless)) }
    #expect(found == .timeout)
    #expect(await code { _ = try await transaction.find(model) } == .timeout)
    try await transaction.rollback()
    #expect(try await store.count(model) == 3000)
    await store.close()
  }

  @Test func aTransactionThatTakesTooLongKeepsNobodyOut() async throws {
    var options = SQLiteOptions()
    options.waitMilliseconds = 100
    let store = try await SQLiteStore(path: ":memory:", options)
    let model = noteModel()
    try await store.prepare([model])
    let transaction = try await store.begin(TransactionOptions())
    #expect(await code { try await store.insert([["_id": 1]], into: model) } == .busy)
    #expect(await code { _ = try await store.begin(TransactionOptions()) } == .busy)
    try await transaction.rollback()
    try await store.insert([["_id": 1]], into: model)
    await store.close()
  }

  @Test func readersAreBounded() async throws {
    let folder = try Folder()
    var options = SQLiteOptions()
    options.readers = 2
    options.waitMilliseconds = 100
    let store = try await SQLiteStore(path: folder.file(), options)
    let model = noteModel()
    try await store.insert((0..<500).map { ["_id": .int($0)] }, into: model)
    let first = try await store.stream(Query(model), batchSize: 1)
    let second = try await store.stream(Query(model), batchSize: 1)
    #expect(try await first.next()?.count == 1)
    let error = await #expect(throws: PrivataError.self) { _ = try await store.count(model) }
    #expect(error?.code == .poolExhausted)
    await first.close()
    #expect(try await store.count(model) == 500)
    await second.close()
    await store.close()
  }
}
