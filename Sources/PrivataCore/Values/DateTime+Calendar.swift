// Calendar parts in UTC, by the Gregorian calendar carried back before its introduction.

extension DateTime {
  /// Year, month, day and time of day in UTC.
  public struct Parts: Sendable, Hashable {
    /// The year, 1 before our era being 0.
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var millisecond: Int

    /// Parts as given; `DateTime.init(_:)` checks them.
    public init(
      year: Int, month: Int = 1, day: Int = 1, hour: Int = 0, minute: Int = 0, second: Int = 0,
      millisecond: Int = 0
    ) {
      self.year = year
      self.month = month
      self.day = day
      self.hour = hour
      self.minute = minute
      self.second = second
      self.millisecond = millisecond
    }
  }

  /// The moment of these parts; `nil` where there is no such day or time, and for years that
  /// milliseconds cannot count.
  ///
  /// ```swift
  /// DateTime(.init(year: 2024, month: 2, day: 29))  // 2024-02-29T00:00:00.000Z
  /// DateTime(.init(year: 2023, month: 2, day: 29))  // nil
  /// ```
  public init?(_ parts: Parts) {
    guard (1...12).contains(parts.month), parts.day >= 1,
      parts.day <= Self.days(inMonth: parts.month, of: parts.year)
    else { return nil }
    guard (0...23).contains(parts.hour), (0...59).contains(parts.minute),
      (0...59).contains(parts.second), (0...999).contains(parts.millisecond)
    else { return nil }
    self.init(rolling: parts)
  }

  /// As ``init(_:)-(Parts)``, but days and hours beyond their range roll into the next month and
  /// day.
  init?(rolling parts: Parts) {
    guard abs(parts.year) <= 292_000_000 else { return nil }
    let days = Self.days(before: parts.year, parts.month) + parts.day - 1
    let minutes = parts.hour * 60 + parts.minute
    let seconds = days * 86_400 + minutes * 60 + parts.second
    milliseconds = Int64(seconds) * 1000 + Int64(parts.millisecond)
  }

  /// The parts in UTC.
  public var parts: Parts {
    let (seconds, millisecond) = Int(milliseconds).dividedDown(by: 1000)
    let (days, second) = seconds.dividedDown(by: 86_400)
    var parts = Self.date(ofDay: days)
    parts.hour = second / 3600
    parts.minute = second / 60 % 60
    parts.second = second % 60
    parts.millisecond = millisecond
    return parts
  }

  /// The year in UTC; 0 is the year before 1.
  public var year: Int { parts.year }
  /// The month in UTC, 1 to 12.
  public var month: Int { parts.month }
  /// The day of the month in UTC, 1 to 31.
  public var day: Int { parts.day }
  /// The hour in UTC, 0 to 23.
  public var hour: Int { parts.hour }
  /// The minute, 0 to 59.
  public var minute: Int { parts.minute }
  /// The second, 0 to 59.
  public var second: Int { parts.second }
  /// The millisecond, 0 to 999.
  public var millisecond: Int { parts.millisecond }

  /// The day of the week in UTC, 0 for Sunday to 6 for Saturday, as JavaScript counts.
  public var weekday: Int {
    let days = Int(milliseconds).dividedDown(by: 86_400_000).quotient
    // 1970-01-01 was a Thursday.
    return (days + 4).dividedDown(by: 7).remainder
  }

  /// The day of the year in UTC, 1 to 366.
  public var dayOfYear: Int {
    let parts = parts
    return Self.days(before: parts.year, parts.month) + parts.day - Self.days(before: parts.year, 1)
  }
}

// MARK: - Counting days

extension DateTime {
  /// The number of days in a month.
  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  // Years are counted from March, so that the leap day is the last of its year; 400 of them have
  // 146,097 days, and 719,468 days lie between 0000-03-01 and 1970-01-01.
  private static func days(before year: Int, _ month: Int) -> Int {
    let (shift, marchMonth) = (month - 3).dividedDown(by: 12)
    let (cycle, yearOfCycle) = (year + shift).dividedDown(by: 400)
    let leapDays = yearOfCycle / 4 - yearOfCycle / 100
    let dayOfYear = (153 * marchMonth + 2) / 5
    return cycle * 146_097 + yearOfCycle * 365 + leapDays + dayOfYear - 719_468
  }

  private static func date(ofDay day: Int) -> Parts {
    let (cycle, dayOfCycle) = (day + 719_468).dividedDown(by: 146_097)
    let leapDays = dayOfCycle / 1460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
    let yearOfCycle = (dayOfCycle - leapDays) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return Parts(
      year: cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }
}

extension Int {
  /// Quotient and remainder with the remainder never negative.
  fileprivate func dividedDown(by divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
