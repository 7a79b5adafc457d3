public import PrivataCore

/// SQL with values in places: literal text is sent as it stands, values are always bound.
///
/// ```swift
/// let users = try await db.queryRaw("SELECT id FROM \"User\" WHERE age > \(40) ORDER BY id")
/// // SELECT id FROM "User" WHERE age > $1 ORDER BY id     [40]
/// ```
public struct RawSQL: Sendable, ExpressibleByStringInterpolation {
  /// A value, or a list of values that becomes one placeholder each.
  public enum Part: Sendable {
    case value(Value)
    case list([Value])
  }

  /// The text before, between and after the values: one more than there are values.
  let texts: [String]
  let values: [Part]
  /// False where the text holds the placeholders already.
  let isSpliced: Bool

  /// Text pieces with values between them.
  public init(_ texts: [String], _ values: [Part]) {
    self.texts = texts
    self.values = values
    isSpliced = true
  }

  /// Text with placeholders of the store's own kind. Never build it from what a user typed.
  public init(unsafe text: String, values: [Part] = []) {
    texts = [text]
    self.values = values
    isSpliced = false
  }

  /// SQL without values.
  public init(stringLiteral text: String) { self.init([text], []) }

  /// The pieces of a literal.
  public init(stringInterpolation parts: Interpolation) { self.init(parts.texts, parts.values) }

  /// Collects text and values of a literal.
  public struct Interpolation: StringInterpolationProtocol {
    var texts = [""]
    var values: [Part] = []

    /// Nothing collected yet.
    public init(literalCapacity: Int, interpolationCount: Int) {}

    /// Text, as it stands.
    public mutating func appendLiteral(_ literal: String) { texts[texts.count - 1] += literal }

    /// A value, bound.
    public mutating func appendInterpolation(_ value: some FieldValue) { add(.value(value.value)) }

    /// A list of values, each bound: for `IN (…)`.
    public mutating func appendInterpolation(list values: [some FieldValue]) {
      add(.list(values.map(\.value)))
    }

    private mutating func add(_ part: Part) {
      values.append(part)
      texts.append("")
    }
  }
}
