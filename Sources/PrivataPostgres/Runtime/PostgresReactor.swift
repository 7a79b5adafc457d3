internal import Synchronization

/// The thread that waits for the sockets of one store and keeps its deadlines, so that no caller's
/// thread has to.
final class PostgresReactor: Sendable {
  let readiness: Readiness
  private let channels = Mutex<[UInt64: PostgresChannel]>([:])
  private let life = Mutex(Life.unborn)
  /// True while the thread sleeps without looking at deadlines.
  private let isParked = Atomic(false)
  /// True where deadlines are to be looked at without waiting for the next time.
  private let isAsked = Atomic(false)

  private enum Life { case unborn, running, ended }

  /// What the reactor works for.
  protocol Delegate: AnyObject, Sendable {
    /// A channel's socket is ready.
    func channelIsReady(_ channel: PostgresChannel)
    /// Time has passed, or ``PostgresReactor/look()`` was called. Answers in how many milliseconds to
    /// come again, negative for not before there is something new.
    func timeHasPassed(_ now: MonotonicTime) -> Int
    /// True where deadlines have to be kept.
    var isBusy: Bool { get }
  }

  /// A reactor whose thread starts with ``start(for:)``.
  init() throws(PostgresConnectFailure) {
    guard let readiness = Readiness() else { throw .lost }
    self.readiness = readiness
  }

  /// Starts the thread, the first time. It keeps the delegate until ``end()``.
  func start(for delegate: some Delegate) {
    let starts = life.withLock { life in
      defer { if life == .unborn { life = .running } }
      return life == .unborn
    }
    guard starts else { return }
    let started = BlockingThread.start { [self] in
      var next = MonotonicTime.now
      while isRunning { turn(delegate, &next) }
    }
    if !started { life.withLock { $0 = .unborn } }
  }

  /// Ends the thread.
  func end() {
    life.withLock { $0 = .ended }
    readiness.wake()
  }

  /// Looks after a channel's socket.
  func add(_ channel: PostgresChannel) {
    channels.withLock { $0[channel.key] = channel }
    readiness.add(channel.socket, key: channel.key)
  }

  /// Forgets a channel, whose socket is still open.
  func remove(_ channel: PostgresChannel) {
    readiness.remove(channel.socket)
    channels.withLock { $0[channel.key] = nil }
  }

  /// Makes sure that deadlines are kept from now on.
  func attend() {
    if isParked.exchange(false, ordering: .sequentiallyConsistent) { readiness.wake() }
  }

  /// Has the delegate look at its deadlines at once.
  func look() {
    isAsked.store(true, ordering: .sequentiallyConsistent)
    readiness.wake()
  }

  private var isRunning: Bool { life.withLock { $0 == .running } }

  private func turn(_ delegate: some Delegate, _ next: inout MonotonicTime) {
    let now = MonotonicTime.now
    if isAsked.exchange(false, ordering: .sequentiallyConsistent) || now >= next {
      let pause = delegate.timeHasPassed(now)
      next = pause < 0 ? .never : now.adding(milliseconds: pause)
    }
    isParked.store(true, ordering: .sequentiallyConsistent)
    // Who becomes busy after this line finds the thread parked and wakes it.
    if delegate.isBusy {
      isParked.store(false, ordering: .sequentiallyConsistent)
      next = min(next, now.adding(milliseconds: Self.tick))
    }
    readiness.wait(milliseconds: pause(from: now, to: next)) { key in
      if let channel = channels.withLock({ $0[key] }) { delegate.channelIsReady(channel) }
    }
  }

  private func pause(from now: MonotonicTime, to next: MonotonicTime) -> Int32 {
    next == .never ? -1 : Int32(clamping: max(next.milliseconds(after: now), 0))
  }

  /// How exactly deadlines are kept, in milliseconds.
  private static let tick = 20
}
