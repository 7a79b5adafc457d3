/// The rule for years to come in a zone file: POSIX's `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// Source: POSIX, "Environment Variables", TZ; RFC 8536, section 3.3.
struct ZoneFooter: Sendable {
  private let standard: Int
  private var summer: (offset: Int, start: Change, end: Change)?

  /// The day of a change as month, week and weekday, or as a day of the year, and its local time.
  private struct Change: Sendable {
    enum Day: Sendable { case week(month: Int, week: Int, weekday: Int), day(Int), julian(Int) }
    var day: Day
    var seconds = 7200
  }

  /// Reads the rule; `nil` for what is none.
  init?(_ text: String) {
    var rest = text[...]
    guard Self.name(&rest), let offset = Self.offset(&rest) else { return nil }
    standard = -offset
    guard !rest.isEmpty else { return }
    guard Self.name(&rest) else { return nil }
    var ahead = standard + 3600
    if rest.first != "," {
      guard let given = Self.offset(&rest) else { return nil }
      ahead = -given
    }
    let rules = rest.split(separator: ",")
    guard rules.count == 2, let start = Self.change(rules[0]), let end = Self.change(rules[1])
    else {
      return nil
    }
    summer = (ahead, start, end)
  }

  /// The offset at a moment.
  func offset(at seconds: Int64) -> Int {
    guard let summer else { return standard }
    // Milliseconds reach not quite as far as seconds.
    let bound = Int64.max / 1000
    let local = min(max(seconds + Int64(standard), -bound), bound)
    let year = DateTime(milliseconds: local * 1000).year
    let start = Self.moment(summer.start, year) - Int64(standard)
    let end = Self.moment(summer.end, year) - Int64(summer.offset)
    // South of the equator summer spans the turn of the year.
    let isSummer =
      start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end
    return isSummer ? summer.offset : standard
  }

  private static func moment(_ change: Change, _ year: Int) -> Int64 {
    let firstDay = DateTime(.init(year: year)).map(\.seconds) ?? 0
    switch change.day {
    case .day(let number): return firstDay + Int64(number * 86_400 + change.seconds)
    case .julian(let number):
      let isLeap = DateTime.days(inMonth: 2, of: year) == 29
      let skipped = isLeap && number >= 60 ? 0 : -1
      return firstDay + Int64((number + skipped) * 86_400 + change.seconds)
    case .week(let month, let week, let weekday):
      guard let first = DateTime(.init(year: year, month: month)) else { return firstDay }
      var day = (weekday - first.weekday + 7) % 7 + (week - 1) * 7
      while day >= DateTime.days(inMonth: month, of: year) { day -= 7 }
      return first.seconds + Int64(day * 86_400 + change.seconds)
    }
  }

  // MARK: Reading

  private static func name(_ rest: inout Substring) -> Bool {
    let before = rest.count
    if rest.first == "<" {
      rest = rest.drop { $0 != ">" }.dropFirst()
    } else {
      rest = rest.drop { $0.isLetter }
    }
    return rest.count < before
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  private static func offset(_ rest: inout Substring) -> Int? {
    var sign = 1
    if rest.first == "-" || rest.first == "+" { sign = rest.removeFirst() == "-" ? -1 : 1 }
    let digits = rest.prefix { $0.isNumber || $0 == ":" }
    guard !digits.isEmpty else { return nil }
    rest = rest.dropFirst(digits.count)
    var seconds = 0
    for (index, part) in digits.split(separator: ":").enumerated() {
      seconds += (Int(part) ?? 0) * [3600, 60, 1][min(index, 2)]
    }
    return sign * seconds
  }

  private static func change(_ text: Substring) -> Change? {
    let halves = text.split(separator: "/")
    guard let day = halves.first else { return nil }
    var change: Change
    if day.hasPrefix("M") {
      let numbers = day.dropFirst().split(separator: ".").compactMap { Int($0) }
      guard numbers.count == 3, (1...12).contains(numbers[0]) else { return nil }
      change = Change(day: .week(month: numbers[0], week: numbers[1], weekday: numbers[2]))
    } else if day.hasPrefix("J") {
      guard let number = Int(day.dropFirst()) else { return nil }
      change = Change(day: .julian(number))
    } else {
      guard let number = Int(day) else { return nil }
      change = Change(day: .day(number))
    }
    if halves.count == 2 {
      var time = halves[1]
      guard let seconds = offset(&time) else { return nil }
      change.seconds = seconds
    }
    return change
  }
}
