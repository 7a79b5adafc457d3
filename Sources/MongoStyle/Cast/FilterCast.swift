internal import PrivataCore

/// Casts a filter to a schema, as Mongoose does at execution: every known path by its type, unknown
/// ones by the strict mode of queries.
struct FilterCast {
  let schema: CompiledSchema
  /// Unknown paths.
  var strictQuery: StrictMode = .keep
  /// Strict mode of an upsert, whose filter is stored; `nil` where the schema decides.
  var strict: StrictMode?
  var isUpsert = false
  /// Takes an array for a scalar path as it is, in place of `$in`.
  var isSanitized = false

  init(_ schema: CompiledSchema) { self.schema = schema }

  private func with(_ other: CompiledSchema) -> FilterCast {
    var cast = FilterCast(other)
    cast.strictQuery = strictQuery
    cast.strict = strict
    cast.isUpsert = isUpsert
    cast.isSanitized = isSanitized
    return cast
  }

  /// The filter cast; keys keep their order. As in Mongoose the last bad key is the one reported.
  ///
  /// - Throws: ``CastError``, ``StrictModeError``, ``UsageError``.
  func cast(_ filter: Document) throws -> Document {
    if let sub = schema.discriminator(for: filter[schema.options.discriminatorKey]) {
      return try with(sub).castKeys(filter)
    }
    return try castKeys(filter)
  }

  private func castKeys(_ filter: Document) throws -> Document {
    var kept: [Document.Element] = []
    for element in filter.elements.reversed() {
      if let value = try cast(element.key, element.value, of: filter) {
        kept.append(Document.Element(key: element.key, value: value))
      }
    }
    return Document(kept.reversed())
  }

  /// The value of a key cast; `nil` leaves the key out.
  private func cast(_ key: String, _ value: Value, of filter: Document) throws -> Value? {
    switch key {
    case "$or", "$nor", "$and": return try castBranches(key, value)
    case "$where":
      guard value.asString != nil || value.isCode else {
        throw UsageError("Must have a string or function for $where", name: "Error")
      }
      return value
    case "$expr": return try ExpressionCast(schema).cast(value)
    case "$elemMatch":
      guard case .document(let match) = value else { return value }
      return .document(try cast(match))
    case "$text": return try FilterCast.castText(value)
    case "$comment" where schema.paths[key] == nil: return try FilterCast.text(value, key)
    default: return try castPath(key, value, of: filter)
    }
  }

  private func castBranches(_ key: String, _ value: Value) throws -> Value? {
    guard case .array(let branches) = value else {
      throw CastError(kind: "Array", path: key, value: value)
    }
    var kept: [Value] = []
    for (index, branch) in branches.enumerated().reversed() {
      guard case .document(let filter) = branch else {
        throw CastError(kind: "Object", path: "\(key).\(index)", value: branch)
      }
      let cast = try cast(filter)
      if !cast.isEmpty || filter.isEmpty { kept.append(.document(cast)) }
    }
    return kept.isEmpty ? nil : .array(kept.reversed())
  }

  private func castPath(_ key: String, _ value: Value, of filter: Document) throws -> Value? {
    guard let path = schema.path(key) ?? discriminatorPath(key, filter) else {
      return try castBelow(key, value)
    }
    if value.isNullish { return value }
    switch value {
    case .document(let condition) where condition.hasOperators:
      return .document(try castOperators(condition, path))
    case .array(let items) where !path.isArray && path.instance != "Buffer" && !isSanitized:
      return ["$in": .array(try items.map { try path.castForQuery($0) })]
    default: return try path.castForQuery(value)
    }
  }

  /// A path below an embedded discriminator whose key the filter names.
  private func discriminatorPath(_ key: String, _ filter: Document) -> CompiledPath? {
    for parent in key.parentPaths.dropLast().reversed() {
      guard let inner = schema.path(parent)?.schema, !inner.discriminators.isEmpty else { continue }
      let name = inner.options.discriminatorKey
      let rest = String(key.dropFirst(parent.count + 1))
      guard rest != name else { return nil }
      var chosen = filter["\(parent).\(name)"] ?? filter.value(at: "\(parent).\(name)")
      if case .array(let members)? = chosen?.asDocument?["$in"], members.count == 1 {
        chosen = members[0]
      }
      if let found = inner.discriminator(for: chosen)?.path(rest) { return found }
    }
    return nil
  }

