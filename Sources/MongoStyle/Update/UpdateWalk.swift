internal import PrivataCore

/// Walks the operand of one update operator, key by key and down nested objects.
struct UpdateWalk {
  let cast: UpdateCast
  let name: String
  private var schema: CompiledSchema { cast.schema }
  private var strictMode: StrictMode { cast.strict ?? cast.schema.options.strict }

  init(_ cast: UpdateCast, _ name: String) {
    self.cast = cast
    self.name = name
  }

  private static let castOperators: Set<String> = ["$push", "$addToSet", "$set", "$setOnInsert"]

  /// The operand cast; keys that are dropped are gone. As in Mongoose the last bad key is reported.
  func walk(
    _ operand: Document, under prefix: String = ""
  ) throws -> (operand: Document, hasKeys: Bool) {
    var kept: [Document.Element] = []
    var failures = ValidationError()
    var dotted: [Document.Element] = []
    for element in operand.elements.reversed() {
      do {
        guard let value = try member(element.key, element.value, prefix, operand) else { continue }
        if !prefix.isEmpty, element.key.utf8.contains(0x2E), !isObject(element.value) {
          dotted.append(Document.Element(key: element.key, value: value))
        } else {
          kept.append(Document.Element(key: element.key, value: value))
        }
      } catch let error as any MongoStyleError where cast.collectsErrors {
        failures.add(error, at: element.key)
      }
    }
    if !failures.errors.isEmpty { throw failures }
    var result = Document(kept.reversed())
    for element in dotted { result.put(element.value, at: element.key) }
    return (result, !result.isEmpty)
  }

  private func isObject(_ value: Value) -> Bool { value.asDocument != nil }

  /// One member cast; `nil` drops it.
  private func member(
    _ key: String, _ value: Value, _ prefix: String, _ siblings: Document
  ) throws -> Value? {
    let path = prefix.isEmpty ? key : "\(prefix).\(key)"
    let isModifier = prefix.isEmpty && key.isOperator
    var type = schema.updatePath(path)
    if isModifier, type == nil, !schema.nested.contains(key) {
      throw UsageError(
        "Invalid update: Unexpected modifier \"\(key)\" as a key in operator \"\(name)\". "
          + "Modifiers must appear under a valid field path.", code: .unknownOperator)
    }
    if name == "$pull" {
      type = type ?? discriminatorPath(path, siblings)
      if let inner = type?.schema, case .document(let condition) = value {
        return .document(try FilterCast(inner).cast(condition))
      }
    }
    if try changesDiscriminator(path, value) { return nil }
    if case .document(let inner) = value {
      return try object(key, inner, path, type ?? discriminatorPath(path, siblings))
    }
    return try scalar(key, value, path, prefix, type, siblings)
  }

  private func changesDiscriminator(_ path: String, _ value: Value) throws -> Bool {
    guard let mapping = schema.mapping, path == mapping.key,
      !cast.overwritesDiscriminatorKey,
      !(mapping.value.map { $0.isDeepEqual(to: value) } ?? false)
    else { return false }
    switch strictMode {
    case .throw:
      throw UsageError(
        "Can't modify discriminator key \"\(path)\" on discriminator model", name: "Error",
        code: .immutableField)
    case .drop: return true
    case .keep: return false
    }
  }

  /// True where the path may not change and is to be dropped.
  private func isImmutable(_ type: CompiledPath?, _ path: String) throws -> Bool {
    guard name != "$setOnInsert", let rule = type?.options.immutable else { return false }
    if case .when(let condition) = rule {
      let context = RuleContext(document: nil, query: cast.query, path: path)
      guard try condition(context) else { return false }
    }
    if cast.overwritesImmutable || cast.strict == .keep { return false }
    if cast.strict == .throw {
      throw StrictModeError(
        path, message: "Field \(path) is immutable and strict = 'throw'", isImmutable: true)
    }
    return true
  }

  // MARK: - Objects

