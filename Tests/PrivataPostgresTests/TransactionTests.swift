import PrivataCore
import PrivataSQL
import PrivataTesting
import Testing

@testable import PrivataPostgres

private func transaction(
  _ store: PostgresStore, _ options: TransactionOptions = TransactionOptions()
) async throws -> PostgresTransaction {
  try await store.context.transaction(options, store.tables)
}

@Suite(.serialized) struct TransactionTests {
  private func withTable(
    _ name: String, _ change: (inout PostgresOptions) -> Void = { _ in },
    _ body: (PostgresStore) async throws -> Void
  ) async throws {
    try await TestServer.withStore(name, change) { store in
      try await store.query("CREATE TABLE entry (id int PRIMARY KEY DEFERRABLE, parent int)")
      try await body(store)
    }
  }

  private func ids(_ executor: some SQLExecutor) async throws -> [Int] {
    try await executor.query("SELECT id FROM entry ORDER BY id").compactMap { $0[0]?.asInt }
  }

  @Test func nestedOnesAreUndoneByThemselves() async throws {
    try await withTable("nested") { store in
      let outer = try await transaction(store)
      try await outer.query("INSERT INTO entry VALUES (1)")
      let inner = try #require(try await outer.begin(TransactionOptions()) as? PostgresTransaction)
      try await inner.query("INSERT INTO entry VALUES (2)")
      let deeper = try #require(try await inner.begin(TransactionOptions()) as? PostgresTransaction)
      try await deeper.query("INSERT INTO entry VALUES (3)")
      try await deeper.commit()
      try await inner.rollback()
      #expect(try await ids(outer) == [1])
      let failed = try #require(try await outer.begin(TransactionOptions()) as? PostgresTransaction)
      _ = try await failure { () async throws(PrivataError) in
        try await failed.query("INSERT INTO entry VALUES (1)")
        try await failed.query("SET CONSTRAINTS ALL IMMEDIATE")
      }
      try await failed.rollback()
      try await outer.query("INSERT INTO entry VALUES (4)")
      try await outer.commit()
      #expect(try await ids(store) == [1, 4])
    }
  }

  @Test func oneThatIsDroppedIsUndone() async throws {
    try await withTable("dropped", { $0.connections = 1 }) { store in
      do {
        let dropped = try await transaction(store)
        try await dropped.query("INSERT INTO entry VALUES (1)")
        do {
          let inner = try await dropped.begin(TransactionOptions()) as? PostgresTransaction
          try await inner?.query("INSERT INTO entry VALUES (2)")
        }
        #expect(try await ids(dropped) == [1])
      }
      #expect(try await ids(store).isEmpty)
    }
  }

  @Test func aFailedStatementEndsIt() async throws {
    try await withTable("failed") { store in
      let failed = try await transaction(store)
      try await failed.query("INSERT INTO entry VALUES (1)")
      _ = try await failure { () async throws(PrivataError) in try await failed.query("SELECT 1/0")
      }
      let next = try await failure { () async throws(PrivataError) in
        try await failed.query("SELECT 1")
      }
      #expect(next.code == .transactionEnded)
      let commit = try await failure { () async throws(PrivataError) in try await failed.commit() }
      #expect(commit.code == .transactionEnded)
      #expect(try await ids(store).isEmpty)
      let again = try await failure { () async throws(PrivataError) in try await failed.rollback() }
      #expect(again.code == .transactionEnded)
    }
  }

  @Test func aConstraintThatWaitsForTheCommitIsNamed() async throws {
    try await withTable("deferred") { store in
      let deferred = try await transaction(store)
      try await deferred.query("SET CONSTRAINTS ALL DEFERRED")
      try await deferred.query("INSERT INTO entry VALUES (1), (1)")
      let error = try await failure { () async throws(PrivataError) in try await deferred.commit() }
      #expect(error.code == .duplicateKey)
      #expect(error.fields == ["id"])
      #expect(try await ids(store).isEmpty)
    }
  }

