internal import Synchronization

extension PostgresPool {
  /// Opens the first connection; answers why it cannot.
  func probe() async -> PostgresConnectFailure? {
    guard let place = state.withLock({ $0.plan.startFirst() }) else { return nil }
    reactor.start(for: self)
    return await withUnsafeContinuation { waiter in
      let started = BlockingThread.start { [self] in
        waiter.resume(returning: open(place))
      }
      if !started { waiter.resume(returning: .lost) }
    }
  }

  /// Opens a connection at a place, on a thread of its own.
  func connect(_ place: Int) {
    reactor.start(for: self)
    reactor.attend()
    let started = BlockingThread.start { [self] in _ = open(place) }
    if !started { connectFailed(place, .unreachable) }
  }

  /// Opens a connection at a place and puts it to work. Blocks.
  private func open(_ place: Int) -> PostgresConnectFailure? {
    let deadline = MonotonicTime.now.adding(milliseconds: settings.connectMilliseconds)
    do throws(PostgresConnectFailure) {
      let connection = try PostgresConnection.open(settings, deadline: deadline)
      connected(
        PostgresChannel(
          connection, slot: place, statementLimit: settings.statementLimit, reactor: reactor))
      return nil
    } catch {
      connectFailed(place, error)
      return error
    }
  }

  private func connected(_ channel: PostgresChannel) {
    reactor.add(channel)
    let work = state.withLock { state -> Work? in
      guard !state.plan.isClosed else { return nil }
      state.channels[channel.slot] = channel
      return state.plan.connected(channel.slot, now: .now)
    }
    if let work { start(work, at: channel.slot) } else { _ = channel.close() }
  }

  private func connectFailed(_ place: Int, _ failure: PostgresConnectFailure) {
    let refusal = state.withLock { $0.plan.connectFailed(place, failure, now: .now) }
    if let refusal { refuse(refusal) }
    // The reactor tries again when it is time.
    reactor.look()
  }
}
