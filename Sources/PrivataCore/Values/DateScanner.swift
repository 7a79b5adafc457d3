/// Reads the parts of ISO 8601 dates off the front of a text.
struct DateScanner {
  private var rest: Substring.UTF8View
  /// True where the date read had a day.
  private(set) var hasDay = false

  init(_ text: some StringProtocol) { rest = Substring(text).utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: mark) else { return false }
    rest.removeFirst()
    return true
  }

  /// Exactly so many digits.
  mutating func number(digits: Int) -> Int? {
    var number = 0
    let taken = rest.prefix(digits)
    guard taken.count == digits else { return nil }
    for byte in taken {
      guard (0x30...0x39).contains(byte) else { return nil }
      number = number * 10 + Int(byte - 0x30)
    }
    rest.removeFirst(digits)
    return number
  }

  /// A year, with month and day where they follow: `2024`, `2024-01`, `2024-01-05`, `+012024-01-05`.
  mutating func calendarDate() -> DateTime.Parts? {
    guard let year = year() else { return nil }
    var parts = DateTime.Parts(year: year)
    guard skip("-") else { return parts }
    guard let month = number(digits: 2) else { return nil }
    parts.month = month
    guard skip("-") else { return parts }
    guard let day = number(digits: 2) else { return nil }
    parts.day = day
    hasDay = true
    return parts
  }

  private mutating func year() -> Int? {
    if skip("+") { return number(digits: 6) }
    guard skip("-") else { return number(digits: 4) }
    // The year 0 has no sign.
    return number(digits: 6).flatMap { $0 == 0 ? nil : -$0 }
  }

  /// `10:00`, `10:00:30`, `10:00:30.5`.
  mutating func clock(into parts: inout DateTime.Parts) -> Bool {
    guard let hour = number(digits: 2), skip(":"), let minute = number(digits: 2) else {
      return false
    }
    parts.hour = hour
    parts.minute = minute
    guard skip(":") else { return true }
    guard let second = number(digits: 2) else { return false }
    parts.second = second
    guard skip(".") else { return true }
    guard let millisecond = fraction() else { return false }
    parts.millisecond = millisecond
    return true
  }

  private mutating func fraction() -> Int? {
    var count = 0
    var millisecond = 0
    while let digit = number(digits: 1) {
      count += 1
      if count <= 3 { millisecond = millisecond * 10 + digit }
    }
    guard count > 0 else { return nil }
    for _ in 0..<max(0, 3 - count) { millisecond *= 10 }
    return millisecond
  }

  /// The least that a zone's offset must say.
  enum ZonePrecision { case hours, hoursAndMinutes }

  /// Minutes east of UTC: `Z`, `+01:00`, `+0100`, and where hours are enough `+01`.
  mutating func zone(_ precision: ZonePrecision) -> Int? {
    if skip("Z") { return 0 }
    let isWest = rest.first == UInt8(ascii: "-")
    guard skip("-") || skip("+"), let hours = number(digits: 2) else { return nil }
    let hasColon = skip(":")
    let minutes = number(digits: 2)
    guard minutes != nil || (precision == .hours && !hasColon) else { return nil }
    guard hours <= 23, minutes ?? 0 <= 59 else { return nil }
    let offset = hours * 60 + (minutes ?? 0)
    return isWest ? -offset : offset
  }
}
