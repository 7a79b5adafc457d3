extension DateTime {
  /// The moment that an ISO 8601 text names: a date alone (midnight in UTC), or a date, `T`, a time
  /// with optional seconds and fraction, and a zone. Digits beyond milliseconds are cut off. `nil`
  /// for anything else, a day that does not exist included.
  ///
  /// ```swift
  /// DateTime(iso8601: "2012-12-24T12:15:30.501Z")
  /// DateTime(iso8601: "2012-12-24T12:15:30+01:00")
  /// DateTime(iso8601: "2012-12-24T12:15:30")  // nil: no zone
  /// ```
  public init?(iso8601 text: some StringProtocol) {
    var scanner = DateScanner(text)
    guard var parts = scanner.calendarDate(), scanner.hasDay else { return nil }
    var offset = 0
    if scanner.skip("T") {
      guard scanner.clock(into: &parts), let zone = scanner.zone(.hours) else { return nil }
      offset = zone
    }
    guard scanner.isAtEnd, let local = DateTime(parts) else { return nil }
    self.init(milliseconds: local.milliseconds - Int64(offset) * 60_000)
  }

  /// The moment as JavaScript's `toISOString` writes it: UTC with milliseconds, and a sign and six
  /// digits for years outside 0 to 9999.
  ///
  /// ```swift
  /// DateTime(milliseconds: 0).iso8601  // 1970-01-01T00:00:00.000Z
  /// ```
  public var iso8601: String { iso8601(alwaysWithMilliseconds: true) }

  func iso8601(alwaysWithMilliseconds: Bool) -> String {
    let parts = parts
    var text: [UInt8] = []
    text.reserveCapacity(27)
    Self.append(year: parts.year, to: &text)
    for (mark, number) in [("-", parts.month), ("-", parts.day), ("T", parts.hour)] {
      text += mark.utf8
      Self.append(number, digits: 2, to: &text)
    }
    for number in [parts.minute, parts.second] {
      text.append(UInt8(ascii: ":"))
      Self.append(number, digits: 2, to: &text)
    }
    if alwaysWithMilliseconds || parts.millisecond != 0 {
      text.append(UInt8(ascii: "."))
      Self.append(parts.millisecond, digits: 3, to: &text)
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  private static func append(year: Int, to text: inout [UInt8]) {
    if (0...9999).contains(year) { return append(year, digits: 4, to: &text) }
    text.append(UInt8(ascii: year < 0 ? "-" : "+"))
    append(abs(year), digits: 6, to: &text)
  }

  private static func append(_ number: Int, digits: Int, to text: inout [UInt8]) {
    let plain = String(number).utf8
    text += repeatElement(0x30, count: max(0, digits - plain.count))
    text += plain
  }
}

extension DateTime: CustomStringConvertible {
  /// The moment in ISO 8601.
  public var description: String { iso8601 }
}
