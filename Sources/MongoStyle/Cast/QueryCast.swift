internal import PrivataCore

// How a path casts the values of filters and updates: setters run first (`lowercase` also applies to
// a filter), then the type's conversion; operators cast by the tables of each type.

extension CompiledPath {
  /// The value of an equality, or of `$set`.
  ///
  /// - Throws: ``CastError``, or what a setter throws.
  func castForQuery(_ value: Value, strict: StrictMode? = nil) throws -> Value {
    switch kind {
    case .mixed: return try rawCast(value)
    case .string:
      if case .regex = value { return value }
      return try settersThenCast(value)
    case .array, .documentArray: return try castArrayForQuery(value)
    case .subdocument(let schema):
      if value.isNullish { return value }
      return try SubdocumentCast.value(value, schema, path: path, strict: strict)
    case .element(let schema):
      if value.isNullish { return value }
      return try SubdocumentCast.value(value, schema, path: path, strict: strict)
    case .map(let inner): return try castMapForQuery(value, inner)
    default: return try settersThenCast(value)
    }
  }

  /// Setters, then the conversion of a scalar.
  func settersThenCast(_ value: Value) throws -> Value {
    let set = try applySetters(value, document: nil, prior: .undefined)
    return try CompiledPath.scalarCast(set, kind, options, path: path)
  }

  /// The setters alone, the last declared first.
  func applySetters(_ value: Value, document: MongoDocument?, prior: Value) throws -> Value {
    if setters.isEmpty { return value }
    let context = PathSetter.Context(document: document, prior: prior)
    var value = value
    for setter in setters.reversed() {
      do { value = try setter.apply(value, context) } catch var error as CastError {
        error.path = path
        throw error
      }
    }
    return value
  }

  private func castArrayForQuery(_ value: Value) throws -> Value {
    guard let element = elementPath else { return value }
    guard case .array = value else { return try element.castForQuery(value) }
    let set = try applySetters(value, document: nil, prior: .undefined)
    guard case .array(let items) = set else { return set }
    return .array(
      try items.map { item in
        if let inner = item.asDocument?["$elemMatch"], inner.isTruthy { return item }
        return try element.castForQuery(item)
      })
  }

  private func castMapForQuery(_ value: Value, _ inner: CompiledPath) throws -> Value {
    guard case .document(let document) = value else { return value }
    var cast = Document()
    for element in document.elements {
      let slot = try inner.castUpdateValue(element.value)
      cast.append(element.key, slot)
    }
    return .document(cast)
  }

  /// The value of an operator of a filter.
  ///
  /// - Throws: ``UsageError`` where the type has no such operator, ``CastError``.
  func castForQuery(_ name: String, _ value: Value, in schema: CompiledSchema) throws -> Value {
    switch kind {
    case .mixed: return try castMixed(name, value)
    case .array, .documentArray: return try castArrayOperator(name, value, schema)
    default: break
    }
    switch name {
    case "$exists": return try CompiledPath.castExists(value, path)
    case "$type": return try CompiledPath.checkType(value)
    case "$in", "$nin", "$all": return try castList(name, value)
    case "$eq", "$ne": return try hasRawOperators ? rawCast(value) : castForQuery(value)
    case "$gt", "$gte", "$lt", "$lte": return try castRange(name, value)
    default: return try castOther(name, value)
    }
  }

  /// The type's conversion without setters.
  func rawCast(_ value: Value) throws -> Value {
    try CompiledPath.scalarCast(value, kind, options, path: path)
  }

  /// Paths of anything are not cast, unless they have a caster of their own.
  private func castMixed(_ name: String, _ value: Value) throws -> Value {
    guard options.cast != nil else { return value }
    switch (name, value) {
    case ("$eq", _), ("$ne", _), ("$gt", _), ("$gte", _), ("$lt", _), ("$lte", _):
      return try rawCast(value)
    case ("$in", .array(let items)), ("$nin", .array(let items)):
      return .array(try items.map(rawCast))
    default: return value
    }
  }

  /// UUIDs cast the members of their operators without setters.
  private var hasRawOperators: Bool { if case .uuid = kind { true } else { false } }

  private func castList(_ name: String, _ value: Value) throws -> Value {
    guard case .array(let items) = value else { return .array([try castForQuery(value)]) }
    if hasRawOperators { return .array(try items.map(rawCast)) }
    return .array(
      try items.map { item in
        if name != "$all", case .array(let inner) = item, inner.isEmpty { return item }
        return try castForQuery(item)
      })
  }

  private func castRange(_ name: String, _ value: Value) throws -> Value {
    switch kind {
    case .string, .buffer, .bigInt, .int32: return try castForQuery(value)
    case .number, .date, .objectID, .decimal128, .double: return try rawCast(value)
    case .boolean: return try settersThenCast(value)
    default: throw unsupported(name)
    }
  }

  private func castOther(_ name: String, _ value: Value) throws -> Value {
    switch (kind, name) {
    case (.string, "$regex"):
      if case .regex = value { return value }
      return try rawCast(value)
    case (.string, "$options"): return try rawCast(value)
    case (.string, "$not"): return try castForQuery(value)
    case (.number, "$mod"):
      guard case .array(let items) = value else { return .array([try rawCast(value)]) }
      return .array(try items.map(rawCast))
    case (.number, _) where name.hasPrefix("$bits"), (.int32, _) where name.hasPrefix("$bits"),
      (.buffer, _) where name.hasPrefix("$bits"), (.uuid, _) where name.hasPrefix("$bits"):
      return try castBits(value)
    case (.boolean, _), (.bigInt, _), (.int32, _): return try settersThenCast(value)
    case (.subdocument, _) where GeoCast.operators.contains(name),
      (.element, _) where GeoCast.operators.contains(name):
      return try GeoCast.cast(value)
    default: throw unsupported(name)
    }
  }

  private func unsupported(_ name: String) -> UsageError {
    switch kind {
    case .string, .date, .buffer, .uuid, .array, .documentArray:
      UsageError(
        "Can't use \(name) with \(instance).", name: "Error", code: .unknownOperator,
        paths: [path])
    case .number:
      UsageError("Can't use \(name) with Number.", code: .unknownOperator, paths: [path])
    default: UsageError("Can't use \(name)", code: .unknownOperator, paths: [path])
    }
  }

  private func castBits(_ value: Value) throws -> Value {
    switch value {
    case .array(let items): return .array(try items.map(bit))
    case .binary: return value
    default: return try bit(value)
    }
  }

  private func bit(_ value: Value) throws -> Value {
    if value.isNullish { return .int32(0) }
    guard let number = try? CompiledPath.number(value), number.asDouble != nil else {
      throw CastError(kind: "number", path: path, value: value)
    }
    return number
  }

  static func castExists(_ value: Value, _ path: String) throws -> Value {
    do { return try boolean(value) } catch {
      throw CastError(kind: "boolean", path: path, value: value)
    }
  }

  static func checkType(_ value: Value) throws -> Value {
    func isName(_ value: Value) -> Bool { value.isJavaScriptNumber || value.asString != nil }
    if case .array(let items) = value {
      guard items.allSatisfy(isName) else {
        throw UsageError("$type array values must be strings or numbers", name: "Error")
      }
      return value
    }
    guard isName(value) else {
      throw UsageError(
        "$type parameter must be number, string, or array of numbers and strings", name: "Error")
    }
    return value
  }
}
