import PrivataCore
import Testing

@testable import PrivataMongo

@Suite struct ChangeStreamTests {
  @Test func changesComeInOrder() async throws {
    try await MongoTests.withCollection("watched") { store, model in
      try await store.createCollection(of: model, options: [:])
      let changes = try await store.watch(model, pipeline: [], options: WatchOptions())
      try await store.insert([["_id": 1], ["_id": 2]], into: model)
      _ = try await store.write(.delete(Delete(model, where: .document(["_id": 1]))))
      var seen: [String] = []
      for _ in 0..<3 {
        let change = try await changes.next()
        seen.append(change?["operationType"]?.asString ?? "none")
      }
      #expect(seen == ["insert", "insert", "delete"])
      let token = try #require(changes.resumeToken)
      await changes.close()
      let afterwards = try await changes.next()
      #expect(afterwards == nil)
      try await store.insert([["_id": 3]], into: model)
      var options = WatchOptions()
      options.resumeAfter = token
      let later = try await store.watch(model, pipeline: [], options: options)
      #expect(try await later.next()?["documentKey"] == .document(["_id": 3]))
      await later.close()
    }
  }

  @Test func waitingCanBeCancelledAndTheStreamGoesOn() async throws {
    try await MongoTests.withCollection("watched_cancel") { store, model in
      try await store.createCollection(of: model, options: [:])
      let stages: [Document] = [["$match": ["operationType": "insert"]]]
      let changes = try await store.watch(model, pipeline: stages, options: WatchOptions())
      let waiting = Task { try await changes.next() }
      try await Task.sleep(for: .milliseconds(50))
      let clock = ContinuousClock()
      let duration = await clock.measure {
        waiting.cancel()
        let cancelled = await thrown { _ = try await waiting.value }
        #expect(cancelled?.code == .cancelled)
      }
      // A wait that is not ended lasts a second.
      #expect(duration < .milliseconds(800))
      try await store.insert([["_id": 1]], into: model)
      #expect(try await changes.next()?["documentKey"] == .document(["_id": 1]))
      await changes.close()
    }
  }

  @Test func aBrokenConnectionLosesNoChange() async throws {
    let proxy = try Proxy(to: MongoTests.endpoint.port)
    let watching = try await MongoStore.open(proxy.url(), database: "mongo_driver_watched_cut")
    try await MongoTests.withCollection("watched_cut") { store, model in
      try await store.createCollection(of: model, options: [:])
      let changes = try await watching.watch(model, pipeline: [], options: WatchOptions())
      for id in 1...3 {
        try await store.insert([["_id": .int(id)]], into: model)
        proxy.cut()
        #expect(try await changes.next()?["documentKey"] == .document(["_id": .int(id)]))
      }
      await changes.close()
    }
    await watching.close()
    proxy.stop()
  }

  @Test func aWholeDatabaseCanBeWatched() async throws {
    let store = try await MongoTests.store("mongo_driver_whole")
    let model = MongoTests.open("any")
    try await store.drop([model])
    let changes = try await store.watch(nil, pipeline: [], options: WatchOptions())
    try await store.insert([["_id": 5]], into: model)
    #expect(try await changes.next()?["documentKey"] == .document(["_id": 5]))
    await changes.close()
    try await store.dropDatabase()
    await store.close()
  }
}
