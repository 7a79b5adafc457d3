package import PrivataCore

// Values of the same shape that say nothing: what a cache of plans keeps of a query.

extension ValueShape {
  /// A value for each shape of the set.
  var blanks: [Value] {
    // Not by compactMap: a nil there would be taken for the value null.
    Self.all.filter { contains($0.0) }.map(\.1)
  }

  private static let all: [(ValueShape, Value)] = [
    (.null, .null), (.bool, .bool(false)), (.int32, .int32(0)), (.int53, .int64(1 << 40)),
    (.int64, .int64(1 << 60)), (.real, .double(0.5)), (.nan, .double(.nan)),
    (.decimal, .decimal(Decimal128(high: 0x3040_0000_0000_0000, low: 0))), (.string, "x"),
    (.zeroText, "\0"),
    (.objectID, .objectID(ObjectID(high: 0, low: 0))), (.date, .date(DateTime(milliseconds: 0))),
    (.farDate, .date(DateTime(milliseconds: -1 << 50))),
    (.uuid, .binary(Binary(Array(repeating: 0, count: 16), subtype: 4))),
    (.bytes, .binary(Binary([]))), (.otherBinary, .binary(Binary([], subtype: 5))),
    (.document, [:]), (.array, []), (.regex, .regex(RegularExpression("x"))), (.other, .minKey),
    (.zeroText, "\0"),
  ]
}

extension Value {
  var blank: Value { ValueShape(self).blanks.first ?? .null }
}

extension String {
  /// A needle of the same shape.
  fileprivate var blankNeedle: String {
    let shape = ValueShape(needle: self)
    if shape == .emptyString { return "" }
    return shape.contains(.wide) ? "é" : "x"
  }
}

extension Filter {
  /// The filter with values that say nothing.
  package var blank: Filter {
    switch self {
    case .all, .none, .compareFields, .isNull, .isNotNull: self
    case .document(let document): .document(DocumentShape.blank(document))
    case .compare(let field, let comparison, let value):
      .compare(field, comparison, value.blank)
    case .isIn(let field, let values):
      .isIn(field, ValueShape(elements: values).blanks)
    case .isNotIn(let field, let values):
      .isNotIn(field, ValueShape(elements: values).blanks)
    case .text(let field, let match, let needle, let ignoringCase):
      .text(field, match, needle.blankNeedle, ignoringCase: ignoringCase)
    case .list(let field, let match, let values):
      .list(field, match, ValueShape(elements: values).blanks)
    case .and(let filters): .and(filters.map(\.blank))
    case .or(let filters): .or(filters.map(\.blank))
    case .not(let filter): .not(filter.blank)
    }
  }
}
