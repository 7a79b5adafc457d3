internal import PrivataCore

/// Checks the values that an update writes against the schema's rules. Rules that need the whole
/// document see the query in its place.
struct UpdateRules {
  let schema: CompiledSchema
  let query: QueryPlan

  private struct Written {
    var path: String
    var value: Value
    var isPull: Bool
  }

  /// - Throws: ``ValidationError``.
  func check(_ update: Document) async throws {
    var failures = ValidationError()
    try await checkSet(update, &failures)
    try await checkPushed(update, &failures)
    if !failures.errors.isEmpty { throw failures }
  }

  // MARK: - Values that are set, unset or pulled

  private func written(_ update: Document) -> [Written] {
    var all: [Written] = []
    for element in update.elements {
      guard element.key != "$push", element.key != "$addToSet",
        case .document(let operand) = element.value
      else { continue }
      let isPull = element.key == "$pull" || element.key == "$pullAll"
      let isSet = element.key == "$set" || element.key == "$setOnInsert"
      guard isPull || isSet || element.key == "$unset" else { continue }
      for (path, value) in flattened(operand, "") {
        let plain = CompiledSchema.withoutPositions(path)
        if plain.contains("$") { continue }
        all.append(
          Written(
            path: plain, value: element.key == "$unset" ? .undefined : value, isPull: isPull))
      }
    }
    return all
  }

  /// Every value with its dotted path, objects and what is in them.
  private func flattened(_ document: Document, _ prefix: String) -> [(String, Value)] {
    var all: [(String, Value)] = []
    for element in document.elements {
      let path = prefix.isEmpty ? element.key : "\(prefix).\(element.key)"
      all.append((path, element.value))
      if schema.path(path)?.isMixed ?? false { continue }
      var below: [(String, Value)] = []
      if case .document(let inner) = element.value { below = flattened(inner, path) }
      if case .array(let items) = element.value {
        let inner = Document(
          items.enumerated().map { Document.Element(key: String($0), value: $1) })
        below = flattened(inner, path)
      }
      all += below
      guard schema.nested.contains(path) else { continue }
      for other in schema.all where other.path.hasPrefix(path + ".") {
        if !below.contains(where: { $0.0 == other.path }) { all.append((other.path, .undefined)) }
      }
    }
    return all
  }

  private func checkSet(_ update: Document, _ failures: inout ValidationError) async throws {
    var checked: [String] = []
    for item in written(update) {
      guard let type = schema.updatePath(item.path) else { continue }
      if type.isMixed, type.path != item.path { continue }
      if checked.contains(where: { item.path.hasPrefix($0 + ".") }) { continue }
      if case .array(let members)? = item.value.asDocument?["$in"] {
        for (index, member) in members.enumerated() {
          await checkOne(type, member, "\(item.path).$in.\(index)", &failures)
        }
        continue
      }
      if item.isPull, type.isArray { continue }
      if type.isSubdocument || isElement(type) {
        checked.append(item.path)
        await checkOne(type, item.value, item.path, &failures)
        try await checkSubdocument(
          type, item.value, item.path, fullPaths: isElement(type), &failures)
      } else {
        await checkOne(type, item.value, item.path, &failures)
      }
    }
  }

  private func isElement(_ type: CompiledPath) -> Bool {
    if case .element = type.kind { true } else { false }
  }

  private func checkOne(
    _ type: CompiledPath, _ value: Value, _ path: String, _ failures: inout ValidationError
  ) async {
    let context = RuleContext(document: nil, query: query, path: path)
    if let error = await type.firstError(value, context) { failures.add(error, at: path) }
  }

  private func checkSubdocument(
    _ type: CompiledPath, _ value: Value, _ path: String, fullPaths: Bool,
    _ failures: inout ValidationError
  ) async throws {
    guard let inner = type.schema, case .document = value else { return }
    let made = try MongoDocument.construct(
      core: nil, schema: inner.resolved(for: value), values: .value(value))
    do { try await made.runValidate(ValidateOptions()) } catch let error as ValidationError {
      for entry in error.errors {
        let full = "\(path).\(entry.path)"
        guard fullPaths, var inner = entry.error as? ValidatorError else {
          failures.add(entry.error, at: full)
          continue
        }
        inner.path = full
        failures.add(inner, at: full)
      }
    }
  }

  // MARK: - Values that are added to arrays

  private func checkPushed(_ update: Document, _ failures: inout ValidationError) async throws {
    for name in ["$push", "$addToSet"] {
      guard case .document(let operand)? = update[name] else { continue }
      for element in operand.elements {
        let items = element.value.asDocument?["$each"]?.asArray ?? [element.value]
        try await checkPushed(element.key, items, &failures)
      }
    }
  }

  private func checkPushed(
    _ path: String, _ items: [Value], _ failures: inout ValidationError
  ) async throws {
    if let type = schema.updatePath(path), let element = type.documentElement {
      for item in items {
        try await checkSubdocument(element, item, path, fullPaths: false, &failures)
      }
      return
    }
    guard let type = schema.updatePath("\(path).0") else { return }
    for item in items { await checkOne(type, item, path, &failures) }
  }
}
