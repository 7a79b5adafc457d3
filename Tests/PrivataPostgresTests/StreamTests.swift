import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataPostgres

/// Rows in pieces, alone and in transactions.
@Suite(.serialized, .timeLimit(.minutes(1))) struct StreamTests {
  private static let entry = ModelSchema(
    name: "Entry", collection: "entries",
    fields: [.init("id", .int32, isOptional: false), .init("label", .string)])

  private func withEntries(
    _ schema: String, _ change: (inout PostgresOptions) -> Void = { _ in },
    _ body: (PostgresStore) async throws -> Void
  ) async throws {
    try await TestServer.withStore(schema, change) { store in
      try await store.prepare([Self.entry])
      try await store.query(
        "INSERT INTO entries SELECT n, 'entry ' || n FROM generate_series(1, 100) n")
      try await body(store)
    }
  }

  private func ids(_ stream: any RowStream, _ limit: Int = .max) async throws -> [Int] {
    var ids: [Int] = []
    while ids.count < limit, let rows = try await stream.next() {
      ids += (0..<rows.count).compactMap { rows.value(row: $0, column: 0)?.asInt }
    }
    return ids
  }

  private var query: Query {
    Query(Self.entry, projection: .fields(["id"]), sort: [SortKey("id")], layout: .cells)
  }

  @Test(arguments: [1, 7, 100, 1000]) func comesInPieces(_ size: Int) async throws {
    try await withEntries("pieces", { $0.connections = 1 }) { store in
      let stream = try await store.stream(query, batchSize: size)
      #expect(try await ids(stream) == Array(1...100))
      #expect(try await stream.next() == nil)
      // The one connection is free again.
      #expect(try await store.query("SELECT 1") == [[.int32(1)]])
    }
  }

  @Test func severalAreOpenInOneTransaction() async throws {
    try await withEntries("several") { store in
      let transaction = try await store.context.transaction(TransactionOptions(), store.tables)
      var streams: [any RowStream] = []
      for _ in 0..<12 { streams.append(try await transaction.stream(query, batchSize: 10)) }
      for stream in streams { #expect(try await stream.next()?.count == 10) }
      try await transaction.query("INSERT INTO entries VALUES (101, 'late')")
      for stream in streams {
        #expect(try await ids(stream) == Array(11...100))
        await stream.close()
      }
      try await transaction.rollback()
      #expect(try await store.query("SELECT count(*) FROM entries") == [[.int64(100)]])
    }
  }

  @Test func oneThatIsLeftGivesBackItsConnection() async throws {
    try await withEntries("left", { $0.connections = 1 }) { store in
      for _ in 0..<3 {
        let stream = try await store.stream(query, batchSize: 10)
        _ = try await stream.next()
        await stream.close()
        await stream.close()
        #expect(try await stream.next() == nil)
        let unopened = try await store.stream(query, batchSize: 10)
        await unopened.close()
      }
      do {
        let dropped = try await store.stream(query, batchSize: 10)
        _ = try await dropped.next()
      }
      #expect(try await store.query("SELECT 1") == [[.int32(1)]])
    }
  }

  @Test func aCancelledOneGivesBackItsConnection() async throws {
    try await withEntries("cancelled", { $0.connections = 1 }) { store in
      let query = query
      let task = Task {
        let stream = try await store.stream(query, batchSize: 1)
        while try await stream.next() != nil { try await Task.sleep(for: .milliseconds(5)) }
      }
      try await Task.sleep(for: .milliseconds(60))
      task.cancel()
      await #expect(throws: (any Error).self) { try await task.value }
      #expect(try await store.query("SELECT 1") == [[.int32(1)]])
    }
  }

  @Test func whatTheEngineSortsComesAtOnceAndIsCut() async throws {
    try await TestServer.withStore("engine") { store in
      let open = ModelSchema(
        name: "Open", collection: "opens", fields: [.init("_id", .int32)], isOpen: true)
      try await store.prepare([open])
      let documents = (0..<20).map { ["_id": .int($0), "n": ["k": .int(20 - $0)]] as Document }
      _ = try await store.write(.insert(Insert(open, .documents(documents))))
      let query = Query(
        open, where: .document(["n.k": ["$gt": 5]]), sort: [SortKey("n.k")], skip: 2, limit: 5)
      let stream = try await store.stream(query, batchSize: 2)
      var found: [Document] = []
      while let rows = try await stream.next() {
        #expect(rows.count <= 2)
        found += rows.documents
      }
      #expect(found.map { $0["n"]?.asDocument?["k"] } == [8, 9, 10, 11, 12])
    }
  }
}

/// What a store does besides queries and writes.
@Suite(.serialized) struct StoreTests {
  @Test func aSourceOpensAStore() async throws {
    let source = StoreSource.postgres(try TestServer.url, schema: "test_source")
    let store = try await source.open()
    #expect(store.traits.kind == .postgres)
    #expect(store.traits.location?.hasSuffix("/test_source") == true)
    let postgres = try #require(store as? PostgresStore)
    try await postgres.query("DROP SCHEMA test_source")
    await postgres.close()
  }

  @Test func aTransactionPreparesOutsideOfItself() async throws {
    try await TestServer.withStore("preparing") { store in
      let model = ModelSchema(
        name: "Thing", collection: "things", fields: [.init("_id", .int32)], isOpen: true)
      let transaction = try await store.begin(TransactionOptions())
      try await transaction.prepare([model])
      _ = try await transaction.write(.insert(Insert(model, .documents([["_id": 1]]))))
      #expect(transaction.traits == store.traits)
      try await transaction.rollback()
      #expect(try await store.rows(for: Query(model)).isEmpty)
    }
  }

  @Test func theOwnerOfTheLastConnectionIsToldOfAConstraintAsWell() async throws {
    try await TestServer.withStore("last", { $0.connections = 1 }) { store in
      try await store.query("CREATE TABLE last (a int, b int, UNIQUE (a, b))")
      try await store.query("INSERT INTO last VALUES (1, 2)")
      let transaction = try await store.context.transaction(TransactionOptions(), store.tables)
      let error = try await failure { () async throws(PrivataError) in
        try await transaction.query("INSERT INTO last VALUES (1, 2)")
      }
      #expect(error.code == .duplicateKey)
      try await transaction.rollback()
    }
  }

  @Test func anUnpreparedModelIsPreparedOnTheWay() async throws {
    try await TestServer.withStore("unprepared") { store in
      let model = ModelSchema(
        name: "Thing", collection: "things", fields: [.init("_id", .int32)], isOpen: true)
      let outcome = try await store.write(.insert(Insert(model, .documents([["_id": 1]]))))
      #expect(outcome.inserted == 1)
      let other = ModelSchema(
        name: "Other", collection: "others", fields: [.init("_id", .int32)], isOpen: true)
      #expect(try await store.rows(for: Query(other)).isEmpty)
    }
  }

  @Test func statementsWithTooManyParametersAreRefused() async throws {
    try await TestServer.withStore("parameters") { store in
      let values = [Value](repeating: 1, count: 65_536)
      let template = SQLTemplate(
        "SELECT 1", kind: "find", parameters: [FieldType?](repeating: .int32, count: values.count),
        columns: [.int32])
      let error = try await failure { () async throws(PrivataError) in
        try await store.execute(SQLStatement(template, values))
      }
      #expect(error.code == .badArgument)
    }
  }
}
