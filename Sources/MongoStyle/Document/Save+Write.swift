internal import PrivataCore

extension MongoDocument {
  /// Sends the insert or the update of a document that passed its validation.
  func write(in core: ModelCore, _ options: SaveOptions) async throws {
    if locked({ state.isNew }) {
      try await insert(in: core)
    } else {
      try await update(in: core, options)
    }
  }

  private func insert(in core: ModelCore) async throws {
    let form = try locked { () throws -> Document in
      stampVersion()
      let form = insertForm()
      guard form.contains("_id") else {
        throw UsageError("document must have an _id before saving")
      }
      activeSession?.remember(self)
      reset()
      setIsNew(false)
      return form
    }
    do {
      let store = try await core.store(for: session)
      _ = try await store.writing(.insert(Insert(core.lowered, .documents([form]))))
    } catch {
      locked { setIsNew(true) }
      throw error
    }
  }

  /// The session of the document; one that has ended is none.
  var session: MongoSession? {
    locked { state.session.flatMap { $0.hasEnded ? nil : $0 } }
  }

  /// The document's session, or that of the task's transaction.
  var activeSession: MongoSession? {
    if let session { return session }
    return core?.connection.profile.joinsTransactions == true ? MongoSession.current : nil
  }

  func stampVersion() {
    guard let key = schema.options.versionKey else { return }
    storeSlot(key, .value(0))
  }

  /// One update of what changed, or a look whether the document is still there.
  private func update(in core: ModelCore, _ options: SaveOptions) async throws {
    let before = locked { () -> (version: Value, paths: [String]) in
      let version = schema.options.versionKey.map { rawValue($0) } ?? .null
      return (
        version.isNullish ? 0 : version,
        modifiedPaths() + state.paths.paths(.fallback)
      )
    }
    let step = try locked { () throws -> UpdateStep in try nextStep(core, options) }
    let store = try await core.store(for: session)
    let matched: Int
    do {
      switch step {
      case .look(let query): matched = try await store.rows(for: query).count
      case .send(let update): matched = try await store.writing(.update(update)).matched
      }
    } catch {
      locked { undoReset() }
      throw error
    }
    try locked { try finish(core, step, matched, before.version, before.paths) }
  }

  enum UpdateStep {
    case look(Query)
    case send(Update)

    var filter: Filter {
      switch self {
      case .look(let query): query.filter
      case .send(let update): update.filter
      }
    }
  }

  private func nextStep(_ core: ModelCore, _ options: SaveOptions) throws -> UpdateStep {
    activeSession?.remember(self)
    guard let delta = try delta(only: options.pathsToSave) else {
      var builder = UpdateBuilder(filter: identity())
      if !state.version.isEmpty { applyVersion(&builder) }
      return .look(
        Query(
          core.lowered, where: .document(builder.filter), projection: .document(["_id": 1]),
          limit: 1))
    }
    var filter = delta.filter
    for element in state.conditions?.elements ?? [] { filter[element.key] = element.value }
    let update = schema.options.minimize ? minimized(delta.update) : delta.update
    let unsaved = unsavedPaths(options.pathsToSave)
    reset()
    restore(unsaved)
    setIsNew(false)
    return .send(
      Update(core.lowered, where: .document(filter), .operators(update)))
  }

  private func identity() -> Document {
    var filter: Document = ["_id": storedSlot("_id")?.stored ?? .null]
    for element in state.conditions?.elements ?? [] { filter[element.key] = element.value }
    return filter
  }

  /// Empty objects are not stored: what would become one is removed.
  func minimized(_ update: Document) -> Document {
    var result = update
    for element in update.elements {
      guard case .document(var operand) = element.value else { continue }
      for (key, value) in operand.elements.map({ ($0.key, $0.value) }) {
        guard case .document(let inner) = value, schema.path(key)?.isMap != true else { continue }
        guard let kept = Self.minimized(inner) else {
          operand[key] = nil
          var unset = result["$unset"]?.asDocument ?? Document()
          unset[key] = 1
          result["$unset"] = .document(unset)
          continue
        }
        operand[key] = .document(kept)
      }
      result[element.key] = .document(operand)
    }
    return Document(
      result.elements.filter { $0.value.asDocument.map { !$0.isEmpty } ?? true })
  }

