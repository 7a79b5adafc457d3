/// What `$pull` removes: an equal value, elements that match operators, or documents that match a
/// filter.
struct PullCondition: Sendable {
  private enum Form: Sendable {
    case equal(Value)
    case element(MatchExpression)
    case document(MatchExpression)
  }

  private let form: Form
  private let order: ValueOrder

  /// The condition of `$pull`'s operand.
  init(_ value: Value, _ order: ValueOrder) throws(PrivataError) {
    self.order = order
    var parser = MatchParser()
    switch value {
    case .regex: form = .element(.field(DottedPath("_"), try parser.field("", value)))
    case .document(let document):
      if document.isOperators, let first = document.keys.first, !Self.connectives.contains(first) {
        form = .element(.field(DottedPath("_"), try parser.operators("", document)))
      } else {
        form = .document(try parser.filter(document))
      }
    default: form = .equal(value)
    }
  }

  private static let connectives: Set<String> = [
    "$and", "$or", "$nor", "$expr", "$jsonSchema", "$not",
  ]

  /// True where the element is to go.
  func matches(_ item: Value) throws(PrivataError) -> Bool {
    var record = MatchRecord()
    switch form {
    case .equal(let value): return order.equal(value, item)
    case .element(let expression): return try expression.matches(["_": item], order, &record)
    case .document(let expression):
      guard case .document(let document) = item else { return false }
      return try expression.matches(document, order, &record)
    }
  }
}
