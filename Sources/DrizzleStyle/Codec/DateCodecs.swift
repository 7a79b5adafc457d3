internal import PrivataCore
internal import PrivataSQL

/// PostgreSQL's dates and timestamps as moments.
struct DateCodec: ColumnCodec {
  var kind: Kind

  enum Kind: Sendable {
    /// A day: midnight in UTC.
    case day
    /// With a zone.
    case moment
    /// Without a zone: read as UTC.
    case local
  }

  func encode(_ value: Value) -> SQLBinding {
    if case .date(let date) = value { .value(.string(date.iso8601)) } else { .value(value) }
  }

  func decode(_ answer: Answer) throws(PrivataError) -> Value {
    guard case .string(let text) = answer.value else { return answer.value }
    guard let date = Self.date(text) else {
      throw PrivataError(.malformed, "the server answered a date that cannot be read")
    }
    return .date(date)
  }

  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    guard kind != .day, place == .json else { return column }
    return SQL([.nested(column), .text("::text")])
  }

  /// `2024-02-29 12:15:30.123456+00`, `2024-02-29`, `infinity`; without a zone in UTC.
  static func date(_ text: String) -> DateTime? {
    switch text {
    case "infinity": return DateTime(milliseconds: .max)
    case "-infinity": return DateTime(milliseconds: .min)
    default: break
    }
    let parts = text.split(maxSplits: 1) { $0 == " " || $0 == "T" }
    guard parts.count == 2 else { return DateTime(iso8601: text) }
    let clock = parts[1]
    guard let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" || $0 == "Z" }) else {
      return DateTime(iso8601: "\(parts[0])T\(clock)Z")
    }
    let zone = clock[sign...]
    let minutes = zone == "Z" || zone.contains(":") ? "" : ":00"
    return DateTime(iso8601: "\(parts[0])T\(clock)\(minutes)")
  }
}

/// Moments as SQLite's integers: seconds, or milliseconds.
struct SQLiteDateCodec: ColumnCodec {
  /// Milliseconds per unit.
  var unit: Int64

  func encode(_ value: Value) -> SQLBinding {
    guard case .date(let date) = value else { return .value(value) }
    let (quotient, rest) = date.milliseconds.quotientAndRemainder(dividingBy: unit)
    return .value(.int64(rest < 0 ? quotient - 1 : quotient))
  }

  func decode(_ answer: Answer) throws(PrivataError) -> Value {
    switch answer.value {
    case .string(let text):
      guard let date = DateTime(javaScript: text) ?? DateCodec.date(text) else {
        throw PrivataError(.malformed, "a stored date cannot be read")
      }
      return .date(date)
    default:
      guard let number = answer.value.asDouble else { return answer.value }
      return .date(DateTime(milliseconds: Int64(number * Double(unit))))
    }
  }
}
