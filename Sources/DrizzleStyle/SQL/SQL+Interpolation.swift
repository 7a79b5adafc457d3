public import PrivataCore

extension SQL: ExpressibleByStringInterpolation {
  /// SQL text without interpolations.
  public init(stringLiteral text: String) { self.init([.text(text)]) }

  /// The fragment that an interpolated text stands for.
  public init(stringInterpolation: StringInterpolation) { self.init(stringInterpolation.chunks) }

  /// Collects text and what stands between it.
  public struct StringInterpolation: StringInterpolationProtocol {
    var chunks: [Chunk] = []

    /// An empty fragment.
    public init(literalCapacity: Int, interpolationCount: Int) {
      chunks.reserveCapacity(interpolationCount * 2 + 1)
    }

    /// Takes SQL text as it is.
    public mutating func appendLiteral(_ text: String) {
      if !text.isEmpty { chunks.append(.text(text)) }
    }

    /// Takes a column, table, fragment or query.
    public mutating func appendInterpolation(_ part: some SQLConvertible) {
      chunks.append(part.sql.chunk)
    }

    /// Takes a part that may be missing and then renders as nothing.
    public mutating func appendInterpolation(_ part: (some SQLConvertible)?) {
      if let part { chunks.append(part.sql.chunk) }
    }

    /// Takes a value as a parameter.
    public mutating func appendInterpolation(_ value: some FieldValue) {
      chunks.append(.parameter(value.value, encoder: nil))
    }

    /// Takes a list of values as parameters in parentheses, ready for `in`.
    public mutating func appendInterpolation<V: FieldValue>(_ values: [V]) {
      chunks.append(.list(values.map { .parameter($0.value, encoder: nil) }))
    }

    /// Takes a list of fragments in parentheses.
    public mutating func appendInterpolation(_ parts: [SQL]) {
      chunks.append(.list(parts.map(\.sql.chunk)))
    }

    /// Takes a placeholder.
    public mutating func appendInterpolation<V>(_ placeholder: Placeholder<V>) {
      chunks.append(.placeholder(placeholder.name, encoder: nil))
    }
  }

  /// The fragment as one piece of another: a column stays one, so that it renders by its place.
  var chunk: Chunk {
    if chunks.count == 1, alias == nil, !isInlined { chunks[0] } else { .nested(self) }
  }
}
