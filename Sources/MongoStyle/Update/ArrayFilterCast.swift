internal import PrivataCore

/// Casts the filters that name array elements of an update: `{"a.severity": {"$gte": "3"}}` for
/// `allergies.$[a]`.
struct ArrayFilterCast {
  let schema: CompiledSchema
  /// Unknown paths below a named element.
  let strictQuery: StrictMode
  /// The array path of each identifier, as `allergies.0`.
  private let paths: [String: String]

  init(_ schema: CompiledSchema, strictQuery: StrictMode, update: Document) throws {
    self.schema = schema
    self.strictQuery = strictQuery
    paths = try ArrayFilterCast.identifiers(update)
  }

  private static func identifiers(_ update: Document) throws -> [String: String] {
    var found: [String: String] = [:]
    for path in writtenPaths(update) {
      let steps = path.steps
      var seen: Set<String> = []
      for (index, step) in steps.enumerated() where step.hasPrefix("$[") && step.count > 3 {
        guard seen.insert(step).inserted else {
          throw UsageError(
            "Path '\(path)' contains the same array filter multiple times", name: "Error")
        }
        let name = String(step.dropFirst(2).dropLast())
        found[name] = steps[..<index].map { $0.hasPrefix("$[") ? "0" : $0 }
          .joined(separator: ".")
      }
    }
    return found
  }

  private static func writtenPaths(_ update: Document) -> [String] {
    update.elements.flatMap { element -> [String] in
      guard element.key.isOperator else { return [element.key] }
      return element.value.asDocument?.keys ?? []
    }
  }

  /// The filters cast.
  func cast(_ filters: [Document]) throws -> [Document] { try filters.map(cast) }

  private func cast(_ filter: Document) throws -> Document {
    let keys = filter.elements.filter { !$0.value.isNullish }.map(\.key)
    guard let first = keys.first else { return filter }
    if first == "$and" || first == "$or" {
      return Document(
        try filter.elements.map { element in
          let branches = try (element.value.asArray ?? []).map { branch -> Value in
            guard case .document(let inner) = branch else { return branch }
            return .document(try cast(inner))
          }
          return Document.Element(key: element.key, value: .array(branches))
        })
    }
    guard let array = paths[first.firstStep], let base = basePath(array) else { return filter }
    var inner = base.schema
    if let schema = inner,
      let value = filter["\(first.firstStep).\(schema.options.discriminatorKey)"],
      let sub = schema.discriminator(for: value)
    {
      inner = sub
    }
    return Document(
      try filter.elements.map { element in
        Document.Element(
          key: element.key, value: try cast(element, base, inner, array) ?? element.value)
      })
  }

  private func basePath(_ array: String) -> CompiledPath? {
    schema.path(array) ?? schema.updatePath(array)
  }

  private func cast(
    _ element: Document.Element, _ base: CompiledPath, _ inner: CompiledSchema?, _ array: String
  ) throws -> Value? {
    if element.value.isNullish { return nil }
    let rest = element.key.steps.dropFirst().joined(separator: ".")
    var type: CompiledPath? = base
    if !rest.isEmpty, let inner {
      type = inner.path(CompiledSchema.withoutPositions(rest)) ?? inner.updatePath(rest)
    }
    guard let type else {
      guard strictQuery != .keep else { return nil }
      let path = rest.isEmpty ? "\(array).0" : "\(array).0.\(rest)"
      throw UsageError(
        "Could not find path \"\(path)\" in schema", name: "Error", code: .unknownField)
    }
    return try condition(element.value, type)
  }

  private func condition(_ value: Value, _ type: CompiledPath) throws -> Value {
    guard case .document(let condition) = value, condition.hasOperators else {
      return try type.castForQuery(value)
    }
    return .document(
      Document(
        try condition.elements.map { element in
          Document.Element(
            key: element.key, value: try operand(element.key, element.value, type))
        }))
  }

  private func operand(_ name: String, _ value: Value, _ type: CompiledPath) throws -> Value {
    guard name == "$not", !type.isArray, case .document(let inner) = value,
      inner.elements.first?.key.isOperator ?? false
    else { return try type.castForQuery(name, value, in: schema) }
    return .document(
      Document(
        try inner.elements.map {
          Document.Element(
            key: $0.key, value: try type.castForQuery($0.key, $0.value, in: schema))
        }))
  }

  /// The filters whose identifier the update uses.
  static func used(_ filters: [Document], by update: Document) -> [Document] {
    let paths = writtenPaths(update)
    return filters.filter { isUsed($0, paths) }
  }

  private static func isUsed(_ filter: Document, _ paths: [String]) -> Bool {
    guard let first = filter.keys.first else { return false }
    if first == "$and" || first == "$or" {
      return filter[first]?.asArray?.contains {
        $0.asDocument.map { isUsed($0, paths) } ?? false
      } ?? false
    }
    return paths.contains { $0.contains("$[\(first.firstStep)]") }
  }
}
