extension MatchParser {
  /// The predicate of one operator beside a field; `nil` for one that only modifies another.
  mutating func `operator`(
    _ name: String, _ value: Value, _ path: String, _ siblings: Document
  ) throws(PrivataError) -> PathPredicate? {
    switch name {
    case "$eq": return try equality(value, path)
    case "$ne":
      if case .regex = value {
        throw .rejected(2, "Can't have regex as arg to $ne.", fields: [path])
      }
      return .not(try equality(value, path))
    case "$gt": return try ordering(.greater, value, path)
    case "$gte": return try ordering(.greaterOrEqual, value, path)
    case "$lt": return try ordering(.less, value, path)
    case "$lte": return try ordering(.lessOrEqual, value, path)
    case "$in": return .value(.isIn(try list(name, value, path)))
    case "$nin": return .not(.value(.isIn(try list(name, value, path))))
    case "$exists": return value.isTruthy ? .value(.exists) : .not(.value(.exists))
    case "$type": return .value(.type(try TypeSet(value)))
    case "$not": return .not(try negated(value, path))
    case "$regex", "$options": return try pattern(name, siblings, path)
    case "$mod": return try modulo(value, path)
    case "$size": return .array(.size(try size(value, path)))
    case "$all": return try all(value, path)
    case "$elemMatch": return .array(try elementMatch(value, path))
    case "$bitsAllSet", "$bitsAnySet", "$bitsAllClear", "$bitsAnyClear":
      guard let kind = BitTest.Kind(rawValue: name) else { return nil }
      return .value(.bits(try BitTest(kind, value)))
    case "$near", "$nearSphere", "$geoWithin", "$geoIntersects", "$within", "$maxDistance",
      "$minDistance":
      throw Self.unsupported(name)
    default:
      throw .rejected(2, "unknown operator: \(name)", as: .unknownOperator, fields: [path])
    }
  }

  private func equality(_ value: Value, _ path: String) throws(PrivataError) -> PathPredicate {
    if case .undefined = value {
      throw .rejected(2, "cannot compare to undefined", fields: [path])
    }
    return .value(.compare(.equal, value))
  }

  private func ordering(
    _ comparison: Filter.Comparison, _ value: Value, _ path: String
  ) throws(PrivataError) -> PathPredicate {
    if case .undefined = value {
      throw .rejected(2, "cannot compare to undefined", fields: [path])
    }
    if case .regex = value {
      throw .rejected(2, "Can't have RegEx as arg to predicate over field", fields: [path])
    }
    return .value(.compare(comparison, value))
  }

  private func list(
    _ name: String, _ value: Value, _ path: String
  ) throws(PrivataError) -> InList {
    guard case .array(let values) = value else {
      throw .rejected(2, "\(name) needs an array", fields: [path])
    }
    for value in values {
      if case .undefined = value {
        throw .rejected(2, "cannot compare to undefined", fields: [path])
      }
      if case .document(let document) = value, document.isOperators {
        throw .rejected(2, "cannot nest $ under \(name)", fields: [path])
      }
    }
    return try InList(values)
  }

  private mutating func negated(_ value: Value, _ path: String) throws(PrivataError)
    -> PathPredicate
  {
    switch value {
    case .regex(let expression): return .value(.pattern(try Pattern(expression), expression))
    case .document(let document):
      guard !document.isEmpty else { throw .rejected(2, "$not cannot be empty", fields: [path]) }
      return try operators(path, document)
    default: throw .rejected(2, "$not needs a regex or a document", fields: [path])
    }
  }

