/// What an update sees beside the value that it changes.
struct UpdateContext: Sendable {
  let original: Document
  let filters: ArrayFilters
  let order: ValueOrder
  let now: DateTime
  let isInsert: Bool
  /// The array position that the positional `$` means.
  var position: Int?
}

extension UpdateTree {
  /// The document after all operators.
  func apply(to document: Document, _ context: UpdateContext) throws(PrivataError) -> Document {
    if isPositional, context.position == nil {
      throw .rejected(
        2, "The positional operator did not find the match needed from the query.")
    }
    for (source, target) in renames { try Self.checkRename(source, target, document) }
    var elements = document.elements
    try Self.apply(root, to: &elements, "", context)
    return Document(elements)
  }

  // Neither end of a rename may lie within an array, nor its source within a value without fields.
  private static func checkRename(
    _ source: DottedPath, _ target: DottedPath, _ document: Document
  ) throws(PrivataError) {
    guard try !isMissing(source, document) else { return }
    var current = document
    for part in target.parts.dropLast() {
      guard let value = current[part] else { return }
      if case .array = value {
        throw .rejected(
          2, "The destination field of $rename cannot be an array element", fields: [target.text])
      }
      guard case .document(let inner) = value else { return }
      current = inner
    }
  }

  private static func isMissing(
    _ source: DottedPath, _ document: Document
  ) throws(PrivataError) -> Bool {
    var value = Value.document(document)
    var isInArray = false
    for (index, part) in source.parts.enumerated() {
      switch value {
      case .document(let inner):
        guard let next = inner[part] else { return true }
        value = next
      case .array(let items):
        guard let position = source.indexes[index] else { throw notViable(source) }
        guard position < items.count else { return true }
        isInArray = true
        value = items[position]
      default: throw notViable(source)
      }
    }
    guard !isInArray else {
      throw .rejected(
        2, "The source field of $rename cannot be an array element", fields: [source.text])
    }
    return false
  }

  private static func notViable(_ source: DottedPath) -> PrivataError {
    .rejected(
      28, "The source field of $rename lies within a value without fields", fields: [source.text])
  }

  /// Changes the fields of a document.
  private static func apply(
    _ children: [String: Node], to elements: inout [Document.Element], _ path: String,
    _ context: UpdateContext
  ) throws(PrivataError) {
    for (key, node) in try resolved(children, path, context) {
      let place = join(path, key)
      if let index = elements.firstIndex(where: { $0.key == key }) {
        if let value = try apply(node, to: elements[index].value, place, context) {
          elements[index].value = value
        } else {
          elements.remove(at: index)
        }
      } else if let value = try apply(node, to: nil, place, context) {
        elements.append(.init(key: key, value: value))
      }
    }
  }

  /// Changes the positions of an array. A removed element becomes null, a gap is filled with nulls.
  private static func apply(
    _ children: [String: Node], to items: inout [Value], _ path: String, _ context: UpdateContext
  ) throws(PrivataError) {
    for (key, node) in try resolved(children, path, context) {
      let place = join(path, key)
      // Unlike everywhere else a position may have zeros in front here.
      guard let index = key.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) ? Int(key) : nil else {
        if node.passesOver(context) { continue }
        throw .rejected(28, "Cannot create field '\(key)' in an array element", fields: [place])
      }
      if index < items.count {
        items[index] = try apply(node, to: items[index], place, context) ?? .null
      } else if let value = try apply(node, to: nil, place, context) {
        guard index - items.count <= 1_500_000 else {
          throw .rejected(34, "can't backfill more than 1500000 elements", fields: [place])
        }
        while items.count < index { items.append(.null) }
        items.append(value)
      }
    }
  }

  /// The value after the change; `nil` where there is none.
  private static func apply(
    _ node: Node, to value: Value?, _ path: String, _ context: UpdateContext
  ) throws(PrivataError) -> Value? {
    switch node {
    case .leaf(let operation): return try operation.apply(to: value, path, context)
    case .elements(let children): return try apply(elements: children, to: value, path, context)
    case .fields(let children):
      switch value {
      case .document(let document)?:
        var elements = document.elements
        try apply(children, to: &elements, path, context)
        return .document(Document(elements))
      case .array(var items)?:
        try apply(children, to: &items, path, context)
        return .array(items)
      case nil:
        var elements: [Document.Element] = []
        try apply(children, to: &elements, path, context)
        return elements.isEmpty ? Value?.none : .document(Document(elements))
      case let value?:
        if node.passesOver(context) { return value }
        if node.namesElements { throw missingArray(path) }
        let field = children.keys.min(by: precedes) ?? ""
        throw .rejected(
          28, "Cannot create field '\(field)' in an element of type \(value.typeName)",
          fields: [path])
      }
    }
  }

  private static func apply(
    elements children: [String: Node], to value: Value?, _ path: String, _ context: UpdateContext
  ) throws(PrivataError) -> Value? {
    guard let value else {
      throw missingArray(path)
    }
    guard case .array(var items) = value else {
      throw .rejected(2, "Cannot apply array updates to a non-array element", fields: [path])
    }
    for index in items.indices {
      let place = join(path, String(index))
      var chosen: Node?
      for (name, node) in children.sorted(by: { $0.key < $1.key }) {
        guard try context.filters.matches(name, items[index], path) else { continue }
        chosen =
          try chosen.map { (other) throws(PrivataError) in try merged(other, node, place) } ?? node
      }
      if let chosen { items[index] = try apply(chosen, to: items[index], place, context) ?? .null }
    }
    return .array(items)
  }

  private static func missingArray(_ path: String) -> PrivataError {
    .rejected(
      2, "The path '\(path)' must exist in the document in order to apply array updates.",
      fields: [path])
  }

  /// The children in their order, the positional one under the position that it means.
  private static func resolved(
    _ children: [String: Node], _ path: String, _ context: UpdateContext
  ) throws(PrivataError) -> [(String, Node)] {
    var children = children
    if let positional = children.removeValue(forKey: "$") {
      guard let position = context.position else {
        throw .rejected(
          2, "The positional operator did not find the match needed from the query.",
          fields: [path])
      }
      let key = String(position)
      children[key] =
        try children[key].map { (other) throws(PrivataError) in
          try merged(other, positional, join(path, key))
        } ?? positional
    }
    if children.count == 1 { return children.map { ($0.key, $0.value) } }
    return children.sorted { precedes($0.key, $1.key) }.map { ($0.key, $0.value) }
  }

  private static func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? key : path + "." + key
  }
}

extension UpdateTree.Node {
  /// True where array filters or `$[]` are used below.
  var namesElements: Bool {
    switch self {
    case .leaf: false
    case .elements: true
    case .fields(let children): children.values.contains(where: \.namesElements)
    }
  }

  /// True where no operation below minds that there is something in the way of its path.
  func passesOver(_ context: UpdateContext) -> Bool {
    switch self {
    case .leaf(let operation): operation.passesOver(context)
    case .fields(let children): children.values.allSatisfy { $0.passesOver(context) }
    case .elements: false
    }
  }
}
