import PrivataCore
import Testing

@testable import PrivataMongo

@Suite struct ConcurrencyTests {
  @Test(arguments: [true, false])
  func twoHundredTasks(onTheExecutor: Bool) async throws {
    try await MongoTests.withCollection("concurrent_\(onTheExecutor)") { store, model in
      let executor: (any TaskExecutor)? = onTheExecutor ? PrivataExecutor.shared : nil
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<200 {
          group.addTask(executorPreference: executor) {
            for round in 0..<5 {
              let id = Value.int(task * 5 + round)
              try await store.insert([["_id": id]], into: model)
              #expect(try await store.find(["_id": id], in: model).count == 1)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await store.count(in: model) == 1000)
    }
  }

  @Test func largeInsertsAreSplitByTheServersLimits() async throws {
    let recorder = CommandRecorder()
    var options = MongoOptions()
    options.commandObserver = recorder
    try await MongoTests.withCollection("concurrent_large", options: options) { store, model in
      let text = Value.string(String(repeating: "x", count: 6_000_000))
      _ = recorder.take()
      let outcome = try await store.insert(
        (0..<5).map { ["_id": .int($0), "text": text] }, into: model)
      #expect(outcome.inserted == 5)
      #expect(recorder.take().count == 3)
      // A duplicate in a later command is reported by its place among all.
      let again = Insert(
        model, .documents([5, 6, 1, 7].map { ["_id": .int($0), "text": text] }), isOrdered: false)
      let failed = try await store.write(.insert(again))
      #expect(failed.inserted == 3)
      #expect(failed.failures.map(\.index) == [2])
    }
  }

  @Test func aReplyOfManyBatchesArrivesWhole() async throws {
    try await MongoTests.withCollection("concurrent_batches") { store, model in
      let text = Value.string(String(repeating: "x", count: 100_000))
      for part in 0..<4 {
        try await store.insert(
          (0..<100).map { ["_id": .int(part * 100 + $0), "text": text] }, into: model)
      }
      // 40 MB: the server answers at most 16 MiB at once.
      let found = try await store.find(in: model)
      #expect(found.compactMap { $0["_id"]?.asInt } == Array(0..<400))
    }
  }
}
