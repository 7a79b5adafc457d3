internal import Synchronization

/// A caller that waits for a connection of its own.
final class PostgresLeaseRequest: Sendable {
  typealias Answer = Result<PostgresChannel, PostgresUnavailable>

  let deadline: MonotonicTime
  private let progress = Mutex(Progress())

  private struct Progress {
    var answer: Answer?
    var waiter: UnsafeContinuation<Answer, Never>?
    var isCancelled = false
  }

  init(deadline: MonotonicTime) { self.deadline = deadline }

  var isCancelled: Bool { progress.withLock { $0.isCancelled } }

  func cancel() { progress.withLock { $0.isCancelled = true } }

  /// Gives the answer and wakes the caller.
  func grant(_ answer: Answer) {
    let waiter = progress.withLock { progress -> UnsafeContinuation<Answer, Never>? in
      if progress.answer == nil { progress.answer = answer }
      return progress.waiter.take()
    }
    waiter?.resume(returning: answer)
  }

  /// Sleeps until the answer is there.
  func answer() async -> Answer {
    await withUnsafeContinuation { waiter in
      let answer = progress.withLock { progress -> Answer? in
        if progress.answer == nil { progress.waiter = waiter }
        return progress.answer
      }
      if let answer { waiter.resume(returning: answer) }
    }
  }
}

/// A connection that belongs to one owner until it is given back.
///
/// One that is dropped undoes what is open on it before others get it.
final class PostgresLease: Sendable {
  let channel: PostgresChannel
  private let pool: PostgresPool
  private let isHeld = Atomic(true)

  init(_ channel: PostgresChannel, _ pool: PostgresPool) {
    self.channel = channel
    self.pool = pool
  }

  deinit { end(.inTransaction) }

  /// Sends a request over the connection.
  func perform(
    _ request: PostgresRequest, isCancellable: Bool = true
  ) async -> PostgresOutcome {
    await pool.perform(request, over: channel, isCancellable: isCancellable)
  }

  /// What a connection is like when it is given back.
  enum Condition { case clean, inTransaction, broken }

  /// Gives the connection back, the first time it is called.
  func end(_ condition: Condition) {
    guard isHeld.exchange(false, ordering: .acquiringAndReleasing) else { return }
    switch condition {
    case .clean: pool.giveBack(channel)
    case .inTransaction: pool.undo(channel)
    case .broken: pool.settle(channel.close(), channel)
    }
  }
}

extension PostgresPool {
  /// A connection for one owner.
  func lease(until deadline: MonotonicTime) async throws(PostgresUnavailable) -> PostgresLease {
    let lease = PostgresLeaseRequest(deadline: deadline)
    flights.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { flights.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    let (admission, channel) = state.withLock { state -> (Admission, PostgresChannel?) in
      let admission = state.plan.lease(.lease(lease), at: .now)
      guard case .granted(let place) = admission else { return (admission, nil) }
      return (admission, state.channels[place])
    }
    if let channel { return PostgresLease(channel, self) }
    switch admission {
    case .queued(let place?): connect(place)
    case .queued(nil): break
    case .refused(let reason): throw reason
    case .granted: throw .exhausted
    }
    return PostgresLease(try await sleep(for: lease).get(), self)
  }

  private func sleep(for lease: PostgresLeaseRequest) async -> PostgresLeaseRequest.Answer {
    reactor.start(for: self)
    reactor.attend()
    return await withTaskCancellationHandler {
      await lease.answer()
    } onCancel: {
      lease.cancel()
      reactor.look()
    }
  }

  /// Undoes the transaction on a channel, then gives the channel to others; nobody waits for it.
  fileprivate func undo(_ channel: PostgresChannel) {
    let deadline = MonotonicTime.now.adding(milliseconds: settings.connectMilliseconds)
    let command = PostgresCommand(running: "ROLLBACK")
    flights.wrappingAdd(1, ordering: .sequentiallyConsistent)
    let request = PostgresRequest(OneOrMore(command), deadline: deadline) { [self] outcome in
      flights.wrappingSubtract(1, ordering: .sequentiallyConsistent)
      if case .results = outcome { giveBack(channel) } else { settle(channel.close(), channel) }
    }
    if case .refused = channel.send(OneOrMore(request), readingInline: false) {
      request.finish(.lost)
    }
    reactor.attend()
  }

  fileprivate func giveBack(_ channel: PostgresChannel) {
    guard channel.isHealthy() else { return settle(channel.close(), channel) }
    let work = state.withLock { state -> Work in
      guard state.channels[channel.slot] === channel else { return Work() }
      return state.plan.release(channel.slot, now: .now)
    }
    start(work, at: channel.slot)
  }
}
