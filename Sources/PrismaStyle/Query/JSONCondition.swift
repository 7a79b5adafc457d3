internal import PrivataCore

/// The conditions on one JSON field, evaluated on its value.
struct JSONCondition {
  private var path: [String] = []
  private var checks: [(word: String, value: Value)] = []
  private var ignoringCase = false

  init(_ operators: Document, field: String, model: String) throws(PrivataError) {
    let words: Set<String> = [
      "equals", "not", "string_contains", "string_starts_with", "string_ends_with",
      "array_contains", "array_starts_with", "array_ends_with", "lt", "lte", "gt", "gte",
    ]
    for element in operators.elements {
      switch element.key {
      case "path": path = Self.path(element.value)
      case "mode": ignoringCase = element.value == "insensitive"
      case let word where words.contains(word): checks.append((word, element.value))
      default:
        throw .refused(
          "'\(field)' has no JSON condition '\(element.key)'", model: model, fields: [field])
      }
    }
  }

  /// True where every condition holds; a value that the path does not lead to fulfils none.
  func holds(_ value: Value?) -> Bool {
    let found = path.reduce(value) { Self.member($0, $1) }
    return checks.allSatisfy { holds($0.word, $0.value, found) }
  }

  private func holds(_ word: String, _ wanted: Value, _ found: Value?) -> Bool {
    switch word {
    case "equals":
      return path.isEmpty ? same(found ?? .null, wanted) : found.map { same($0, wanted) } ?? false
    case "not": return found.map { !same($0, wanted) } ?? false
    case "string_contains": return text(found, wanted) { $0.contains($1) }
    case "string_starts_with": return text(found, wanted) { $0.hasPrefix($1) }
    case "string_ends_with": return text(found, wanted) { $0.hasSuffix($1) }
    case "array_contains": return contains(found, wanted)
    case "array_starts_with": return found?.asArray?.first.map { same($0, wanted) } ?? false
    case "array_ends_with": return found?.asArray?.last.map { same($0, wanted) } ?? false
    default: return ordered(word, found, wanted)
    }
  }

  private func ordered(_ word: String, _ found: Value?, _ wanted: Value) -> Bool {
    guard let found,
      found.typeName == wanted.typeName || (found.asDouble != nil && wanted.asDouble != nil)
    else { return false }
    let order = Value.order(found, wanted)
    switch word {
    case "lt": return order < 0
    case "lte": return order <= 0
    case "gt": return order > 0
    default: return order >= 0
    }
  }

  private func same(_ a: Value, _ b: Value) -> Bool { Value.equals(a, b) }

  private func text(_ found: Value?, _ wanted: Value, _ test: (String, String) -> Bool) -> Bool {
    guard let text = found?.asString, let part = wanted.asString else { return false }
    return ignoringCase ? test(text.lowercased(), part.lowercased()) : test(text, part)
  }

  private func contains(_ found: Value?, _ wanted: Value) -> Bool {
    guard let values = found?.asArray else { return false }
    return (wanted.asArray ?? [wanted]).allSatisfy { part in values.contains { same($0, part) } }
  }

  /// `["a", "b"]` as on Postgres, or `$.a.b` as on SQLite.
  private static func path(_ value: Value) -> [String] {
    if case .array(let parts) = value { return parts.compactMap(\.asString) }
    let text = value.asString ?? ""
    return text.drop { $0 == "$" || $0 == "." }.split { $0 == "." || $0 == "[" || $0 == "]" }
      .map(String.init)
  }

  private static func member(_ value: Value?, _ key: String) -> Value? {
    switch value {
    case .document(let document): document[key]
    case .array(let values):
      Int(key).flatMap { values.indices.contains($0) ? values[$0] : Value?.none }
    default: nil
    }
  }
}
