internal import Synchronization

/// The connections of one store, shared by all its callers.
///
/// A request is sent by its caller where a place is free. If it is alone, the caller also waits for
/// the answer inline, for some milliseconds at most; otherwise it sleeps, and the reactor reads.
final class PostgresPool: Sendable {
  let settings: PostgresSettings
  let reactor: PostgresReactor
  let state: Mutex<State>
  /// Requests that have not been answered.
  let flights = Atomic(0)

  /// What the lock guards.
  struct State: Sendable {
    var plan: PostgresPoolState<PostgresTicket>
    var channels: [PostgresChannel?]
  }

  /// A pool that opens connections when they are asked for.
  init(_ settings: PostgresSettings) throws(PostgresConnectFailure) {
    self.settings = settings
    reactor = try PostgresReactor()
    let plan = PostgresPoolState<PostgresTicket>(settings.limits)
    state = Mutex(State(plan: plan, channels: Array(repeating: nil, count: plan.places.count)))
  }
}

/// What waits in the pool: a request to be sent by whoever is free, or a caller that wants a
/// connection of its own.
enum PostgresTicket: Sendable, Shareable {
  case request(PostgresRequest)
  case lease(PostgresLeaseRequest)

  var isShareable: Bool {
    if case .request(let request) = self { request.isShareable } else { false }
  }
}

// MARK: - Sending

extension PostgresPool {
  /// Sends a request over any connection and answers what became of it.
  func perform(_ request: PostgresRequest, isCancellable: Bool = true) async -> PostgresOutcome {
    let isAlone = enter()
    defer { leave() }
    let admission = state.withLock { state -> (Admission, PostgresChannel?) in
      let admission = state.plan.submit(.request(request), at: .now)
      guard case .granted(let place) = admission else { return (admission, nil) }
      return (admission, state.channels[place])
    }
    switch admission {
    case (.granted, let channel?):
      if let outcome = send(request, over: channel, isAlone: isAlone) { return outcome }
    case (.granted, nil): return .skipped
    case (.queued(let place), _):
      if let place { connect(place) }
    case (.refused(let reason), _): return .unavailable(reason)
    }
    return await sleep(for: request, isCancellable: isCancellable)
  }

  /// Sends a request over a leased connection.
  func perform(
    _ request: PostgresRequest, over channel: PostgresChannel, isCancellable: Bool = true
  ) async -> PostgresOutcome {
    let isAlone = enter()
    defer { leave() }
    if let outcome = send(request, over: channel, isAlone: isAlone) { return outcome }
    return await sleep(for: request, isCancellable: isCancellable)
  }

  typealias Admission = PostgresPoolState<PostgresTicket>.Admission

  /// Sends, and waits inline where that is worth it; `nil` where the caller has to sleep.
  private func send(
    _ request: PostgresRequest, over channel: PostgresChannel, isAlone: Bool
  ) -> PostgresOutcome? {
    // What cannot be repeated is not sent into a connection that is known to be gone.
    if !request.isShareable, !channel.isHealthy() {
      settle(channel.close(), channel)
      return .skipped
    }
    let isQuick = request.commands.first?.shape.isSlow != true
    let isInline = isAlone && isQuick && InlineWaiters.enter()
    switch channel.send(OneOrMore(request), readingInline: isInline) {
    case .refused:
      if isInline { InlineWaiters.leave() }
      settle(channel.close(), channel)
      return .skipped
    case .othersRead:
      if isInline { InlineWaiters.leave() }
      return nil
    case .callerReads:
      defer { InlineWaiters.leave() }
      return readInline(request, channel)
    }
  }

  private func sleep(for request: PostgresRequest, isCancellable: Bool) async -> PostgresOutcome {
    reactor.start(for: self)
    reactor.attend()
    guard isCancellable else { return await request.answer() }
    return await withTaskCancellationHandler {
      await request.answer()
    } onCancel: {
      request.cancel()
      reactor.look()
    }
  }

  private func enter() -> Bool {
    flights.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue == 1
  }

  private func leave() { flights.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
}

// MARK: - Waiting inline

extension PostgresPool {
  /// As long as no answer that is worth waiting for takes, and longer than the kernel's own next tick:
  /// a wait that ends before that tick has the processor set its timer twice, which costs a point
  /// read half as much again (Docs/Decisions/0003).
  private static let inlineMilliseconds: Int32 = 20

  private func readInline(
    _ request: PostgresRequest, _ channel: PostgresChannel
  ) -> PostgresOutcome? {
    while SocketWait.readable(channel.socket, milliseconds: Self.inlineMilliseconds) {
      settle(channel.receive(as: .caller), channel)
      if let outcome = request.outcome {
        handOver(channel)
        return outcome
      }
    }
    // The request stays in flight, so that whoever comes next does not wait inline.
    handOver(channel)
    return request.outcome
  }

  private func handOver(_ channel: PostgresChannel) {
    let rest = channel.handOver()
    if rest.isLost { settle(rest, channel) }
  }
}

/// How many callers of the process may wait inline at once: at most half of the threads that Swift
/// runs tasks on, so that a stalled server leaves the others free.
private enum InlineWaiters {
  private static let count = Atomic(0)
  private static let limit = max(ProcessorCount.value / 2, 1)

  static func enter() -> Bool {
    if count.wrappingAdd(1, ordering: .relaxed).newValue <= limit { return true }
    leave()
    return false
  }

  static func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}
