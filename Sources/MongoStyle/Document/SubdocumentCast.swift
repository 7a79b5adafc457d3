internal import PrivataCore

/// Casts the objects of filters and updates by the schema of a subdocument: defaults, `_id`,
/// setters and conversions, then the plain value again.
enum SubdocumentCast {
  /// - Throws: ``CastError``: the one of the inner path, or `Embedded` for what is no object.
  static func value(
    _ value: Value, _ schema: CompiledSchema, path: String, strict: StrictMode? = nil,
    isNewElement: Bool = true
  ) throws -> Value {
    guard case .document = value else {
      throw CastError(
        kind: "Embedded", path: path, value: value, reason: ObjectExpectedError(path: path))
    }
    var options = ConstructOptions()
    options.strict = strict
    do {
      let made = try MongoDocument.construct(
        core: nil, schema: schema.resolved(for: value), values: .value(value), options: options)
      return .document(made.locked { made.storedForm() })
    } catch let error as CastError {
      throw error
    } catch let error as StrictModeError {
      throw error
    } catch {
      throw CastError(kind: "Embedded", path: path, value: value, reason: error)
    }
  }
}

extension CompiledPath {
  /// A value that an update stores whole: arrays and maps cast as documents do.
  ///
  /// - Throws: as `castForQuery`.
  func castUpdateValue(_ value: Value) throws -> Value {
    if value.isNullish { return value }
    switch kind {
    case .array(let element):
      let set = try applySetters(value, document: nil, prior: .undefined)
      guard !set.isNullish else { return set }
      let items = set.asArray ?? [set]
      return .array(
        try items.enumerated().map { index, item in
          do { return try element.castUpdateValue(item) } catch let error as CastError {
            throw CastError(
              kind: "[\(error.kind)]", path: "\(path).\(index)", value: set, reason: error)
          }
        })
    case .documentArray(let schema):
      let set = try applySetters(value, document: nil, prior: .undefined)
      guard !set.isNullish else { return set }
      let items = set.asArray ?? [set]
      return .array(
        try items.map { item in
          if item.isNullish { return item }
          let object: Value = item.asDocument == nil ? item : item
          do { return try SubdocumentCast.value(object, schema, path: path) } catch let error
            as CastError
          {
            throw CastError(kind: "embedded", path: path, value: item, reason: error)
          }
        })
    case .mixed: return try rawCast(applySetters(value, document: nil, prior: .undefined))
    default: return try castForQuery(value)
    }
  }
}
