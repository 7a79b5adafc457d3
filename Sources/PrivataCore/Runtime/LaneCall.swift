internal import Synchronization

/// Tells a call on a lane that nobody waits for its answer any more.
package final class CallSignal: Sendable {
  /// The signal of calls that nobody can leave.
  package static let none = CallSignal()

  private let cancelled = Atomic(false)

  /// True once the caller has gone.
  package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  func cancel() { cancelled.store(true, ordering: .relaxed) }
}

/// One answer and the task that waits for it. Whatever comes first, the answer or the cancellation
/// of the task, resumes it.
///
/// ```swift
/// let call = LaneCall<Int>()
/// threads.submit { call.finish(.success(compute())) }
/// let answer = try await call.value()
/// ```
package final class LaneCall<R: Sendable>: Sendable {
  package typealias Answer = Result<R, PrivataError>

  fileprivate enum State {
    case new
    case waiting(CheckedContinuation<Answer, Never>)
    case answered(Answer)
    case ended
  }

  /// Set where the task was cancelled.
  package let signal = CallSignal()
  private let state = Mutex(State.new)

  /// A call without an answer yet.
  package init() {}

  /// Waits for the answer; to be asked for once.
  ///
  /// - Throws: the answer's error, or `cancelled` as soon as the task is cancelled.
  package func value() async throws(PrivataError) -> R {
    let answer = await withTaskCancellationHandler {
      await withCheckedContinuation { begin($0) }
    } onCancel: {
      cancel()
    }
    return try answer.get()
  }

  /// Gives the answer; false where nobody will take it.
  @discardableResult
  package func finish(_ answer: Answer) -> Bool {
    let (waiter, isTaken) = state.withLock { $0.finish(answer) }
    waiter?.resume(returning: answer)
    return isTaken
  }

  private func begin(_ waiter: CheckedContinuation<Answer, Never>) {
    let answer = state.withLock { $0.begin(waiter) }
    if let answer { waiter.resume(returning: answer) }
  }

  private func cancel() {
    signal.cancel()
    let waiter = state.withLock { $0.cancel() }
    waiter?.resume(returning: .failure(Self.cancelled))
  }

  private static var cancelled: PrivataError {
    PrivataError(.cancelled, "the task was cancelled while it waited for the store")
  }
}

extension LaneCall.State {
  /// Starts waiting; answers what is to be handed to the waiter at once.
  fileprivate mutating func begin(
    _ waiter: CheckedContinuation<LaneCall.Answer, Never>
  ) -> LaneCall.Answer? {
    switch self {
    case .new:
      self = .waiting(waiter)
      return nil
    case .answered(let answer):
      self = .ended
      return answer
    case .waiting, .ended:
      return .failure(
        PrivataError(.cancelled, "the task was cancelled while it waited for the store"))
    }
  }

  fileprivate mutating func finish(
    _ answer: LaneCall.Answer
  ) -> (CheckedContinuation<LaneCall.Answer, Never>?, Bool) {
    switch self {
    case .new:
      self = .answered(answer)
      return (nil, true)
    case .waiting(let waiter):
      self = .ended
      return (waiter, true)
    case .answered, .ended: return (nil, false)
    }
  }

  fileprivate mutating func cancel() -> CheckedContinuation<LaneCall.Answer, Never>? {
    switch self {
    case .new:
      self = .ended
      return nil
    case .waiting(let waiter):
      self = .ended
      return waiter
    case .answered, .ended: return nil
    }
  }
}
