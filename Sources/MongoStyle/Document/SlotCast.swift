internal import PrivataCore

// Casting within a document: scalars become values, objects subdocuments, arrays tracked lists.

extension CompiledPath {
  /// An assigned value, through setters and conversion.
  ///
  /// - Throws: ``CastError``, ``ObjectExpectedError``, or what a setter throws.
  func castSlot(
    _ slot: Slot, in document: MongoDocument, prior: Slot?, fullPath: String
  ) throws -> Slot {
    switch kind {
    case .subdocument(let schema):
      return try castSubdocument(slot, schema, document, prior, fullPath)
    case .documentArray(let schema):
      return try castDocuments(slot, schema, document, prior, fullPath)
    case .element(let schema):
      return try castElement(slot, schema, document, fullPath, index: nil)
    case .array(let element): return try castArray(slot, element, document, fullPath)
    case .map(let value): return try castMap(slot, value, document, prior, fullPath)
    case .mixed:
      let set = try applySetters(
        slot.plain, document: document, prior: prior.plainOrUndefined)
      return .value(try rawCast(set))
    default: return .value(try castScalar(slot, document, prior))
    }
  }

  private func castScalar(
    _ slot: Slot, _ document: MongoDocument, _ prior: Slot?
  ) throws -> Value {
    let given: Value
    if let loaded = slot.document {
      given = loaded.locked { loaded.identifyingValue }
    } else {
      given = slot.plain
    }
    let set = try applySetters(given, document: document, prior: prior.plainOrUndefined)
    if isAutoID, set.isUndefined { return .objectID(ObjectID()) }
    return try CompiledPath.scalarCast(set, kind, options, path: path)
  }

  private func castSubdocument(
    _ slot: Slot, _ schema: CompiledSchema, _ document: MongoDocument, _ prior: Slot?,
    _ fullPath: String
  ) throws -> Slot {
    let plain = slot.plain
    let set = try applySetters(plain, document: document, prior: prior.plainOrUndefined)
    if set.isNullish { return .value(set) }
    guard case .document = set else { throw ObjectExpectedError(path: path) }
    var options = ConstructOptions()
    options.isNew = document.state.isNew
    options.appliesDefaults = document.state.appliesDefaults
    options.prior = prior?.document
    options.place = .single(path: fullPath)
    options.parent = document
    let keyDefault = schema.paths[schema.options.discriminatorKey]?.literalDefault
    let made = try MongoDocument.construct(
      core: document.core, schema: schema.resolved(for: set, default: keyDefault),
      values: .value(set), options: options)
    return .subdocument(made)
  }

  private func castDocuments(
    _ slot: Slot, _ schema: CompiledSchema, _ document: MongoDocument, _ prior: Slot?,
    _ fullPath: String
  ) throws -> Slot {
    if setters.isEmpty, case .list(let list) = slot {
      return .list(
        List(
          try list.elements.enumerated().map {
            try castElement($1, schema, document, fullPath, index: $0)
          }))
    }
    let set = try applySetters(slot.plain, document: document, prior: prior.plainOrUndefined)
    if set.isNullish { return .value(set) }
    let items = set.asArray ?? [set]
    return .list(
      List(
        try items.enumerated().map {
          try castElement(.value($1), schema, document, fullPath, index: $0)
        }))
  }

  /// One element of an array of subdocuments.
  func castElement(
    _ slot: Slot, _ schema: CompiledSchema, _ document: MongoDocument, _ fullPath: String,
    index: Int?
  ) throws -> Slot {
    if slot.isNullish { return .value(.null) }
    let plain = slot.plain
    guard case .document = plain else {
      throw CastError(kind: "embedded", path: fullPath, value: plain)
    }
    var options = ConstructOptions()
    options.appliesDefaults = document.state.appliesDefaults
    options.place = .element(path: fullPath, index: index)
    options.parent = document
    let made = try MongoDocument.construct(
      core: document.core, schema: schema.resolved(for: plain), values: .value(plain),
      options: options)
    return .subdocument(made)
  }

  private func castArray(
    _ slot: Slot, _ element: CompiledPath, _ document: MongoDocument, _ fullPath: String
  ) throws -> Slot {
    if case .list(let list) = slot, setters.isEmpty {
      return .list(List(try castItems(list.elements, element, document, fullPath)))
    }
    let set = try applySetters(slot.plain, document: document, prior: .undefined)
    if set.isNullish { return .value(set) }
    var items = set.asArray ?? [set]
    if set.asArray == nil, !options.castsNonArrays {
      throw CastError(kind: "Array", path: path, value: set)
    }
    if element.isArray { items = CompiledPath.wrapped(items, depth: depth) }
    return .list(List(try castItems(items.map { .value($0) }, element, document, fullPath)))
  }

