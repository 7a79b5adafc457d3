public import PrivataCore

extension QueryPlan {
  /// Adds to the projection: `"a b"`, `"-a"`, `"+a"`, a list of those, or a document.
  @_disfavoredOverload
  public mutating func select(_ value: Value) {
    switch value {
    case .string(let text): select(QueryPlan.parse(text.split(whereSeparator: \.isWhitespace)))
    case .array(let items):
      select(QueryPlan.parse(items.compactMap(\.asString).map { Substring($0) }))
    case .document(let fields): select(fields)
    case _ where !value.isTruthy: break
    default:
      fail(
        UsageError(
          "Invalid select() argument. Must be string or object.", name: "TypeError"))
    }
  }

  private static func parse(_ names: [Substring]) -> Document {
    var fields = Document()
    for name in names where !name.isEmpty {
      fields[String(name)] = name.hasPrefix("-") ? 0 : 1
    }
    return fields
  }

  /// Adds to the projection. An inclusive one only takes more fields, or loses some.
  public mutating func select(_ fields: Document) {
    let isInclusive = Projections.isInclusive(projection)
    let isExclusive = !isInclusive && Projections.isExclusive(projection) == true
    for element in fields.elements {
      let value = sanitized(element.value)
      let isWanted = element.value.isTruthy
      if isInclusive && !isWanted || isExclusive && isWanted {
        dropWishes(below: element.key)
        continue
      }
      if isInclusive { projection["-" + element.key] = nil }
      if isExclusive { projection["+" + element.key] = nil }
      projection[element.key] = value
      wishes[element.key] = value
    }
  }

  private mutating func dropWishes(below key: String) {
    for name in wishes.keys where name == key || name.hasPrefix(key + ".") {
      projection[name] = nil
      wishes[name] = nil
    }
  }

  private func sanitized(_ value: Value) -> Value {
    let isOn = model.connection.profile.sanitizeProjection ?? settings.sanitizeProjection ?? false
    if isOn, value.asString != nil { return 1 }
    return value
  }

  /// Replaces the projection; an empty one asks for all fields.
  public mutating func setProjection(_ value: Value) {
    projection = Document()
    wishes = Document()
    select(value)
  }

  /// Projects a part of an array.
  mutating func slice(_ path: String, _ part: Value) { select([path: ["$slice": part]]) }

  /// Adds to the order: `"a -b"`, a document, or a list of pairs.
  public mutating func addSort(_ value: Value) {
    switch value {
    case .string(let text):
      for name in text.split(separator: " ", omittingEmptySubsequences: false) {
        let isDescending = name.hasPrefix("-")
        sort[String(isDescending ? name.dropFirst() : name)] = isDescending ? -1 : 1
      }
    case .document(let keys):
      for element in keys.elements { addSort(element.key, element.value) }
    case .array(let pairs):
      for pair in pairs {
        guard case .array(let items) = pair, let name = items.first.flatMap(JavaScript.text) else {
          return fail(
            UsageError("Invalid sort() argument, must be array of arrays", name: "TypeError"))
        }
        addSort(name, items.count > 1 ? items[1] : .undefined)
      }
    case .null, .undefined: break
    default:
      fail(
        UsageError(
          "Invalid sort() argument. Must be a string, object, array, or map.", name: "TypeError"))
    }
  }

  private mutating func addSort(_ key: String, _ direction: Value) {
    switch direction {
    case .int32(1), .double(1), .string("asc"), .string("ascending"): sort[key] = 1
    case .int32(-1), .double(-1), .string("desc"), .string("descending"): sort[key] = -1
    case .document(let document):
      guard let meta = document["$meta"] else { fallthrough }
      sort[key] = ["$meta": meta]
    default:
      fail(UsageError("Invalid sort value for \"\(key)\"", name: "TypeError"))
    }
  }

  /// The order as the store takes it.
  var sortKeys: [SortKey] {
    sort.elements.map { element in
      SortKey(
        element.key, descending: element.value.asInt == -1,
        isTextScore: element.value.asDocument?.contains("$meta") ?? false)
    }
  }

  // MARK: - The projection that is sent

  /// The projection with what schema and population add; `nil` for all fields.
  func sentProjection() throws -> Document? {
    var fields = projection
    if settings.schemaLevelProjections {
      let isOn =
        model.connection.profile.sanitizeProjection ?? settings.sanitizeProjection ?? false
      SelectedPaths.apply(to: &fields, schema, sanitizes: isOn)
    }
    if schema.options.selectPopulatedPaths { addPopulated(&fields) }
    for element in fields.elements {
      guard case .document(let condition) = element.value, condition.contains("$elemMatch") else {
        continue
      }
      fields[element.key] = try FilterCast(schema).cast([element.key: element.value])[element.key]
    }
    return fields.isEmpty ? nil : fields
  }

  private func addPopulated(_ fields: inout Document) {
    guard !populations.isEmpty else { return }
    if Projections.isInclusive(fields) {
      for request in populations {
        if !isWished(request.path) {
          fields[request.path] = 1
        } else if wishes[request.path]?.asInt == 0 {
          fields[request.path] = nil
        }
      }
    } else if Projections.isExclusive(fields) == true {
      for request in populations where wishes[request.path] == nil {
        fields[request.path] = nil
      }
    }
  }

  private func isWished(_ path: String) -> Bool {
    path.parentPaths.contains { wishes.contains($0) }
  }
}
