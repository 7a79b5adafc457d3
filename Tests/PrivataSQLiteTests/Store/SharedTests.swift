import PrivataCore
import Testing

@testable import PrivataSQLite

/// A file that other programs write to: the sqlite3 library's own connections, and a second store.
@Suite struct SharedTests {
  static func options() -> SQLiteOptions {
    var options = SQLiteOptions()
    options.sharing = .shared
    return options
  }

  @Test func seesWhatOthersCommittedAtOnce() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file(), Self.options())
    let model = noteModel()
    try await store.insert([["_id": 1, "title": "a"]], into: model)
    #expect(try await store.count(model) == 1)
    let other = Outsider(folder.file())
    for number in 0..<200 {
      try other.run("UPDATE notes SET title = 't\(number)'")
      let found = try await store.find(model)
      #expect(found == [["_id": 1, "title": .string("t\(number)")]])
    }
    try other.run("DELETE FROM notes")
    #expect(try await store.count(model) == 0)
    await store.close()
  }

  @Test func seesOddRowsOfOthers() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file(), Self.options())
    let second = try await SQLiteStore(path: folder.file(), Self.options())
    let (model, same) = (noteModel(), noteModel())
    try await store.insert([["_id": 1, "title": "a", "count": 1]], into: model)
    #expect(try await store.count(model, ["count": 5]) == 0)
    try await second.insert([["_id": 2, "title": 5, "count": .int64(5)]], into: same)
    #expect(
      try await store.find(model, ["count": 5]) == [["_id": 2, "title": 5, "count": .int64(5)]])
    #expect(try await store.find(model, ["title": 5]).count == 1)
    #expect(try await store.count(model, ["title": ["$ne": "a"]]) == 1)
    try await store.update(model, ["title": 5], ["$set": ["title": "b"]])
    #expect(try await second.find(same, ["title": "b"]).count == 1)
    await store.close()
    await second.close()
  }

  @Test func seesColumnsThatAnotherStoreAdded() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file(), Self.options())
    let second = try await SQLiteStore(path: folder.file(), Self.options())
    let model = noteModel()
    let wider = noteModel([.init("nick", .string), .init("rank", .int32)])
    try await store.insert([["_id": 1, "title": "a", "nick": "x"]], into: model)
    try await second.prepare([wider])
    try await second.insert([["_id": 2, "title": "b", "nick": "y", "rank": 3]], into: wider)
    #expect(
      try await store.find(model) == [
        ["_id": 1, "title": "a", "nick": "x"], ["_id": 2, "title": "b", "nick": "y", "rank": 3],
      ])
    try await store.insert([["_id": 3, "nick": "z", "rank": 4]], into: model)
    #expect(try Outsider(folder.file()).run("SELECT rank FROM notes WHERE nick = 'z'") == ["4"])
    #expect(try await second.find(wider, ["nick": "z"]).count == 1)
    #expect(try await store.find(model, ["nick": ["$in": ["x", "y"]]]).count == 2)
    await store.close()
    await second.close()
  }

  @Test func seesColumnsThatTheLibraryAdded() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file(), Self.options())
    let model = noteModel()
    try await store.insert([["_id": 1, "title": "a", "nick": "kept"]], into: model)
    let other = Outsider(folder.file())
    try other.run("ALTER TABLE notes ADD COLUMN nick TEXT")
    try other.run("ALTER TABLE notes ADD COLUMN rank INTEGER")
    try other.run("UPDATE notes SET rank = 7")
    let wanted: Document = ["_id": 1, "title": "a", "nick": "kept", "rank": .int64(7)]
    let found = try await store.find(model).first
    #expect(found == wanted, "\(found?.extendedJSON(.canonical) ?? "")")
    #expect(try await store.find(model, ["nick": "kept", "rank": 7]).count == 1)
    try other.run("UPDATE notes SET nick = 'new'")
    #expect(try await store.find(model, ["nick": "new"]).count == 1)
    await store.close()
  }

  @Test func anOpenTransactionSeesTheRecordsAsTheyWere() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file(), Self.options())
    let model = noteModel()
    try await store.insert([["_id": 1, "title": "a"]], into: model)
    let transaction = try await store.begin(TransactionOptions(isReadOnly: true))
    #expect(try await transaction.find(model, ["_id": 1])[0]["title"] == "a")
    try Outsider(folder.file()).run("UPDATE notes SET title = 'b'")
    #expect(try await transaction.find(model, ["_id": 1])[0]["title"] == "a")
    try await transaction.commit()
    #expect(try await store.find(model, ["_id": 1])[0]["title"] == "b")
    await store.close()
  }

  @Test func twoStoresCountTogether() async throws {
    let folder = try Folder()
    let first = try await SQLiteStore(path: folder.file(), Self.options())
    let second = try await SQLiteStore(path: folder.file(), Self.options())
    let (a, b) = (noteModel(), noteModel())
    try await first.insert([["_id": 1, "count": 0]], into: a)
    try await second.prepare([b])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask {
          let (store, model) = number % 2 == 0 ? (first, a) : (second, b)
          try await store.update(model, ["_id": 1], ["$inc": ["count": 1], "$push": ["tags": "x"]])
        }
      }
      try await group.waitForAll()
    }
    let found = try await first.find(a)
    #expect(found[0]["count"] == 100)
    #expect(found[0]["tags"]?.asArray?.count == 100)
    await first.close()
    await second.close()
  }

  @Test func exclusiveStoresSeeOthersAfterTheirSnapshot() async throws {
    let folder = try Folder()
    var options = SQLiteOptions()
    options.snapshotMilliseconds = 0
    let store = try await SQLiteStore(path: folder.file(), options)
    let model = noteModel()
    try await store.insert([["_id": 1, "title": "a"]], into: model)
    #expect(try await store.count(model) == 1)
    try Outsider(folder.file()).run("UPDATE notes SET title = 'b'")
    try await Task.sleep(for: .milliseconds(20))
    #expect(try await store.find(model)[0]["title"] == "b")
    await store.close()
  }
}
