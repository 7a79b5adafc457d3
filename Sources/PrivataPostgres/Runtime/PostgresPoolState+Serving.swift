// What frees places and what fills them.

extension PostgresPoolState {
  /// The batch at a place has its answers.
  mutating func finish(_ place: Int, now: MonotonicTime) -> Work {
    places[place].isWorking = false
    return work(for: place, now)
  }

  /// An owner gives its place back.
  mutating func release(_ place: Int, now: MonotonicTime) -> Work {
    places[place].use = .shared
    places[place].isWorking = false
    return work(for: place, now)
  }

  /// Keeps a place from being used while a cancellation is under way.
  mutating func pause(_ place: Int) { places[place].isPaused = true }

  /// The cancellation is over.
  mutating func resume(_ place: Int, now: MonotonicTime) -> Work {
    places[place].isPaused = false
    return work(for: place, now)
  }

  /// The place at which the first connection is opened, `nil` where there is one.
  mutating func startFirst() -> Int? {
    guard !isClosed, !places.contains(where: { $0.phase != .closed }) else { return nil }
    places[0] = Place(phase: .connecting)
    return 0
  }

  /// A connection has been opened.
  mutating func connected(_ place: Int, now: MonotonicTime) -> Work {
    failures = 0
    lastFailure = nil
    retryAt = MonotonicTime(nanoseconds: 0)
    places[place] = Place(phase: .open, idleSince: now)
    return work(for: place, now)
  }

  /// A connection was lost or given up; what was in flight there has been answered.
  mutating func lost(_ place: Int, now: MonotonicTime) -> Work {
    places[place] = Place()
    return Work(connect: reconnect(at: now))
  }

  private mutating func work(for place: Int, _ now: MonotonicTime) -> Work {
    var work = Work()
    guard places[place].phase == .open, places[place].use != .leased, !places[place].isPaused,
      !places[place].isWorking
    else { return work }
    if let lease = nextLease(for: place) {
      places[place].use = .leased
      work.lease = lease
      return work
    }
    places[place].use = .shared
    work.batch = nextBatch()
    places[place].isWorking = false
    if work.batch.isEmpty { places[place].idleSince = now } else { self.work(at: place, now) }
    return work
  }

  /// Work for an idle place, where requests wait for places that take longer than was thought.
  mutating func relieve(at now: MonotonicTime) -> (place: Int, work: Work)? {
    guard !requests.isEmpty, !hasEnoughPlaces(at: now), let place = idlePlace() else { return nil }
    return (place, work(for: place, now))
  }

  /// The lease that gets a free place: the first one, unless a request has waited longer and the
  /// place was not promised.
  private mutating func nextLease(for place: Int) -> Request? {
    guard let lease = leases.first else { return nil }
    if places[place].use == .shared, let request = requests.first, request.order < lease.order {
      return nil
    }
    return leases.popFirst()?.request
  }

  /// A fair share of what waits; one that shares with nobody goes by itself.
  private mutating func nextBatch() -> [Request] {
    guard !requests.isEmpty else { return [] }
    let open = max(places.count { $0.phase == .open && $0.use == .shared }, 1)
    let sharing = min(open, max(limits.sharedPlaces ?? open, 1))
    let share = min((requests.count + sharing - 1) / sharing, limits.batchSize)
    var batch: [Request] = []
    batch.reserveCapacity(share)
    while batch.count < share, let next = requests.first?.request {
      guard batch.isEmpty || next.isShareable else { break }
      _ = requests.popFirst()
      batch.append(next)
      if !next.isShareable { break }
    }
    return batch
  }
}

// MARK: - Servers that are away

extension PostgresPoolState {
  /// Requests and leases that are to be told why there is no connection for them.
  struct Refusal {
    var requests: [Request] = []
    var leases: [Request] = []
    var reason: PostgresUnavailable
  }

  /// A connection could not be opened. What waits goes on waiting where the server may come back,
  /// and is refused where trying again cannot help.
  mutating func connectFailed(
    _ place: Int, _ failure: PostgresConnectFailure, now: MonotonicTime
  ) -> Refusal? {
    places[place] = Place()
    failures += 1
    lastFailure = failure
    retryAt = now.adding(milliseconds: backoff())
    // Others may serve what waits.
    guard !places.contains(where: { $0.phase != .closed }), !failure.mayPass else { return nil }
    return refuseAll(.connect(failure))
  }

  /// 20 ms, doubling up to a second, with up to a quarter more so that many pools spread out.
  private func backoff() -> Int {
    let base = min(20 << min(failures - 1, 6), 1000)
    return base + Int.random(in: 0...base / 4)
  }

  /// A place to try again at, where something waits and it is time.
  mutating func reconnect(at now: MonotonicTime) -> Int? {
    guard !isClosed, !(requests.isEmpty && leases.isEmpty), now >= retryAt else { return nil }
    let connecting = places.count { $0.phase == .connecting }
    guard connecting < requests.count + leases.count,
      let place = places.firstIndex(where: { $0.phase == .closed })
    else { return nil }
    places[place] = Place(phase: .connecting)
    return place
  }

  /// Refuses those whose patience with a server that is away has run out.
  mutating func refuseImpatient(at now: MonotonicTime) -> Refusal? {
    guard let failure = lastFailure, !places.contains(where: { $0.phase == .open }) else {
      return nil
    }
    let isOver = { (waiting: Waiting) in
      now > waiting.since.adding(milliseconds: limits.patienceMilliseconds)
    }
    return Refusal(
      requests: requests.remove(where: isOver).map(\.request),
      leases: leases.remove(where: isOver).map(\.request), reason: .connect(failure))
  }

  /// Removes those that nobody waits for any more.
  mutating func remove(where isOver: (Request) -> Bool) -> (requests: [Request], leases: [Request])
  {
    let gone = (
      requests.remove { isOver($0.request) }.map(\.request),
      leases.remove { isOver($0.request) }.map(\.request)
    )
    return gone
  }

  /// Places that have had no work for the bound; they are closed, the last one too.
  mutating func closeIdle(at now: MonotonicTime) -> [Int] {
    let idle = places.indices.filter {
      places[$0].phase == .open && places[$0].use == .shared && !places[$0].isWorking
        && !places[$0].isPaused
        && now > places[$0].idleSince.adding(milliseconds: limits.idleMilliseconds)
    }
    for place in idle { places[place] = Place() }
    return idle
  }

  /// Ends everything: answers who is to be refused.
  mutating func close() -> Refusal {
    isClosed = true
    return refuseAll(.closed)
  }

  private mutating func refuseAll(_ reason: PostgresUnavailable) -> Refusal {
    Refusal(
      requests: requests.removeAll().map(\.request), leases: leases.removeAll().map(\.request),
      reason: reason)
  }
}

extension PostgresPoolState.Refusal: Sendable where Request: Sendable {}
