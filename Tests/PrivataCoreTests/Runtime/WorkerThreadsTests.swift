import Testing

@testable import PrivataCore

@Suite struct WorkerThreadsTests {
  private final class Token: Sendable {}

  /// What work holds is let go when it has run, though its thread waits for more.
  @Test func nothingIsHeldOfWorkThatHasRun() async throws {
    let threads = WorkerThreads(limit: 1, idleSeconds: 60)
    for _ in 0..<3 {
      weak var token: Token?
      do {
        let held = Token()
        token = held
        threads.submit { withExtendedLifetime(held) {} }
      }
      let end = ContinuousClock.now + .seconds(5)
      while token != nil, ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(token == nil)
    }
    #expect(threads.count == 1)
  }
}
