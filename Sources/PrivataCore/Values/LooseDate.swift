/// The dates that JavaScript engines accept beyond the standard's format: numbers, month names, a
/// time and a zone in almost any order, words in front and comments in parentheses ignored.
struct LooseDate {
  private var dayNumbers: [Int] = []
  private var namedMonth: Int?
  private var clock: [Int] = []
  private var clockIsOpen = false
  private var afternoon: Int?
  private var millisecond = 0
  private var zone: Zone?
  private var hasNumber = false

  private struct Zone {
    var sign = 1
    var hours = 0
    /// `nil` while minutes are expected behind a colon.
    var minutes: Int? = 0

    var offset: Int { sign * (hours * 60 + (minutes ?? 0)) }
  }

  /// The moment that a text names, `nil` where it names none.
  static func parse(_ text: some StringProtocol) -> DateTime? {
    var date = LooseDate()
    var tokens = DateTokens(text)
    while let token = tokens.next() {
      let isPart =
        switch token {
        case .number(let value, let digits): date.add(value, digits, &tokens)
        case .word(let word): date.add(word, &tokens)
        case .symbol(let symbol): date.add(symbol, &tokens)
        case .space: true
        }
      guard isPart else { return nil }
    }
    return date.moment
  }

  // MARK: Tokens

  private mutating func add(_ value: Int, _ digits: Int, _ tokens: inout DateTokens) -> Bool {
    hasNumber = true
    if let zone, zone.minutes == nil {
      self.zone?.minutes = value
      return value <= 59
    }
    if tokens.skip(":") {
      guard tokens.isAtNumber else { return false }
      clockIsOpen = true
      clock.append(value)
      return clock.count <= 2
    }
    if clockIsOpen { return close(value, &tokens) }
    dayNumbers.append(value)
    _ = tokens.skip("-")
    return dayNumbers.count <= 3
  }

  private mutating func close(_ value: Int, _ tokens: inout DateTokens) -> Bool {
    clockIsOpen = false
    clock.append(value)
    if tokens.skip(".") {
      guard clock.count == 3, case .number(let fraction, let digits)? = tokens.next() else {
        return false
      }
      millisecond = Self.millisecond(fraction, digits)
      return true
    }
    return tokens.isAtClockEnd
  }

  private static func millisecond(_ fraction: Int, _ digits: Int) -> Int {
    var value = fraction
    for _ in 0..<max(0, 3 - digits) { value *= 10 }
    for _ in 0..<max(0, digits - 3) { value /= 10 }
    return value
  }

  private mutating func add(_ word: String, _ tokens: inout DateTokens) -> Bool {
    if let month = Self.months.firstIndex(of: String(word.prefix(3))) {
      namedMonth = month + 1
      _ = tokens.skip("-")
      return true
    }
    if word == "am" || word == "pm", !clock.isEmpty {
      afternoon = word == "am" ? 0 : 12
      return true
    }
    if hasNumber, let hours = Self.zones[word] {
      zone = Zone(sign: hours < 0 ? -1 : 1, hours: abs(hours))
      return true
    }
    // Words in front of the first number say nothing; behind it they make no sense.
    return !hasNumber && !tokens.isAtNumber
  }

  private mutating func add(_ symbol: UInt8, _ tokens: inout DateTokens) -> Bool {
    guard symbol == UInt8(ascii: "+") || symbol == UInt8(ascii: "-") else {
      return symbol != UInt8(ascii: ")") || !hasNumber
    }
    guard zone?.offset == 0 || !clock.isEmpty else { return !hasNumber }
    hasNumber = true
    var zone = Zone(sign: symbol == UInt8(ascii: "-") ? -1 : 1)
    guard case .number(let value, let digits)? = tokens.next() else { return false }
    switch digits {
    case _ where tokens.skip(":"):
      guard tokens.isAtNumber else { return false }
      zone.hours = value
      zone.minutes = nil
    case 1...2: zone.hours = value
    case 3...4:
      zone.hours = value / 100
      zone.minutes = value % 100
    default: return false
    }
    self.zone = zone
    return true
  }

  // MARK: The moment

  private var moment: DateTime? {
    guard !dayNumbers.isEmpty, !clockIsOpen, var parts = day else { return nil }
    parts.hour = clock.first ?? 0
    parts.minute = clock.count > 1 ? clock[1] : 0
    parts.second = clock.count > 2 ? clock[2] : 0
    parts.millisecond = millisecond
    if let afternoon {
      guard (0...12).contains(parts.hour) else { return nil }
      parts.hour = parts.hour % 12 + afternoon
    }
    return DateTime(javaScript: parts, offset: zone?.offset ?? 0)
  }

  private var day: DateTime.Parts? {
    // What is not said is 1, and the year 1 is read as 2001.
    let numbers = dayNumbers + repeatElement(1, count: 3 - dayNumbers.count)
    let startsWithYear = !(1...31).contains(numbers[0])
    switch (namedMonth, startsWithYear) {
    case (let month?, true):
      return DateTime.Parts(year: Self.year(numbers[0]), month: month, day: numbers[1])
    case (let month?, false):
      return DateTime.Parts(year: Self.year(numbers[1]), month: month, day: numbers[0])
    case (nil, true):
      return DateTime.Parts(year: Self.year(numbers[0]), month: numbers[1], day: numbers[2])
    case (nil, false):
      return DateTime.Parts(year: Self.year(numbers[2]), month: numbers[0], day: numbers[1])
    }
  }

  private static func year(_ number: Int) -> Int {
    switch number {
    case 0...49: number + 2000
    case 50...99: number + 1900
    default: number
    }
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  private static let zones = [
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7,
    "mdt": -6, "pst": -8, "pdt": -7,
  ]
}
