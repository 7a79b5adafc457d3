internal import PrivataCore

/// Turns the conditions on one scalar field into a ``Filter``.
struct FieldFilter {
  let field: FieldSchema
  let model: PrismaModel
  /// SQLite's `LIKE` ignores the case of ASCII letters, and its client knows no `mode`.
  var alwaysIgnoresCase = false

  func filter(_ value: Value) throws(PrivataError) -> Filter {
    guard case .document(let operators) = value else { return try equals(value) }
    if operators.count == 1, let other = operators["$ref"] {
      return try compare(.equal, .document(["$ref": other]))
    }
    if alwaysIgnoresCase, operators["mode"] != nil {
      throw .refused("'mode' is no condition on SQLite", model: model.name, fields: [field.name])
    }
    let ignoringCase = operators["mode"] == "insensitive"
    var parts: [Filter] = []
    for element in operators.elements where element.key != "mode" && element.value != .undefined {
      parts.append(try condition(element.key, element.value, ignoringCase))
    }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private func condition(
    _ word: String, _ value: Value, _ ignoringCase: Bool
  ) throws(PrivataError) -> Filter {
    if field.isList { return try list(word, value) }
    switch word {
    case "equals": return ignoringCase ? try exactly(value) : try equals(value)
    case "not": return try not(value)
    case "in": return ignoringCase ? try anyExactly(value) : .isIn(field.name, try values(value))
    case "notIn":
      return ignoringCase
        ? .not(try anyExactly(value)) : .isNotIn(field.name, try values(value))
    case "lt": return try compare(.less, value)
    case "lte": return try compare(.lessOrEqual, value)
    case "gt": return try compare(.greater, value)
    case "gte": return try compare(.greaterOrEqual, value)
    case "contains": return try text(.contains, value, ignoringCase)
    case "startsWith": return try text(.startsWith, value, ignoringCase)
    case "endsWith": return try text(.endsWith, value, ignoringCase)
    default: throw unknown(word)
    }
  }

  private func equals(_ value: Value) throws(PrivataError) -> Filter {
    if value.isNull {
      guard field.isOptional else { throw notOptional }
      return .isNull(field.name)
    }
    if field.isList { return .list(field.name, .equals, try values(value)) }
    return try compare(.equal, value)
  }

  private func exactly(_ value: Value) throws(PrivataError) -> Filter {
    .and([
      try text(.startsWith, value, true), try text(.endsWith, value, true),
      .text(
        field.name, .like, String(repeating: "_", count: value.asString?.unicodeScalars.count ?? 0),
        ignoringCase: true),
    ])
  }

  private func anyExactly(_ value: Value) throws(PrivataError) -> Filter {
    .or(try values(value).map { value throws(PrivataError) in try exactly(value) })
  }

  private func not(_ value: Value) throws(PrivataError) -> Filter {
    if case .document(let operators) = value, operators["$ref"] == nil {
      return .not(try filter(.document(operators)))
    }
    if value.isNull { return .isNotNull(field.name) }
    return try compare(.notEqual, value)
  }

  private func compare(
    _ comparison: Filter.Comparison, _ value: Value
  ) throws(PrivataError) -> Filter {
    if case .document(let reference) = value, let other = reference["$ref"]?.asString {
      guard let second = model.schema.field(other) else {
        throw .refused("\(model.name) has no field '\(other)'", model: model.name, fields: [other])
      }
      guard second.type == field.type else {
        throw PrivataError(
          .wrongType, "'\(field.name)' and '\(other)' have different types",
          fields: [field.name, other], model: model.name,
          underlying: PrismaError("P2019", meta: ["modelName": .string(model.name)]))
      }
      return .compareFields(field.name, comparison, other)
    }
    return .compare(field.name, comparison, try coerced(value))
  }

  private func text(
    _ match: Filter.TextMatch, _ value: Value, _ ignoringCase: Bool
  ) throws(PrivataError) -> Filter {
    guard case .string(let text) = value else {
      throw .refused("'\(field.name)' takes text", model: model.name, fields: [field.name])
    }
    return .text(field.name, match, text, ignoringCase: ignoringCase || alwaysIgnoresCase)
  }

  private func list(_ word: String, _ value: Value) throws(PrivataError) -> Filter {
    switch word {
    case "equals": return .list(field.name, .equals, try values(value))
    case "has": return .list(field.name, .hasEvery, [try coerced(value)])
    case "hasEvery": return .list(field.name, .hasEvery, try values(value))
    case "hasSome": return .list(field.name, .hasSome, try values(value))
    case "isEmpty":
      return .list(field.name, value.asBool == false ? .isNotEmpty : .isEmpty, [])
    default: throw unknown(word)
    }
  }

  private func values(_ value: Value) throws(PrivataError) -> [Value] {
    guard case .array(let values) = value else {
      throw .refused("'\(field.name)' takes a list", model: model.name, fields: [field.name])
    }
    var coerced: [Value] = []
    for value in values where !value.isNull { coerced.append(try self.coerced(value)) }
    return coerced
  }

  private func coerced(_ value: Value) throws(PrivataError) -> Value {
    guard !value.isNull else { throw notOptional }
    return try field.element.coerce(value, model: model.name)
  }

  private var notOptional: PrivataError {
    .refused("'\(field.name)' is never null", model: model.name, fields: [field.name])
  }

  private func unknown(_ word: String) -> PrivataError {
    .refused(
      "'\(field.name)' has no condition '\(word)'", model: model.name, fields: [field.name, word])
  }
}
