public import PrivataCore

/// How values are assigned.
struct SetOptions {
  var isConstructing = false
  var merges = false
  var strict: StrictMode?
  var overwritesImmutable = false
  var skipsMarking = false
}

extension MongoDocument {
  /// Assigns a path: setters, casting, tracking. `.undefined` removes it on `save()`.
  ///
  /// ```swift
  /// try user.set("profile.city", "Oslo")
  /// ```
  ///
  /// A value that cannot be cast is kept as an error for `validate()`.
  ///
  /// - Throws: ``StrictModeError`` for an unknown path where strict mode throws.
  public func set(
    _ path: String, _ value: Value, merge: Bool = false, strict: StrictMode? = nil,
    overwriteImmutable: Bool = false
  ) throws {
    var options = SetOptions()
    options.merges = merge
    options.strict = strict
    options.overwritesImmutable = overwriteImmutable
    try outwardly { try setPath(path, .value(value), options) }
  }

  /// Assigns several paths, in the order of the schema.
  public func set(
    _ values: Document, merge: Bool = false, strict: StrictMode? = nil
  ) throws {
    var options = SetOptions()
    options.merges = merge
    options.strict = strict
    try outwardly { try setAll(.value(.document(values)), under: nil, options) }
  }

  /// Assigns a document of the model that a path refers to: the path counts as populated, its id
  /// is what is stored.
  public func set(_ path: String, _ document: MongoDocument) throws {
    try outwardly { try setPath(path, .populated(document), SetOptions()) }
  }

  /// Assigns documents of the model that an array refers to.
  public func set(_ path: String, _ documents: [MongoDocument]) throws {
    let list = List(documents.map { .populated($0) })
    try outwardly { try setPath(path, .list(list), SetOptions()) }
  }

  func outwardly<R>(_ body: () throws -> R) throws -> R {
    try lock.withLock {
      materialize()
      do { return try body() } catch { throw outward(error) }
    }
  }

  /// Sets every top-level key but `_id`, version and discriminator key, and removes what the values
  /// do not have.
  public func overwrite(_ values: Document) throws {
    try outwardly {
      var keys = state.fields.keys
      for key in values.keys where !keys.contains(key) { keys.append(key) }
      for key in keys where !isFixed(key) {
        try setPath(key, .value(values[key] ?? .undefined), SetOptions())
      }
    }
  }

  private func isFixed(_ key: String) -> Bool {
    key == "_id" || key == schema.options.versionKey || key == schema.options.discriminatorKey
  }

  // MARK: - Several paths

  /// Assigns an object's members, in the order of the schema.
  func setAll(_ values: Slot, under prefix: String?, _ options: SetOptions) throws {
    let members = MongoDocument.members(values)
    let ordered = members.enumerated().sorted {
      (rank($0.element.key, prefix), $0.offset) < (rank($1.element.key, prefix), $1.offset)
    }
    for (_, member) in ordered {
      try setMember(prefix.map { "\($0).\(member.key)" } ?? member.key, member, options)
    }
    if prefix == nil { orderFields() }
  }

  private func rank(_ key: String, _ prefix: String?) -> Int {
    guard prefix == nil else { return 0 }
    return schema.order[key] ?? Int.max
  }

  static func members(_ slot: Slot) -> [Slots.Entry] {
    switch slot {
    case .value(.document(let document)):
      document.elements.map { Slots.Entry(key: $0.key, slot: .value($0.value)) }
    case .nested(let fields), .map(let fields): fields.entries
    case .subdocument(let document), .populated(let document):
      document.locked { document.state.fields.entries }
    default: []
    }
  }

  private func setMember(_ path: String, _ member: Slots.Entry, _ options: SetOptions) throws {
    let strict = options.strict ?? state.strict
    let type = schema.pathType(path)
    let slot = member.slot
    if options.isConstructing, type == .nested, !slot.isNullish, !path.utf8.contains(0x2E) {
      state.fields[path] = nil
    }
    if type == .nested, MongoDocument.isObject(slot) {
      try setPath(path, slot, options)
      return try applyNestedDefaults(path)
    }
    guard strict != .keep else { return try setPath(path, slot, options) }
    if options.isConstructing, slot.isUndefined, storedSlot(path) != nil { return }
    switch type {
    case .real, .virtual: try setPath(path, slot, options)
    case .nested where slot.isNullish && strict != .throw: try setPath(path, slot, options)
    case .nested where strict == .throw: throw ObjectExpectedError(path: path)
    case .nested: break
    case .unknown:
      if discriminatorPath(path) != nil {
        try setPath(path, slot, options)
      } else if strict == .throw {
        throw StrictModeError(path)
      }
    }
  }

  static func isObject(_ slot: Slot) -> Bool {
    switch slot {
    case .value(.document), .nested, .subdocument, .populated, .map: true
    default: false
    }
  }

  /// The path of an embedded discriminator whose key the document holds.
  func discriminatorPath(_ path: String) -> CompiledPath? {
    let steps = path.steps
    guard steps.count > 1 else { return nil }
    for count in 1..<steps.count {
      let parent = steps[..<count].joined(separator: ".")
      guard let document = storedSlot(parent)?.document else { continue }
      let rest = steps[count...].joined(separator: ".")
      return document.schema.path(rest) ?? document.discriminatorPath(rest)
    }
    return nil
  }

  /// Members of a nested path that were not given get their defaults.
  private func applyNestedDefaults(_ path: String) throws {
    for inner in schema.all where inner.path.hasPrefix(path + ".") && inner.defaultRule != nil {
      if let slot = storedSlot(inner.path), !slot.isUndefined { continue }
      do {
        if let slot = try inner.defaultSlot(in: self) { storeSlot(inner.path, slot) }
      } catch {
        try invalidate(inner.path, ValidatorError.from(error, path: inner.path))
      }
    }
  }

  /// Top-level fields in the order of the schema, the others after them.
  private func orderFields() {
    let entries = state.fields.entries.enumerated().sorted {
      let a = schema.order[$0.element.key] ?? Int.max
      let b = schema.order[$1.element.key] ?? Int.max
      return (a, $0.offset) < (b, $1.offset)
    }
    state.fields.entries = entries.map(\.element)
  }
}
