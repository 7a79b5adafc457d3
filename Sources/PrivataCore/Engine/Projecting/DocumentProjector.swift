/// A projection of MongoDB's `find`, compiled once: inclusion, exclusion, `$slice`, `$elemMatch`,
/// the positional `$`, and computed fields.
///
/// ```swift
/// let projector = try DocumentProjector(.document(["name": 1]))
/// try projector.project(["_id": 1, "name": "Ada", "age": 36])  // ["_id": 1, "name": "Ada"]
/// ```
package struct DocumentProjector: Sendable {
  private enum Form: Sendable {
    case all
    case fields([String])
    case plan(ProjectionPlan)
  }

  private let form: Form
  private let matcher: DocumentMatcher?
  private let order: ValueOrder

  /// Compiles a projection.
  ///
  /// - Parameter matcher: the query's filter, which the positional `$` and text scores refer to.
  /// - Throws: `rejectedByStore` with MongoDB's code: 31254 and 31253 for a mix of inclusion and
  ///   exclusion, 31249 and 31250 for a path and its own part...
  package init(_ projection: Projection, matcher: DocumentMatcher? = nil) throws(PrivataError) {
    self.matcher = matcher
    order = matcher?.order ?? ValueOrder()
    switch projection {
    case .all: form = .all
    case .fields(let fields): form = .fields(fields)
    case .document(let document):
      form = document.isEmpty ? .all : .plan(try ProjectionPlan(document, dialect: .find))
    }
  }

  /// Compiles a projection with the query's filter.
  package init(
    _ projection: Projection, filter: Document?, collation: Document? = nil
  ) throws(PrivataError) {
    var matcher: DocumentMatcher?
    if case .document(let document) = projection,
      document.keys.contains(where: { $0.hasSuffix(".$") })
    {
      matcher = try filter.map { (filter) throws(PrivataError) in
        try DocumentMatcher(filter, collation: collation)
      }
    }
    try self.init(projection, matcher: matcher)
  }

  /// True where documents pass unchanged.
  package var isIdentity: Bool {
    if case .all = form { true } else { false }
  }

  /// The projected document.
  ///
  /// - Throws: code 51246 where the positional `$` has no element to show, and what a computed
  ///   field's expression throws.
  package func project(_ document: Document) throws(PrivataError) -> Document {
    switch form {
    case .all: return document
    case .fields(let names):
      return Document(
        names.compactMap { name in
          document[name].map { Document.Element(key: name, value: $0) }
        })
    case .plan(let plan):
      var context = ExpressionContext(root: document, order: order)
      context.textScore = matcher?.textScore(of: document) ?? 0
      var result = try plan.apply(context)
      if let path = plan.positional {
        try showMatch(path, of: document, in: &result)
      }
      return result
    }
  }

  /// Leaves one element of the array at a path: the one that the filter matched.
  private func showMatch(
    _ path: DottedPath, of document: Document, in result: inout Document
  ) throws(PrivataError) {
    try result.update(path.parts[...]) { (value) throws(PrivataError) in
      guard case .array(let items) = value, !items.isEmpty else { return value }
      guard let index = try matcher?.match(document)?.index, items.indices.contains(index) else {
        throw .rejected(
          51246, "positional operator '.$' couldn't find a matching element in the array",
          fields: [path.text])
      }
      return .array([items[index]])
    }
  }
}

extension Document {
  /// Replaces the value at a path of documents, or at the first array on the way.
  mutating func update(
    _ parts: ArraySlice<String>, _ change: (Value) throws(PrivataError) -> Value
  ) throws(PrivataError) {
    guard let first = parts.first, let value = self[first] else { return }
    switch value {
    case .document(var inner) where parts.count > 1:
      try inner.update(parts.dropFirst(), change)
      self[first] = .document(inner)
    default: self[first] = try change(value)
    }
  }
}