  /// `$regex` with its `$options`, whichever comes first.
  private func pattern(
    _ name: String, _ siblings: Document, _ path: String
  ) throws(PrivataError) -> PathPredicate? {
    guard let regex = siblings["$regex"] else {
      throw .rejected(2, "$options needs a $regex", fields: [path])
    }
    if name == "$options" { return nil }
    var expression: RegularExpression
    switch regex {
    case .string(let text): expression = RegularExpression(text)
    case .regex(let given): expression = given
    default: throw .rejected(2, "$regex has to be a string", fields: [path])
    }
    switch siblings["$options"] {
    case nil: break
    case .string(let options)?:
      if case .regex(let given) = regex, !given.options.isEmpty, !options.isEmpty {
        throw .rejected(51075, "options set in both $regex and $options", fields: [path])
      }
      if expression.options.isEmpty {
        expression = RegularExpression(expression.pattern, options: options)
      }
    default: throw .rejected(2, "$options has to be a string", fields: [path])
    }
    return .value(.pattern(try Pattern(expression), expression))
  }

  private func modulo(_ value: Value, _ path: String) throws(PrivataError) -> PathPredicate {
    guard case .array(let pair) = value else {
      throw .rejected(2, "malformed mod, needs to be an array", fields: [path])
    }
    guard pair.count >= 2 else {
      throw .rejected(2, "malformed mod, not enough elements", fields: [path])
    }
    guard pair.count == 2 else {
      throw .rejected(2, "malformed mod, too many elements", fields: [path])
    }
    guard let divisor = pair[0].truncated else {
      throw .rejected(2, "malformed mod, divisor not a number", fields: [path])
    }
    guard let remainder = pair[1].truncated else {
      throw .rejected(2, "malformed mod, remainder not a number", fields: [path])
    }
    guard divisor != 0 else { throw .rejected(2, "divisor cannot be 0", fields: [path]) }
    return .value(.modulo(divisor: divisor, remainder: remainder))
  }

  private func size(_ value: Value, _ path: String) throws(PrivataError) -> Int {
    guard value.isNumber, let size = value.exactInteger else {
      throw .rejected(2, "$size needs a whole number", fields: [path])
    }
    guard size >= 0 else { throw .rejected(2, "$size may not be negative", fields: [path]) }
    return Int(size)
  }

  private mutating func all(_ value: Value, _ path: String) throws(PrivataError) -> PathPredicate {
    guard case .array(let values) = value else {
      throw .rejected(2, "$all needs an array", fields: [path])
    }
    guard let first = values.first else { return .or([]) }
    if case .document(let document) = first, document.elements.first?.key == "$elemMatch" {
      return .and(try elementMatches(values, path))
    }
    var predicates: [PathPredicate] = []
    for value in values {
      switch value {
      case .regex(let expression):
        predicates.append(.value(.pattern(try Pattern(expression), expression)))
      case .document(let document) where document.isOperators:
        throw .rejected(2, "no $ expressions in $all", fields: [path])
      default: predicates.append(.value(.compare(.equal, value)))
      }
    }
    return .and(predicates)
  }

  private mutating func elementMatches(
    _ values: [Value], _ path: String
  ) throws(PrivataError) -> [PathPredicate] {
    var predicates: [PathPredicate] = []
    for value in values {
      guard case .document(let document) = value, let condition = document["$elemMatch"],
        document.count == 1
      else { throw .rejected(2, "$all/$elemMatch has to be consistent", fields: [path]) }
      predicates.append(.array(try elementMatch(condition, path)))
    }
    return predicates
  }

  private mutating func elementMatch(
    _ value: Value, _ path: String
  ) throws(PrivataError) -> ArrayPredicate {
    guard case .document(let condition) = value else {
      throw .rejected(2, "$elemMatch needs an Object", fields: [path])
    }
    if condition.isOperators, let first = condition.elements.first?.key,
      !Self.pathless.contains(first)
    {
      return .element(try operators(path, condition))
    }
    return .elementMatches(try filter(condition))
  }

  private static let pathless: Set<String> = [
    "$and", "$or", "$nor", "$expr", "$comment", "$jsonSchema", "$text", "$where", "$alwaysTrue",
    "$alwaysFalse", "$sampleRate",
  ]
}
