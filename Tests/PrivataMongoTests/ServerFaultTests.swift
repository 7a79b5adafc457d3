import PrivataCore
import Testing

@testable import PrivataMongo

private let clock = ContinuousClock()

/// A server of the suite's own that freezes, dies and fails on demand.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ServerFaultTests {
  /// One server for all tests of the suite; it dies with the last of them.
  private static let shared = Result { try ThrowawayMongo() }

  private func withServer(
    _ collection: String, _ urlOptions: String = "", _ options: MongoOptions = MongoOptions(),
    _ body: (ThrowawayMongo, MongoStore, ModelSchema) async throws -> Void
  ) async throws {
    let server = try Self.shared.get()
    // An injected error says that the server steps down; how soon the client looks again.
    var words = urlOptions.isEmpty ? [] : [urlOptions]
    if !urlOptions.contains("heartbeat") { words.append("heartbeatFrequencyMS=500") }
    let store = try await server.store(words.joined(separator: "&"), options)
    let model = MongoTests.open(collection)
    try await store.drop([model])
    try await store.insert([["_id": 0, "n": 0]], into: model)
    try await body(server, store, model)
    await store.close()
  }

  // MARK: - Failures that the server reports

  @Test(arguments: [
    (13, PrivataError.Code.authentication, false), (18, .authentication, false),
    (50, .timeout, true), (262, .timeout, true), (112, .writeConflict, true), (46, .busy, true),
    (91, .connection, true), (11600, .connection, true), (10107, .connection, true),
    (14031, .diskFull, false), (251, .transactionEnded, false), (2, .rejectedByStore, false),
  ])
  func codesOfTheServerBecomeStableOnes(
    _ code: Int, _ wanted: PrivataError.Code, _ isRetriable: Bool
  ) async throws {
    try await withServer("codes", "retryReads=false") { server, store, model in
      try await server.fail(["find"], ["errorCode": .int(code)])
      let error = await thrown { _ = try await store.find(["secret": "4711"], in: model) }
      #expect(error?.code == wanted)
      #expect(error?.isRetriable == isRetriable)
      #expect((error?.underlying as? ServerError)?.code == code)
      #expect(error?.message.contains("4711") == false)
      #expect(try await store.find(in: model).count == 1)
    }
  }

  @Test func aWriteConcernThatFailsIsNoLostWrite() async throws {
    try await withServer("concern", "retryWrites=false") { server, store, model in
      try await server.fail(
        ["insert"], ["writeConcernError": ["code": 64, "errmsg": "waited for 4711"]])
      let error = await thrown { try await store.insert([["_id": 1]], into: model) }
      #expect((error?.underlying as? ServerError)?.code == 64)
      #expect(error?.message.contains("4711") == false)
      #expect(try await store.count(in: model) == 2)
    }
  }

  // MARK: - Broken connections

  @Test func aReadIsRepeatedOnceAndAWriteCountsOnce() async throws {
    try await withServer("repeated") { server, store, model in
      try await server.fail(["find"], ["closeConnection": true])
      #expect(try await store.find(in: model).count == 1)
      try await server.fail(["insert"], ["closeConnection": true])
      try await store.insert([["_id": 1]], into: model)
      try await server.fail(["update"], ["errorCode": 91, "errorLabels": ["RetryableWriteError"]])
      let increment = Write.update(
        Update(model, where: .document(["_id": 0]), .operators(["$inc": ["n": 1]])))
      #expect(try await store.write(increment).modified == 1)
      #expect(try await store.find(["_id": 0], in: model).first?["n"] == 1)
    }
  }

  @Test func whatMayNotBeRepeatedIsNot() async throws {
    try await withServer("once", "retryWrites=false&retryReads=false") { server, store, model in
      for command in ["find", "insert"] {
        try await server.fail([command], ["closeConnection": true])
        let error = await thrown {
          if command == "find" {
            _ = try await store.find(in: model)
          } else {
            try await store.insert([["_id": 1]], into: model)
          }
        }
        #expect(error?.code == .connection)
        #expect(error?.isRetriable == true)
        #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
      }
      #expect(try await store.count(in: model) == 1)
    }
  }

  @Test func aBatchThatIsLostEndsTheStreamAndGivesBackItsConnection() async throws {
    try await withServer("batches", "maxPoolSize=1&retryReads=false") { server, store, model in
      try await store.insert((1..<30).map { ["_id": .int($0)] }, into: model)
      let stream = try await store.stream(Query(model), batchSize: 10)
      #expect(try await stream.next()?.count == 10)
      let failing = try await MongoStore.open(server.url(), database: "faults")
      try await server.fail(["getMore"], ["errorCode": 43])
      let error = await thrown { _ = try await stream.next() }
      #expect((error?.underlying as? ServerError)?.code == 43)
      #expect(try await stream.next() == nil)
      #expect(try await store.count(in: model) == 30)
      await failing.close()
    }
  }

  // MARK: - Transactions

  /// Tries a transaction again while its error is retriable, as the styles do.
  private func retrying(
    _ store: MongoStore, _ body: (any StoreTransaction) async throws -> Void
  ) async throws -> Int {
    for attempt in 1... {
      do {
        try await store.withTransaction { try await body($0) }
        return attempt
      } catch let error as PrivataError where error.isRetriable && attempt < 5 { continue }
    }
    return 0
  }

  @Test(
    arguments: [
      ["errorCode": 112, "errorLabels": ["TransientTransactionError"]],
      ["errorCode": 251, "errorLabels": ["TransientTransactionError"]],
      ["closeConnection": true],
    ] as [Document])
  func aTransientErrorLeavesNothingAndCanBeTriedAgain(_ failure: Document) async throws {
    try await withServer("transient") { server, store, model in
      try await server.fail(["update"], failure)
      let attempts = try await retrying(store) { transaction in
        try await transaction.insert([["_id": 1]], into: model)
        _ = try await transaction.write(
          .update(Update(model, where: .document(["_id": 0]), .operators(["$inc": ["n": 1]]))))
      }
      #expect(attempts == 2)
      #expect(try await store.find(in: model).map { $0["n"] } == [1, nil])
    }
  }

  @Test func aCommitThatIsInterruptedIsRepeated() async throws {
    try await withServer("commit") { server, store, model in
      try await server.fail(
        ["commitTransaction"], ["errorCode": 91, "errorLabels": ["RetryableWriteError"]])
      try await store.withTransaction { _ = try await $0.insert([["_id": 1]], into: model) }
      #expect(try await store.count(in: model) == 2)
    }
  }

  @Test func aCommitThatIsRefusedKeepsNothing() async throws {
    try await withServer("refused", "maxPoolSize=1") { server, store, model in
      try await server.fail(["commitTransaction"], times: 1, ["errorCode": 251])
      let transaction = try await store.begin(TransactionOptions())
      try await transaction.insert([["_id": 1]], into: model)
      let error = await thrown { try await transaction.commit() }
      #expect(error?.code == .writeConflict)
      #expect(error?.isRetriable == true)
      let again = await thrown { try await transaction.commit() }
      #expect(again?.code == .transactionEnded)
      try await transaction.rollback()
      // The one connection is free for others, outside of any transaction.
      #expect(try await store.count(in: model) == 1)
      try await store.insert([["_id": 2]], into: model)
      #expect(try await store.count(in: model) == 2)
    }
  }

  // MARK: - A server that stops and goes away

  @Test func aFrozenServerIsATimeoutAndCancellationIsPrompt() async throws {
    var options = MongoOptions()
    options.inlinePermits = 0
    try await withServer(
      "frozen", "socketTimeoutMS=1500&retryReads=false&maxPoolSize=2", options
    ) { server, store, model in
      server.freeze()
      defer { server.thaw() }
      let start = clock.now
      let call = Task { try await store.find(in: model) }
      let cancelled = Task { try await store.find(in: model) }
      try await Task.sleep(for: .milliseconds(100))
      cancelled.cancel()
      let stop = await thrown { _ = try await cancelled.value }
      #expect(stop?.code == .cancelled)
      #expect(clock.now - start < .milliseconds(1000))
      let error = await thrown { _ = try await call.value }
      #expect(error?.code == .timeout)
      #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
      #expect(clock.now - start < .seconds(8))
      server.thaw()
      #expect(try await store.find(in: model).count == 1)
    }
  }

  @Test func aKilledServerIsNamedAndUsedAgainOnceItIsBack() async throws {
    try await withServer(
      "killed", "serverSelectionTimeoutMS=700&heartbeatFrequencyMS=500"
    ) { server, store, model in
      // Acknowledged in memory so far.
      _ = try await store.runCommand(["fsync": 1], database: "admin")
      let open = try await store.begin(TransactionOptions())
      try await open.insert([["_id": 1]], into: model)
      server.kill()
      let error = await thrown { _ = try await store.find(in: model) }
      #expect(error?.code == .connection)
      #expect(error?.isRetriable == true)
      #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
      let lost = await thrown { try await open.commit() }
      #expect(lost?.isRetriable == true)
      let away = await thrown { _ = try await server.store("serverSelectionTimeoutMS=300") }
      #expect(away?.code == .connection)
      try server.start()
      var found: [Document]?
      for _ in 0..<60 where found == nil {
        found = try? await store.find(in: model)
        if found == nil { try await Task.sleep(for: .milliseconds(250)) }
      }
      #expect(found == [["_id": 0, "n": 0]])
    }
  }

  @Test func noSecondaryIsNoServer() async throws {
    let server = try Self.shared.get()
    let set = "mongodb://127.0.0.1:\(server.port)/?replicaSet=own&serverSelectionTimeoutMS=500"
    let store = try await MongoStore.open(set, database: "faults")
    let model = MongoTests.open("preferred")
    var query = Query(model)
    for (name, isServed) in [
      ("primary", true), ("primaryPreferred", true), ("secondaryPreferred", true),
      ("nearest", true), ("secondary", false), ("p", true), ("pp", true), ("sp", true),
      ("n", true), ("s", false),
    ] {
      query.options = QueryOptions()
      query.options?.readPreference = name
      let error = await thrown { _ = try await store.rows(for: query) }
      #expect((error == nil) == isServed, "\(name)")
      if !isServed { #expect(error?.code == .connection) }
    }
    await store.close()
  }
}
