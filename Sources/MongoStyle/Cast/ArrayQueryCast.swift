internal import PrivataCore

extension CompiledPath {
  /// The operators of array paths.
  func castArrayOperator(
    _ name: String, _ value: Value, _ schema: CompiledSchema
  ) throws -> Value {
    switch name {
    case "$exists": return try CompiledPath.castExists(value, path)
    case "$type": return try CompiledPath.checkType(value)
    case "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$not", "$regex":
      return try castForQuery(value)
    case "$in", "$nin":
      guard case .array(let items) = value else { return .array([try castForQuery(value)]) }
      return .array(
        try items.map { item in
          if case .array(let inner) = item, inner.isEmpty { return item }
          return try castForQuery(item)
        })
    case "$all": return try castAll(value, schema)
    case "$elemMatch": return try castElementMatch(value, schema)
    case "$size", "$minDistance", "$maxDistance": return try CompiledPath.plainNumberCast(value)
    case "$options": return JavaScript.text(value).map { .string($0) } ?? value
    case "$or", "$and", "$nor": return try castLogical(name, value, schema)
    case _ where GeoCast.operators.contains(name): return try GeoCast.cast(value)
    default:
      throw UsageError(
        "Can't use \(name) with Array.", name: "Error", code: .unknownOperator, paths: [path])
    }
  }

  static func plainNumberCast(_ value: Value) throws -> Value {
    if value.isNullish { return value }
    guard let number = try? number(value) else {
      throw UsageError("Cast to Number failed: value is not a valid number", name: "Error")
    }
    return number
  }

  private func castAll(_ value: Value, _ schema: CompiledSchema) throws -> Value {
    var items = value.asArray ?? [value]
    for index in items.indices {
      guard let match = items[index].asDocument?["$elemMatch"]?.asDocument else { continue }
      guard let inner = elementPath?.schema else { continue }
      items[index] = ["$elemMatch": .document(try FilterCast(inner).cast(match))]
    }
    return try castForQuery(.array(items))
  }

  private func castElementMatch(_ value: Value, _ schema: CompiledSchema) throws -> Value {
    guard case .document(var match) = value else { return value }
    for element in match.elements where element.key.isOperator && !element.value.isNullish {
      match[element.key] = try castForQuery(element.key, element.value, in: schema)
    }
    guard case .documentArray(let inner) = kind else { return .document(match) }
    let chosen = inner.discriminator(for: match[inner.options.discriminatorKey]) ?? inner
    return .document(try FilterCast(chosen).cast(match))
  }

  private func castLogical(
    _ name: String, _ value: Value, _ schema: CompiledSchema
  ) throws -> Value {
    guard case .array(let items) = value else {
      throw UsageError("conditional \(name) requires an array", name: "TypeError")
    }
    let inner = elementPath?.schema ?? schema
    return .array(
      try items.map { item in
        guard case .document(let filter) = item else { return item }
        return .document(try FilterCast(inner).cast(filter))
      })
  }
}

/// The operands of geographic operators: every coordinate and distance is a number.
enum GeoCast {
  static let operators: Set<String> = [
    "$near", "$nearSphere", "$within", "$geoWithin", "$geoIntersects", "$minDistance",
    "$maxDistance", "$geometry",
  ]

  static func cast(_ value: Value) throws -> Value {
    switch value {
    case .array(let items): return .array(try items.map(cast))
    case .document(let document):
      return .document(
        Document(
          try document.elements.map { element in
            let isName = element.key == "type" || element.key == "crs"
            return Document.Element(
              key: element.key, value: isName ? element.value : try cast(element.value))
          }))
    default: return try CompiledPath.plainNumberCast(value)
    }
  }

  /// The geographic operator of a condition, where it has one.
  static func name(in condition: Document) -> String? {
    ["$near", "$nearSphere", "$within", "$geoIntersects", "$geoWithin"].first {
      condition[$0]?.isTruthy ?? false
    }
  }
}
