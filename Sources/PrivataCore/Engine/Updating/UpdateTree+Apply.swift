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
    var elements = document.elements
    try Self.apply(root, to: &elements, "", context)
    return Document(elements)
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
      guard let index = DottedPath.index(key) else {
        if node.createsNothing(context) { continue }
        throw .rejected(28, "Cannot create field '\(key)' in an array element", fields: [place])
      }
      if index < items.count {
        items[index] = try apply(node, to: items[index], place, context) ?? .null
      } else if let value = try apply(node, to: nil, place, context) {
        guard index - items.count <= 1_500_000 else {
          throw .rejected(2, "can't backfill more than 1500000 elements", fields: [place])
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
        return elements.isEmpty ? nil : .document(Document(elements))
      case let value?:
        if node.createsNothing(context) { return value }
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
      throw .rejected(
        2, "The path '\(path)' must exist in the document in order to apply array updates.",
        fields: [path])
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
  /// True where no operation below would make a field that is not there.
  func createsNothing(_ context: UpdateContext) -> Bool {
    switch self {
    case .leaf(let operation): operation.createsNothing(context)
    case .fields(let children): children.values.allSatisfy { $0.createsNothing(context) }
    case .elements: false
    }
  }
}
