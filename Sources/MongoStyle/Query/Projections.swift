internal import PrivataCore

/// What a projection says: whether it asks for fields or leaves fields out.
enum Projections {
  /// `$slice` and `$meta` say nothing about the other fields.
  static func isDefining(_ value: Value) -> Bool {
    guard case .document(let document) = value else { return true }
    return !document.contains("$meta") && !document.contains("$slice")
  }

  /// True where fields are left out, false where they are asked for, `nil` for neither.
  static func isExclusive(_ fields: Document) -> Bool? {
    let elements = fields.elements
    if elements.count == 1, elements[0].key == "_id" { return !elements[0].value.isTruthy }
    for element in elements where element.key != "_id" && isDefining(element.value) {
      if case .document(let inner) = element.value, !inner.hasOperators {
        if let nested = isExclusive(inner) { return nested }
        continue
      }
      return !element.value.isTruthy
    }
    return nil
  }

  /// True where fields are asked for.
  static func isInclusive(_ fields: Document) -> Bool {
    for element in fields.elements where !element.key.hasPrefix("+") {
      guard isDefining(element.value), element.value.isTruthy else { continue }
      if case .document(let inner) = element.value, !inner.hasOperators {
        return isInclusive(inner)
      }
      return true
    }
    return false
  }

  /// Every field asked for and the paths above them.
  static func includedParents(_ fields: Document) -> Set<String> {
    var names: Set<String> = []
    for key in fields.keys { names.formUnion(key.parentPaths) }
    return names
  }
}
