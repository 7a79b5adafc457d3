internal import Synchronization

extension PostgresPool: PostgresReactor.Delegate {
  var isBusy: Bool { flights.load(ordering: .sequentiallyConsistent) > 0 }

  func channelIsReady(_ channel: PostgresChannel) { settle(channel.receive(as: .reactor), channel) }

  func timeHasPassed(_ now: MonotonicTime) -> Int {
    expireWaiting(now)
    stopOverdue(now)
    relieve(now)
    let (refusal, connect, idle, isOpen) = state.withLock { state in
      let refusal = state.plan.refuseImpatient(at: now)
      let connect = state.plan.reconnect(at: now)
      var idle: [PostgresChannel] = []
      for place in state.plan.closeIdle(at: now) {
        if let channel = state.channels[place].take() { idle.append(channel) }
      }
      return (refusal, connect, idle, state.channels.contains { $0 != nil })
    }
    if let refusal { refuse(refusal) }
    if let connect { self.connect(connect) }
    for channel in idle { _ = channel.close() }
    return isOpen ? min(settings.limits.idleMilliseconds, 1000) : -1
  }

  /// Gives idle places what waits for others that take longer than was thought.
  private func relieve(_ now: MonotonicTime) {
    while let (place, work) = state.withLock({ $0.plan.relieve(at: now) }) {
      start(work, at: place)
    }
  }

  /// Answers those that wait in the pool and were cancelled, or whose time is over.
  private func expireWaiting(_ now: MonotonicTime) {
    let gone = state.withLock { state in
      state.plan.remove { ticket in
        switch ticket {
        case .request(let request): request.stop(at: now) != nil
        case .lease(let lease): lease.isCancelled || now >= lease.deadline
        }
      }
    }
    for ticket in gone.requests + gone.leases {
      switch ticket {
      case .request(let request): request.finish(.stopped(request.stop(at: now) ?? .timeout))
      case .lease(let lease): lease.grant(.failure(.exhausted))
      }
    }
  }

  /// Has the server end statements that were cancelled or whose time is over.
  private func stopOverdue(_ now: MonotonicTime) {
    for case let channel? in state.withLock({ $0.channels }) {
      for request in channel.stoppedInLine(at: now) {
        request.finish(.stopped(request.stop(at: now) ?? .timeout))
      }
      switch channel.overdue(at: now, graceMilliseconds: settings.cancelGraceMilliseconds) {
      case .nothing: resumeIfSettled(channel, now)
      case .giveUp: settle(channel.close(), channel)
      case .cancel:
        state.withLock { $0.plan.pause(channel.slot) }
        _ = BlockingThread.start { [reactor] in
          channel.cancel()
          reactor.look()
        }
      }
    }
  }

  private func resumeIfSettled(_ channel: PostgresChannel, _ now: MonotonicTime) {
    let work = state.withLock { state -> Work? in
      guard state.channels[channel.slot] === channel else { return nil }
      guard state.plan.places[channel.slot].isPaused, channel.isSettled() else { return nil }
      return state.plan.resume(channel.slot, now: now)
    }
    if let work { start(work, at: channel.slot) }
  }

  /// True after ``close()``.
  var isClosed: Bool { state.withLock { $0.plan.isClosed } }

  /// Ends all connections; what waits or is in flight is refused.
  func close() {
    let (refusal, channels) = state.withLock { state in
      let channels = state.channels.compactMap { $0 }
      state.channels = state.channels.map { _ in nil }
      return (state.plan.close(), channels)
    }
    refuse(refusal)
    for channel in channels { settle(channel.close(), channel) }
    reactor.end()
  }
}
