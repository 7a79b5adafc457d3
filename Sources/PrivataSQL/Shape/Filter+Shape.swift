package import PrivataCore

extension Filter {
  /// Adds the filter's shape to a hash: everything but the values.
  package func hashShape(into hasher: inout ShapeHash) {
    switch self {
    case .all: hasher.combine(0 as UInt8)
    case .none: hasher.combine(1 as UInt8)
    case .document(let document):
      hasher.combine(2 as UInt8)
      DocumentShape.hash(document, into: &hasher)
    case .compare(let field, let comparison, let value):
      hasher.combine(3 as UInt8)
      hasher.combine(field)
      hasher.combine(comparison)
      hasher.combine(ValueShape(value))
    case .compareFields(let field, let comparison, let other):
      hasher.combine(4 as UInt8)
      hasher.combine(field)
      hasher.combine(comparison)
      hasher.combine(other)
    case .isIn(let field, let values): hash(5, field, values, into: &hasher)
    case .isNotIn(let field, let values): hash(6, field, values, into: &hasher)
    case .isNull(let field): hash(7, field, [], into: &hasher)
    case .isNotNull(let field): hash(8, field, [], into: &hasher)
    default: hashNestedShape(into: &hasher)
    }
  }

  private func hashNestedShape(into hasher: inout ShapeHash) {
    switch self {
    case .text(let field, let match, let needle, let ignoringCase):
      hasher.combine(9 as UInt8)
      hasher.combine(field)
      hasher.combine(other: match)
      hasher.combine(ignoringCase)
      hasher.combine(ValueShape(needle: needle))
    case .list(let field, let match, let values):
      hasher.combine(other: match)
      hash(10, field, values, into: &hasher)
    case .and(let filters): hash(11, filters, into: &hasher)
    case .or(let filters): hash(12, filters, into: &hasher)
    case .not(let filter): hash(13, [filter], into: &hasher)
    default: break
    }
  }

  private func hash(
    _ kind: UInt8, _ field: String, _ values: [Value], into hasher: inout ShapeHash
  ) {
    hasher.combine(kind)
    hasher.combine(field)
    hasher.combine(ValueShape(elements: values))
  }

  private func hash(_ kind: UInt8, _ filters: [Filter], into hasher: inout ShapeHash) {
    hasher.combine(kind)
    hasher.combine(filters.count)
    for filter in filters { filter.hashShape(into: &hasher) }
  }

  /// True where the other filter differs in values alone, so that one statement serves both.
  package func hasShape(of other: Filter) -> Bool {
    switch (self, other) {
    case (.all, .all), (.none, .none): true
    case (.document(let a), .document(let b)): DocumentShape.same(a, b)
    case (.compare(let a, let how, let x), .compare(let b, let same, let y)):
      a == b && how == same && ValueShape(x) == ValueShape(y)
    case (.compareFields(let a, let how, let x), .compareFields(let b, let same, let y)):
      a == b && how == same && x == y
    case (.isIn(let a, let x), .isIn(let b, let y)),
      (.isNotIn(let a, let x), .isNotIn(let b, let y)):
      a == b && ValueShape(elements: x) == ValueShape(elements: y)
    case (.isNull(let a), .isNull(let b)), (.isNotNull(let a), .isNotNull(let b)): a == b
    case (.text(let a, let how, let x, let c), .text(let b, let same, let y, let d)):
      a == b && how == same && c == d && ValueShape(needle: x) == ValueShape(needle: y)
    case (.list(let a, let how, let x), .list(let b, let same, let y)):
      a == b && how == same && ValueShape(elements: x) == ValueShape(elements: y)
    case (.and(let a), .and(let b)), (.or(let a), .or(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.hasShape(of: $1) }
    case (.not(let a), .not(let b)): a.hasShape(of: b)
    default: false
    }
  }
}
