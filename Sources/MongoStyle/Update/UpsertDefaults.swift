internal import PrivataCore

/// Completes upserts: the schema's defaults and the version for a document that is inserted.
enum UpsertDefaults {
  /// The update with `$setOnInsert` of the defaults that neither filter nor update touch.
  static func apply(
    to update: Document, filter: Document, _ schema: CompiledSchema
  ) throws -> Document {
    var update = update
    var inserted = update["$setOnInsert"]?.asDocument ?? Document()
    let touched = touchedPaths(filter)
    var hasDefaults = false
    for path in schema.all where path.defaultRule != nil && !path.isAutoID {
      guard !isModified(path, touched, update) else { continue }
      let value = try path.defaultValue()
      if value.isUndefined { continue }
      inserted[path.path] = value
      hasDefaults = true
    }
    if hasDefaults { update["$setOnInsert"] = .document(inserted) }
    return update
  }

  /// The paths that the filter's equalities give the new document, and those above them.
  private static func touchedPaths(_ filter: Document) -> Set<String> {
    var paths: Set<String> = []
    for element in filter.elements {
      if case .document(let condition) = element.value, condition.hasOperators { continue }
      paths.formUnion(element.key.parentPaths)
    }
    return paths
  }

  private static func isModified(
    _ path: CompiledPath, _ touched: Set<String>, _ update: Document
  ) -> Bool {
    let parents = path.path.parentPaths
    if parents.contains(where: touched.contains) { return true }
    let operators = update.elements.filter { $0.key.isOperator }
    if operators.isEmpty { return holds(update, path.path, parents) }
    return operators.contains { element in
      element.value.asDocument.map { holds($0, path.path, parents) } ?? false
    }
  }

  private static func holds(_ operand: Document, _ path: String, _ parents: [String]) -> Bool {
    if parents.contains(where: { operand.contains($0) }) { return true }
    return operand.keys.contains { $0.hasPrefix(path + ".") }
  }

  /// The update with the version of a new document, unless it mentions the version itself.
  static func addVersion(to update: Document, _ key: String?) -> Document {
    guard let key else { return update }
    let mentions =
      update.contains(key)
      || ["$set", "$inc", "$setOnInsert"].contains {
        update[$0]?.asDocument?.contains(key) ?? false
      }
    guard !mentions else { return update }
    var update = update
    var inserted = update["$setOnInsert"]?.asDocument ?? Document()
    inserted[key] = 0
    update["$setOnInsert"] = .document(inserted)
    return update
  }
}
