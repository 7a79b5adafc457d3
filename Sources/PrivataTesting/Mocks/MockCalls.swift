public import PrivataCore
internal import Synchronization

/// What was asked of a mock, and the faults that it is to show.
///
/// ```swift
/// let doses = MockRecords([Dose(1)])
/// doses.calls.fail("find", at: 2, with: PrivataError(.connection, "away", isRetriable: true))
/// doses.calls.delay("update", by: .milliseconds(50))
/// doses.calls.cut("find", to: 1)          // answers one record where there are more
/// try await service.run()
/// doses.calls.names                       // ["find", "update"]
/// ```
public final class MockCalls: Sendable {
  private struct State {
    var names: [String] = []
    var failures: [(name: String?, call: Int, error: PrivataError)] = []
    var delays: [String: Duration] = [:]
    var cuts: [String: Int] = [:]
  }

  private let state = Mutex(State())

  /// No calls, no faults.
  public init() {}

  /// The methods that were called, in order.
  public var names: [String] { state.withLock { $0.names } }

  /// How often a method was called.
  public func count(_ name: String) -> Int { names.count { $0 == name } }

  /// Throws from the so manieth call on of a method, or of all methods where `nil`; once.
  public func fail(_ name: String? = nil, at call: Int = 1, with error: PrivataError) {
    state.withLock { $0.failures.append((name, call, error)) }
  }

  /// Lets each call of a method wait first.
  public func delay(_ name: String, by duration: Duration) {
    state.withLock { $0.delays[name] = duration }
  }

  /// Lets a method answer or take no more than so many.
  public func cut(_ name: String, to count: Int) { state.withLock { $0.cuts[name] = count } }

  /// Forgets calls and faults.
  public func reset() { state.withLock { $0 = State() } }

  /// Notes a call; answers after how many its answer is cut.
  ///
  /// - Throws: the fault that is due.
  @discardableResult
  func noted(_ name: String) throws(PrivataError) -> Int? {
    let (error, cut) = state.withLock { state -> (PrivataError?, Int?) in
      state.names.append(name)
      let due = state.failures.firstIndex { failure in
        guard failure.name == nil || failure.name == name else { return false }
        let calls = failure.name == nil ? state.names.count : state.names.count { $0 == name }
        return calls >= failure.call
      }
      return (due.map { state.failures.remove(at: $0).error }, state.cuts[name])
    }
    if let error { throw error }
    return cut
  }

  /// Notes a call that may have to wait.
  @discardableResult
  func begin(_ name: String) async throws(PrivataError) -> Int? {
    let delay = state.withLock { $0.delays[name] }
    if let delay {
      do { try await Task.sleep(for: delay) } catch {
        throw PrivataError(.cancelled, "the call was cancelled")
      }
    }
    return try noted(name)
  }
}
