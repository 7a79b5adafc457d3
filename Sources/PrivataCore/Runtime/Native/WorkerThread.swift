#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Threads of our own, for code that blocks.
enum WorkerThread {
  /// Starts a detached thread that runs the body.
  ///
  /// - Throws: `busy` where the system gives no more threads.
  static func start(_ body: @escaping @Sendable () -> Void) throws(PrivataError) {
    let start = Unmanaged.passRetained(ThreadBody(body))
    guard spawn(start.toOpaque()) == 0 else {
      start.release()
      throw PrivataError(.busy, "the system gives no more threads", isRetriable: true)
    }
  }

  private static func spawn(_ argument: UnsafeMutableRawPointer) -> Int32 {
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    return pthread_create(
      &thread, &attributes,
      { argument in
        #if canImport(Darwin)
          let start = Unmanaged<ThreadBody>.fromOpaque(argument)
        #else
          let start = Unmanaged<ThreadBody>.fromOpaque(argument!)
        #endif
        start.takeRetainedValue().run()
        return nil
      }, argument)
  }
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A mark that a thread carries for its lifetime, read in about a nanosecond.
struct ThreadMark: Sendable {
  private let key: pthread_key_t

  /// A mark that no thread carries yet.
  init() {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    self.key = key
  }

  /// Marks the current thread.
  func set() {
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
  }

  /// True on a thread that ``set()`` was called on.
  var isSet: Bool { pthread_getspecific(key) != nil }
}

/// Nanoseconds of the system's monotonic clock.
package enum MonotonicClock {
  /// Nanoseconds since an arbitrary moment; never goes back.
  package static var nanoseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// The threads that the machine runs at once.
  package static var processors: Int {
    max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }
}
