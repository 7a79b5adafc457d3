internal import Synchronization

extension PostgresPool {
  /// Acts on what a channel received: answers its requests, and gives the place its next work.
  func settle(_ received: PostgresChannel.Received, _ channel: PostgresChannel) {
    let now = MonotonicTime.now
    if received.endsBatch || received.isLost {
      let (work, isForgotten) = state.withLock { $0.settle(received, channel, now) }
      // Someone's statement opened a transaction on a connection that others use.
      if isForgotten { _ = channel.close() }
      if !work.isEmpty { start(work, at: channel.slot) }
    }
    let isSlow = now > received.sentAt.adding(milliseconds: Self.slowMilliseconds)
    received.finished.forEach { request in
      request.commands.first?.shape.note(isSlow: isSlow)
      request.finish(stopped(request, request.flight.outcome, received.isCancelling, now))
    }
    for request in received.lost {
      let isCopy = request.flight.failure?.state == .copyRefused
      let outcome = isCopy ? request.flight.outcome : .lost
      request.finish(stopped(request, outcome, false, now))
    }
  }

  /// A group that took longer than this may hold a statement behind which no other should wait.
  private static let slowMilliseconds = 5

  typealias Work = PostgresPoolState<PostgresTicket>.Work

  /// What a caller is told of a statement that ended because it was to be stopped.
  private func stopped(
    _ request: PostgresRequest, _ outcome: PostgresOutcome, _ isCancelling: Bool,
    _ now: MonotonicTime
  ) -> PostgresOutcome {
    switch outcome {
    case .failure(let failure, _) where failure.state == .queryCancelled && isCancelling:
      request.stop(at: now).map(PostgresOutcome.stopped) ?? .skipped
    case .lost: request.stop(at: now).map(PostgresOutcome.stopped) ?? .lost
    default: outcome
    }
  }

  /// Starts work that the plan found for a place.
  func start(_ work: Work, at place: Int) {
    if let connecting = work.connect { connect(connecting) }
    guard let channel = state.withLock({ $0.channels[place] }) else { return giveUp(work) }
    if case .lease(let lease)? = work.lease { lease.grant(.success(channel)) }
    var batch = OneOrMore<PostgresRequest>()
    for case .request(let request) in work.batch { batch.append(request) }
    guard !batch.isEmpty else { return }
    if case .refused = channel.send(batch, readingInline: false) {
      batch.forEach { $0.finish(.skipped) }
      settle(channel.close(), channel)
    }
  }

  /// Answers those whose place was closed between the plan's decision and this moment.
  private func giveUp(_ work: Work) {
    if case .lease(let lease)? = work.lease {
      lease.grant(.failure(isClosed ? .closed : .connect(.lost)))
    }
    for case .request(let request) in work.batch { request.finish(.skipped) }
  }

  /// Tells those that wait why there is nothing for them.
  func refuse(_ refusal: PostgresPoolState<PostgresTicket>.Refusal) {
    for ticket in refusal.requests + refusal.leases {
      switch ticket {
      case .request(let request): request.finish(.unavailable(refusal.reason))
      case .lease(let lease): lease.grant(.failure(refusal.reason))
      }
    }
  }
}

extension PostgresPool.State {
  /// Takes note of what a channel received: its next work, and true where it is to be closed.
  fileprivate mutating func settle(
    _ received: PostgresChannel.Received, _ channel: PostgresChannel, _ now: MonotonicTime
  ) -> (PostgresPool.Work, Bool) {
    let place = channel.slot
    guard channels[place] === channel else { return (PostgresPool.Work(), false) }
    let isShared = plan.places[place].use != .leased
    let isForgotten = received.isInTransaction && isShared
    if received.isLost || isForgotten {
      channels[place] = nil
      return (plan.lost(place, now: now), isForgotten)
    }
    return (plan.finish(place, now: now), false)
  }
}
