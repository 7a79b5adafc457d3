import Testing

@testable import PrivataCore

@Suite struct InlinePermitsTests {
  private let kind = CallKind(1)

  /// Permits after so many calls of that duration.
  private func permits(_ limit: Int, calls: Int, nanoseconds: UInt64) -> InlinePermits {
    var permits = InlinePermits(limit: limit)
    for _ in 0..<calls { permits.record(kind, nanoseconds) }
    return permits
  }

  /// Whether a call that begins at that moment would get a permit.
  private func isOpen(_ permits: InlinePermits, at now: UInt64 = 1) -> Bool {
    var copy = permits
    return copy.acquire(kind, now: now) != nil
  }

  @Test func aKindIsNotFastBeforeItWasSeen() {
    #expect(!isOpen(permits(1, calls: 0, nanoseconds: 0)))
    #expect(isOpen(permits(1, calls: 1, nanoseconds: 100_000)))
  }

  @Test func noMoreThanTheLimit() throws {
    var permits = permits(2, calls: 3, nanoseconds: 1000)
    let first = permits.acquire(kind, now: 1000)
    let second = permits.acquire(kind, now: 1000)
    #expect(second != nil)
    #expect(!isOpen(permits, at: 1000))
    permits.release(try #require(first), kind, now: 2000)
    #expect(isOpen(permits, at: 2000))
  }

  @Test func noneWhileACallStalls() throws {
    var permits = permits(4, calls: 3, nanoseconds: 1000)
    let stalled = permits.acquire(kind, now: 1000)
    let later = 1000 + InlinePermits.stalledNanoseconds + 1
    #expect(!isOpen(permits, at: later))
    // The stall has ended; its length keeps the kind off for a while.
    permits.release(try #require(stalled), kind, now: later + 1_000_000_000)
    #expect(!isOpen(permits, at: later + 1_000_000_001))
    for _ in 0..<12 { permits.record(kind, 1000) }
    #expect(isOpen(permits, at: later + 1_000_000_002))
  }

  @Test func slowKindsGetNone() {
    #expect(!isOpen(permits(1, calls: 20, nanoseconds: 3_000_000)))
    #expect(!isOpen(permits(0, calls: 1, nanoseconds: 1)))
  }
}
