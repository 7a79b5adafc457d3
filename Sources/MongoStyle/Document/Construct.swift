internal import PrivataCore

/// How a document is made.
struct ConstructOptions {
  var isNew = true
  var skipsID = false
  var appliesDefaults = true
  var strict: StrictMode?
  var selection: Selection?
  var prior: MongoDocument?
  var place = MongoDocument.Place.root
  weak var parent: MongoDocument?
}

extension MongoDocument {
  /// A document that is not stored yet: literal defaults, then the values, then computed defaults.
  ///
  /// - Throws: ``StrictModeError`` for an unknown path where strict mode throws; a subdocument
  ///   without a parent throws its cast errors, others keep them for `validate()`.
  static func construct(
    core: ModelCore?, schema: CompiledSchema, values: Slot?,
    options: ConstructOptions = ConstructOptions()
  ) throws -> MongoDocument {
    let document = MongoDocument(core: core, schema: schema, lock: options.parent?.lock)
    try document.lock.withLock { try document.build(values, options) }
    return document
  }

  private func build(_ values: Slot?, _ options: ConstructOptions) throws {
    prepare(options)
    buildNested()
    if options.appliesDefaults { try applyDefaults(early: true, skipsParent: true) }
    if let values { try setAll(values, under: nil, SetOptions(isConstructing: true)) }
    if options.appliesDefaults { try applyDefaults(early: false) }
    state.prior = nil
  }

  private func prepare(_ options: ConstructOptions) {
    state.isNew = options.isNew
    state.skipsID = options.skipsID
    state.appliesDefaults = options.appliesDefaults
    state.selection = options.selection
    state.prior = options.prior
    state.place = options.place
    state.parent = options.parent
    state.session = options.parent?.state.session
    if let strict = options.strict { state.strict = strict }
    for path in schema.requiredPaths { state.paths.change(path.path, to: .require) }
  }

  /// The empty objects of nested paths, those that the projection includes.
  private func buildNested() {
    guard !schema.nested.isEmpty else { return }
    for path in schema.all where path.steps.count > 1 {
      var included = false
      var parents: [String] = []
      let included_ = state.selection.map { Projections.includedParents($0.fields) }
      scan: for parent in path.path.parentPaths {
        if let selection = state.selection, let isExclusive = selection.isExclusive, !included {
          let isNamed = selection.fields.contains(parent)
          if isExclusive, isNamed { break scan }
          if !isExclusive {
            if isNamed {
              included = true
            } else if !(included_?.contains(parent) ?? true) {
              break scan
            }
          }
        }
        if parent != path.path { parents.append(parent) }
      }
      for parent in parents { makeNested(parent) }
    }
  }

  private func makeNested(_ path: String) {
    guard storedSlot(path) == nil else { return }
    storeSlot(path, .nested(Slots()))
  }
}

// MARK: - Loading

extension MongoDocument {
  /// A document as it is stored. Its fields are read when something asks for them.
  static func hydrate(
    core: ModelCore, raw: Document, selection: Selection?, session: MongoSession?,
    appliesDefaults: Bool = true, strict: StrictMode? = nil
  ) throws -> MongoDocument {
    let source = Source(
      selection: selection, session: session, strict: strict, appliesDefaults: appliesDefaults)
    return try hydrate(core: core, raw: raw, source: source)
  }

  /// A document as it is stored, one of several that were read alike.
  static func hydrate(core: ModelCore, raw: Document, source: Source) throws -> MongoDocument {
    let document = MongoDocument(core: core, raw: raw, source: source)
    if core.schema.hooks.hasInit || core.schema.options.strictRead == .throw {
      try document.lock.withLock { try document.load() }
    }
    return document
  }

  /// A document that was stored in this form a moment ago.
  static func saved(core: ModelCore, form: Document) -> MongoDocument {
    MongoDocument(core: core, raw: form, source: .fresh)
  }

  /// Reads the fields of a stored document, once. What cannot be cast is kept as an error of its
  /// path for `validate()`.
  func materialize() {
    // Loading throws only for hooks and strict reading, which load at once.
    try? load()
  }

  /// Reads the fields of the stored document, where nobody did.
  func load() throws {
    if let raw = takeRaw() { try load(raw) }
  }

  private func load(_ stored: Document) throws {
    var raw = stored
    for case .beforeInit(let body) in schema.hooks.all { try body(&raw) }
    for path in schema.requiredPaths { state.paths.change(path.path, to: .require) }
    buildNested()
    if state.appliesDefaults { try applyDefaults(early: true, skipsParent: true) }
    try load(raw, into: "")
    try applyDefaults(early: false)
    if isFresh { forgetStates() }
    for case .afterInit(let body) in schema.hooks.all { try body(self) }
  }

  /// What was saved is in no state: neither loaded, nor filled in, nor changed.
  private func forgetStates() {
    state.paths = PathStates()
    for path in schema.requiredPaths { state.paths.change(path.path, to: .require) }
  }

  /// A stored subdocument.
  static func loadSubdocument(
    _ raw: Document, schema: CompiledSchema, parent: MongoDocument, place: Place,
    selection: Selection?
  ) throws -> MongoDocument {
    let document = MongoDocument(core: parent.core, schema: schema, lock: parent.lock)
    document.state.isNew = false
    document.state.parent = parent
    document.state.place = place
    document.state.session = parent.state.session
    document.state.selection = selection
    document.state.skipsID = true
    document.state.appliesDefaults = parent.state.appliesDefaults
    try document.load(raw)
    return document
  }

  private func load(_ raw: Document, into prefix: String) throws {
    for element in raw.elements {
      let name = prefix.isEmpty ? element.key : "\(prefix).\(element.key)"
      guard let path = schema.path(name) else {
        try loadUnknown(name, element.value)
        continue
      }
      if schema.mapping?.isRoot == false, !isSelected(name) { continue }
      try load(path, name, element.value)
    }
  }

  private func loadUnknown(_ name: String, _ value: Value) throws {
    if schema.options.strictRead != .keep, schema.pathType(name) == .unknown {
      if schema.options.strictRead == .throw {
        throw StrictModeError(
          name,
          message: "Field `\(name)` is not in schema and strictRead is set to throw.")
      }
      return
    }
    if case .document(let inner) = value {
      if storedSlot(name) == nil { storeSlot(name, .nested(Slots())) }
      try load(inner, into: name)
    } else {
      storeSlot(name, .value(value))
    }
  }

  private func load(_ path: CompiledPath, _ name: String, _ value: Value) throws {
    do {
      storeSlot(name, try path.loadSlot(value, in: self, fullPath: name))
    } catch let error as CastError {
      removeSlot(name)
      try invalidate(
        error.path,
        ValidatorError(
          kind: "cast", path: error.path, value: error.value.revealed, message: error.message,
          reason: error))
    }
    if !isModified(name) { state.paths.change(name, to: .initial) }
  }
}
