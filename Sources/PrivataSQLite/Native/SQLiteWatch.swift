internal import CSQLite

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Ends a statement that runs too long or that nobody waits for any more: SQLite asks between its
/// steps, on the thread that runs the statement.
///
/// Source: https://www.sqlite.org/c3ref/progress_handler.html
// Safe: set and asked by the one task that uses the connection at a time.
final class SQLiteWatch: @unchecked Sendable {
  /// When the running statement has to end, in nanoseconds of the monotonic clock; 0 for never.
  var deadline: UInt64 = 0
  /// Whether the waiting task was cancelled; of another task where the statement runs for that one.
  var isCancelled: (@Sendable () -> Bool)?
  /// Why the last statement was ended.
  private(set) var reason: Reason?
  /// Pages in the write-ahead log after the last commit.
  private(set) var logPages = 0

  enum Reason: Sendable { case cancelled, timeout }

  /// Steps of SQLite's machine between two questions: some tens of microseconds.
  private static let interval: Int32 = 4000

  func install(on db: OpaquePointer) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    sqlite3_progress_handler(
      db, Self.interval,
      { context in
        guard let context else { return 0 }
        let watch = Unmanaged<SQLiteWatch>.fromOpaque(context).takeUnretainedValue()
        return watch.shouldStop ? 1 : 0
      }, context)
    // In the place of SQLite's own checkpoints, which do not know of the readers' views.
    sqlite3_wal_hook(
      db,
      { context, _, _, pages in
        if let context {
          Unmanaged<SQLiteWatch>.fromOpaque(context).takeUnretainedValue().logPages = Int(pages)
        }
        return SQLITE_OK
      }, context)
  }

  /// True where there is something to forget.
  var isSet: Bool { deadline > 0 || isCancelled != nil || reason != nil }

  /// Forgets what the last statement was watched for.
  func clear() {
    deadline = 0
    isCancelled = nil
    reason = nil
  }

  private var shouldStop: Bool {
    let isCancelled = self.isCancelled?() ?? withUnsafeCurrentTask { $0?.isCancelled ?? false }
    if isCancelled {
      reason = .cancelled
      return true
    }
    if deadline > 0, SQLiteClock.now >= deadline {
      reason = .timeout
      return true
    }
    return false
  }
}

/// The monotonic clock.
enum SQLiteClock {
  /// Nanoseconds since an arbitrary moment.
  static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// As ``now``, to a few milliseconds but at a fraction of the cost.
  static var coarse: UInt64 {
    #if os(Linux)
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
      return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    #else
      return now
    #endif
  }

  /// The moment that many milliseconds from now.
  static func after(milliseconds: Int) -> UInt64 {
    now &+ UInt64(max(0, milliseconds)) &* 1_000_000
  }
}
