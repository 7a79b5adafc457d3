internal import PrivataCore

/// Moments on the wire: microseconds, or days, since the start of 2000.
enum PostgresMoment {
  private static let epoch: Int64 = 946_684_800_000
  private static let day: Int64 = 86_400_000

  /// The microseconds of a moment, `nil` where they exceed 64 bits.
  static func microseconds(_ date: DateTime) -> Int64? {
    let (since, early) = date.milliseconds.subtractingReportingOverflow(epoch)
    let (micro, overflow) = since.multipliedReportingOverflow(by: 1000)
    return early || overflow ? nil : micro
  }

  /// The moment of so many microseconds, down to the millisecond; the infinities become the farthest
  /// moments there are.
  static func date(microseconds: Int64) -> DateTime {
    if microseconds == .max || microseconds == .min {
      return DateTime(milliseconds: microseconds)
    }
    return DateTime(milliseconds: floored(microseconds, 1000) + epoch)
  }

  /// The days of a moment.
  static func days(_ date: DateTime) -> Int32? {
    Int32(exactly: floored(date.milliseconds - epoch, day))
  }

  /// The start of a day in UTC.
  static func date(days: Int32) -> DateTime {
    if days == .max || days == .min {
      return DateTime(milliseconds: days == .max ? .max : .min)
    }
    return DateTime(milliseconds: Int64(days) * day + epoch)
  }

  private static func floored(_ value: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
