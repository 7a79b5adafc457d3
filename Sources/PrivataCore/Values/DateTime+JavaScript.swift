extension DateTime {
  /// The moment that JavaScript's `new Date(text)` makes of a text, in a process whose local zone is
  /// UTC; `nil` where JavaScript answers "Invalid Date".
  ///
  /// ```swift
  /// DateTime(javaScript: "2024-01-05")                     // midnight
  /// DateTime(javaScript: "2024-01-05T10:00+02:00")
  /// DateTime(javaScript: "01/05/2024")                     // month, day, year
  /// DateTime(javaScript: "Fri, 05 Jan 2024 10:00:00 GMT")
  /// DateTime(javaScript: "tomorrow")                       // nil
  /// ```
  ///
  /// As in V8, a day up to 31 rolls over in a shorter month. Where a wrong day must not pass, use
  /// ``init(iso8601:)``.
  public init?(javaScript text: some StringProtocol) {
    guard let date = Self.standard(text) ?? Self.loose(text) else { return nil }
    // JavaScript's own range: 100 million days on either side of 1970.
    guard date.milliseconds.magnitude <= 8_640_000_000_000_000 else { return nil }
    self = date
  }

  /// The format that the language's standard defines.
  private static func standard(_ text: some StringProtocol) -> DateTime? {
    var scanner = DateScanner(text)
    guard var parts = scanner.calendarDate() else { return nil }
    var offset = 0
    if scanner.skip("T") || scanner.skip("t") {
      guard scanner.clock(into: &parts) else { return nil }
      if !scanner.isAtEnd && !scanner.skip("z") {
        guard let zone = scanner.zone(.hoursAndMinutes) else { return nil }
        offset = zone
      }
    }
    guard scanner.isAtEnd else { return nil }
    return DateTime(javaScript: parts, offset: offset)
  }

  // A signed year belongs to the standard's format alone: read loosely it would lose its sign.
  private static func loose(_ text: some StringProtocol) -> DateTime? {
    var scanner = DateScanner(text)
    let hasSign = scanner.skip("+") || scanner.skip("-")
    return hasSign && scanner.number(digits: 6) != nil ? nil : LooseDate.parse(text)
  }

  /// The moment of parts within JavaScript's looser ranges, so many minutes east of UTC.
  init?(javaScript parts: Parts, offset: Int) {
    let isMidnight = parts.minute == 0 && parts.second == 0 && parts.millisecond == 0
    guard (1...12).contains(parts.month), (1...31).contains(parts.day),
      (0...23).contains(parts.hour) || (parts.hour == 24 && isMidnight),
      (0...59).contains(parts.minute), (0...59).contains(parts.second),
      let local = DateTime(rolling: parts)
    else { return nil }
    self.init(milliseconds: local.milliseconds - Int64(offset) * 60_000)
  }
}
