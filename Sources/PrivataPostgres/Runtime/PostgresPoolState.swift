/// Which connection serves whom: the pool's decisions, as a value without threads, sockets or
/// clocks. Each function changes the state and answers what its caller is to do.
///
/// A place is one of a fixed number of connections. Requests that may share one go in batches: what
/// arrives while all places work waits in one queue, and the next place that is free takes its share
/// of it. So a slow statement delays nobody who has not been sent with it.
struct PostgresPoolState<Request: Shareable> {
  /// What bounds a pool.
  struct Limits: Sendable, Hashable {
    var places = 10
    /// Requests in one batch.
    var batchSize = 64
    /// Requests and leases that wait.
    var waiting = 10_000
    /// How long a place stays open without work.
    var idleMilliseconds = 60_000
    /// How long requests wait for a server that is away before they are told so.
    var patienceMilliseconds = 2_000
    /// How many places work at once for requests that may share one; all of them where `nil`.
    var sharedPlaces: Int?
    /// A batch that takes longer than this no longer counts among those.
    var quickMilliseconds = 5
  }

  /// One place.
  struct Place: Hashable {
    enum Phase: Hashable { case closed, connecting, open }
    enum Use: Hashable {
      case shared
      /// Given to one owner as soon as its batches are done.
      case promised
      case leased
    }

    var phase = Phase.closed
    var use = Use.shared
    /// True while a batch is on its way.
    var isWorking = false
    /// True while a cancellation is under way: nothing may be sent.
    var isPaused = false
    var idleSince = MonotonicTime(nanoseconds: 0)
    /// When the batch that is on its way was given out.
    var workingSince = MonotonicTime(nanoseconds: 0)
  }

  /// One that waits.
  struct Waiting {
    var request: Request
    var since: MonotonicTime
    var order: Int
  }

  let limits: Limits
  var places: [Place]
  var requests = Fifo<Waiting>()
  var leases = Fifo<Waiting>()
  var isClosed = false
  private var order = 0
  var failures = 0
  /// No attempt to connect before this moment.
  var retryAt = MonotonicTime(nanoseconds: 0)
  var lastFailure: PostgresConnectFailure?

  init(_ limits: Limits) {
    self.limits = limits
    places = Array(repeating: Place(), count: max(limits.places, 1))
  }

  /// What becomes of a request or lease.
  enum Admission: Hashable {
    case granted(place: Int)
    /// It waits; a connection is to be opened at the place, if one is named.
    case queued(connect: Int?)
    case refused(PostgresUnavailable)
  }

  /// Work for a place that has become free.
  struct Work {
    var batch: [Request] = []
    /// The owner that the place now belongs to.
    var lease: Request?
    /// A place at which a connection is to be opened.
    var connect: Int?

    var isEmpty: Bool { batch.isEmpty && lease == nil && connect == nil }
  }
}

/// What may go with others of its kind.
protocol Shareable {
  /// True where others may go in the same batch.
  var isShareable: Bool { get }
}

extension PostgresPoolState: Sendable where Request: Sendable {}
extension PostgresPoolState.Waiting: Sendable where Request: Sendable {}
extension PostgresPoolState.Work: Sendable where Request: Sendable {}

// MARK: - Asking

extension PostgresPoolState {
  /// A request that may share a connection. Where it is granted the caller sends it at once.
  mutating func submit(_ request: Request, at now: MonotonicTime) -> Admission {
    if isClosed { return .refused(.closed) }
    let waits = request.isShareable && hasEnoughPlaces(at: now)
    if !waits, let place = idlePlace() {
      work(at: place, now)
      return .granted(place: place)
    }
    guard requests.count + leases.count < limits.waiting else { return .refused(.exhausted) }
    requests.append(waiting(request, now))
    return .queued(connect: waits ? nil : startConnecting(at: now))
  }

  /// True where a request that shares a place is better off in the next batch of one that works: as
  /// many are at work as serve it, and none for long.
  func hasEnoughPlaces(at now: MonotonicTime) -> Bool {
    guard let enough = limits.sharedPlaces else { return false }
    let quick = places.count {
      $0.isWorking && $0.use == .shared
        && now <= $0.workingSince.adding(milliseconds: limits.quickMilliseconds)
    }
    return quick >= enough
  }

  mutating func work(at place: Int, _ now: MonotonicTime) {
    places[place].isWorking = true
    places[place].workingSince = now
  }

  /// A request for a connection of its own.
  mutating func lease(_ request: Request, at now: MonotonicTime) -> Admission {
    if isClosed { return .refused(.closed) }
    if let place = idlePlace() {
      places[place].use = .leased
      return .granted(place: place)
    }
    guard requests.count + leases.count < limits.waiting else { return .refused(.exhausted) }
    leases.append(waiting(request, now))
    let connect = startConnecting(at: now)
    if connect == nil { promisePlace() }
    return .queued(connect: connect)
  }

  private mutating func waiting(_ request: Request, _ now: MonotonicTime) -> Waiting {
    order += 1
    return Waiting(request: request, since: now, order: order)
  }

  func idlePlace() -> Int? {
    places.firstIndex {
      $0.phase == .open && $0.use == .shared && !$0.isWorking && !$0.isPaused
    }
  }

  private func closedPlace(at now: MonotonicTime) -> Int? {
    guard now >= retryAt else { return nil }
    return places.firstIndex { $0.phase == .closed }
  }

  /// Opens one place more where there is work for it.
  private mutating func startConnecting(at now: MonotonicTime) -> Int? {
    let connecting = places.count { $0.phase == .connecting }
    guard connecting < requests.count + leases.count, let place = closedPlace(at: now) else {
      return nil
    }
    places[place] = Place(phase: .connecting)
    return place
  }

  /// Keeps one place from further batches, so that a lease gets its turn.
  private mutating func promisePlace() {
    let promised = places.count { $0.use == .promised }
    guard promised < leases.count else { return }
    let place = places.firstIndex { $0.phase == .open && $0.use == .shared }
    if let place { places[place].use = .promised }
  }
}
