internal import PrivataCore
internal import Synchronization

/// A task that waits for something that another task hands over: the first of handing over, time
/// running out and cancellation counts.
final class Waiter<Gift: Sendable>: Sendable {
  private enum State: Sendable {
    case fresh
    case waiting(CheckedContinuation<Result<Gift, PrivataError>, Never>)
    case early(Result<Gift, PrivataError>)
    case over
  }

  private let state = Mutex(State.fresh)
  /// Asked before time or cancellation end the wait; false where the gift is on its way for certain.
  private let mayGiveUp: @Sendable () -> Bool
  private let didCancel: @Sendable () -> Void

  init(
    mayGiveUp: @escaping @Sendable () -> Bool = { true },
    didCancel: @escaping @Sendable () -> Void = {}
  ) {
    self.mayGiveUp = mayGiveUp
    self.didCancel = didCancel
  }

  /// Hands over. False where the task waits no more; then the gift is still the giver's.
  func resume(_ result: Result<Gift, PrivataError>) -> Bool {
    let (accepted, continuation) = state.withLock {
      state -> (Bool, CheckedContinuation<Result<Gift, PrivataError>, Never>?) in
      switch state {
      case .fresh:
        state = .early(result)
        return (true, nil)
      case .waiting(let continuation):
        state = .over
        return (true, continuation)
      case .early, .over: return (false, nil)
      }
    }
    continuation?.resume(returning: result)
    return accepted
  }

  /// Waits for the gift.
  ///
  /// - Throws: `late` after that time, `cancelled` where the task is cancelled.
  func gift(within milliseconds: Int?, or late: PrivataError) async throws(PrivataError) -> Gift {
    let result = await withTaskCancellationHandler {
      if let milliseconds {
        async let _ = expire(after: milliseconds, late)
        return await suspended()
      }
      return await suspended()
    } onCancel: {
      didCancel()
      giveUp(PrivataError(.cancelled, "the call was cancelled"))
    }
    return try result.get()
  }

  private func suspended() async -> Result<Gift, PrivataError> {
    await withCheckedContinuation { continuation in
      let early = state.withLock { state -> Result<Gift, PrivataError>? in
        if case .early(let result) = state {
          state = .over
          return result
        }
        state = .waiting(continuation)
        return nil
      }
      if let early { continuation.resume(returning: early) }
    }
  }

  private func expire(after milliseconds: Int, _ error: PrivataError) async {
    try? await Task.sleep(for: .milliseconds(milliseconds))
    if !Task.isCancelled { giveUp(error) }
  }

  private func giveUp(_ error: PrivataError) {
    if mayGiveUp() { _ = resume(.failure(error)) }
  }
}
