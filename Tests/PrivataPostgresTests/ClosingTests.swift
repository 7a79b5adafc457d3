import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataPostgres

private let clock = ContinuousClock()

/// A store that is closed while others use it: nobody is left waiting, nothing is left open.
@Suite(.serialized, .timeLimit(.minutes(1))) struct ClosingTests {
  /// How many connections with a name the server has.
  private func connections(named name: String, seenBy store: PostgresStore) async throws -> Int {
    let rows = try await store.query(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1::text", .string(name))
    return rows[0][0]?.asInt ?? -1
  }

  @Test func openTransactionsAreUndone() async throws {
    try await TestServer.withStore("closing") { witness in
      try await witness.query("CREATE TABLE entry (id int PRIMARY KEY)")
      var options = witness.context.options
      options.applicationName = "closing_\(UInt32.random(in: 0 ... .max))"
      let store = try await PostgresStore(TestServer.url, options: options)
      let open = try await store.context.transaction(TransactionOptions(), store.tables)
      try await open.query("INSERT INTO entry VALUES (1)")
      let stream = try await store.stream(entries, batchSize: 1)
      await store.close()
      for _ in 0..<200 {
        guard try await connections(named: options.applicationName, seenBy: witness) > 0 else {
          break
        }
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(try await connections(named: options.applicationName, seenBy: witness) == 0)
      // Nothing is locked any more.
      try await witness.query("DROP TABLE entry")
      await expectClosed { try await open.query("SELECT 1") }
      await expectClosed { try await open.commit() }
      await expectClosed { try await stream.next() }
      await expectClosed { try await store.begin(TransactionOptions()) }
      await stream.close()
    }
  }

  private func expectClosed<R>(_ body: () async throws -> R) async {
    let error = await #expect(throws: PrivataError.self) { _ = try await body() }
    #expect(error?.code == .closed)
  }

  private var entries: Query {
    Query(ModelSchema(name: "Entry", collection: "entry", fields: [.init("id", .int32)]))
  }

  @Test func allThatWaitAreWoken() async throws {
    try await TestServer.withStore("waking", { $0.connections = 2 }) { owner in
      let store = try await PostgresStore(TestServer.url, options: owner.context.options)
      let held = try await store.context.transaction(TransactionOptions(), store.tables)
      let start = clock.now
      let codes = try await withThrowingTaskGroup(of: PrivataError.Code.self) { group in
        group.addTask {
          try await failure { () async throws(PrivataError) in
            try await held.query("SELECT pg_sleep(30)")
          }.code
        }
        for _ in 0..<6 {
          group.addTask {
            try await failure { () async throws(PrivataError) in
              try await store.query("SELECT pg_sleep(30)")
            }.code
          }
        }
        // Both connections are taken by now.
        try await Task.sleep(for: .milliseconds(150))
        for _ in 0..<6 {
          group.addTask {
            try await failure { () async throws(PrivataError) in
              try await store.begin(TransactionOptions())
            }.code
          }
        }
        try await Task.sleep(for: .milliseconds(150))
        await store.close()
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(codes.count == 13)
      #expect(codes.allSatisfy { $0 == .closed }, "\(codes)")
      #expect(clock.now - start < .seconds(4))
    }
  }

  @Test func closingAtAnyMomentAnswersEverybody() async throws {
    try await TestServer.withStore("moments", { $0.connections = 2 }) { owner in
      for round in 0..<25 {
        let store = try await PostgresStore(TestServer.url, options: owner.context.options)
        let answered = try await withThrowingTaskGroup(of: Int.self) { group in
          for task in 0..<8 {
            group.addTask { try await Self.queries(store, Int32(task)) }
          }
          // From before the first statement to well after it, in steps of 0.2 ms.
          try await Task.sleep(for: .microseconds(200 * round))
          await store.close()
          return try await group.reduce(0, +)
        }
        #expect(answered >= 0)
      }
    }
  }

  /// Asks until the store is closed; answers how often it was answered.
  private static func queries(_ store: PostgresStore, _ number: Int32) async throws -> Int {
    var answered = 0
    while true {
      do throws(PrivataError) {
        let rows = try await store.query("SELECT $1::int4", .int32(number))
        #expect(rows == [[.int32(number)]])
        answered += 1
      } catch {
        #expect(error.code == .closed, "\(error)")
        return answered
      }
    }
  }

  @Test func closingTwiceAndLettingGoAreHarmless() async throws {
    let store = try await PostgresStore(TestServer.url)
    await store.close()
    await store.close()
    let transaction: PostgresTransaction
    do {
      let dropped = try await PostgresStore(TestServer.url)
      transaction = try await dropped.context.transaction(TransactionOptions(), dropped.tables)
    }
    // The transaction keeps what it needs.
    #expect(try await transaction.query("SELECT 1") == [[.int32(1)]])
    try await transaction.commit()
  }
}
