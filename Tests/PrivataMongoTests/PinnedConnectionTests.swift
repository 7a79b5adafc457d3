import PrivataCore
import Testing

@testable import PrivataMongo

private let clock = ContinuousClock()

/// Transactions and streams hold one connection; whatever happens to their task, it comes back clean.
@Suite(.serialized, .timeLimit(.minutes(1))) struct PinnedConnectionTests {
  /// Runs the body on a store with a single connection and a collection of three records.
  private func withOneConnection(
    _ name: String, _ body: @escaping (MongoStore, ModelSchema) async throws -> Void
  ) async throws {
    try await MongoTests.withCollection("pinned_" + name) { witness, model in
      try await witness.insert((0..<3).map { ["_id": .int($0), "n": 0] }, into: model)
      let url = MongoTests.url + (MongoTests.url.contains("?") ? "&" : "?") + "maxPoolSize=1"
      let store = try await MongoStore.open(url, database: "mongo_driver_pinned_" + name)
      try await body(store, model)
      await store.close()
    }
  }

  private let slow = Filter.document([
    "$expr": [
      "$function": [
        "body": "function() { sleep(150); return true }", "args": [], "lang": "js",
      ]
    ]
  ])

  @Test func aCancelledTransactionIsUndoneBeforeTheNextCall() async throws {
    try await withOneConnection("cancelled") { store, model in
      let slow = slow
      let task = Task {
        try await store.withTransaction { transaction in
          try await transaction.insert([["_id": 10]], into: model)
          _ = try await transaction.rows(for: Query(model, where: slow))
        }
      }
      try await Task.sleep(for: .milliseconds(150))
      let start = clock.now
      task.cancel()
      let error = await thrown { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(clock.now - start < .milliseconds(300))
      // Not into the transaction that was left behind.
      try await store.insert([["_id": 20]], into: model)
      let witness = try await MongoTests.store("mongo_driver_pinned_cancelled")
      #expect(try await witness.find(in: model).map { $0["_id"] } == [0, 1, 2, 20])
      await witness.close()
    }
  }

  @Test func aTransactionBegunByACancelledTaskIsLeftToNobody() async throws {
    try await withOneConnection("begin") { store, model in
      do {
        // It began before the cancellation was seen, or it did not.
        let task = Task {
          withUnsafeCurrentTask { $0?.cancel() }
          return try await store.begin(TransactionOptions())
        }
        _ = await task.result
      }
      try await store.insert([["_id": 20]], into: model)
      let witness = try await MongoTests.store("mongo_driver_pinned_begin")
      #expect(try await witness.count(in: model) == 4)
      await witness.close()
    }
  }

  @Test func oneThatIsDroppedInTheMiddleOfACallIsUndone() async throws {
    try await withOneConnection("dropped") { store, model in
      let slow = slow
      do {
        let transaction = try await store.begin(TransactionOptions())
        try await transaction.insert([["_id": 10]], into: model)
        let call = Task { try await transaction.rows(for: Query(model, where: slow)) }
        try await Task.sleep(for: .milliseconds(50))
        call.cancel()
        _ = try? await call.value
      }
      #expect(try await store.find(in: model).map { $0["_id"] } == [0, 1, 2])
    }
  }

  @Test func aCancelledCommitEndsTheTransactionOneWayOrTheOther() async throws {
    try await withOneConnection("commit") { store, model in
      let task = Task {
        let transaction = try await store.begin(TransactionOptions())
        try await transaction.insert([["_id": 10], ["_id": 11]], into: model)
        withUnsafeCurrentTask { $0?.cancel() }
        try await transaction.commit()
      }
      let error = await thrown { try await task.value }
      #expect(error?.code == .cancelled)
      let count = try await store.count(in: model)
      #expect(count == 3 || count == 5)
      try await store.insert([["_id": 20]], into: model)
      #expect(try await store.count(in: model) == count + 1)
    }
  }

  @Test func aStreamThatIsCancelledLeavesNoCursorOpen() async throws {
    try await withOneConnection("cursor") { store, model in
      try await store.insert((10..<40).map { ["_id": .int($0)] }, into: model)
      let slow = slow
      let before = try await Self.openCursors(store)
      let task = Task {
        let stream = try await store.stream(Query(model, where: slow), batchSize: 2)
        while try await stream.next() != nil {}
      }
      try await Task.sleep(for: .milliseconds(100))
      task.cancel()
      let error = await thrown { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(try await store.count(in: model) == 33)
      #expect(try await Self.openCursors(store) <= before)
    }
  }

  /// The cursors that the server holds for this collection.
  private static func openCursors(_ store: MongoStore) async throws -> Int {
    let reply = try await store.runCommand(
      [
        "aggregate": 1,
        "pipeline": [
          ["$currentOp": ["allUsers": true, "idleCursors": true]],
          ["$match": ["type": "idleCursor", "ns": "mongo_driver_pinned_cursor.pinned_cursor"]],
        ],
        "cursor": [:],
      ], database: "admin")
    return reply["cursor"]?.asDocument?["firstBatch"]?.asArray?.count ?? -1
  }

  @Test func aChangeStreamIsClosedWhileItWaits() async throws {
    try await withOneConnection("watched") { store, model in
      let changes = try await store.watch(model, pipeline: [], options: WatchOptions())
      let waiting = Task { try await changes.next() }
      try await Task.sleep(for: .milliseconds(100))
      await changes.close()
      #expect(try await waiting.value == nil)
      #expect(try await changes.next() == nil)
      // Its connection is the only one.
      #expect(try await store.count(in: model) == 3)
    }
  }

  @Test func aStreamThatIsClosedTwiceAnswersNothingMore() async throws {
    try await withOneConnection("closed") { store, model in
      let stream = try await store.stream(Query(model), batchSize: 1)
      #expect(try await stream.next()?.count == 1)
      await stream.close()
      await stream.close()
      #expect(try await stream.next() == nil)
      #expect(try await store.count(in: model) == 3)
    }
  }

  @Test func readsPreferredElsewhereGoToThePrimaryInATransaction() async throws {
    try await withOneConnection("elsewhere") { _, model in
      let store = try await MongoStore.open(
        MongoTests.url + "&readPreference=secondaryPreferred",
        database: "mongo_driver_pinned_elsewhere")
      try await store.withTransaction { transaction in
        try await transaction.insert([["_id": 10]], into: model)
        #expect(try await transaction.count(in: model) == 4)
        #expect(try await transaction.find(in: model).count == 4)
      }
      #expect(try await store.count(in: model) == 4)
      await store.close()
    }
  }
}
