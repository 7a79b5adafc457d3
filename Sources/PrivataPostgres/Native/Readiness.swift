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

  /// What a socket is watched for; for the other side going away in any case.
  struct Interest: OptionSet, Hashable {
    let rawValue: UInt8
    static let readable = Interest(rawValue: 1)
    static let writable = Interest(rawValue: 2)

    fileprivate var events: UInt32 {
      // Watched for nothing else, a socket that the other side has left would be ready for ever.
      var events = EPOLLRDHUP.rawValue | (isEmpty ? EPOLLONESHOT.rawValue : 0)
      if contains(.readable) { events |= EPOLLIN.rawValue }
      if contains(.writable) { events |= EPOLLOUT.rawValue }
      return events
    }
  }

  /// Adds a socket, watched for nothing yet but for the other side going away.
  func add(_ socket: Int32, key: UInt64) {
    var event = epoll_event(events: Interest([]).events, data: epoll_data_t(u64: key))
    epoll_ctl(queue, EPOLL_CTL_ADD, socket, &event)
  }

  /// Forgets a socket, which must still be open.
  func remove(_ socket: Int32) {
    var event = epoll_event()
    epoll_ctl(queue, EPOLL_CTL_DEL, socket, &event)
  }

  /// Watches a socket for as long as it is not told otherwise.
  func watch(_ socket: Int32, key: UInt64, for interest: Interest) {
    var event = epoll_event(events: interest.events, data: epoll_data_t(u64: key))
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
  /// True once the socket is readable, false after the time.
  static func readable(_ socket: Int32, milliseconds: Int32) -> Bool {
    var request = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, milliseconds) > 0
  }

  /// Ends both directions of a socket without closing it, so that whoever waits for it wakes up.
  static func hangUp(_ socket: Int32) { shutdown(socket, Int32(SHUT_RDWR)) }
}
