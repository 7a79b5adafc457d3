internal import PrivataCore

/// Casts the literals of `$expr` by the paths that they are compared with.
struct ExpressionCast {
  let schema: CompiledSchema
  init(_ schema: CompiledSchema) { self.schema = schema }

  private static let comparisons: Set<String> = ["$cmp", "$eq", "$lt", "$lte", "$gt", "$gte"]
  private static let listArithmetic: Set<String> = [
    "$multiply", "$divide", "$log", "$mod", "$trunc", "$avg", "$max", "$min", "$stdDevPop",
    "$stdDevSamp", "$sum",
  ]
  private static let arithmetic: Set<String> = [
    "$abs", "$exp", "$ceil", "$floor", "$ln", "$log10", "$sqrt", "$sin", "$cos", "$tan", "$asin",
    "$acos", "$atan", "$atan2", "$asinh", "$acosh", "$atanh", "$sinh", "$cosh", "$tanh",
    "$degreesToRadians", "$radiansToDegrees", "$size",
  ]
  private static let elements: Set<String> = ["$arrayElemAt", "$first", "$last"]
  private static let dateParts: Set<String> = [
    "$year", "$month", "$week", "$dayOfMonth", "$dayOfYear", "$hour", "$minute", "$second",
    "$isoDayOfWeek", "$isoWeekYear", "$isoWeek", "$millisecond",
  ]

  /// The operand of `$expr`.
  func cast(_ value: Value) throws -> Value {
    switch value {
    case .bool: return value
    case .document: return try expression(value)
    default: throw UsageError("`$expr` must be an object or boolean literal", name: "Error")
    }
  }

  private func expression(_ value: Value) throws -> Value {
    guard case .document(let document) = value else { return value }
    return .document(
      Document(
        try document.elements.map {
          Document.Element(key: $0.key, value: try operand($0.key, $0.value))
        }
      ).withoutUndefined)
  }

  private func operand(_ name: String, _ value: Value) throws -> Value {
    switch name {
    case "$and", "$or": return .array(try (value.asArray ?? []).map(expression))
    case "$cond" where value.asArray != nil:
      return .array(try (value.asArray ?? []).map(expression))
    case "$cond", "$switch": return try branches(value)
    case "$not": return try expression(value)
    case "$in": return try membership(value)
    case "$round": return try rounding(value)
    case _ where Self.comparisons.contains(name): return try comparison(value)
    case _ where Self.listArithmetic.contains(name):
      guard case .array(let items) = value else { return try number(value) }
      return .array(try items.map(number))
    case _ where Self.arithmetic.contains(name): return try number(value)
    default: return value
    }
  }

  private func branches(_ value: Value) throws -> Value {
    guard case .document(let document) = value else { return value }
    return .document(
      Document(
        try document.elements.map { element in
          guard element.key == "branches", case .array(let items) = element.value else {
            return Document.Element(key: element.key, value: try expression(element.value))
          }
          return Document.Element(key: element.key, value: .array(try items.map(branches)))
        }))
  }

  private func number(_ value: Value) throws -> Value {
    guard isLiteral(value), !value.isNullish else { return value }
    guard let number = try? CompiledPath.number(value) else {
      throw CastError(kind: "Number", path: "", value: value)
    }
    return number
  }

  private func rounding(_ value: Value) throws -> Value {
    guard case .array(let items) = value, (1...2).contains(items.count) else {
      throw CastError(kind: "Array", path: "$round", value: value)
    }
    return .array(try items.map(number))
  }

  private func membership(_ value: Value) throws -> Value {
    guard case .array(let items) = value, items.count == 2, let name = fieldName(items[1]) else {
      return value
    }
    guard let path = schema.path(name) else { return value }
    guard let element = path.elementPath else {
      throw UsageError("Path must be an array for $in", name: "Error")
    }
    return .array([isLiteral(items[0]) ? try element.rawCast(items[0]) : items[0], items[1]])
  }

  private func comparison(_ value: Value) throws -> Value {
    guard case .array(let items) = value, items.count == 2 else {
      throw UsageError("Comparison operator must be an array of length 2", name: "Error")
    }
    let left = try expression(items[0])
    guard isLiteral(items[1]) else { return .array([left, try expression(items[1])]) }
    return .array([left, try literal(items[1], comparedWith: left)])
  }

  private func literal(_ value: Value, comparedWith left: Value) throws -> Value {
    let inner = value.asDocument?["$literal"]
    func rewrap(_ cast: Value) -> Value { inner == nil ? cast : ["$literal": cast] }
    if let name = fieldName(left) {
      guard let path = schema.path(name) else { return value }
      return rewrap(try path.rawCast(inner ?? value))
    }
    for element in left.asDocument?.elements ?? [] {
      guard let name = fieldName(element.value) else { continue }
      if Self.dateParts.contains(element.key) {
        guard let number = try? CompiledPath.number(inner ?? value) else {
          throw CastError(kind: "Number", path: "\(name).\(element.key)", value: value)
        }
        return rewrap(number)
      }
      if Self.elements.contains(element.key), let path = schema.path(name) {
        return rewrap(try (path.elementPath ?? path).rawCast(inner ?? value))
      }
    }
    return value
  }

  private func fieldName(_ value: Value) -> String? {
    guard case .string(let text) = value, text.isOperator else { return nil }
    return String(text.dropFirst())
  }

  private func isLiteral(_ value: Value) -> Bool {
    switch value {
    case .string(let text): return !text.isOperator
    case .document(let document):
      guard document.hasOperators else { return true }
      return document["$literal"].map { !$0.isNullish } ?? false
    default: return true
    }
  }
}
