internal import PrivataCore

/// The shape of a MongoDB filter: its keys, operators and the shapes of its values. What SQL cannot
/// express counts by its presence alone, because it is checked on the records themselves.
enum DocumentShape {
  /// Adds the shape of a filter to a hash.
  static func hash(_ filter: Document, into hasher: inout ShapeHash) {
    for element in filter.elements {
      hasher.combine(element.key)
      hash(element.value, under: element.key, into: &hasher)
    }
    hasher.combine(0 as UInt8)
  }

  /// True where two filters have the same shape.
  static func same(_ a: Document, _ b: Document) -> Bool {
    let (a, b) = (a.elements, b.elements)
    guard a.count == b.count else { return false }
    for index in a.indices {
      guard a[index].key == b[index].key else { return false }
      guard same(a[index].value, b[index].value, under: a[index].key) else { return false }
    }
    return true
  }

  /// A filter of the same shape whose values say nothing.
  static func blank(_ filter: Document) -> Document {
    Document(
      filter.elements.map { Document.Element(key: $0.key, value: blank($0.value, under: $0.key)) })
  }

  private static func blank(_ value: Value, under key: String) -> Value {
    switch value {
    case .document(let document) where isNested(document, under: key): .document(blank(document))
    case .array(let values) where isLogical(key):
      .array(values.map { $0.asDocument.map { .document(blank($0)) } ?? .null })
    case .array(let values) where isList(key): .array(ValueShape(elements: values).blanks)
    default: value.blank
    }
  }

  /// True for a document of operators such as `{$gte: 18}`, which is not a value to be equal to.
  static func isOperators(_ document: Document) -> Bool {
    document.elements.first?.key.utf8.first == UInt8(ascii: "$")
  }

  private static func hash(_ value: Value, under key: String, into hasher: inout ShapeHash) {
    switch value {
    case .document(let document) where isNested(document, under: key):
      hash(document, into: &hasher)
    case .array(let values) where isLogical(key):
      hasher.combine(values.count)
      for case .document(let document) in values { hash(document, into: &hasher) }
    case .array(let values) where isList(key):
      hasher.combine(ValueShape(elements: values))
    default: hasher.combine(ValueShape(value))
    }
  }

  private static func same(_ a: Value, _ b: Value, under key: String) -> Bool {
    switch (a, b) {
    case (.document(let a), .document(let b)) where isNested(a, under: key):
      return isNested(b, under: key) && same(a, b)
    case (.array(let a), .array(let b)) where isLogical(key):
      guard a.count == b.count else { return false }
      for (a, b) in zip(a, b) {
        guard let a = a.asDocument, let b = b.asDocument, same(a, b) else { return false }
      }
      return true
    case (.array(let a), .array(let b)) where isList(key):
      return ValueShape(elements: a) == ValueShape(elements: b)
    case (.document, .document): return !isNested(b.asDocument ?? [:], under: key)
    default: return ValueShape(a) == ValueShape(b)
    }
  }

  /// Documents whose inner structure decides: operators on a field.
  private static func isNested(_ document: Document, under key: String) -> Bool {
    isOperators(document) && (key.utf8.first != UInt8(ascii: "$") || key == "$not")
  }

  private static func isLogical(_ key: String) -> Bool {
    key == "$and" || key == "$or" || key == "$nor"
  }

  private static func isList(_ key: String) -> Bool { key == "$in" || key == "$nin" }
}
