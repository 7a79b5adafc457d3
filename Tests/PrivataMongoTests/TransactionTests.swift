import PrivataCore
import Testing

@testable import PrivataMongo

@Suite struct TransactionTests {
  @Test func commitShowsAndRollbackHides() async throws {
    try await MongoTests.withCollection("transactions") { store, model in
      try await store.createCollection(of: model, options: [:])
      try await store.withTransaction { transaction in
        try await transaction.insert([["_id": 1]], into: model)
        #expect(try await store.count(in: model) == 0)
        #expect(try await transaction.count(in: model) == 1)
      }
      #expect(try await store.count(in: model) == 1)
      let transaction = try await store.begin(TransactionOptions())
      try await transaction.insert([["_id": 2]], into: model)
      try await transaction.rollback()
      #expect(try await store.count(in: model) == 1)
      let ended = await thrown { try await transaction.insert([["_id": 3]], into: model) }
      #expect(ended?.code == .transactionEnded)
    }
  }

  @Test func aConflictIsRetriable() async throws {
    try await MongoTests.withCollection("transactions_conflict") { store, model in
      try await store.insert([["_id": 1, "n": 0]], into: model)
      let first = try await store.begin(TransactionOptions())
      let second = try await store.begin(TransactionOptions())
      let write = Write.update(
        Update(model, where: .document(["_id": 1]), .operators(["$inc": ["n": 1]])))
      _ = try await first.write(write)
      let conflict = await thrown { _ = try await second.write(write) }
      #expect(conflict?.code == .writeConflict)
      #expect(conflict?.isRetriable == true)
      try await second.rollback()
      try await first.commit()
      #expect(try await store.find(in: model).first?["n"] == 1)
    }
  }

  /// Sessions go from transactions to writes and back; the server refuses a number used before.
  @Test func writesAndTransactionsShareSessions() async throws {
    try await MongoTests.withCollection("transactions_sessions") { store, model in
      try await store.createCollection(of: model, options: [:])
      for round in 0..<3 {
        var open: [any StoreTransaction] = []
        for index in 0..<3 {
          let transaction = try await store.begin(TransactionOptions())
          try await transaction.insert([["_id": .string("t\(round).\(index)")]], into: model)
          open.append(transaction)
        }
        for transaction in open { try await transaction.commit() }
        try await withThrowingTaskGroup { group in
          for index in 0..<12 {
            group.addTask {
              try await store.insert([["_id": .string("w\(round).\(index)")]], into: model)
            }
          }
          try await group.waitForAll()
        }
      }
      #expect(try await store.count(in: model) == 45)
    }
  }

  @Test func oneThatIsDroppedIsRolledBack() async throws {
    try await MongoTests.withCollection("transactions_dropped") { store, model in
      try await store.insert([["_id": 1, "n": 0]], into: model)
      let write = Write.update(
        Update(model, where: .document(["_id": 1]), .operators(["$inc": ["n": 1]])))
      do {
        let transaction = try await store.begin(TransactionOptions())
        _ = try await transaction.write(write)
      }
      // Outside a transaction the write waits until the lock is gone.
      _ = try await store.write(write)
      #expect(try await store.find(in: model).first?["n"] == 1)
    }
  }

  @Test func tasksShareOneTransaction() async throws {
    try await MongoTests.withCollection("transactions_shared") { store, model in
      try await store.createCollection(of: model, options: [:])
      try await store.withTransaction { transaction in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for index in 0..<20 {
            group.addTask { try await transaction.insert([["_id": .int(index)]], into: model) }
          }
          try await group.waitForAll()
        }
      }
      #expect(try await store.count(in: model) == 20)
    }
  }

  @Test func nestedIsUnsupported() async throws {
    let store = try await MongoTests.store()
    let transaction = try await store.begin(TransactionOptions())
    let nested = await thrown { _ = try await transaction.begin(TransactionOptions()) }
    #expect(nested?.code == .unsupported)
    try await transaction.rollback()
    await store.close()
  }

  @Test func timeAndReadOnlyAreKept() async throws {
    try await MongoTests.withCollection("transactions_options") { store, model in
      let reading = try await store.begin(TransactionOptions(isReadOnly: true))
      let refused = await thrown { try await reading.insert([["_id": 1]], into: model) }
      #expect(refused?.code == .badArgument)
      try await reading.rollback()
      let short = try await store.begin(TransactionOptions(timeoutMilliseconds: 20))
      try await Task.sleep(for: .milliseconds(40))
      let late = await thrown { _ = try await short.find(in: model) }
      #expect(late?.code == .timeout)
      try await short.rollback()
    }
  }

  @Test func aggregationAndStreamsSeeTheTransaction() async throws {
    try await MongoTests.withCollection("transactions_reads") { store, model in
      try await store.createCollection(of: model, options: [:])
      let transaction = try await store.begin(TransactionOptions(isolation: .serializable))
      try await transaction.insert((0..<10).map { ["_id": .int($0)] }, into: model)
      let aggregating = try #require(transaction as? any AggregatingStore)
      let sum = try await aggregating.aggregate(
        [["$group": ["_id": nil, "n": ["$sum": "$_id"]]]], on: model, options: nil)
      #expect(sum.documents.first?["n"] == 45)
      let streaming = try #require(transaction as? any StreamingStore)
      let stream = try await streaming.stream(Query(model), batchSize: 3)
      var count = 0
      while let batch = try await stream.next() { count += batch.count }
      #expect(count == 10)
      try await transaction.rollback()
    }
  }
}
