/// Finds out which top-level fields of the records a pipeline looks at, so that a store need not read
/// the others.
enum PipelineFields {
  /// The fields, at least; `nil` where they may be all.
  static func needed(by stages: ArraySlice<Document>) -> Set<String>? {
    var fields: Set<String> = []
    for stage in stages {
      guard let element = stage.elements.first else { return nil }
      switch effect(of: element.key, element.value, &fields) {
      case .goesOn: continue
      case .ends: return fields
      case .unknown: return nil
      }
    }
    return nil
  }

  private enum Effect { case goesOn, ends, unknown }

  private static func effect(
    of name: String, _ value: Value, _ fields: inout Set<String>
  ) -> Effect {
    switch name {
    case "$limit", "$skip", "$sample", "$unionWith": return .goesOn
    case "$count": return .ends
    case "$match": return filter(value, &fields) ? .goesOn : .unknown
    case "$sort": return names(value, &fields) ? .goesOn : .unknown
    case "$set", "$addFields":
      return names(value, &fields) && references(value, &fields) ? .goesOn : .unknown
    case "$unwind": return references(value, &fields) ? .goesOn : .unknown
    case "$group", "$sortByCount", "$bucket", "$bucketAuto", "$replaceRoot", "$replaceWith":
      return references(value, &fields) ? .ends : .unknown
    case "$project":
      guard isInclusion(value), names(value, &fields), references(value, &fields) else {
        return .unknown
      }
      fields.insert("_id")
      return .ends
    case "$facet": return facets(value, &fields)
    default: return .unknown
    }
  }

  private static func facets(_ value: Value, _ fields: inout Set<String>) -> Effect {
    for facet in value.asDocument?.elements ?? [] {
      let stages = (facet.value.asArray ?? []).compactMap(\.asDocument)
      guard let needed = needed(by: stages[...]) else { return .unknown }
      fields.formUnion(needed)
    }
    return .ends
  }

  /// A `$project` that names what stays, and not what goes.
  private static func isInclusion(_ value: Value) -> Bool {
    guard let document = value.asDocument else { return false }
    return document.elements.contains { element in
      element.key != "_id" && (element.value.isNumber ? element.value.isTruthy : true)
        && element.value != .bool(false)
    }
  }

  /// Adds the fields that a document's keys name.
  private static func names(_ value: Value, _ fields: inout Set<String>) -> Bool {
    guard let document = value.asDocument else { return false }
    for element in document.elements {
      guard add(element.key, &fields) else { return false }
      if case .document(let inner) = element.value, inner.contains("$meta") { return false }
    }
    return true
  }

  private static func add(_ path: String, _ fields: inout Set<String>) -> Bool {
    let head = path.prefix { $0 != "." }
    guard !head.isEmpty, !head.hasPrefix("$") else { return false }
    fields.insert(String(head))
    return true
  }

  /// Operators that look at the whole record without naming it.
  private static let wholes: Set<String> = [
    "$getField", "$setField", "$unsetField", "$meta", "$function", "$accumulator", "$where",
    "$text", "$jsonSchema",
  ]

  /// Adds the fields that an expression refers to.
  private static func references(_ value: Value, _ fields: inout Set<String>) -> Bool {
    switch value {
    case .string(let text):
      guard text.hasPrefix("$") else { return true }
      guard !text.hasPrefix("$$ROOT"), !text.hasPrefix("$$CURRENT") else { return false }
      return text.hasPrefix("$$") || add(String(text.dropFirst()), &fields)
    case .array(let items):
      for item in items where !references(item, &fields) { return false }
      return true
    case .document(let document):
      for element in document.elements {
        if wholes.contains(element.key) { return false }
        if element.key == "sortBy", case .document(let keys) = element.value {
          for key in keys.keys where !add(key, &fields) { return false }
        }
        if !references(element.value, &fields) { return false }
      }
      return true
    default: return true
    }
  }

  /// Adds the fields of a filter.
  private static func filter(_ value: Value, _ fields: inout Set<String>) -> Bool {
    guard case .document(let document) = value else { return false }
    for element in document.elements {
      switch element.key {
      case "$and", "$or", "$nor":
        for inner in element.value.asArray ?? [] where !filter(inner, &fields) { return false }
      case "$expr": if !references(element.value, &fields) { return false }
      case "$comment": continue
      default: if !add(element.key, &fields) { return false }
      }
    }
    return true
  }
}
