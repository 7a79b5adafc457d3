import PrivataCore
import Testing

@testable import PrivataSQLite

/// Writers that wait share a commit; each is answered for itself.
@Suite struct GroupCommitTests {
  @Test func eachOf64WritersIsDurableOnce() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file())
    let model = noteModel()
    try await store.prepare([model])
    let acknowledged = try await withThrowingTaskGroup(of: [Int].self) { group in
      for writer in 0..<64 {
        group.addTask {
          var done: [Int] = []
          for number in 0..<25 {
            let id = writer * 25 + number
            let outcome = try await store.write(
              .insert(Insert(model, .documents([["_id": .int(id), "title": "t"]]))))
            #expect(outcome.inserted == 1)
            done.append(id)
          }
          return done
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(acknowledged.count == 1600)
    // A second program sees them although the store is still open.
    let seen = try Outsider(folder.file()).run("SELECT count(*) FROM notes")
    #expect(seen == ["1600"])
    #expect(Set(try await store.find(model).compactMap { $0["_id"]?.asInt }) == Set(0..<1600))
    await store.close()
  }

  @Test func aFailingWriteLeavesItsNeighboursAlone() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file())
    let model = noteModel([], indexes: [IndexSchema(parts: [.init("title")], isUnique: true)])
    try await store.insert([["_id": -1, "title": "taken"]], into: model)
    let results = await withTaskGroup(of: (Int, PrivataError.Code?).self) { group in
      for writer in 0..<64 {
        group.addTask {
          // Every fourth breaks the index, half of those after a first record that was fine.
          let title: Value = writer % 4 == 0 ? "taken" : .string("t\(writer)")
          var documents: [Document] = [["_id": .int(writer), "title": title]]
          if writer % 8 == 0 {
            documents.insert(["_id": .int(1000 + writer), "title": .string("x\(writer)")], at: 0)
          }
          return (writer, await code { try await store.insert(documents, into: model) })
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for writer in 0..<64 {
      #expect(results[writer] == (writer % 4 == 0 ? .duplicateKey : nil), "writer \(writer)")
    }
    let ids = try await store.find(model).compactMap { $0["_id"]?.asInt }
    #expect(ids == [-1] + (0..<64).filter { $0 % 4 != 0 })
    await store.close()
  }

  @Test func writersWaitForATransaction() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let model = noteModel()
    try await store.prepare([model])
    let transaction = try await store.begin(TransactionOptions())
    _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 0]]))))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 1...64 {
        group.addTask { try await store.insert([["_id": .int(writer)]], into: model) }
      }
      // Reads go on meanwhile, and see nothing of it.
      #expect(try await store.count(model) == 0)
      try await transaction.commit()
      try await group.waitForAll()
    }
    #expect(try await store.count(model) == 65)
    await store.close()
  }

  @Test func cancelledWritersAreLeftOut() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let model = noteModel()
    try await store.prepare([model])
    let transaction = try await store.begin(TransactionOptions())
    let codes = try await withThrowingTaskGroup(of: PrivataError.Code?.self) { group in
      for writer in 1...20 {
        group.addTask {
          await code { try await store.insert([["_id": .int(writer)]], into: model) }
        }
      }
      try await Task.sleep(for: .milliseconds(50))
      group.cancelAll()
      let codes = try await group.reduce(into: []) { $0.append($1) }
      try await transaction.rollback()
      return codes
    }
    #expect(codes.allSatisfy { $0 == .cancelled })
    #expect(try await store.count(model) == 0)
    // The writer is free again.
    try await store.insert([["_id": 1]], into: model)
    await store.close()
  }
}
