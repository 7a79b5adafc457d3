internal import PrivataCore

/// The top-level fields that a part of a query reads.
struct FieldUse: Sendable, Hashable {
  var names: Set<String> = []
  /// True where it may read any field, as `$where` and `$jsonSchema` do.
  var isAll = false

  mutating func insert(path: String) { names.insert(Separation.root(of: path)) }

  mutating func formUnion(_ other: FieldUse) {
    names.formUnion(other.names)
    isAll = isAll || other.isAll
  }

  /// The halves that hold the fields.
  func halves(in separation: Separation) -> Halves {
    if isAll { return separation.all }
    return names.reduce(into: Halves()) { $0.formUnion(separation.halves(of: $1)) }
  }
}

extension Separation {
  /// The halves that the model has.
  var all: Halves {
    switch shape {
    case .identityOnly: .identity
    case .clinicalOnly: .clinical
    case .split: .both
    }
  }
}

// MARK: - Filters

extension FieldUse {
  /// What a filter reads.
  init(_ filter: Filter, in separation: Separation) {
    add(filter, separation)
  }

  private mutating func add(_ filter: Filter, _ separation: Separation) {
    switch filter {
    case .all, .none: break
    case .document(let document): add(document, separation)
    case .compare(let path, _, _), .isIn(let path, _), .isNotIn(let path, _), .isNull(let path),
      .isNotNull(let path), .text(let path, _, _, _), .list(let path, _, _):
      insert(path: path)
    case .compareFields(let path, _, let other):
      insert(path: path)
      insert(path: other)
    case .and(let parts), .or(let parts): for part in parts { add(part, separation) }
    case .not(let inner): add(inner, separation)
    }
  }

  private mutating func add(_ document: Document, _ separation: Separation) {
    for element in document.elements {
      switch element.key {
      case "$and", "$or", "$nor":
        for case .document(let part) in element.value.asArray ?? [] { add(part, separation) }
      case "$expr": add(expression: element.value)
      case "$text": names.formUnion(separation.textFields)
      case "$comment": break
      case let key where key.utf8.first == 0x24: isAll = true
      case let path: insert(path: path)
      }
    }
  }
}

extension Separation {
  /// The fields of the model's text indexes.
  fileprivate var textFields: [String] {
    model.indexes.flatMap { index in
      index.parts.filter { $0.kind == "text" }.map { Separation.root(of: $0.field) }
    }
  }
}

// MARK: - Expressions

extension FieldUse {
  /// What an aggregation expression reads.
  mutating func add(expression: Value) {
    switch expression {
    case .string(let text): add(path: text)
    case .array(let parts): for part in parts { add(expression: part) }
    case .document(let document):
      for element in document.elements { add(operator: element) }
    default: break
    }
  }

  private mutating func add(path text: String) {
    guard text.utf8.first == 0x24 else { return }
    guard text.hasPrefix("$$") else { return insert(path: String(text.dropFirst())) }
    for root in ["$$ROOT", "$$CURRENT"] where text.hasPrefix(root) {
      let rest = text.dropFirst(root.count)
      if rest.isEmpty { isAll = true } else { insert(path: String(rest.dropFirst())) }
    }
  }

  private mutating func add(operator element: Document.Element) {
    switch element.key {
    case "$literal": break
    // They take a field's name, not its path, and the name may be computed.
    case "$getField", "$setField", "$unsetField", "$function", "$accumulator": isAll = true
    default: add(expression: element.value)
    }
  }
}