  private func castItems(
    _ items: [Slot], _ element: CompiledPath, _ document: MongoDocument, _ fullPath: String
  ) throws -> [Slot] {
    var cast: [Slot] = []
    cast.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      do {
        cast.append(
          item.isNullish && !element.isArray
            ? item
            : try element.castSlot(
              item, in: document, prior: nil,
              fullPath: element.isArray ? "\(fullPath).\(index)" : fullPath))
      } catch let error as CastError {
        throw CastError(
          kind: "[\(error.kind)]", path: "\(path).\(index)",
          value: .array(items.map(\.plain)), reason: error)
      }
    }
    return cast
  }

  private func castMap(
    _ slot: Slot, _ value: CompiledPath, _ document: MongoDocument, _ prior: Slot?,
    _ fullPath: String
  ) throws -> Slot {
    let set = try applySetters(slot.plain, document: document, prior: prior.plainOrUndefined)
    if set.isNullish { return .value(set) }
    guard case .document(let given) = set else {
      throw CastError(kind: "Map", path: path, value: set)
    }
    var slots = Slots()
    for element in given.elements {
      try CompiledPath.checkMapKey(element.key)
      let name = "\(fullPath).\(element.key)"
      do {
        slots.entries.append(
          Slots.Entry(
            key: element.key,
            slot: try value.castSlot(
              .value(element.value), in: document, prior: nil, fullPath: name)))
      } catch let error as any MongoStyleError {
        try document.invalidate(name, error)
      }
    }
    return .map(slots)
  }

  static func checkMapKey(_ key: String) throws {
    if key.isOperator {
      throw UsageError("Mongoose maps do not support keys that start with \"$\"", name: "Error")
    }
    if key.utf8.contains(0x2E) {
      throw UsageError("Mongoose maps do not support keys that contain \".\"", name: "Error")
    }
  }

  /// How many levels of arrays the path has.
  var depth: Int {
    var depth = 0
    var current: CompiledPath? = self
    while let path = current, path.isArray {
      depth += 1
      current = path.element
    }
    return depth
  }

  /// Wraps values of too few levels, as `[1, 2]` for an array of arrays.
  private static func wrapped(_ items: [Value], depth: Int) -> [Value] {
    guard !items.isEmpty else { return items }
    let levels = items.map(level)
    guard let least = levels.min(), least == levels.max(), least + 1 < depth else { return items }
    var wrapped = items
    for _ in (least + 1)..<depth { wrapped = [.array(wrapped)] }
    return wrapped
  }

  private static func level(_ value: Value) -> Int {
    guard case .array(let items) = value else { return 0 }
    return 1 + (items.map(level).min() ?? 0)
  }

  var literalDefault: Value? {
    if case .value(let value)? = defaultRule { value } else { nil }
  }
}

// MARK: - Loading

extension CompiledPath {
  /// A stored value; setters do not run.
  func loadSlot(_ value: Value, in document: MongoDocument, fullPath: String) throws -> Slot {
    if value.isNullish { return .value(.null) }
    switch kind {
    case .subdocument(let schema):
      guard case .document(let raw) = value else { return .value(value) }
      return .subdocument(
        try MongoDocument.loadSubdocument(
          raw, schema: schema.resolved(for: value), parent: document,
          place: .single(path: fullPath), selection: selection(below: fullPath, document)))
    case .documentArray(let schema): return try loadDocuments(value, schema, document, fullPath)
    case .element: return .value(value)
    case .array(let element): return try loadArray(value, element, document, fullPath)
    case .map(let inner):
      guard case .document(let raw) = value else { return .value(value) }
      var slots = Slots()
      for entry in raw.elements {
        slots.entries.append(
          Slots.Entry(
            key: entry.key,
            slot: try inner.loadSlot(
              entry.value, in: document, fullPath: "\(fullPath).\(entry.key)")))
      }
      return .map(slots)
    case .mixed: return .value(value)
    default: return .value(try loadScalar(value))
    }
  }

  private func loadScalar(_ value: Value) throws -> Value {
    switch (kind, value) {
    case (.number, .int32), (.number, .int64), (.number, .double), (.string, .string),
      (.date, .date), (.boolean, .bool), (.objectID, .objectID), (.buffer, .binary):
      return value
    case (_, .document) where isReference: return value
    default: return try CompiledPath.scalarCast(value, kind, options, path: path)
    }
  }

  private func loadDocuments(
    _ value: Value, _ schema: CompiledSchema, _ document: MongoDocument, _ fullPath: String
  ) throws -> Slot {
    if value.asArray == nil { document.markModified(fullPath) }
    let items = value.asArray ?? [value]
    let chosen = selection(below: fullPath, document)
    var elements: [Slot] = []
    elements.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      guard case .document(let raw) = item else {
        elements.append(.value(item))
        continue
      }
      elements.append(
        .subdocument(
          try MongoDocument.loadSubdocument(
            raw, schema: schema.resolved(for: item), parent: document,
            place: .element(path: fullPath, index: index), selection: chosen)))
    }
    return .list(List(elements))
  }

  private func loadArray(
    _ value: Value, _ element: CompiledPath, _ document: MongoDocument, _ fullPath: String
  ) throws -> Slot {
    if value.asArray == nil { document.markModified(fullPath) }
    let items = value.asArray ?? [value]
    var elements: [Slot] = []
    elements.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      do {
        elements.append(
          try element.loadSlot(
            item, in: document,
            fullPath: element.isArray ? "\(fullPath).\(index)" : fullPath))
      } catch let error as CastError {
        throw CastError(
          kind: "[\(error.kind)]", path: "\(path).\(index)", value: value, reason: error)
      }
    }
    return .list(List(elements))
  }

  /// The part of a projection that concerns a subdocument.
  private func selection(below path: String, _ document: MongoDocument) -> Selection? {
    guard let fields = document.state.selection?.fields else { return nil }
    var inner = Document()
    for element in fields.elements where element.key.hasPrefix(path + ".") {
      var rest = String(element.key.dropFirst(path.count + 1))
      if rest == "$" { continue }
      if rest.hasPrefix("$.") { rest = String(rest.dropFirst(2)) }
      inner.append(rest, element.value)
    }
    return Selection(inner)
  }
}
