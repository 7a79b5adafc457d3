import Foundation
import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataPostgres

private let clock = ContinuousClock()

@Suite(.serialized) struct ConcurrencyTests {
  @Test func twoHundredTasksShareFourConnections() async throws {
    try await TestServer.withStore("share", { $0.connections = 4 }) { store in
      let pids = try await withThrowingTaskGroup(of: Set<Value>.self) { group in
        for task in 0..<200 {
          group.addTask {
            var pids: Set<Value> = []
            for round in 0..<10 {
              let number = Int32(task * 1000 + round)
              let rows = try await store.query(
                "SELECT $1::int4, pg_backend_pid()", .int32(number))
              #expect(rows[0][0] == .int32(number))
              if let pid = rows[0][1] { pids.insert(pid) }
            }
            return pids
          }
        }
        return try await group.reduce(into: Set<Value>()) { $0.formUnion($1) }
      }
      #expect((1...4).contains(pids.count))
    }
  }

  @Test func anErrorReachesItsOwnCallerAlone() async throws {
    try await TestServer.withStore("errors", { $0.connections = 1 }) { store in
      let template = SQLTemplate(
        "SELECT 100 / $1::int4", kind: "find", parameters: [.int32], columns: [.int32])
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<120 {
          group.addTask {
            let divisor = Int32(task % 3)
            let statement = SQLStatement(template, [.int32(divisor)])
            do {
              let results = try await store.session.run(
                OneOrMore(statement), PostgresSession.Terms(isRead: true))
              let rows = try #require(results.first).rows(as: template.columns)
              #expect(divisor != 0)
              #expect(rows.value(row: 0, column: 0) == .int32(100 / divisor))
            } catch let error as PrivataError {
              #expect(divisor == 0)
              #expect(error.code == .wrongType)
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func nobodyWaitsBehindAStatementThatIsKnownToBeSlow() async throws {
    try await TestServer.withStore("slow", { $0.connections = 2 }) { store in
      let slow = SQLTemplate(
        "SELECT pg_sleep(2)::text", kind: "find", parameters: [], columns: [.string])
      let read = PostgresSession.Terms(isRead: true)
      _ = try await store.session.rows(of: SQLStatement(slow), read)
      let longest = try await withThrowingTaskGroup(of: Duration.self) { group in
        group.addTask {
          _ = try await store.session.rows(of: SQLStatement(slow), read)
          return .zero
        }
        try await Task.sleep(for: .milliseconds(30))
        for _ in 0..<60 {
          group.addTask {
            try await clock.measure {
              _ = try await store.session.rows(of: SQLStatement(sql: "SELECT 1"), read)
            }
          }
        }
        return try await group.reduce(.zero) { max($0, $1) }
      }
      #expect(longest < .milliseconds(1500))
    }
  }

  @Test func aCopyIsRefusedAndLeavesTheStoreUsable() async throws {
    try await TestServer.withStore("copy", { $0.connections = 1 }) { store in
      for text in ["COPY (SELECT 1) TO STDOUT", "COPY pg_class FROM STDIN"] {
        let error = try await failure { () async throws(PrivataError) in
          try await store.query(text)
        }
        #expect(error.code == .unsupported)
        #expect(try await store.query("SELECT 1") == [[.int32(1)]])
      }
      let two = try await failure { () async throws(PrivataError) in
        try await store.query("SELECT 1; SELECT 2")
      }
      #expect(two.code == .rejectedByStore)
    }
  }

  @Test func aTransactionLeftOpenBySQLIsClosed() async throws {
    try await TestServer.withStore("open", { $0.connections = 1 }) { store in
      try await store.query("BEGIN")
      let first = try await store.query("SELECT txid_current()")
      let second = try await store.query("SELECT txid_current()")
      #expect(first != second)
    }
  }

  @Test func aStatementThatTakesTooLongIsEnded() async throws {
    try await TestServer.withStore("timeout", { $0.statementTimeout = 150 }) { store in
      let start = clock.now
      let error = try await failure { () async throws(PrivataError) in
        try await store.query("SELECT pg_sleep(20)")
      }
      #expect(error.code == .timeout)
      #expect(clock.now - start < .seconds(3))
      #expect(try await store.query("SELECT 1") == [[.int32(1)]])
      let sleeping = try await store.query(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20%' AND state = 'active'"
          + " AND pid <> pg_backend_pid()")
      #expect(sleeping == [[.int64(0)]])
    }
  }

  @Test func aCancelledTaskEndsItsStatement() async throws {
    try await TestServer.withStore("cancel", { $0.connections = 1 }) { store in
      let start = clock.now
      let error = try await withThrowingTaskGroup(of: PrivataError.self) { group in
        group.addTask {
          try await failure { () async throws(PrivataError) in
            try await store.query("SELECT pg_sleep(20)")
          }
        }
        try await Task.sleep(for: .milliseconds(100))
        group.cancelAll()
        return try await group.next()
      }
      #expect(error?.code == .cancelled)
      #expect(clock.now - start < .seconds(3))
      #expect(try await store.query("SELECT 2") == [[.int32(2)]])
    }
  }

  @Test func aCancellationHitsNobodyElse() async throws {
    try await TestServer.withStore("innocent", { $0.connections = 1 }) { store in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<40 {
          group.addTask {
            if task.isMultiple(of: 8) {
              let inner = Task { try await store.query("SELECT pg_sleep(20)") }
              try await Task.sleep(for: .milliseconds(20))
              inner.cancel()
              await #expect(throws: PrivataError.self) { try await inner.value }
            } else {
              let rows = try await store.query("SELECT $1::int4", .int32(Int32(task)))
              #expect(rows == [[.int32(Int32(task))]])
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func aCancelledCallerThatWaitsForItsTurnReturnsAtOnce() async throws {
    try await TestServer.withStore("queued", { $0.connections = 1 }) { store in
      let transaction = try await store.begin(TransactionOptions())
      let start = clock.now
      let waiting = Task { try await store.query("SELECT 1") }
      try await Task.sleep(for: .milliseconds(50))
      waiting.cancel()
      let outcome = await waiting.result
      #expect(throws: PrivataError.self) { try outcome.get() }
      #expect(clock.now - start < .seconds(2))
      try await transaction.rollback()
      #expect(try await store.query("SELECT 1") == [[.int32(1)]])
    }
  }

  @Test func aTransactionThatFindsNoConnectionSaysSo() async throws {
    try await TestServer.withStore(
      "exhausted",
      {
        $0.connections = 1
        $0.poolTimeout = 100
      }
    ) { store in
      let held = try await store.begin(TransactionOptions())
      let error = try await failure { () async throws(PrivataError) in
        try await store.begin(TransactionOptions())
      }
      #expect(error.code == .poolExhausted)
      #expect(error.isRetriable)
      try await held.rollback()
      let next = try await store.begin(TransactionOptions())
      try await next.commit()
    }
  }

  @Test func largeStatementsPassWhileOthersRun() async throws {
    try await TestServer.withStore("large", { $0.connections = 2 }) { store in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<12 {
          group.addTask {
            let text = String(repeating: "\(task) ", count: 400_000)
            let rows = try await store.query("SELECT $1::text || 'x'", .string(text))
            #expect(rows == [[.string(text + "x")]])
          }
        }
        try await group.waitForAll()
      }
    }
  }
}