  @Test func isolationAndAccessAreTheServers() async throws {
    try await withTable("options") { store in
      for (isolation, name) in [
        (TransactionOptions.Isolation.readCommitted, "read committed"),
        (.repeatableRead, "repeatable read"), (.serializable, "serializable"),
      ] {
        let scope = try await transaction(store, TransactionOptions(isolation: isolation))
        #expect(try await scope.query("SHOW transaction_isolation") == [[.string(name)]])
        try await scope.rollback()
      }
      let reading = try await transaction(store, TransactionOptions(isReadOnly: true))
      let error = try await failure { () async throws(PrivataError) in
        try await reading.query("INSERT INTO entry VALUES (1)")
      }
      #expect(error.code == .rejectedByStore)
      try await reading.rollback()
    }
  }

  @Test func twoThatChangeTheSameRecordConflict() async throws {
    try await withTable("conflict") { store in
      try await store.query("INSERT INTO entry VALUES (1, 0)")
      let first = try await transaction(store)
      let second = try await transaction(store)
      _ = try await ids(first)
      _ = try await ids(second)
      try await first.query("UPDATE entry SET parent = 1")
      try await first.commit()
      let error = try await failure { () async throws(PrivataError) in
        try await second.query("UPDATE entry SET parent = 2")
      }
      #expect(error.code == .writeConflict)
      #expect(error.isRetriable)
      try await second.rollback()
    }
  }

  @Test func itsTimeEnds() async throws {
    try await withTable("late") { store in
      let late = try await transaction(store, TransactionOptions(timeoutMilliseconds: 150))
      try await late.query("INSERT INTO entry VALUES (1)")
      let error = try await failure { () async throws(PrivataError) in
        try await late.query("SELECT pg_sleep(10)")
      }
      #expect(error.code == .timeout)
      try await late.rollback()
      #expect(try await ids(store).isEmpty)
    }
  }

  @Test func aCancelledTaskCanStillRollBack() async throws {
    try await withTable("cancelled", { $0.connections = 1 }) { store in
      let task = Task {
        try await store.withTransaction { scope in
          guard let scope = scope as? PostgresTransaction else { return }
          try await scope.query("INSERT INTO entry VALUES (1)")
          try await scope.query("SELECT pg_sleep(10)")
        }
      }
      try await Task.sleep(for: .milliseconds(100))
      task.cancel()
      await #expect(throws: PrivataError.self) { try await task.value }
      #expect(try await ids(store).isEmpty)
    }
  }

  @Test func oneThatDoesNothingSendsNothing() async throws {
    try await withTable("empty") { store in
      let seen = RecordedStatements()
      try await StatementLog.$observer.withValue(seen) {
        let idle = try await transaction(store)
        let inner = try await idle.begin(TransactionOptions())
        try await inner.commit()
        try await idle.commit()
      }
      #expect(seen.statements.isEmpty)
    }
  }

  @Test func aBatchOfRecordsIsAllOrNothing() async throws {
    try await TestServer.withStore("batch") { store in
      let model = ModelSchema(
        name: "Entry", collection: "entries",
        fields: [.init("_id", .int32), .init("label", .string)], isOpen: true)
      try await store.prepare([model])
      let documents: [Document] = [["_id": 1], ["_id": 2], ["_id": 1], ["_id": 3]]
      let error = try await failure { () async throws(PrivataError) in
        try await store.write(.insert(Insert(model, .documents(documents))))
      }
      #expect(error.code == .duplicateKey)
      let none = try await store.rows(for: Query(model, answer: .count))
      #expect(none.value(row: 0, column: 0) == .int64(0))
      let outcome = try await store.write(
        .insert(Insert(model, .documents(documents), isOrdered: false)))
      #expect(outcome.inserted == 3)
      #expect(outcome.failures.map(\.index) == [2])
    }
  }
}
