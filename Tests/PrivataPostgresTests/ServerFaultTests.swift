import Foundation
import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataPostgres

private let clock = ContinuousClock()

/// What happens when a server stops, comes back, or stalls: each with a server of its own.
@Suite(.serialized) struct ServerFaultTests {
  @Test func aRestartedServerIsReachedAgain() async throws {
    let server = try ThrowawayServer()
    var options = PostgresOptions(connections: 3)
    options.reconnectTimeout = 300
    let store = try await PostgresStore(server.url, options: options)
    try await store.query("CREATE TABLE kept (id int PRIMARY KEY)")
    try await store.query("INSERT INTO kept VALUES (1)")
    let lost = try await store.begin(TransactionOptions())
    _ = try await (lost as? PostgresTransaction)?.query("INSERT INTO kept VALUES (2)")
    try server.stop()
    let away = try await failure { () async throws(PrivataError) in
      try await store.query("SELECT count(*) FROM kept")
    }
    #expect(away.code == .connection)
    #expect(away.isRetriable)
    #expect(away.message.contains("127.0.0.1:\(server.port)/postgres"))
    try server.start()
    #expect(try await store.query("SELECT count(*) FROM kept") == [[.int64(1)]])
    let broken = try await failure { () async throws(PrivataError) in try await lost.commit() }
    #expect(broken.code == .connection)
    await store.close()
  }

  @Test func callersOutlastAShortRestart() async throws {
    let server = try ThrowawayServer()
    var options = PostgresOptions(connections: 3)
    options.reconnectTimeout = 20_000
    let store = try await PostgresStore(server.url, options: options)
    _ = try await store.query("SELECT 1")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for _ in 0..<20 {
            let statement = SQLStatement(sql: "SELECT $1::int4", [.int32(Int32(task))])
            let results = try await store.session.run(
              OneOrMore(statement), PostgresSession.Terms(isRead: true))
            let rows = try #require(results.first).rows(as: nil)
            #expect(rows.value(row: 0, column: 0) == .int32(Int32(task)))
            try await Task.sleep(for: .milliseconds(20))
          }
        }
      }
      group.addTask {
        try await Task.sleep(for: .milliseconds(60))
        try server.stop()
        try server.start()
      }
      try await group.waitForAll()
    }
    await store.close()
  }

  @Test func aStalledServerDoesNotBlockTheProgram() async throws {
    let server = try ThrowawayServer()
    var options = PostgresOptions(connections: 2, statementTimeout: 1500)
    options.cancelTimeout = 300
    let store = try await PostgresStore(server.url, options: options)
    let rows = try await store.query("SELECT pg_backend_pid()")
    let pid = try #require(rows[0][0]?.asInt)
    kill(pid_t(pid), SIGSTOP)
    let start = clock.now
    let (ticks, errors) = try await withThrowingTaskGroup(of: PrivataError?.self) { group in
      for _ in 0..<30 {
        group.addTask {
          do throws(PrivataError) { _ = try await store.query("SELECT 1") } catch { return error }
          return nil
        }
      }
      var ticks = 0
      while clock.now - start < .milliseconds(800) {
        try await Task.sleep(for: .milliseconds(5))
        ticks += 1
      }
      var errors: [PrivataError] = []
      for try await error in group { if let error { errors.append(error) } }
      return (ticks, errors)
    }
    // The other connection serves whoever was not sent to the one that stalls.
    #expect(ticks > 15)
    #expect(errors.count <= 3)
    #expect(errors.allSatisfy { $0.code == .timeout })
    #expect(clock.now - start < .seconds(5))
    #expect(try await store.query("SELECT 1") == [[.int32(1)]])
    kill(pid_t(pid), SIGCONT)
    await store.close()
  }

  @Test func aServerWithoutTLSIsRefusedWhereTLSIsAsked() async throws {
    let server = try ThrowawayServer()
    let error = try await failure { () async throws(PrivataError) in
      try await PostgresStore(server.url + "?sslmode=require")
    }
    #expect(error.code == .connection)
    #expect(
      error.message
        == "cannot connect to 127.0.0.1:\(server.port)/postgres: "
        + "no trusted TLS connection could be made")
  }

  @Test func aServerThatTakesNoMoreConnectionsSaysSo() async throws {
    let server = try ThrowawayServer()
    var options = PostgresOptions(connections: 30, poolTimeout: 300)
    options.reconnectTimeout = 300
    let store = try await PostgresStore(server.url, options: options)
    var held: [any StoreTransaction] = []
    let refused = try await failure { () async throws(PrivataError) in
      while held.count < 30 { held.append(try await store.begin(TransactionOptions())) }
    }
    #expect(refused.code == .poolExhausted)
    #expect(refused.isRetriable)
    #expect((10...20).contains(held.count))
    let other = try await failure { () async throws(PrivataError) in
      try await PostgresStore(server.url)
    }
    #expect(other.code == .poolExhausted)
    #expect(other.message.contains("127.0.0.1:\(server.port)/postgres takes no more connections"))
    for transaction in held { try await transaction.rollback() }
    #expect(try await store.query("SELECT 1") == [[.int32(1)]])
    await store.close()
  }

  @Test func aWriteWhoseAnswerIsLostIsNotRepeated() async throws {
    let server = try ThrowawayServer()
    let store = try await PostgresStore(server.url, options: PostgresOptions(connections: 2))
    try await store.query("CREATE TABLE kept (id serial PRIMARY KEY)")
    let write = Task {
      try await failure { () async throws(PrivataError) in
        try await store.query("INSERT INTO kept SELECT 1 FROM pg_sleep(5)")
      }
    }
    try await Task.sleep(for: .milliseconds(200))
    try await store.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'INSERT%'")
    let error = try await write.value
    #expect(error.code == .connection)
    #expect(error.message.contains("127.0.0.1:\(server.port)/postgres"))
    #expect(try await store.query("SELECT count(*) FROM kept") == [[.int64(0)]])
    await store.close()
  }
}
