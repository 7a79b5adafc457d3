internal import PrivataCore

/// Dates as programs write them in texts.
enum CalendarText {
  /// The moment of a text: ISO 8601 with or without time, or a day with the year at either end.
  static func moment(_ text: String) -> DateTime? {
    if let moment = DateTime(iso8601: text) { return moment }
    let head = text.prefix { $0.isNumber || "-/. ".contains($0) }
    let parts = head.split { !$0.isNumber }.compactMap { Int($0) }
    guard parts.count >= 3 else { return nil }
    if parts[0] > 1000 { return day(parts[0], parts[1], parts[2]) }
    guard parts[2] > 1000 else { return nil }
    // Month and day come in either order; the year is what is asked for.
    return day(parts[2], parts[0], parts[1]) ?? day(parts[2], parts[1], parts[0])
  }

  private static func day(_ year: Int, _ month: Int, _ day: Int) -> DateTime? {
    DateTime(.init(year: year, month: month, day: day))
  }

  /// Full years from one day to another. Who was born on 29 February turns on 1 March of other years.
  static func years(from birth: DateTime, to moment: DateTime) -> Int {
    let (a, b) = (birth.parts, moment.parts)
    let isBefore = (b.month, b.day) < (a.month, a.day)
    return b.year - a.year - (isBefore ? 1 : 0)
  }

  /// The same moment some years later.
  static func adding(years: Int, to moment: DateTime) -> DateTime {
    var parts = moment.parts
    parts.year += years
    if let exact = DateTime(parts) { return exact }
    parts.day = 1
    parts.month = 3
    return DateTime(parts) ?? moment
  }
}
