internal import PrivataCore

/// A day of the Gregorian calendar that exists: 29 February only in leap years.
struct CalendarDate: Hashable {
  var year: Int
  var month: Int
  var day: Int

  /// Reads `M/D/YYYY` or `YYYY-MM-DD`; `nil` for anything else and for days that do not exist.
  init?(_ text: String) {
    if text.contains("/") {
      let parts = Self.numbers(text, separator: "/", digits: [1...2, 1...2, 4...4])
      guard let parts else { return nil }
      self.init(year: parts[2], month: parts[0], day: parts[1])
    } else {
      let parts = Self.numbers(text, separator: "-", digits: [4...4, 2...2, 2...2])
      guard let parts else { return nil }
      self.init(year: parts[0], month: parts[1], day: parts[2])
    }
  }

  init?(year: Int, month: Int, day: Int) {
    let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard 1800...2200 ~= year, 1...12 ~= month, 1...lengths[month - 1] ~= day else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// The start of the day in UTC.
  var midnight: DateTime { DateTime(milliseconds: Int64(daysSince1970) * 86_400_000) }

  // Counts from March, so that the leap day is the last of its year, in eras of 400 years.
  private var daysSince1970: Int {
    let shifted = month > 2 ? year : year - 1
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func numbers(
    _ text: String, separator: Character, digits: [ClosedRange<Int>]
  ) -> [Int]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == digits.count else { return nil }
    let isRight = zip(parts, digits).allSatisfy { part, count in
      count.contains(part.utf8.count) && part.utf8.allSatisfy { 0x30...0x39 ~= $0 }
    }
    return isRight ? parts.compactMap { Int($0) } : nil
  }
}
