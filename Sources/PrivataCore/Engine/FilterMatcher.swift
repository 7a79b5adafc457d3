/// A typed filter, compiled once, that answers whether a record matches: SQL's three-valued logic
/// for comparisons, MongoDB's rules inside ``Filter/document(_:)``.
///
/// ```swift
/// let matcher = try FilterMatcher(.not(.compare("age", .equal, 36)), model: user)
/// try matcher.matches(["age": 36])  // false
/// try matcher.matches([:])          // false: neither true nor false
/// ```
package struct FilterMatcher: Sendable {
  private indirect enum Node: Sendable {
    case constant(Bool)
    case document(DocumentMatcher)
    case compare(String, Filter.Comparison, Value)
    case compareFields(String, Filter.Comparison, String)
    case isIn(String, [Value])
    case isNull(String)
    case text(String, TextCondition)
    case list(String, Filter.ListMatch, [Value])
    case and([Node])
    case or([Node])
    case not(Node)
  }

  private let root: Node
  private let order: ValueOrder

  /// Compiles a filter.
  ///
  /// - Parameter model: whose fields typed conditions may name; `nil` takes any name.
  /// - Throws: `unknownField` for a field that a closed model does not have, and what
  ///   ``DocumentMatcher`` throws.
  package init(
    _ filter: Filter, model: ModelSchema? = nil, collation: Document? = nil
  ) throws(PrivataError) {
    order = try ValueOrder(collation)
    root = try Self.compile(filter, model, collation)
  }

  /// True where the condition holds; false where it does not or is neither.
  package func matches(_ document: Document) throws(PrivataError) -> Bool {
    try truth(root, document) == true
  }

  /// Compiles the filter's own MongoDB part, for positional operators; `nil` where there is none.
  package static func documentMatcher(
    _ filter: Filter, model: ModelSchema?, collation: Document?
  ) throws(PrivataError) -> DocumentMatcher? {
    switch filter {
    case .document(let document):
      return try DocumentMatcher(
        document, collation: collation, textFields: model?.textFields ?? [])
    case .and(let all):
      for one in all {
        if let matcher = try documentMatcher(one, model: model, collation: collation) {
          return matcher
        }
      }
      return nil
    default: return nil
    }
  }

  private static func compile(
    _ filter: Filter, _ model: ModelSchema?, _ collation: Document?
  ) throws(PrivataError) -> Node {
    for field in filter.fieldNames { try check(field, model) }
    switch filter {
    case .all: return .constant(true)
    case .none: return .constant(false)
    case .document(let document):
      return .document(
        try DocumentMatcher(
          document, collation: collation, textFields: model?.textFields ?? []))
    case .compare(let field, let comparison, let value): return .compare(field, comparison, value)
    case .compareFields(let a, let comparison, let b): return .compareFields(a, comparison, b)
    case .isIn(let field, let values): return .isIn(field, values)
    case .isNotIn(let field, let values): return .not(.isIn(field, values))
    case .isNull(let field): return .isNull(field)
    case .isNotNull(let field): return .not(.isNull(field))
    case .text(let field, let match, let text, let ignoringCase):
      return .text(field, TextCondition(match, text, ignoringCase: ignoringCase))
    case .list(let field, let match, let values): return .list(field, match, values)
    case .and(let all): return .and(try compile(all: all, model, collation))
    case .or(let all): return .or(try compile(all: all, model, collation))
    case .not(let inner): return .not(try compile(inner, model, collation))
    }
  }

  private static func compile(
    all filters: [Filter], _ model: ModelSchema?, _ collation: Document?
  ) throws(PrivataError) -> [Node] {
    var nodes: [Node] = []
    for filter in filters { nodes.append(try compile(filter, model, collation)) }
    return nodes
  }

  private static func check(_ field: String, _ model: ModelSchema?) throws(PrivataError) {
    guard let model, !model.isOpen, model.field(field) == nil else { return }
    throw PrivataError(
      .unknownField, "\(model.name) has no field \(field)", fields: [field], model: model.name)
  }

  // MARK: Three-valued logic: `nil` is neither true nor false.

  private func truth(_ node: Node, _ document: Document) throws(PrivataError) -> Bool? {
    switch node {
    case .constant(let value): return value
    case .document(let matcher): return try matcher.matches(document)
    case .compare(let field, let comparison, let value):
      return compare(document[field], comparison, value)
    case .compareFields(let a, let comparison, let b):
      return compare(document[a], comparison, document[b])
    case .isIn(let field, let values): return isIn(document[field], values)
    case .isNull(let field): return document[field]?.isNull ?? true
    case .text(let field, let condition):
      guard case .string(let text)? = document[field] else { return nil }
      return condition.matches(text)
    case .list(let field, let match, let values):
      guard case .array(let items)? = document[field] else { return nil }
      return list(items, match, values)
    case .and(let all): return try conjunction(all, document)
    case .or(let all): return try disjunction(all, document)
    case .not(let inner): return try truth(inner, document).map { !$0 }
    }
  }

  private func conjunction(_ nodes: [Node], _ document: Document) throws(PrivataError) -> Bool? {
    var result: Bool? = true
    for node in nodes {
      switch try truth(node, document) {
      case false?: return false
      case nil: result = nil
      case true?: break
      }
    }
    return result
  }

  private func disjunction(_ nodes: [Node], _ document: Document) throws(PrivataError) -> Bool? {
    var result: Bool? = false
    for node in nodes {
      switch try truth(node, document) {
      case true?: return true
      case nil: result = nil
      case false?: break
      }
    }
    return result
  }

  private func compare(_ a: Value?, _ comparison: Filter.Comparison, _ b: Value?) -> Bool? {
    guard let a, let b, !a.isNull, !b.isNull else { return nil }
    return comparison.accepts(order.compare(a, b))
  }

  private func isIn(_ value: Value?, _ values: [Value]) -> Bool? {
    if values.isEmpty { return false }
    guard let value, !value.isNull else { return nil }
    if values.contains(where: { order.equal($0, value) }) { return true }
    return values.contains(where: \.isNull) ? nil : false
  }

  private func list(_ items: [Value], _ match: Filter.ListMatch, _ values: [Value]) -> Bool {
    let holds = { (value: Value) in items.contains { order.equal($0, value) } }
    return switch match {
    case .hasEvery: values.allSatisfy(holds)
    case .hasSome: values.contains(where: holds)
    case .isEmpty: items.isEmpty
    case .isNotEmpty: !items.isEmpty
    case .equals: order.equal(.array(items), .array(values))
    }
  }
}

extension Filter {
  /// The fields that this condition itself names, without those of nested filters and of MongoDB's
  /// language.
  package var fieldNames: [String] {
    switch self {
    case .all, .none, .document, .and, .or, .not: []
    case .compare(let field, _, _), .isIn(let field, _), .isNotIn(let field, _), .isNull(let field),
      .isNotNull(let field), .text(let field, _, _, _), .list(let field, _, _):
      [field]
    case .compareFields(let a, _, let b): [a, b]
    }
  }
}

extension ModelSchema {
  /// The fields of the model's text index.
  package var textFields: [String] {
    indexes.flatMap { index in index.parts.filter { $0.kind == "text" }.map(\.field) }
  }
}