  private func object(
    _ key: String, _ value: Document, _ path: String, _ type: CompiledPath?
  ) throws -> Value? {
    if try isImmutable(type, path) { return nil }
    let isCast = Self.castOperators.contains(name)
    if let type, isCast, type.isArray || type.schema != nil {
      return try container(value, path, type)
    }
    if name == "$currentDate" || (isCast && type != nil) {
      return given(try castValue(type, .document(value), key, path))
    }
    if name == "$rename" {
      return try CompiledPath(path: "\(path).$rename", kind: .string, options: PathOptions())
        .castForQuery(.document(value))
    }
    let known = schema.updatePathType(path)
    let strict = cast.strict ?? known.schema?.options.strict ?? .keep
    if !known.isKnown {
      if strict == .throw { throw StrictModeError(path) }
      if strict == .drop { return nil }
    }
    let walked = try walk(value, under: path)
    return .document(walked.operand)
  }

  /// An object for an array or a subdocument.
  private func container(
    _ value: Document, _ path: String, _ type: CompiledPath
  ) throws -> Value? {
    guard value.contains("$each") else {
      if type.isSubdocument {
        let strict = cast.strict ?? type.schema?.options.strict
        return given(try type.castForQuery(.document(value), strict: strict))
      }
      return given(try castValue(type, .document(value), path, path))
    }
    var result: Document = [
      "$each": try castValue(type, value["$each"] ?? .null, "$each", path)
    ]
    if let slice = value["$slice"], !slice.isNullish {
      result["$slice"] = (try? CompiledPath.number(slice)) ?? slice
    }
    if let sort = value["$sort"], sort.isTruthy { result["$sort"] = sort }
    if let position = value["$position"], !position.isNullish {
      result["$position"] = try CompiledPath.plainNumberCast(position)
    }
    return .document(result)
  }

  private func given(_ value: Value) -> Value? { value.isUndefined ? Value?.none : value }

  // MARK: - Scalars and arrays

  private func scalar(
    _ key: String, _ value: Value, _ path: String, _ prefix: String, _ found: CompiledPath?,
    _ siblings: Document
  ) throws -> Value? {
    let isModifier = found == nil && ["$each", "$or", "$and", "$in"].contains(key)
    let checked = isModifier && !prefix.isEmpty ? prefix : path
    var type = isModifier ? schema.updatePath(checked) : found
    if try isImmutable(type, path) { return nil }
    let known = schema.updatePathType(checked)
    type = type ?? discriminatorPath(checked, siblings)
    let strict = cast.strict ?? known.schema?.options.strict ?? .keep
    if type == nil, !known.isKnown, strict != .keep {
      if strict == .throw, schema.virtual(checked) == nil { throw StrictModeError(path) }
      return nil
    }
    if name == "$rename" { return try renamed(value, path) }
    var result = try castValue(type, value, key, path)
    if case .array = result, name == "$addToSet" || name == "$push", key != "$each",
      let type, wrapsEach(type)
    {
      result = ["$each": result]
    }
    return given(result)
  }

  private func wrapsEach(_ type: CompiledPath) -> Bool {
    if type.isDocumentArray { return true }
    guard let element = type.element else { return false }
    return !element.isArray && !element.isMixed
  }

  private func renamed(_ value: Value, _ path: String) throws -> Value {
    if value.isNullish {
      throw CastError(kind: "String", path: "\(path).$rename", value: value)
    }
    return try CompiledPath(path: "\(path).$rename", kind: .string, options: PathOptions())
      .castForQuery(value)
  }

  // MARK: - Values

  /// The value of a path under this operator; a cast error names the whole path.
  private func castValue(
    _ type: CompiledPath?, _ value: Value, _ key: String, _ path: String
  ) throws -> Value {
    do { return try castGiven(type, value, key, path) } catch var error as CastError {
      guard let type, error.path == type.path else { throw error }
      error.path =
        schema.path(path) == nil ? CompiledSchema.withoutPositions(path) : path
      throw error
    }
  }

