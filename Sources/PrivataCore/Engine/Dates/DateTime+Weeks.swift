extension DateTime {
  /// 1 for Monday to 7 for Sunday.
  var isoWeekday: Int { weekday == 0 ? 7 : weekday }

  /// The week of the year from 0 to 53; the first Sunday begins week 1.
  var weekOfYear: Int { (dayOfYear + 6 - weekday) / 7 }

  /// The week by ISO 8601 and the year that it belongs to.
  var isoWeek: (year: Int, week: Int) {
    // The week belongs to the year of its Thursday.
    let thursday = adding(days: 4 - isoWeekday)
    return (thursday.year, (thursday.dayOfYear - 1) / 7 + 1)
  }

  /// Midnight of a day by week and weekday of ISO 8601; both may lie beyond their range.
  init?(isoYear: Int, week: Int, weekday: Int) {
    // January 4th is always in week 1.
    guard let fourth = DateTime(.init(year: isoYear, month: 1, day: 4)) else { return nil }
    self = fourth.adding(days: (week - 1) * 7 + weekday - fourth.isoWeekday)
  }

  /// The date that many days later.
  func adding(days: Int) -> DateTime {
    adding(milliseconds: Int64(days) * 86_400_000)
  }

  /// The date that many months later, on the month's last day where it is shorter.
  func adding(months: Int) -> DateTime {
    var parts = parts
    let total = parts.year * 12 + parts.month - 1 + months
    parts.year = total >= 0 ? total / 12 : (total - 11) / 12
    parts.month = total - parts.year * 12 + 1
    parts.day = min(parts.day, DateTime.days(inMonth: parts.month, of: parts.year))
    return DateTime(parts) ?? self
  }
}

/// The units of date arithmetic.
enum DateUnit: String, Sendable {
  case year, quarter, month, week, day, hour, minute, second, millisecond

  /// The unit's length where it is always the same, in milliseconds.
  var milliseconds: Int64? {
    switch self {
    case .year, .quarter, .month: nil
    case .week: 604_800_000
    case .day: 86_400_000
    case .hour: 3_600_000
    case .minute: 60_000
    case .second: 1000
    case .millisecond: 1
    }
  }

  /// The unit's length in months where it is one.
  var months: Int? {
    switch self {
    case .year: 12
    case .quarter: 3
    case .month: 1
    default: nil
    }
  }

  /// True where the unit depends on the calendar of a zone.
  var isCalendar: Bool { months != nil || self == .week || self == .day }
}
