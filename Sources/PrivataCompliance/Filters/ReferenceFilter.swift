internal import PrivataCore

/// Turns ids of persons in a filter into the pseudonyms under which the clinical store knows them.
struct ReferenceFilter {
  let separation: Separation
  /// The pseudonyms by field and id; an id without one matches nobody.
  let pseudonyms: PseudonymLookup

  /// A text that no reference holds: it has the form of no pseudonym.
  static let nobody = Value.string("pseu_")

  // MARK: - Before: what to look up

  /// True where every comparison of a reference is one by equality; an order of ids is not one of
  /// pseudonyms.
  static func canTranslate(_ filter: Filter, _ separation: Separation) -> Bool {
    var ids = ReferencedIDs()
    return ids.collect(filter, separation)
  }

  // MARK: - After: the filter that is sent

  /// The filter with pseudonyms in place of ids.
  func translate(_ filter: Filter) -> Filter {
    switch filter {
    case .document(let document): .document(translate(document))
    case .compare(let path, let comparison, let value) where isReference(path):
      .compare(path, comparison, pseudonym(value, path))
    case .isIn(let path, let values) where isReference(path):
      .isIn(path, values.map { pseudonym($0, path) })
    case .isNotIn(let path, let values) where isReference(path):
      .isNotIn(path, values.map { pseudonym($0, path) })
    case .list(let path, let match, let values) where isReference(path):
      .list(path, match, values.map { pseudonym($0, path) })
    case .and(let parts): .and(parts.map(translate))
    case .or(let parts): .or(parts.map(translate))
    case .not(let inner): .not(translate(inner))
    default: filter
    }
  }

  private func isReference(_ path: String) -> Bool {
    separation.references[Separation.root(of: path)] != nil
  }

  private func pseudonym(_ value: Value, _ path: String) -> Value {
    if value.isNull { return value }
    if case .array(let items) = value { return .array(items.map { pseudonym($0, path) }) }
    guard let reference = separation.references[Separation.root(of: path)] else { return value }
    return pseudonyms.pseudonym(of: value, reference) ?? Self.nobody
  }

  private func translate(_ document: Document) -> Document {
    Document(
      document.elements.map { element in
        switch element.key {
        case "$and", "$or", "$nor":
          let parts = (element.value.asArray ?? []).map { part -> Value in
            part.asDocument.map { .document(translate($0)) } ?? part
          }
          return .init(key: element.key, value: .array(parts))
        case let path where isReference(path):
          return .init(key: path, value: translate(condition: element.value, path))
        default: return element
        }
      })
  }

  private func translate(condition: Value, _ path: String) -> Value {
    guard case .document(let operators) = condition, operators.isCondition else {
      return pseudonym(condition, path)
    }
    return .document(
      Document(
        operators.elements.map { element in
          switch element.key {
          case "$eq", "$ne", "$in", "$nin", "$all":
            .init(key: element.key, value: translate(operand: element.value, path))
          case "$not", "$elemMatch":
            .init(key: element.key, value: translate(condition: element.value, path))
          default: element
          }
        }))
  }

  private func translate(operand: Value, _ path: String) -> Value {
    guard case .array(let items) = operand else { return pseudonym(operand, path) }
    return .array(items.map { translate(condition: $0, path) })
  }
}

/// The ids of persons that a filter or a record names, by reference.
struct ReferencedIDs: Sendable {
  private(set) var ids: [PersonReference: Set<Value>] = [:]

  var isEmpty: Bool { ids.isEmpty }

  mutating func insert(_ value: Value, _ reference: PersonReference) {
    if value.isNull { return }
    if case .array(let items) = value {
      for item in items { insert(item, reference) }
    } else {
      ids[reference, default: []].insert(value)
    }
  }

  /// Collects from a filter; false where it compares a reference otherwise than by equality.
  mutating func collect(_ filter: Filter, _ separation: Separation) -> Bool {
    switch filter {
    case .document(let document): return collect(document, separation)
    case .compare(let path, let comparison, let value):
      guard let reference = separation.reference(at: path) else { return true }
      insert(value, reference)
      return comparison == .equal || comparison == .notEqual
    case .isIn(let path, let values), .isNotIn(let path, let values),
      .list(let path, _, let values):
      guard let reference = separation.reference(at: path) else { return true }
      insert(.array(values), reference)
      return true
    case .compareFields(let path, _, let other):
      return separation.reference(at: path) == nil && separation.reference(at: other) == nil
    case .text(let path, _, _, _): return separation.reference(at: path) == nil
    case .and(let parts), .or(let parts):
      for part in parts where !collect(part, separation) { return false }
      return true
    case .not(let inner): return collect(inner, separation)
    case .all, .none, .isNull, .isNotNull: return true
    }
  }

  private mutating func collect(_ document: Document, _ separation: Separation) -> Bool {
    for element in document.elements {
      switch element.key {
      case "$and", "$or", "$nor":
        for part in element.value.asArray ?? [] {
          guard let part = part.asDocument, collect(part, separation) else { return false }
        }
      case "$comment": break
      case let key where key.utf8.first == 0x24: return false
      case let path:
        guard let reference = separation.reference(at: path) else { continue }
        guard collect(condition: element.value, reference) else { return false }
      }
    }
    return true
  }

  private mutating func collect(condition: Value, _ reference: PersonReference) -> Bool {
    switch condition {
    case .document(let operators) where operators.isCondition:
      return operators.elements.allSatisfy { collect(operator: $0, reference) }
    case .document, .regex: return false
    default:
      insert(condition, reference)
      return true
    }
  }

  private mutating func collect(
    operator element: Document.Element, _ reference: PersonReference
  ) -> Bool {
    switch element.key {
    case "$exists", "$size": return true
    case "$eq", "$ne":
      insert(element.value, reference)
      return element.value.asDocument == nil
    case "$in", "$nin", "$all":
      guard let items = element.value.asArray else { return false }
      return items.allSatisfy { collect(condition: $0, reference) }
    case "$not", "$elemMatch": return collect(condition: element.value, reference)
    default: return false
    }
  }
}

extension Separation {
  /// The person that a path refers to: the field itself, or an element of it by index.
  func reference(at path: String) -> PersonReference? {
    references.isEmpty ? nil : references[Separation.root(of: path)]
  }
}

extension Document {
  /// True for a document of operators, `{"$gt": 1}`, rather than a value.
  var isCondition: Bool { elements.first.map { $0.key.utf8.first == 0x24 } ?? false }
}
