import PrivataCore

/// Commands as text without their values, for ``StatementLog``.
enum CommandShape {
  /// `users.find({role: ?, age: {$gte: ?}}).sort({age: -1}).limit(?)`
  static func find(_ query: Query, _ target: Target) -> String {
    var text = self.text("find", target, target.filter(query.filter))
    if !query.sort.isEmpty { text += ".sort(\(shape(target.sort(query.sort), keepsOrder: true)))" }
    if query.skip > 0 { text += ".skip(?)" }
    if query.limit != nil { text += ".limit(?)" }
    return text
  }

  /// `users.aggregate([{$match: {role: ?}}])`
  static func aggregate(_ stages: [Document], _ target: Target) -> String {
    "\(target.collection).aggregate([\(stages.map { shape($0) }.joined(separator: ", "))])"
  }

  /// `users.verb({filter})`
  static func text(_ verb: String, _ target: Target, _ filter: Document) -> String {
    "\(target.collection).\(verb)(\(shape(filter)))"
  }

  /// A document with a question mark for every value.
  static func shape(_ document: Document, keepsOrder: Bool = false) -> String {
    let parts = document.elements.map { element in
      if keepsOrder, let order = element.value.asInt { return "\(element.key): \(order)" }
      return "\(element.key): \(shape(element.value))"
    }
    return "{\(parts.joined(separator: ", "))}"
  }

  private static func shape(_ value: Value) -> String {
    switch value {
    case .document(let document): return shape(document)
    case .array(let values):
      // A list of values is one parameter, however long.
      let isStructured = values.contains { if case .document = $0 { true } else { false } }
      return isStructured ? "[\(values.map(shape).joined(separator: ", "))]" : "[?]"
    default: return "?"
    }
  }
}