  private static func minimized(_ document: Document) -> Document? {
    var kept = Document()
    for element in document.elements {
      guard case .document(let inner) = element.value else {
        kept.append(element.key, element.value)
        continue
      }
      if let small = minimized(inner) { kept.append(element.key, .document(small)) }
    }
    return kept.isEmpty ? nil : kept
  }

  private func finish(
    _ core: ModelCore, _ step: UpdateStep, _ matched: Int, _ version: Value, _ paths: [String]
  ) throws {
    let change = state.version
    if !change.isEmpty {
      state.version = []
      if matched == 0 {
        undoReset()
        throw VersionError(model: core.name, version: version, modifiedPaths: paths)
      }
      if change.contains(.increment), let key = schema.options.versionKey {
        storeSlot(key, .value(.int((rawValue(key).asInt ?? 0) + 1)))
      }
    }
    guard matched == 0 else { return }
    undoReset()
    var filter = Document()
    if case .document(let document) = step.filter { filter = document }
    throw DocumentNotFoundError(model: core.name, filter: Protected(filter))
  }

  // MARK: - State before and after

  func setIsNew(_ isNew: Bool) {
    state.isNew = isNew
    for document in allSubdocuments() { document.state.isNew = isNew }
  }

  /// Forgets what changed, keeping it for an undo.
  func reset() {
    if !isPart { for document in allSubdocuments() { document.reset() } }
    var lists: [String: List.Change] = [:]
    for path in state.paths.paths(.modify) + state.paths.paths(.fallback) {
      guard case .list(var list)? = storedSlot(path) else { continue }
      lists[path] = list.change
      list.change = .none
      list.wasPopped = false
      storeSlot(path, .list(list))
    }
    state.backup = Backup(
      modified: state.paths.paths(.modify), defaulted: state.paths.paths(.fallback),
      invalid: state.invalid, lists: lists)
    state.paths.keep(only: .initial)
    state.invalid = nil
    state.increments = [:]
    for path in schema.requiredPaths { state.paths.change(path.path, to: .require) }
  }

  /// Takes back a `reset()`, so that a failed save can be tried again.
  func undoReset() {
    if !isPart { for document in allSubdocuments() { document.undoReset() } }
    guard let backup = state.backup else { return }
    state.backup = nil
    for path in backup.modified { state.paths.change(path, to: .modify) }
    for path in backup.defaulted { state.paths.change(path, to: .fallback) }
    state.invalid = backup.invalid
    for (path, change) in backup.lists {
      guard case .list(var list)? = storedSlot(path) else { continue }
      list.change = change
      storeSlot(path, .list(list))
    }
  }

  private func unsavedPaths(_ paths: [String]?) -> Backup? {
    guard let paths else { return nil }
    let dirty = dirtyPaths().map(\.path).filter { !Self.isPart($0, of: paths) }
    var lists: [String: List.Change] = [:]
    for path in dirty {
      if case .list(let list)? = storedSlot(path) { lists[path] = list.change }
    }
    return Backup(
      modified: dirty,
      defaulted: state.paths.paths(.fallback).filter { !Self.isPart($0, of: paths) },
      invalid: nil, lists: lists)
  }

  private func restore(_ unsaved: Backup?) {
    guard let unsaved else { return }
    for path in unsaved.modified { state.paths.change(path, to: .modify) }
    for path in unsaved.defaulted { state.paths.change(path, to: .fallback) }
    for (path, change) in unsaved.lists {
      guard case .list(var list)? = storedSlot(path) else { continue }
      list.change = change
      storeSlot(path, .list(list))
    }
  }
}
