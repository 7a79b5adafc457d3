public import PrivataCore

/// What a role sees of a value that it may not see whole.
///
/// ```swift
/// policy.mask("phone", on: "Patient", role: "reception", with: .last(4))      // "•••••••4567"
/// policy.mask("birthDate", on: "Patient", role: "reception", with: .yearOnly) // 1988
/// ```
///
/// A masked field can be read and nothing else: to filter, sort or group by it, or to write it, is
/// refused as for a field that may not be read at all.
public enum ValueMask: Sendable, Hashable {
  /// The last characters; nothing of a text that is not at least twice as long.
  case last(Int)
  /// The first characters, under the same rule.
  case first(Int)
  /// The year of a date.
  case yearOnly
  /// The start of the range of that width in which a number lies.
  case range(Int)
  /// The domain of an e-mail address.
  case domain
  /// Nothing but that there is a value.
  case hidden

  /// What is shown of a value.
  public func shown(_ value: Value) -> Value {
    if value.isNull { return value }
    return part(of: value) ?? .string(Self.dots)
  }

  private static let dots = "•••"

  private func part(of value: Value) -> Value? {
    switch self {
    case .hidden: return nil
    case .last(let count):
      return Self.text(value).flatMap { Self.long($0, count) }.map {
        .string(String(repeating: "•", count: $0.count - count) + $0.suffix(count))
      }
    case .first(let count):
      return Self.text(value).flatMap { Self.long($0, count) }.map {
        .string($0.prefix(count) + String(repeating: "•", count: $0.count - count))
      }
    case .yearOnly: return Self.moment(value).map { .int($0.year) }
    case .range(let width):
      guard width > 0, let number = value.asDouble, number.isFinite, abs(number) < 1e15 else {
        return nil
      }
      return .int(Int((number / Double(width)).rounded(.down)) * width)
    case .domain:
      guard let text = value.asString, let sign = text.lastIndex(of: "@") else { return nil }
      return .string(Self.dots + text[sign...])
    }
  }

  private static func long(_ text: String, _ count: Int) -> String? {
    count >= 0 && text.count >= 2 * count && text.count > 0 ? text : nil
  }

  private static func text(_ value: Value) -> String? {
    switch value {
    case .string(let text): text
    case .int32(let number): String(number)
    case .int64(let number): String(number)
    default: nil
    }
  }

  private static func moment(_ value: Value) -> DateTime? {
    switch value {
    case .date(let date): date
    case .string(let text): CalendarText.moment(text)
    default: nil
    }
  }
}