  private func castGiven(
    _ type: CompiledPath?, _ value: Value, _ key: String, _ path: String
  ) throws -> Value {
    guard let type else {
      guard name == "$inc" || name == "$pop" else { return value }
      return try number(value, path)
    }
    let isList = value.asDocument != nil || value.asArray != nil || value.asObjectID != nil
    if type.isArray, isList, name == "$push" || name == "$addToSet" {
      return try pushed(type, value)
    }
    switch name {
    case "$unset": return value
    case "$inc":
      if value.isNullish { throw CastError(kind: "number", path: type.path, value: value) }
      return try type.castForQuery(value)
    case "$pop": return try number(value, type.path)
    case "$currentDate":
      if case .document(let choice) = value { return ["$type": choice["$type"] ?? .null] }
      return .bool(value.isTruthy)
    case "$set", "$setOnInsert":
      if value.isUndefined { return value }
      let endsWithIndex = path.steps.last?.last?.isNumber ?? false
      if type.isMixed || (type.isArray && !value.isNullish && !endsWithIndex) {
        return try type.castUpdateValue(value)
      }
      return try type.castForQuery(value)
    default: return try type.castForQuery(value)
    }
  }

  private func number(_ value: Value, _ path: String) throws -> Value {
    if value.isNullish { throw CastError(kind: "number", path: path, value: value) }
    guard let number = try? CompiledPath.number(value) else {
      throw CastError(kind: "number", path: path, value: value)
    }
    return number
  }

  /// Values for `$push`: as many levels of arrays as the path has, then cast as a whole.
  private func pushed(_ type: CompiledPath, _ value: Value) throws -> Value {
    var levels = 0
    var inner = value
    while case .array(let items) = inner {
      levels += 1
      inner = items.first ?? .null
    }
    let missing = max(0, type.depth - levels)
    var wrapped = value
    for _ in 0..<missing { wrapped = .array([wrapped]) }
    var result = try type.castUpdateValue(wrapped)
    for _ in 0..<missing {
      if case .array(let items) = result, let first = items.first { result = first }
    }
    return result
  }

  // MARK: - Embedded discriminators

  /// A path below a subdocument whose sub-schema the filter, the update or an array filter names.
  private func discriminatorPath(_ path: String, _ siblings: Document) -> CompiledPath? {
    EmbeddedLookup(cast: cast, siblings: siblings).path(path)
  }
}

/// Finds the sub-schema of an embedded discriminator for an update's path.
struct EmbeddedLookup {
  let cast: UpdateCast
  let siblings: Document

  func path(_ path: String) -> CompiledPath? { find(path.steps, in: cast.schema, at: "") }

  private func find(
    _ steps: [String], in schema: CompiledSchema, at prefix: String
  ) -> CompiledPath? {
    for count in 1..<max(1, steps.count) {
      let written = steps[..<count].joined(separator: ".")
      guard let type = schema.updatePath(written), let inner = type.schema,
        !inner.discriminators.isEmpty, !type.isDocumentArray
      else { continue }
      let full = prefix.isEmpty ? written : "\(prefix).\(written)"
      guard let value = keyValue(full, inner.options.discriminatorKey),
        let sub = inner.discriminator(for: value)
      else { continue }
      let rest = Array(steps[count...])
      return sub.updatePath(rest.joined(separator: ".")) ?? find(rest, in: sub, at: full)
    }
    return nil
  }

  private func keyValue(_ written: String, _ key: String) -> Value? {
    let plain = CompiledSchema.withoutPositions(written)
      .steps.filter { !$0.isIndex }.joined(separator: ".")
    var value: Value?
    for name in ["\(plain).\(key)", "\(written).\(key)"] {
      if let found = cast.filter[name] { value = found }
    }
    if let match = cast.filter[plain]?.asDocument?["$elemMatch"]?.asDocument?[key] { value = match }
    for name in ["\(written).\(key)", "\(plain).\(key)"] {
      if let found = siblings[name] { value = found }
    }
    for filter in cast.arrayFilters {
      for element in filter.elements where element.key.hasSuffix(".\(key)") {
        let identifier = String(element.key.dropLast(key.count + 1))
        if written.hasSuffix("$[\(identifier)]") { value = element.value }
      }
    }
    return value
  }
}
