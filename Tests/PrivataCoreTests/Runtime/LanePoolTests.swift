import Dispatch
import Foundation
import Synchronization
import Testing

@testable import PrivataCore

@Suite struct LanePoolTests {
  private let kind = CallKind(7)

  @Test func answersAndErrorsComeBack() async throws {
    let lanes = LanePool(lanes: 2, inlinePermits: 0)
    #expect(try await lanes.run(kind) { _ in 42 } == 42)
    let error = await #expect(throws: PrivataError.self) {
      try await lanes.run(kind) { (_) throws(PrivataError) -> Int in
        throw PrivataError(.busy, "busy")
      }
    }
    #expect(error?.code == .busy)
  }

  @Test func noMoreThreadsThanLanes() async throws {
    let lanes = LanePool(lanes: 3, inlinePermits: 0)
    let gauge = Gauge()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<30 {
        group.addTask {
          try await lanes.run(CallKind(1)) { _ in
            gauge.enter()
            blockFor(milliseconds: 2)
            gauge.leave()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(gauge.most <= 3)
    #expect(lanes.count <= 3)
  }

  @Test func fastKindsRunInlineAndSlowOnesDoNot() async throws {
    let lanes = LanePool(lanes: 2, inlinePermits: 1)
    for _ in 0..<3 { try await lanes.run(kind) { _ in } }
    let caller = threadID()
    #expect(try await lanes.run(kind) { _ in threadID() } == caller)
    let slow = try await lanes.run(nil) { _ in threadID() }
    #expect(slow != threadID())
  }

  @Test func aCancelledCallerDoesNotWait() async throws {
    let lanes = LanePool(lanes: 1, inlinePermits: 0)
    let release = DispatchSemaphore(value: 0)
    let wasTold = Atomic(false)
    let call = Task {
      try await lanes.run(CallKind(1)) { signal in
        release.wait()
        wasTold.store(signal.isCancelled, ordering: .relaxed)
      }
    }
    try await Task.sleep(for: .milliseconds(20))
    call.cancel()
    let error = await #expect(throws: PrivataError.self) { try await call.value }
    #expect(error?.code == .cancelled)
    release.signal()
    // The lane is free again, and the body saw that its caller had gone.
    try await lanes.run(kind) { _ in }
    let told = wasTold.load(ordering: .relaxed)
    #expect(told)
  }

  @Test func cancelledBeforeItBegins() async throws {
    let lanes = LanePool(lanes: 1, inlinePermits: 0)
    let ran = Atomic(0)
    // The only lane is busy until the cancelled caller has its answer.
    let lane = DispatchSemaphore(value: 0)
    lanes.afterwards { lane.wait() }
    let call = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await lanes.run(CallKind(1)) { _ in _ = ran.add(1, ordering: .relaxed) }
    }
    let error = await #expect(throws: PrivataError.self) { try await call.value }
    lane.signal()
    #expect(error?.code == .cancelled)
    try await lanes.run(kind) { _ in }
    let runs = ran.load(ordering: .relaxed)
    #expect(runs == 1)
  }
}

@Suite struct PrivataExecutorTests {
  @Test func callsOfItsTasksRunOnTheirOwnThread() async throws {
    let lanes = LanePool(lanes: 1, inlinePermits: 0)
    try await withTaskExecutorPreference(PrivataExecutor.shared) {
      #expect(PrivataExecutor.isCurrent)
      for _ in 0..<10 {
        let caller = threadID()
        let callee = try await lanes.run(CallKind(1)) { _ in threadID() }
        #expect(callee == caller)
      }
    }
    #expect(lanes.count == 0)
    #expect(!PrivataExecutor.isCurrent)
  }

  @Test func moreTasksBlockThanThereAreProcessors() async throws {
    let lanes = LanePool(lanes: 1, inlinePermits: 0)
    let gauge = Gauge()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<40 {
        group.addTask(executorPreference: PrivataExecutor.shared) {
          try await lanes.run(CallKind(1)) { _ in
            gauge.enter()
            blockFor(milliseconds: 200)
            gauge.leave()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(gauge.most > MonotonicClock.processors + 2)
  }

  @Test func whatExceedsTheBoundGoesToLanes() async throws {
    let executor = PrivataExecutor(blockedLimit: 1)
    #expect(executor.beginBlocking())
    #expect(!executor.beginBlocking())
    executor.endBlocking()
    #expect(executor.beginBlocking())
    executor.endBlocking()
  }

  @Test func manyTasksThatComputeAllEnd() async {
    let sum = await withTaskGroup(of: Int.self) { group in
      for number in 0..<2000 {
        group.addTask(executorPreference: PrivataExecutor.shared) {
          await Task.yield()
          return number
        }
      }
      return await group.reduce(0, +)
    }
    #expect(sum == 1_999_000)
  }
}

/// Counts how many are in at once.
private final class Gauge: Sendable {
  private let counts = Mutex<[Int]>([0, 0])

  func enter() {
    counts.withLock { counts in
      counts[0] += 1
      counts[1] = max(counts[1], counts[0])
    }
  }

  func leave() { counts.withLock { $0[0] -= 1 } }

  var most: Int { counts.withLock { $0[1] } }
}

private func blockFor(milliseconds: Int) {
  _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(milliseconds))
}

/// Tells threads apart.
private func threadID() -> Int {
  #if canImport(Glibc)
    Int(bitPattern: UInt(pthread_self()))
  #else
    Int(bitPattern: pthread_self())
  #endif
}

/// Lanes and executor when there is more to do than threads.
@Suite(.serialized) struct LaneLoadTests {
  @Test func thousandsOfCallsAllComeBackOverFewLanes() async throws {
    let lanes = LanePool(lanes: 4, inlinePermits: 2)
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<3000 {
        group.addTask { try await lanes.run(CallKind(number % 7)) { _ in number } }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 4_498_500)
    #expect(lanes.count <= 4)
  }

  @Test func eachBodyRunsOnceHoweverItsCallerEnds() async throws {
    let lanes = LanePool(lanes: 2, inlinePermits: 0)
    let gauge = Gauge()
    let calls = (0..<400).map { _ in
      Task { try await lanes.run(CallKind(1)) { _ in gauge.enter() } }
    }
    for (number, call) in calls.enumerated() where number.isMultiple(of: 2) { call.cancel() }
    var answered = 0
    for call in calls { if case .success = await call.result { answered += 1 } }
    #expect(answered >= 200)
    // What was cancelled runs behind its caller.
    for _ in 0..<500 where gauge.most < 400 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(gauge.most == 400)
  }

  @Test(arguments: [TaskPriority.background, .medium, .high])
  func callsOfEveryPriorityGetTheirTurnBesideOthers(_ priority: TaskPriority) async throws {
    let lanes = LanePool(lanes: 1, inlinePermits: 0)
    let others = Task(priority: .high) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<50 {
          group.addTask { try await lanes.run(CallKind(1)) { _ in blockFor(milliseconds: 1) } }
        }
        try await group.waitForAll()
      }
    }
    let own = Task(priority: priority) { try await lanes.run(CallKind(2)) { _ in threadID() } }
    #expect(try await own.value != 0)
    try await others.value
  }

  @Test func workLeftBehindRunsWithoutATask() async {
    let lanes = LanePool(lanes: 1)
    await withCheckedContinuation { done in lanes.afterwards { done.resume() } }
    #expect(lanes.count == 1)
  }

  @Test func anErrorOnTheExecutorComesBackAsItIs() async throws {
    let lanes = LanePool(lanes: 1, inlinePermits: 0)
    let error = await withTaskExecutorPreference(PrivataExecutor.shared) {
      await #expect(throws: PrivataError.self) {
        try await lanes.run(CallKind(1)) { (_) throws(PrivataError) -> Int in
          throw PrivataError(.timeout, "late")
        }
      }
    }
    #expect(error?.code == .timeout)
  }
}
