public import PrivataCore

extension Value {
  /// Marks operators that the program wrote itself, so that ``QueryPlan/sanitizeFilter`` leaves them
  /// alone. The mark cannot come from JSON.
  ///
  /// ```swift
  /// User.find(["age": .trusted(["$gt": 18]), "name": untrusted]).sanitizeFilter()
  /// ```
  public static func trusted(_ operators: Document) -> Value {
    .document(Document([.init(key: Sanitizer.mark, value: .document(operators))]))
  }
}

/// Keeps operators that came from outside from acting: `{"$ne": null}` for a password becomes an
/// equality with that document.
enum Sanitizer {
  /// No JSON text holds such a key: a zero byte cannot be stored in BSON.
  static let mark = "\u{0}trusted"

  private static let refused: Set<String> = ["$jsonSchema", "$where", "$expr", "$text"]

  /// The filter with its operators disarmed, but for trusted ones.
  static func sanitize(_ filter: Document) throws -> Document {
    Document(
      try filter.elements.map { element in
        Document.Element(key: element.key, value: try sanitize(element.key, element.value))
      })
  }

  private static func sanitize(_ key: String, _ value: Value) throws -> Value {
    if isTrusted(value) { return value }
    if ["$and", "$or", "$nor"].contains(key) {
      guard case .array(let branches) = value else { return value }
      return .array(
        try branches.map { branch in
          guard case .document(let filter) = branch else { return branch }
          return .document(try sanitize(filter))
        })
    }
    if refused.contains(key) { throw UsageError("\(key) is not allowed with sanitizeFilter") }
    guard case .document(let document) = value, document.hasOperators else { return value }
    if document.count == 1, document.contains("$eq") { return value }
    return ["$eq": value]
  }

  private static func isTrusted(_ value: Value) -> Bool {
    value.asDocument?.contains(mark) ?? false
  }

  /// The filter without the marks.
  static func unmarked(_ filter: Document) -> Document {
    guard filter.elements.contains(where: { holdsMark($0.value) }) else { return filter }
    return Document(
      filter.elements.map { Document.Element(key: $0.key, value: unmarked($0.value)) })
  }

  private static func holdsMark(_ value: Value) -> Bool {
    switch value {
    case .document(let document):
      document.contains(mark) || document.elements.contains { holdsMark($0.value) }
    case .array(let items): items.contains(where: holdsMark)
    default: false
    }
  }

  private static func unmarked(_ value: Value) -> Value {
    switch value {
    case .document(let document):
      if let inner = document[mark] { return unmarked(inner) }
      return .document(unmarked(document))
    case .array(let items): return .array(items.map(unmarked))
    default: return value
    }
  }
}
