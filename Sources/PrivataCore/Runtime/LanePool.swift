internal import Synchronization

/// Where calls that block run. Three ways, the cheapest that is safe:
///
/// 1. on the caller's thread, where that is one of ``PrivataExecutor``'s, which may block;
/// 2. on the caller's thread by one of few permits, while calls of the same kind have been fast;
/// 3. on a lane: a thread of this pool, while the caller's task is suspended.
///
/// ```swift
/// let rows = try await lanes.run(kind) { signal throws(PrivataError) in try connection.read() }
/// ```
///
/// A server that stalls holds lanes, and of Swift's own threads no more than there are permits: at
/// most half of them.
package final class LanePool: Sendable {
  private let threads: WorkerThreads
  private let permits: Mutex<InlinePermits>

  /// A pool of at most so many lanes. `inlinePermits` is how many calls may block Swift's own
  /// threads at once; half of the threads where `nil`.
  package init(lanes: Int, inlinePermits: Int? = nil) {
    threads = WorkerThreads(limit: lanes)
    let half = max(1, MonotonicClock.processors / 2)
    permits = Mutex(InlinePermits(limit: inlinePermits ?? half))
  }

  /// Runs a blocking call and answers what it answers. The body runs exactly once in any case, so it
  /// can give back what the call holds.
  ///
  /// A cancelled caller on a lane is resumed at once with `cancelled`; the body runs to its end
  /// behind it and can look at the signal to end early.
  ///
  /// - Parameter kind: calls of one kind take about the same time; `nil` for those that are known to
  ///   be slow, which always run on a lane, where the caller can be cancelled.
  package func run<R: Sendable>(
    _ kind: CallKind?, _ body: @escaping @Sendable (CallSignal) throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    guard let kind else { return try await offload(nil, body) }
    if PrivataExecutor.isCurrent, PrivataExecutor.shared.beginBlocking() {
      defer { PrivataExecutor.shared.endBlocking() }
      return try body(CallSignal.none)
    }
    if let permit = permit(for: kind) {
      defer { release(permit, kind) }
      return try body(CallSignal.none)
    }
    return try await offload(kind, body)
  }

  /// Runs work on a lane that nobody waits for: giving back what was left behind.
  package func afterwards(_ work: @escaping @Sendable () -> Void) { threads.submit(work) }

  /// The lanes that there are now.
  package var count: Int { threads.count }

  private func permit(for kind: CallKind) -> InlinePermits.Permit? {
    let now = MonotonicClock.nanoseconds
    return permits.withLock { $0.acquire(kind, now: now) }
  }

  private func release(_ permit: InlinePermits.Permit, _ kind: CallKind) {
    let now = MonotonicClock.nanoseconds
    permits.withLock { $0.release(permit, kind, now: now) }
  }

  private func offload<R: Sendable>(
    _ kind: CallKind?, _ body: @escaping @Sendable (CallSignal) throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    let call = LaneCall<R>()
    threads.submit { call.finish(self.timed(kind, call.signal, body)) }
    return try await call.value()
  }

  private func timed<R: Sendable>(
    _ kind: CallKind?, _ signal: CallSignal,
    _ body: @Sendable (CallSignal) throws(PrivataError) -> R
  ) -> Result<R, PrivataError> {
    let start = MonotonicClock.nanoseconds
    let result: Result<R, PrivataError>
    do { result = .success(try body(signal)) } catch { result = .failure(error) }
    if let kind {
      let duration = MonotonicClock.nanoseconds &- start
      permits.withLock { $0.record(kind, duration) }
    }
    return result
  }
}
