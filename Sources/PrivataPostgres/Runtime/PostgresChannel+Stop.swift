internal import Synchronization

extension PostgresChannel {
  /// What is to be done about requests whose time is over.
  enum Overdue {
    case nothing, cancel, giveUp
  }

  /// Looks for requests in flight that were cancelled or whose time is over. After `cancel` nothing
  /// more may be sent until ``isSettled()``: a late cancellation would hit another's statement.
  func overdue(at now: MonotonicTime, graceMilliseconds: Int) -> Overdue {
    state.withLock { state in
      guard !state.expected.isEmpty else { return .nothing }
      if let cancelling = state.cancelling {
        return now > cancelling.since.adding(milliseconds: graceMilliseconds) ? .giveUp : .nothing
      }
      guard state.runsStopped(at: now) else { return .nothing }
      state.cancelling = Cancelling(since: now)
      return .cancel
    }
  }

  /// Requests that were sent behind others and whose time is over: their callers need not wait. The
  /// statement may still run when its turn comes.
  func stoppedInLine(at now: MonotonicTime) -> [PostgresRequest] {
    state.withLock { state in
      let running = state.runningGroup
      var stopped: [PostgresRequest] = []
      state.flights.forEach { request in
        if request.flight.group != running, request.stop(at: now) != nil { stopped.append(request) }
      }
      return stopped
    }
  }

  /// Tells the server to end what runs. Blocks: for threads of our own.
  func cancel() {
    let canceller = state.withLock { $0.connection?.canceller() }
    canceller?.cancel()
    state.withLock { $0.cancelling?.isDelivered = true }
  }

  /// True where no cancellation is under way any more, so that the channel may be used again.
  func isSettled() -> Bool {
    state.withLock { state in
      guard let cancelling = state.cancelling else { return true }
      guard cancelling.isDelivered, state.expected.isEmpty else { return false }
      state.cancelling = nil
      return true
    }
  }
}

extension PostgresChannel.State {
  /// The group that the server works on.
  fileprivate var runningGroup: Int? { answered.first?.flight.group ?? flights.first?.flight.group }

  /// True where the server works for a request whose time is over.
  fileprivate func runsStopped(at now: MonotonicTime) -> Bool {
    let running = runningGroup
    return answered.contains { $0.stop(at: now) != nil }
      || flights.contains { $0.flight.group == running && $0.stop(at: now) != nil }
  }
}
