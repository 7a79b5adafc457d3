import Synchronization
import Testing

@testable import BenchKit

/// The harness measures only what is alike, by turns, and reports medians.
@Suite struct RunnerTests {
  private let same: Conditions = ["synchronous": "2"]

  private func comparison(
    conditions: (raw: Conditions, privata: Conditions)? = nil, raw: Int = 1, privata: Int = 1,
    work: @escaping @Sendable (Comparison.Side, Int) -> Void = { _, _ in }
  ) -> Comparison {
    Comparison(
      "style", "prisma", "sqlite", "find 10", conditions: conditions ?? (same, same),
      answers: ({ raw }, { privata }), raw: { work(.raw, $0) }, privata: { work(.privata, $0) })
  }

  private let runner = Runner(seconds: 0.001)

  @Test func refusesDifferentAnswers() async {
    await #expect(throws: UnlikeWork.self) {
      try await runner.measure(comparison(raw: 1, privata: 2))
    }
  }

  @Test(arguments: [["synchronous": "1"], ["synchronous": "2", "cache_size": "-8000"], [:]])
  func refusesDifferentConditions(privata: [String: String]) async {
    await #expect(throws: UnlikeWork.self) {
      try await runner.measure(comparison(conditions: (same, Conditions(privata))))
    }
  }

  @Test func saysWhichConditionDiffers() async throws {
    let unlike = comparison(conditions: (["synchronous": "1"], ["synchronous": "2"]))
    let error = await #expect(throws: UnlikeWork.self) { try await unlike.check() }
    #expect(error?.description.contains("synchronous (raw: 1, Privata: 2)") == true)
  }

  /// A side whose work changes its store must have changed it as the other side's did.
  @Test func refusesAnswersThatDifferAfterwards() async {
    let done = Atomic<Int>(0)
    let counted = Comparison(
      "style", "prisma", "sqlite", "insert", conditions: (same, same),
      answers: ({ done.load(ordering: .relaxed) }, { 0 }),
      raw: { done.add($0, ordering: .relaxed) }, privata: { _ in })
    await #expect(throws: UnlikeWork.self) { try await runner.measure(counted) }
  }

  @Test func sidesTakeTurnsWithTheSameIterations() async throws {
    let log = Mutex<[(Comparison.Side, Int)]>([])
    let measured = try await runner.measure(
      comparison { side, n in log.withLock { $0.append((side, n)) } })
    let turns = log.withLock { $0 }.suffix(2 * runner.rounds)
    #expect(Set(turns.map(\.1)).count == 1)
    #expect(turns.map(\.0).prefix(4) == [.raw, .privata, .privata, .raw])
    #expect(turns.filter { $0.0 == .raw }.count == runner.rounds)
    #expect(measured.ratios.count == runner.rounds)
  }

  @Test func slicesAreMultiplesOfTheStep() async throws {
    let log = Mutex<Set<Int>>([])
    var stepped = comparison { _, n in _ = log.withLock { $0.insert(n) } }
    stepped.step = 64
    _ = try await runner.measure(stepped)
    #expect(log.withLock { $0 }.allSatisfy { $0.isMultiple(of: 64) })
  }

  @Test(arguments: [(1, 7), (7, 7), (12, 12)])
  func roundsHaveAFloor(asked: Int, given: Int) {
    #expect(Runner(rounds: asked).rounds == given)
  }

  @Test(arguments: [([3, 1, 2], 2.0), ([4, 1, 2, 3], 2.5), ([], 0.0)])
  func median(values: [Double], wanted: Double) { #expect(values.median == wanted) }
}
