/// A change, compiled once, that turns a document into the one a MongoDB 6.0 server would store.
///
/// ```swift
/// let updater = try DocumentUpdater(.operators(["$inc": ["visits": 1]]))
/// try updater.apply(to: ["_id": 1, "visits": 3])  // ["_id": 1, "visits": 4]
/// ```
///
/// Errors carry MongoDB's code as ``ServerError`` and name paths, never values.
package struct DocumentUpdater: Sendable {
  enum Plan: Sendable {
    case tree(UpdateTree)
    case pipeline([DocumentTransform])
    case replacement(Document)
    case assign([Assignment])
  }

  let plan: Plan
  let filters: ArrayFilters
  let order: ValueOrder
  let now: DateTime

  /// Compiles a change.
  ///
  /// - Parameters:
  ///   - arrayFilters: documents that name the elements of `$[name]` paths.
  ///   - now: the moment that `$currentDate` and `$$NOW` mean.
  /// - Throws: `unknownOperator` for an unknown operator, `rejectedByStore` for what MongoDB refuses:
  ///   conflicting paths (40), an empty path (56), operands of another type (9, 14, 2)...
  package init(
    _ changes: Changes, arrayFilters: [Document] = [], collation: Document? = nil,
    now: DateTime = .now
  ) throws(PrivataError) {
    self.now = now
    order = try ValueOrder(collation)
    filters = try ArrayFilters(arrayFilters, collation: collation)
    switch changes {
    case .operators(let document):
      let tree = try UpdateTree(document, order: order)
      try filters.check(usedBy: tree.arrayNames)
      plan = .tree(tree)
    case .pipeline(let stages):
      try filters.check(usedBy: [])
      plan = .pipeline(try Self.transforms(stages))
    case .replacement(let document):
      try filters.check(usedBy: [])
      if let key = document.keys.first(where: { $0.hasPrefix("$") }) {
        throw .rejected(
          52, "The dollar ($) prefixed field '\(key)' is not allowed in a replacement document",
          fields: [key])
      }
      plan = .replacement(document)
    case .assign(let assignments): plan = .assign(assignments)
    }
  }

  /// The document after the change. It is the same, byte for byte, where nothing was changed.
  ///
  /// - Parameters:
  ///   - matcher: the filter that found the document, for the positional `$`.
  ///   - isInsert: true where the document is about to be inserted by an upsert, which is when
  ///     `$setOnInsert` acts.
  /// - Throws: `rejectedByStore` where the document does not allow the change: a field in an element
  ///   that is no document (28), a changed `_id` (66), a number operator on a text (14)...
  package func apply(
    to document: Document, matching matcher: DocumentMatcher? = nil, isInsert: Bool = false
  ) throws(PrivataError) -> Document {
    let result = try changed(document, matcher, isInsert)
    if let before = document["_id"] {
      guard let after = result["_id"], isSameID(after, before) else {
        throw .rejected(
          66, "the update would modify the immutable field '_id'", fields: ["_id"])
      }
    }
    return result
  }

  /// Operators may not even change an `_id`'s type; a whole new document may.
  private func isSameID(_ a: Value, _ b: Value) -> Bool {
    if case .tree = plan { return a.isIdentical(to: b) }
    return Value.equals(a, b)
  }

  private func changed(
    _ document: Document, _ matcher: DocumentMatcher?, _ isInsert: Bool
  ) throws(PrivataError) -> Document {
    switch plan {
    case .tree(let tree):
      var context = UpdateContext(
        original: document, filters: filters, order: order, now: now, isInsert: isInsert)
      if tree.isPositional { context.position = try matcher?.match(document)?.index }
      return try tree.apply(to: document, context)
    case .pipeline(let transforms):
      var current = document
      for transform in transforms {
        current = try transform.apply(
          ExpressionContext(root: current, order: order, now: now))
      }
      return Self.withID(of: document, current)
    case .replacement(let replacement): return Self.withID(of: document, replacement)
    case .assign(let assignments):
      var current = document
      for assignment in assignments { try assignment.apply(to: &current) }
      return current
    }
  }

  /// A replacement with the `_id` in front: its own, or the document's.
  private static func withID(of document: Document, _ replacement: Document) -> Document {
    guard let id = replacement["_id"] ?? document["_id"],
      replacement.elements.first?.key != "_id"
    else { return replacement }
    return Document(
      [.init(key: "_id", value: id)] + replacement.elements.filter { $0.key != "_id" })
  }

  private static func transforms(
    _ stages: [Document]
  ) throws(PrivataError) -> [DocumentTransform] {
    var transforms: [DocumentTransform] = []
    for stage in stages {
      guard let name = stage.keys.first, stage.count == 1 else {
        throw .rejected(40323, "a pipeline stage must have exactly one field")
      }
      guard let transform = try DocumentTransform(stage: name, stage[name] ?? .null) else {
        let isKnown = PipelineStageNames.all.contains(name)
        throw .rejected(
          isKnown ? 72 : 40324, "\(name) is not allowed to be used within an update",
          as: isKnown ? .rejectedByStore : .unknownOperator)
      }
      transforms.append(transform)
    }
    return transforms
  }
}

extension Value {
  /// True where the two have the same type and the same bytes; Swift's own equality takes
  /// canonically equivalent texts for the same and no number for itself where it is none.
  func isIdentical(to other: Value) -> Bool {
    Document([.init(key: "", value: self)]).bson == Document([.init(key: "", value: other)]).bson
  }
}
