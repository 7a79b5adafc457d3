/// Writing and reading dates by `$dateToString`'s and `$dateFromString`'s format specifiers.
enum DateFormat {
  /// The date in a zone, as the format says.
  ///
  /// - Throws: `rejectedByStore` with MongoDB's code for an unknown specifier or a year that it does
  ///   not write.
  static func text(
    _ date: DateTime, _ format: String, _ zone: ZoneRules
  ) throws(PrivataError) -> String {
    let local = zone.local(date)
    let offset = zone.offset(at: date.seconds) / 60
    var text = ""
    var scalars = format.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%" else {
        text.unicodeScalars.append(scalar)
        continue
      }
      guard let specifier = scalars.next() else {
        throw .rejected(18535, "Unmatched '%' at end of format string")
      }
      text += try piece(specifier, local, offset)
    }
    return text
  }

  private static func piece(
    _ specifier: Unicode.Scalar, _ local: DateTime, _ offset: Int
  ) throws(PrivataError) -> String {
    let parts = local.parts
    switch specifier {
    case "d": return padded(parts.day, 2)
    case "G": return padded(local.isoWeek.year, 4)
    case "H": return padded(parts.hour, 2)
    case "j": return padded(local.dayOfYear, 3)
    case "L": return padded(parts.millisecond, 3)
    case "m": return padded(parts.month, 2)
    case "M": return padded(parts.minute, 2)
    case "S": return padded(parts.second, 2)
    case "u": return String(local.isoWeekday)
    case "U": return padded(local.weekOfYear, 2)
    case "V": return padded(local.isoWeek.week, 2)
    case "w": return String(local.weekday + 1)
    case "Y":
      guard (0...9999).contains(parts.year) else {
        throw .rejected(18537, "$dateToString is only defined on year 0-9999")
      }
      return padded(parts.year, 4)
    case "z":
      return (offset < 0 ? "-" : "+") + padded(abs(offset) / 60, 2) + padded(abs(offset) % 60, 2)
    case "Z": return String(offset)
    case "%": return "%"
    default: throw .rejected(18536, "Invalid format character '%\(specifier)' in format string")
    }
  }

  static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// The moment that a text names in ISO 8601 or the forms that JavaScript reads; a text without a
  /// zone is read in `zone`, UTC where there is none. A zone both here and in the text is an error.
  static func parse(_ text: String, zone: ZoneRules?) -> DateTime? {
    let hasTime = text.utf8.contains(0x3A)
    guard text.utf8.contains(where: { $0 >= 48 && $0 <= 57 }), text.utf8.count >= 6 else {
      return nil
    }
    if let date = DateTime(iso8601: text), hasTime { return zone == nil ? date : nil }
    guard isDay(startOf: text) else { return nil }
    guard let date = DateTime(javaScript: text) else { return nil }
    return zone.map { $0.moment(local: date) } ?? date
  }

  /// False for a text that begins with a day which there is none of, where JavaScript would count on
  /// into the next month, or with a day that something else is attached to.
  private static func isDay(startOf text: String) -> Bool {
    let bytes = Array(text.utf8.prefix(11))
    guard bytes.count >= 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return true }
    guard bytes[..<4].allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return true }
    guard DateTime(iso8601: String(decoding: bytes[..<10], as: UTF8.self)) != nil else {
      return false
    }
    return bytes.count == 10 || [0x20, 0x54, 0x74, 0x5A, 0x2B, 0x2D].contains(bytes[10])
  }

  /// The moment that a text names by a format.
  static func parse(_ text: String, format: String, zone: ZoneRules?) throws(PrivataError)
    -> DateTime?
  {
    var rest = Array(text.utf8)[...]
    var parts = Reading()
    var letters = format.unicodeScalars.makeIterator()
    while let letter = letters.next() {
      guard letter == "%" else {
        for byte in String(letter).utf8 { if rest.popFirst() != byte { return nil } }
        continue
      }
      guard let specifier = letters.next() else {
        throw .rejected(18535, "Unmatched '%' at end of format string")
      }
      guard try parts.read(specifier, &rest) else { return nil }
    }
    guard rest.isEmpty, let local = parts.local else { return nil }
    if let offset = parts.offset {
      guard zone == nil else { return nil }
      return DateTime(milliseconds: local.milliseconds - Int64(offset) * 60_000)
    }
    return zone.map { $0.moment(local: local) } ?? local
  }

  /// The parts of a date as they are read.
  private struct Reading {
    var year: Int?
    var month: Int?
    var day: Int?
    var isoYear: Int?
    var isoWeek: Int?
    var isoWeekday: Int?
    var time = (hour: 0, minute: 0, second: 0, millisecond: 0)
    var offset: Int?

    mutating func read(
      _ specifier: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>
    ) throws(PrivataError) -> Bool {
      switch specifier {
      case "Y": year = number(&rest, 1, 4)
      case "m": month = number(&rest, 1, 2)
      case "d": day = number(&rest, 1, 2)
      case "G": isoYear = number(&rest, 4, 4)
      case "V": isoWeek = number(&rest, 1, 2)
      case "u": isoWeekday = number(&rest, 1, 1)
      case "H": return set(\.time.hour, number(&rest, 1, 2))
      case "M": return set(\.time.minute, number(&rest, 1, 2))
      case "S": return set(\.time.second, number(&rest, 1, 2))
      case "L": return set(\.time.millisecond, number(&rest, 3, 3))
      case "z": return readZone(&rest)
      case "Z":
        let isNegative = rest.first == 45
        if isNegative || rest.first == 43 { rest.removeFirst() }
        guard let minutes = number(&rest, 1, 4) else { return false }
        offset = isNegative ? -minutes : minutes
      case "%": return rest.popFirst() == 37
      default: throw .rejected(18536, "Invalid format character '%\(specifier)' in format string")
      }
      return true
    }

    private mutating func set(_ path: WritableKeyPath<Reading, Int>, _ value: Int?) -> Bool {
      guard let value else { return false }
      self[keyPath: path] = value
      return true
    }

    private mutating func readZone(_ rest: inout ArraySlice<UInt8>) -> Bool {
      if rest.first == 90 {
        rest.removeFirst()
        offset = 0
        return true
      }
      guard let sign = rest.first, sign == 43 || sign == 45 else { return false }
      rest.removeFirst()
      guard let hours = number(&rest, 2, 2) else { return false }
      if rest.first == 58 { rest.removeFirst() }
      let minutes = number(&rest, 2, 2) ?? 0
      offset = (sign == 45 ? -1 : 1) * (hours * 60 + minutes)
      return true
    }

    private func number(_ rest: inout ArraySlice<UInt8>, _ least: Int, _ most: Int) -> Int? {
      let digits = rest.prefix(most).prefix { $0 >= 48 && $0 <= 57 }
      guard digits.count >= least else { return nil }
      rest = rest.dropFirst(digits.count)
      return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    var local: DateTime? {
      var date: DateTime?
      if let isoYear, let isoWeek {
        guard (1...53).contains(isoWeek) else { return nil }
        date = DateTime(isoYear: isoYear, week: isoWeek, weekday: isoWeekday ?? 1)
      } else if let year, let month, let day {
        date = DateTime(.init(year: year, month: month, day: day))
      }
      guard let date, time.hour < 24, time.minute < 60, time.second < 60 else { return nil }
      let seconds = time.hour * 3600 + time.minute * 60 + time.second
      return DateTime(milliseconds: date.milliseconds + Int64(seconds * 1000 + time.millisecond))
    }
  }
}
