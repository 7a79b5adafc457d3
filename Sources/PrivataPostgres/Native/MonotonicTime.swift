internal import CPostgres

/// A moment on the clock that never jumps, in nanoseconds; exact to a few milliseconds, which is
/// enough for deadlines and a quarter of the price.
struct MonotonicTime: Sendable, Hashable, Comparable {
  var nanoseconds: Int64

  /// The moment now.
  static var now: MonotonicTime {
    var time = timespec()
    clock_gettime(clock, &time)
    return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  #if os(Linux)
    private static let clock = CLOCK_MONOTONIC_COARSE
  #else
    private static let clock = CLOCK_MONOTONIC
  #endif

  /// So far away that it never comes.
  static let never = MonotonicTime(nanoseconds: .max)

  static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The moment so many milliseconds later.
  func adding(milliseconds: Int) -> MonotonicTime {
    let (product, overflow) = Int64(milliseconds).multipliedReportingOverflow(by: 1_000_000)
    let (sum, late) = nanoseconds.addingReportingOverflow(product)
    return overflow || late ? .never : MonotonicTime(nanoseconds: sum)
  }

  /// Milliseconds from another moment to this one, rounded up; negative where it has passed.
  func milliseconds(after other: MonotonicTime) -> Int {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
    if overflow { return .max }
    return Int(difference >= 0 ? (difference - 1) / 1_000_000 + 1 : difference / 1_000_000)
  }

  /// Milliseconds from now, rounded up.
  var millisecondsFromNow: Int { milliseconds(after: .now) }
}
