/// Documents by the values of a field, for joins.
struct ForeignIndex: Sendable {
  private let documents: [Document]
  private let order: ValueOrder
  private var places: [Value: [Int]] = [:]

  /// Indexes the documents by a path.
  init(_ documents: [Document], _ path: DottedPath, _ order: ValueOrder) {
    self.documents = documents
    self.order = order
    for (position, document) in documents.enumerated() {
      var seen: Set<Value> = []
      // The closure throws nothing; the signature is shared with predicates that do.
      _ = try? path.visit(document, leafArrays: true) { value, _ in
        let key = value.map { $0.isNull ? .null : order.key($0) } ?? .null
        if seen.insert(key).inserted { places[key, default: []].append(position) }
        return false
      }
    }
  }

  /// The documents that hold a value of another's field, each once, in their order.
  func documents(for path: DottedPath, in document: Document) -> [Document] {
    documents(for: Self.values(path, document))
  }

  func documents(for values: [Value]) -> [Document] {
    var positions: Set<Int> = []
    for value in values {
      positions.formUnion(places[value.isNull ? .null : order.key(value)] ?? [])
    }
    return positions.sorted().map { documents[$0] }
  }

  /// The values that a document asks for: the elements of an array, null for a missing field.
  static func values(_ path: DottedPath, _ document: Document) -> [Value] {
    switch path.expressionValue(in: document) {
    case .array(let items)?:
      items.flatMap { if case .array(let nested) = $0 { nested } else { [$0] } }
    case nil: [.null]
    case let value?: [value]
    }
  }
}
