internal import CPostgres

/// Tells which sockets are ready, to one thread that waits, while others say which to watch.
///
/// Watching takes effect at once, also while the thread waits (Linux: epoll(7)).
struct Readiness: ~Copyable, Sendable {
  private let queue: Int32
  private let alarm: Int32

  init?() {
    queue = epoll_create1(Int32(EPOLL_CLOEXEC))
    alarm = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard queue >= 0, alarm >= 0 else { return nil }
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: Self.alarmKey))
    epoll_ctl(queue, EPOLL_CTL_ADD, alarm, &event)
  }

  deinit {
    close(queue)
    close(alarm)
  }

  private static let alarmKey = UInt64.max

  /// Adds a socket, watched for nothing yet but for the other side going away.
  func add(_ socket: Int32, key: UInt64) {
    var event = epoll_event(events: Self.goneAway, data: epoll_data_t(u64: key))
    epoll_ctl(queue, EPOLL_CTL_ADD, socket, &event)
  }

  private static let goneAway = EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue

  /// Forgets a socket, which must still be open.
  func remove(_ socket: Int32) {
    var event = epoll_event()
    epoll_ctl(queue, EPOLL_CTL_DEL, socket, &event)
  }

  /// Watches a socket until it is ready once: for something to read, for room to write, or for
  /// neither but the other side going away.
  func watch(_ socket: Int32, key: UInt64, readable: Bool, writable: Bool) {
    var events = Self.goneAway
    if readable { events |= EPOLLIN.rawValue }
    if writable { events |= EPOLLOUT.rawValue }
    var event = epoll_event(events: events, data: epoll_data_t(u64: key))
    epoll_ctl(queue, EPOLL_CTL_MOD, socket, &event)
  }

  /// Ends the wait of the thread.
  func wake() {
    var one: UInt64 = 1
    _ = write(alarm, &one, 8)
  }

  /// Waits and hands each ready socket's key to the body. A negative time waits for ever.
  func wait(milliseconds: Int32, _ body: (UInt64) -> Void) {
    withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { events in
      let count = epoll_wait(queue, events.baseAddress, 64, milliseconds)
      guard count > 0 else { return }
      for index in 0..<Int(count) {
        let key = events[index].data.u64
        if key == Self.alarmKey { drain() } else { body(key) }
      }
    }
  }

  private func drain() {
    var count: UInt64 = 0
    _ = read(alarm, &count, 8)
  }
}

/// Waits for one socket, on the thread that asks.
enum SocketWait {
  /// True once the socket is readable (or writable, where that is asked), false after the time.
  static func ready(_ socket: Int32, writable: Bool, nanoseconds: Int) -> Bool {
    var events = Int16(POLLIN)
    if writable { events |= Int16(POLLOUT) }
    var request = pollfd(fd: socket, events: events, revents: 0)
    var time = timespec(tv_sec: 0, tv_nsec: nanoseconds)
    return ppoll(&request, 1, &time, nil) > 0
  }

  /// Ends both directions of a socket without closing it, so that whoever waits for it wakes up.
  static func hangUp(_ socket: Int32) { shutdown(socket, Int32(SHUT_RDWR)) }
}