  private func castOperators(_ condition: Document, _ path: CompiledPath) throws -> Document {
    var kept: [Document.Element] = []
    for element in condition.elements.reversed() {
      let value = try castOperator(element.key, element.value, path)
      kept.append(Document.Element(key: element.key, value: value))
    }
    return Document(kept.reversed())
  }

  private func castOperator(_ name: String, _ value: Value, _ path: CompiledPath) throws -> Value {
    switch name {
    case "$elemMatch":
      guard case .document(let match) = value else { return value }
      if let inner = path.schema { return .document(try with(inner).cast(match)) }
      guard path.isArray else { return value }
      if match.contains("$not") { return .document(try cast(match)) }
      return try path.castForQuery(name, value, in: schema)
    case "$not":
      guard case .document(let inner) = value, inner.elements.first?.key.isOperator ?? false else {
        return value.isTruthy ? try path.castForQuery(name, value, in: schema) : value
      }
      return .document(
        Document(
          try inner.elements.map {
            Document.Element(
              key: $0.key, value: try path.castForQuery($0.key, $0.value, in: schema))
          }))
    default: return try path.castForQuery(name, value, in: schema)
    }
  }

  /// A key that is no path: below a path that holds anything, below subdocuments, or unknown.
  private func castBelow(_ key: String, _ value: Value) throws -> Value? {
    for parent in key.parentPaths.dropLast().reversed() {
      guard let path = schema.path(parent) else { continue }
      guard let inner = path.schema else { return value }
      let rest = String(key.dropFirst(parent.count + 1))
      return try with(inner).cast([rest: value])[rest]
    }
    if case .document(let condition) = value, let name = GeoCast.name(in: condition) {
      return .document(try castGeo(condition, name))
    }
    if schema.nested.contains(key) { return value }
    return try unknown(key, value)
  }

  private func castGeo(_ condition: Document, _ name: String) throws -> Document {
    if name == "$geoWithin", let geometry = condition[name]?.asDocument?["$geometry"]?.asDocument {
      guard let type = geometry["type"], type == "Polygon" || type == "MultiPolygon" else {
        throw UsageError(
          "Invalid geoJSON type for $geoWithin, must be \"Polygon\" or \"MultiPolygon\"",
          name: "Error")
      }
    }
    return try GeoCast.cast(.document(condition)).asDocument ?? condition
  }

  private func unknown(_ key: String, _ value: Value) throws -> Value? {
    let strict = strict ?? schema.options.strict
    if isUpsert, strict != .keep {
      throw StrictModeError(
        key,
        message: strict == .throw
          ? nil
          : "Path \"\(key)\" is not in schema, strict mode is `true`, and upsert is `true`.")
    }
    switch strictQuery {
    case .throw:
      throw StrictModeError(
        key, message: "Path \"\(key)\" is not in schema and strictQuery is 'throw'.")
    case .drop: return nil
    case .keep: return value
    }
  }

  private static func castText(_ value: Value) throws -> Value {
    guard case .document(var search) = value else {
      throw CastError(kind: "$text", path: "$text", value: value)
    }
    for name in ["$search", "$language"] {
      if let given = search[name], !given.isNullish {
        search[name] = try text(given, "$text.\(name)")
      }
    }
    for name in ["$caseSensitive", "$diacriticSensitive"] {
      if let given = search[name] {
        search[name] = try CompiledPath.castExists(given, "$text.\(name)")
      }
    }
    return .document(search)
  }

  private static func text(_ value: Value, _ path: String) throws -> Value {
    if value.isNullish { return value }
    guard let text = JavaScript.text(value) else {
      throw CastError(kind: "string", path: path, value: value)
    }
    return .string(text)
  }
}

extension Value {
  var isCode: Bool { if case .code = self { true } else { false } }
}
