public import PrivataCore

/// How long data is kept, from when on, and what happens then.
///
/// ```swift
/// options.retention.rules = [
///   .after("lastVisit", .years(10), DataScope("Patient"), then: .erase),
///   .obligation("issuedAt", .years(10), DataScope("Invoice"), ground: .legalObligation("tax law")),
///   .expires("resetExpiresAt", DataScope("User", ["resetCode"])),
/// ]
/// ```
///
/// Source: GDPR Article 5(1)(e).
public struct RetentionRule: Sendable, Hashable {
  /// A period of the calendar: a year is a year, leap day or not.
  public struct Period: Sendable, Hashable {
    /// How many of each.
    public var years = 0
    public var months = 0
    public var days = 0

    /// So many years.
    public static func years(_ count: Int) -> Period { Period(years: count) }
    /// So many months.
    public static func months(_ count: Int) -> Period { Period(months: count) }
    /// So many days.
    public static func days(_ count: Int) -> Period { Period(days: count) }
  }

  /// What happens when the period is over. There is no hashing and no masking: neither makes data
  /// anonymous.
  public enum Action: Sendable, Hashable {
    /// The record, or the fields, are erased: a person by the same saga as on their own request.
    case erase
    /// The record is erased; of those whose kept fields are shared by at least `k` records a copy of
    /// these fields stays, under a random id.
    case anonymise(keep: [String], k: Int)
    /// It is only reported.
    case review
  }

  /// What the rule is about.
  public var scope: DataScope
  /// The field with the date from which the period runs; the moment in the record's key (an
  /// ObjectId's) where `nil`.
  public var start: String?
  public var period: Period
  public var action: Action
  /// Why a law has it kept until then, also if the person asks to be erased.
  public var ground: ExceptionGround?
  /// True where the data is no part of any query from its end on, swept or not.
  public var isExpiry = false

  /// A rule that ends what is kept.
  public static func after(
    _ start: String?, _ period: Period, _ scope: DataScope, then action: Action
  ) -> RetentionRule {
    RetentionRule(scope: scope, start: start, period: period, action: action)
  }

  /// A law that has data kept for a period; it is erased afterwards.
  public static func obligation(
    _ start: String?, _ period: Period, _ scope: DataScope, ground: ExceptionGround
  ) -> RetentionRule {
    RetentionRule(scope: scope, start: start, period: period, action: .erase, ground: ground)
  }

  /// Records, or fields, that carry the moment of their own end.
  public static func expires(_ field: String, _ scope: DataScope) -> RetentionRule {
    var rule = RetentionRule(scope: scope, start: field, period: .days(0), action: .erase)
    rule.isExpiry = true
    return rule
  }
}

extension RetentionRule {
  /// When the period of a record ends; `nil` where it has not begun.
  func end(of record: Document, key: String) -> DateTime? {
    guard let start else {
      guard case .objectID(let id)? = record[key] else { return nil }
      return period.after(id.createdAt)
    }
    guard case .date(let date)? = record[start] else { return nil }
    return period.after(date)
  }

  /// The records whose period ends at a moment at the latest, and perhaps a few more: months differ
  /// in length, so the end of each is computed from its start.
  func dueFilter(_ now: DateTime, key: String) -> Filter {
    let bound = period.latestStart(endingBy: now)
    guard let start else { return .compare(key, .less, .objectID(ObjectID(after: bound))) }
    return .compare(start, .lessOrEqual, .date(bound))
  }
}

extension RetentionRule.Period {
  /// The moment a period later; a day that the month does not have is its last.
  public func after(_ start: DateTime) -> DateTime {
    var parts = start.parts
    let months = parts.year * 12 + parts.month - 1 + years * 12 + months
    parts.year = months / 12
    parts.month = months % 12 + 1
    var moment = DateTime(parts)
    while moment == nil, parts.day > 28 {
      parts.day -= 1
      moment = DateTime(parts)
    }
    let end = moment ?? start
    return DateTime(milliseconds: end.milliseconds + Int64(days) * 86_400_000)
  }

  /// A start that is no earlier than any whose period ends by then.
  func latestStart(endingBy moment: DateTime) -> DateTime {
    let whole = Self(years: -years, months: -months, days: -days)
    let start = whole.after(moment)
    // Ends of months: 31 March and 28 February differ by up to three days.
    let slack: Int64 = years == 0 && months == 0 ? 0 : 4 * 86_400_000
    return DateTime(milliseconds: start.milliseconds + slack)
  }
}

extension ObjectID {
  /// The first id of the second after a moment.
  fileprivate init(after moment: DateTime) {
    let seconds = UInt64(max(moment.milliseconds / 1_000 + 1, 0))
    self.init(high: seconds << 32, low: 0)
  }
}
