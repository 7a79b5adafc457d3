import PrivataCore
import Synchronization
import Testing

@testable import PrivataMongo

/// A server that stops answering, disappears or breaks connections.
@Suite(.serialized) struct StallTests {
  private func store(
    _ proxy: Proxy, _ urlOptions: String = "", _ options: MongoOptions = MongoOptions()
  ) async throws -> MongoStore {
    try await MongoStore.open(
      proxy.url(urlOptions), database: "mongo_driver_test", options: options)
  }

  @Test func aStalledServerLeavesTheProgramRunning() async throws {
    let proxy = try Proxy(to: MongoTests.endpoint.port)
    let store = try await store(proxy, "maxPoolSize=20")
    let model = MongoTests.open("stall")
    // Fast calls first, so that inline permits are given out.
    for _ in 0..<20 { _ = try await store.find(["_id": 1], in: model) }
    proxy.stall()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<64 { group.addTask { _ = try await store.find(["_id": 1], in: model) } }
      try await Task.sleep(for: .milliseconds(100))
      // Work that needs Swift's threads goes on.
      let clock = ContinuousClock()
      let duration = try await clock.measure {
        try await withThrowingTaskGroup(of: Int.self) { work in
          for index in 0..<100 { work.addTask { try await Self.compute(index) } }
          for try await _ in work {}
        }
      }
      #expect(duration < .seconds(2))
      proxy.resume()
      try await group.waitForAll()
    }
    await store.close()
    proxy.stop()
  }

  private static func compute(_ index: Int) async throws -> Int {
    var sum = index
    for round in 0..<10 {
      sum &+= round
      await Task.yield()
    }
    return sum
  }

  @Test func cancellationIsPromptAndTheConnectionComesBack() async throws {
    let proxy = try Proxy(to: MongoTests.endpoint.port)
    var options = MongoOptions()
    options.inlinePermits = 0
    let store = try await store(proxy, "maxPoolSize=1", options)
    let model = MongoTests.open("stall")
    _ = try await store.find(in: model)
    proxy.stall()
    let call = Task { try await store.find(in: model) }
    let waiting = Task { try await store.find(in: model) }
    try await Task.sleep(for: .milliseconds(50))
    let clock = ContinuousClock()
    let duration = await clock.measure {
      waiting.cancel()
      call.cancel()
      for task in [call, waiting] {
        let error = await thrown { _ = try await task.value }
        #expect(error?.code == .cancelled)
      }
    }
    #expect(duration < .milliseconds(500))
    proxy.resume()
    // The only connection of the pool is free again once its call has ended.
    _ = try await store.find(in: model)
    await store.close()
    proxy.stop()
  }

  @Test func theQueueForConnectionsIsBounded() async throws {
    let proxy = try Proxy(to: MongoTests.endpoint.port)
    var options = MongoOptions()
    options.inlinePermits = 0
    options.waitQueueTimeoutMilliseconds = 1000
    options.waitQueueLimit = 1
    let store = try await store(proxy, "maxPoolSize=1", options)
    let model = MongoTests.open("stall")
    proxy.stall()
    let holder = Task { try await store.find(in: model) }
    try await Task.sleep(for: .milliseconds(50))
    let waiter = Task { try await store.find(in: model) }
    try await Task.sleep(for: .milliseconds(50))
    let clock = ContinuousClock()
    let tooMany = await clock.measure {
      let refused = await thrown { _ = try await store.find(in: model) }
      #expect(refused?.code == .poolExhausted)
    }
    #expect(tooMany < .milliseconds(700))
    let late = await thrown { _ = try await waiter.value }
    #expect(late?.code == .poolExhausted)
    #expect(late?.isRetriable == true)
    proxy.resume()
    _ = try await holder.value
    await store.close()
    proxy.stop()
  }

  @Test func anAnswerThatNeverComesIsATimeout() async throws {
    let proxy = try Proxy(to: MongoTests.endpoint.port)
    var options = MongoOptions()
    options.inlinePermits = 0
    let store = try await store(proxy, "socketTimeoutMS=300&retryReads=false", options)
    let model = MongoTests.open("stall")
    _ = try await store.find(in: model)
    proxy.stall()
    let error = await thrown { _ = try await store.find(in: model) }
    #expect(error?.code == .timeout)
    proxy.resume()
    _ = try await store.find(in: model)
    await store.close()
    proxy.stop()
  }

  @Test func brokenConnectionsAreMendedAndWritesCountOnce() async throws {
    let proxy = try Proxy(to: MongoTests.endpoint.port)
    let store = try await store(proxy)
    let model = MongoTests.open("stall_cut")
    try await store.drop([model])
    try await store.insert([["_id": 0, "n": 0]], into: model)
    for round in 1...5 {
      proxy.cut()
      try await store.insert([["_id": .int(round)]], into: model)
      proxy.cut()
      #expect(try await store.count(in: model) == round + 1)
      proxy.cut()
      let update = Update(
        model, where: .document(["_id": 0]), .operators(["$inc": ["n": 1]]), returning: .after)
      let outcome = try await store.write(.update(update))
      #expect(outcome.rows?.documents.first?["n"] == .int(round))
    }
    try await store.drop([model])
    await store.close()
    proxy.stop()
  }

  @Test func aServerThatComesBackIsUsedAgain() async throws {
    let proxy = try Proxy(to: MongoTests.endpoint.port)
    let store = try await store(proxy, "serverSelectionTimeoutMS=500&heartbeatFrequencyMS=500")
    let model = MongoTests.open("stall")
    _ = try await store.find(in: model)
    proxy.stop()
    let down = await thrown { _ = try await store.find(in: model) }
    #expect(down?.code == .connection)
    #expect(down?.isRetriable == true)
    try proxy.start()
    var isBack = false
    for _ in 0..<20 where !isBack {
      isBack = await thrown { _ = try await store.find(in: model) } == nil
    }
    #expect(isBack)
    await store.close()
    proxy.stop()
  }
}
