internal import PrivataCore

/// How `save()` runs.
public struct SaveOptions: Sendable {
  /// The schema's own choice where `nil`.
  public var validateBeforeSave: Bool?
  public var validateModifiedOnly: Bool?
  /// Validates and sends only these paths; the others stay changed.
  public var pathsToSave: [String]?
  public var timestamps: TimestampChoice?
  public var session: MongoSession?
  public var hooks: HookChoice = .all

  /// The usual way.
  public init() {}

  /// The usual way with changes.
  public init(_ change: (inout SaveOptions) -> Void) { change(&self) }

  /// True where nothing but hooks is asked for.
  var isPlain: Bool {
    validateBeforeSave == nil && validateModifiedOnly == nil && pathsToSave == nil
      && timestamps == nil && session == nil
  }

  var operation: OperationOptions {
    var options = OperationOptions()
    options.hooks = hooks
    options.session = session
    return options
  }
}

/// Which timestamps an operation sets.
public struct TimestampChoice: Sendable, Hashable {
  /// Whether, or by what name, each of the two moments is kept.
  public var createdAt: Bool
  public var updatedAt: Bool

  /// Made of these parts; what is left out has its usual value.
  public init(createdAt: Bool = true, updatedAt: Bool = true) {
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }

  /// Sets none.
  public static let off = TimestampChoice(createdAt: false, updatedAt: false)
  /// Sets both.
  public static let on = TimestampChoice()

  var isOff: Bool { !createdAt && !updatedAt }
}

extension MongoDocument {
  /// Validates the document and stores it: a new one by an insert, a stored one by an update of what
  /// changed.
  ///
  /// ```swift
  /// user["age"] = 37
  /// try await user.save()          // update users {_id: …} {$set: {age: 37}}
  /// ```
  ///
  /// - Throws: ``ValidationError``, ``VersionError``, ``DocumentNotFoundError``,
  ///   ``ParallelSaveError`` (each in `PrivataError.underlying`), what the store answers, and what
  ///   hooks throw.
  @discardableResult
  public func save(_ options: SaveOptions = SaveOptions()) async throws -> MongoDocument {
    if isSubdocument {
      try await runSubdocumentSave(options)
      return self
    }
    guard let core else { throw UsageError("The document belongs to no model").wrapped }
    do {
      try begin(options)
    } catch { throw outward(error) }
    defer { finishSaving() }
    do { try await store(in: core, options) } catch { throw outward(error) }
    return self
  }

  private func begin(_ options: SaveOptions) throws {
    try locked {
      if state.isSaving { throw ParallelSaveError() }
      state.isSaving = true
      if let session = options.session { setSession(session) }
      state.saveOptions = options
    }
  }

  private func finishSaving() {
    locked {
      state.isSaving = false
      state.saveOptions = nil
    }
  }

  /// A subdocument's `save()` runs its hooks and stores nothing.
  private func runSubdocumentSave(_ options: SaveOptions) async throws {
    do {
      try await schema.hooks.runBefore(.save, self, options.operation)
    } catch {
      return try await schema.hooks.runAfter(.save, self, options.hooks, failure: error)
    }
    try await schema.hooks.runAfter(.save, self, options.hooks)
  }

  private func store(in core: ModelCore, _ options: SaveOptions) async throws {
    let hooks = schema.hooks
    do {
      if options.validateBeforeSave ?? schema.options.validateBeforeSave {
        var validation = ValidateOptions()
        validation.modifiedOnly = options.validateModifiedOnly
        try await runValidate(validation)
      }
      try await runSaveHooks(options)
    } catch {
      return try await hooks.runAfter(.save, self, options.hooks, failure: error)
    }
    do {
      try await write(in: core, options)
    } catch {
      let shown = core.withDuplicateMessage(error)
      return try await hooks.runAfter(.save, self, options.hooks, failure: shown)
    }
    locked { state.savedState = [:] }
    try await hooks.runAfter(.save, self, options.hooks)
    try await runSubdocumentHooksAfterSave(options)
  }

  // MARK: - Hooks and timestamps

  /// The hooks of subdocuments, then timestamps and the document's own hooks.
  func runSaveHooks(_ options: SaveOptions) async throws {
    for document in locked({ allSubdocuments() }) {
      document.applyTimestamps(options.timestamps ?? state.timestamps)
      try await document.schema.hooks.runBefore(.save, document, options.operation)
    }
    for removed in locked({ state.removedSubdocuments }) {
      try await removed.schema.hooks.runBefore(.deleteOne, removed, options.operation)
    }
    applyTimestamps(options.timestamps ?? locked { state.timestamps })
    try await schema.hooks.runBefore(.save, self, options.operation)
  }

  private func runSubdocumentHooksAfterSave(_ options: SaveOptions) async throws {
    for document in locked({ allSubdocuments() }) {
      try await document.schema.hooks.runAfter(.save, document, options.hooks)
    }
    let removed = locked {
      defer { state.removedSubdocuments = [] }
      return state.removedSubdocuments
    }
    for document in removed {
      try await document.schema.hooks.runAfter(.deleteOne, document, options.hooks)
    }
  }

  func applyTimestamps(_ choice: TimestampChoice?) {
    let choice = choice ?? .on
    guard let stamps = schema.options.timestamps, !choice.isOff else { return }
    locked {
      let now = stamps.moment()
      if choice.createdAt, state.isNew || isPart, let path = stamps.createdAt,
        !rawValue(path).isTruthy, isSelected(path)
      {
        var options = SetOptions()
        options.overwritesImmutable = true
        try? setPath(path, .value(now), options)
      }
      guard choice.updatedAt, let path = stamps.updatedAt, state.isNew || isModified else { return }
      var value = now
      if state.isNew, let made = stamps.createdAt { value = rawValue(made) }
      try? setPath(path, .value(value), SetOptions())
    }
  }

  /// Fills in timestamps that are missing, here and in subdocuments, as `insertMany` does.
  func initializeTimestamps(_ choice: TimestampChoice? = nil) {
    locked {
      if let stamps = schema.options.timestamps {
        let now = stamps.moment()
        let choice = choice ?? .on
        for (path, isWanted) in [
          (stamps.createdAt, choice.createdAt), (stamps.updatedAt, choice.updatedAt),
        ] {
          guard let path, isWanted, !rawValue(path).isTruthy else { continue }
          try? setPath(path, .value(now), SetOptions())
        }
      }
      if !isPart {
        for document in allSubdocuments() { document.initializeTimestamps(choice) }
      }
    }
  }

  /// All subdocuments, however deep; the inner ones before the outer ones.
  func allSubdocuments() -> [MongoDocument] {
    materialize()
    var found: [MongoDocument] = []
    for child in schema.children {
      let documents: [MongoDocument]
      switch storedSlot(child.path) {
      case .subdocument(let document)?: documents = [document]
      case .list(let list)?: documents = list.subdocuments
      case .map(let fields)?: documents = fields.entries.compactMap(\.slot.document)
      default: documents = []
      }
      for document in documents { found += document.locked { document.allSubdocuments() } }
      found += documents
    }
    return found
  }

  func setSession(_ session: MongoSession?) {
    state.session = session
    guard !isPart else { return }
    for document in allSubdocuments() { document.state.session = session }
  }
}

extension List {
  /// The subdocuments among the elements, those of inner arrays too.
  var subdocuments: [MongoDocument] {
    elements.flatMap { element -> [MongoDocument] in
      switch element {
      case .subdocument(let document): [document]
      case .list(let inner): inner.subdocuments
      default: []
      }
    }
  }
}
