public import PrivataCore

/// The calendar by which periods of the law end.
///
/// ```swift
/// let calendar = DeadlineCalendar(utcOffsetMinutes: 60, holidays: ["2026-12-25", "2026-12-26"])
/// calendar.end(of: 1, monthsAfter: receivedAt)   // the end of that day a month later, or of the next working day
/// ```
///
/// A period of months ends with the day of the same number, or the month's last where it has none; on
/// a Saturday, a Sunday or a holiday with the next working day.
///
/// Source: Regulation (EEC, Euratom) No 1182/71, Article 3.
public struct DeadlineCalendar: Sendable, Hashable {
  /// What the controller's clock is ahead of UTC.
  public var utcOffsetMinutes: Int
  /// Public holidays, as `2026-12-25`.
  public var holidays: Set<String>

  /// A calendar without holidays in UTC, unless more is said.
  public init(utcOffsetMinutes: Int = 0, holidays: Set<String> = []) {
    self.utcOffsetMinutes = utcOffsetMinutes
    self.holidays = holidays
  }

  /// The last moment of a period of months.
  public func end(of months: Int, monthsAfter moment: DateTime) -> DateTime {
    let local = parts(moment)
    let month = local.month - 1 + months
    let year = local.year + month / 12
    let last = Self.days(in: month % 12 + 1, of: year)
    return endOfWorkingDay(
      .init(year: year, month: month % 12 + 1, day: min(local.day, last)))
  }

  /// The last moment of a period of days, which does not move to a working day.
  public func end(of days: Int, daysAfter moment: DateTime) -> DateTime {
    let shifted = DateTime(milliseconds: moment.milliseconds + Int64(days) * 86_400_000)
    let local = parts(shifted)
    return endOfDay(.init(year: local.year, month: local.month, day: local.day))
  }

  private func parts(_ moment: DateTime) -> DateTime.Parts {
    DateTime(milliseconds: moment.milliseconds + Int64(utcOffsetMinutes) * 60_000).parts
  }

  private func endOfWorkingDay(_ day: DateTime.Parts) -> DateTime {
    var end = endOfDay(day)
    while !isWorkingDay(end) { end.milliseconds += 86_400_000 }
    return end
  }

  private func endOfDay(_ day: DateTime.Parts) -> DateTime {
    let start = DateTime(day) ?? DateTime(milliseconds: 0)
    return DateTime(
      milliseconds: start.milliseconds + 86_400_000 - 1 - Int64(utcOffsetMinutes) * 60_000)
  }

  /// True for a day that is neither at the weekend nor a holiday.
  func isWorkingDay(_ moment: DateTime) -> Bool {
    let local = DateTime(milliseconds: moment.milliseconds + Int64(utcOffsetMinutes) * 60_000)
    let isWeekend = local.weekday == 0 || local.weekday == 6
    return !isWeekend && !holidays.contains(String(local.iso8601.prefix(10)))
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
