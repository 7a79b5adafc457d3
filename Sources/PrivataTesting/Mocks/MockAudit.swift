public import PrivataCore
internal import Synchronization

/// A log that keeps its events, with calls and faults. Who has it can write; reading is
/// ``MockAuditTrail``'s.
///
/// ```swift
/// let log = MockAuditLog<AuditNote>()
/// log.calls.fail("append", with: PrivataError(.auditUnavailable, "full"))
/// ```
public final class MockAuditLog<Event: Sendable>: AuditLog {
  /// What was asked, and the faults.
  public let calls = MockCalls()
  private let kept = Mutex<[Event]>([])

  /// An empty log.
  public init() {}

  /// What was recorded, for the test alone.
  public var recorded: [Event] { kept.withLock { $0 } }

  public func append(contentsOf events: [Event]) throws(PrivataError) {
    try calls.noted("append")
    kept.withLock { $0 += events }
  }
}

/// What a log recorded, for those who read, with calls and faults.
public struct MockAuditTrail<Event: Sendable, Selection: Sendable>: AuditTrail {
  /// What was asked, and the faults.
  public let calls = MockCalls()
  private let all: [Event]
  private let admits: @Sendable (Event, Selection) -> Bool

  /// A trail of events, and which of them a selection means.
  public init(
    _ events: [Event], admits: @escaping @Sendable (Event, Selection) -> Bool = { _, _ in true }
  ) {
    all = events
    self.admits = admits
  }

  public func events(matching selection: Selection) -> MockEvents<Event> {
    let found = all.filter { admits($0, selection) }
    do {
      let cut = try calls.noted("events")
      return MockEvents(cut.map { Array(found.prefix($0)) } ?? found, nil)
    } catch {
      return MockEvents([], error)
    }
  }

  public func count(matching selection: Selection) async throws(PrivataError) -> Int {
    try await calls.begin("count")
    return all.count { admits($0, selection) }
  }
}

/// Events of a ``MockAuditTrail``.
public struct MockEvents<Event: Sendable>: AsyncSequence, Sendable {
  private let events: [Event]
  private let error: PrivataError?

  init(_ events: [Event], _ error: PrivataError?) {
    self.events = events
    self.error = error
  }

  /// An iterator over the events.
  public func makeAsyncIterator() -> Iterator { Iterator(events: events, error: error) }

  /// One event after the other.
  public struct Iterator: AsyncIteratorProtocol {
    let events: [Event]
    let error: PrivataError?
    private var position = 0

    init(events: [Event], error: PrivataError?) {
      self.events = events
      self.error = error
    }

    public mutating func next() async throws(PrivataError) -> Event? {
      if let error { throw error }
      guard position < events.count else { return nil }
      defer { position += 1 }
      return events[position]
    }
  }
}
