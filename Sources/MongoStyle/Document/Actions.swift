public import PrivataCore

extension MongoDocument {
  /// True until the document is stored.
  public var isNew: Bool {
    get { locked { state.isNew } }
    set { locked { state.isNew = newValue } }
  }

  /// True after the document was deleted.
  public var isDeleted: Bool { locked { state.isDeleted } }

  /// The model that the document belongs to; the owner's for a subdocument.
  public var model: MongoModel? { core.map(MongoModel.init) }

  /// Another model of the same connection.
  ///
  /// - Throws: ``MissingSchemaError``.
  public func model(_ name: String) throws -> MongoModel {
    guard let core else { throw MissingSchemaError(model: name).wrapped }
    return try core.connection.model(name)
  }

  /// Values for hooks to hand on to later hooks; not stored.
  public var locals: [String: Value] {
    get { locked { state.locals } }
    set { locked { state.locals = newValue } }
  }

  /// Further conditions of `save()`'s update.
  public var saveConditions: Document? {
    get { locked { state.conditions } }
    set { locked { state.conditions = newValue } }
  }

  /// The session that `save()`, `deleteOne()` and `populate()` use.
  public func use(_ session: MongoSession?) {
    locked { setSession(session) }
  }

  /// Which timestamps saves of this document set.
  public func useTimestamps(_ choice: TimestampChoice?) {
    locked { state.timestamps = choice }
  }

  /// Makes the next save check and raise the version.
  @discardableResult
  public func increment() -> MongoDocument {
    locked { state.version = .all }
    return self
  }

  /// Adds to a number: `$inc` on save.
  ///
  /// ```swift
  /// user.increment("visits")         // $inc: {visits: 1}
  /// ```
  public func increment(_ path: String, by amount: Value = 1) throws {
    try outwardly { try addNumber(path, amount) }
  }

  private func addNumber(_ path: String, _ amount: Value) throws {
    guard let type = schema.path(path) else {
      if state.strict == .throw { throw StrictModeError(path) }
      guard state.strict == .keep, let number = amount.asDouble else { return }
      return add(number, to: path)
    }
    guard type.instance == "Number" else {
      return try invalidate(path, CastError(kind: type.instance, path: path, value: amount))
    }
    do {
      guard let number = try type.rawCast(amount).asDouble else { return }
      let before = rawValue(path).asDouble ?? 0
      let after = try type.settersThenCast(JavaScript.stored(before + number)).asDouble ?? before
      add(after - before, to: path)
    } catch {
      try invalidate(path, CastError(kind: "number", path: path, value: amount, reason: error))
    }
  }

  private func add(_ number: Double, to path: String) {
    let before = rawValue(path).asDouble ?? 0
    state.increments[path, default: 0] += number
    markModified(path)
    storeSlot(path, .value(JavaScript.stored(before + number)))
  }

  /// The update that `save()` would send, without hooks and timestamps.
  public func pendingUpdate() throws -> Document {
    try outwardly {
      let version = state.version
      defer { state.version = version }
      return try delta()?.update ?? Document()
    }
  }

  /// A copy with its tracked changes; saving one does not touch the other.
  public func copy() throws -> MongoDocument { try copy(lock: nil) }

  func copy(lock: TreeLock?) throws -> MongoDocument {
    try outwardly {
      let other = MongoDocument(core: core, schema: schema, lock: lock)
      other.state.isNew = state.isNew
      other.state.paths = state.paths
      other.state.selection = state.selection
      other.state.savedState = state.savedState
      other.state.invalid = state.invalid
      other.state.strict = state.strict
      other.state.populated = state.populated
      other.state.populatedID = state.populatedID
      other.state.session = state.session
      other.state.version = state.version
      other.state.skipsID = state.skipsID
      other.state.fields = Slots(
        entries: try state.fields.entries.map {
          Slots.Entry(key: $0.key, slot: try $0.slot.copied(into: other))
        })
      return other
    }
  }

  /// Runs a method that the schema states.
  public func call(_ name: String, _ arguments: Value...) async throws -> QueryAnswer {
    try await call(name, arguments)
  }

  /// Runs a method that the schema states.
  public func call(_ name: String, _ arguments: [Value]) async throws -> QueryAnswer {
    guard let method = schema.methods[name] else {
      throw UsageError("The schema has no method \"\(name)\"").wrapped
    }
    return try await method(self, arguments)
  }

  // MARK: - Queries of this document

  /// Updates the stored document without touching this one.
  public func updateOne(
    _ update: Document, options: Document = [:], hooks choice: HookChoice = .all
  ) -> MongoQuery<UpdateResult> {
    var query = MongoModel(requiredCore).updateOne(["_id": _id], update, options: options)
    query.plan.settings.session = session
    let conditions = saveConditions
    query.plan.ownHooks.before.append { plan in
      var operation = OperationOptions()
      operation.hooks = choice
      try await self.schema.hooks.runBefore(.updateOne, self, operation)
      if let conditions { plan.merge(conditions) }
    }
    query.plan.ownHooks.after.append { _, _ in
      try await self.schema.hooks.runAfter(.updateOne, self, choice)
    }
    return query
  }

  /// Replaces the stored document without touching this one.
  public func replaceOne(
    _ replacement: Document, options: Document = [:]
  ) -> MongoQuery<UpdateResult> {
    var query = MongoModel(requiredCore).replaceOne(["_id": _id], replacement, options: options)
    query.plan.settings.session = session
    return query
  }

  private var requiredCore: ModelCore {
    // Documents without a model are made while casting and never reach callers.
    guard let core else { preconditionFailure("the document belongs to no model") }
    return core
  }

  /// Deletes the stored document; a second time does nothing. A subdocument is taken out of its
  /// parent, which `save()` stores.
  ///
  /// ```swift
  /// try await user.deleteOne()        // delete users {_id: …}
  /// ```
  @discardableResult
  public func deleteOne(hooks choice: HookChoice = .all) async throws -> DeleteResult {
    if isSubdocument {
      try removeFromParent()
      return DeleteResult(deletedCount: 0)
    }
    do { return try await delete(choice) } catch { throw outward(error) }
  }

  private func delete(_ choice: HookChoice) async throws -> DeleteResult {
    var query = MongoModel(requiredCore).deleteOne(["_id": _id])
    query.plan.settings.session = session
    if let conditions = saveConditions { query.plan.merge(conditions) }
    var operation = OperationOptions()
    operation.hooks = choice
    let hooks = schema.hooks
    do {
      try await hooks.runBefore(.deleteOne, self, operation)
      for document in locked({ allSubdocuments() }) {
        try await document.schema.hooks.runBefore(.deleteOne, document, operation)
      }
    } catch {
      try await hooks.runAfter(.deleteOne, self, choice, failure: error)
      return DeleteResult(deletedCount: 0)
    }
    var result = DeleteResult(deletedCount: 0)
    if !isDeleted {
      activeSession?.remember(self)
      result = try await query.exec()
      if result.deletedCount > 0 { locked { state.isDeleted = true } }
    }
    for document in locked({ allSubdocuments() }) {
      try await document.schema.hooks.runAfter(.deleteOne, document, choice)
    }
    try await hooks.runAfter(.deleteOne, self, choice)
    return result
  }

  private func removeFromParent() throws {
    try outwardly {
      guard let parent = state.parent else { return }
      switch state.place {
      case .root: return
      case .single(let path): try parent.setPath(path, .value(.null), SetOptions())
      case .element(let path, _):
        let id = rawValue("_id")
        guard !id.isNullish else {
          throw UsageError(
            "A subdocument of an array is removed by its _id, and this one has none",
            name: "Error")
        }
        try TrackedArray(parent, path).pull(id)
      }
      let owner = parent.ownerDocument
      owner.locked { owner.state.removedSubdocuments.append(self) }
    }
  }
}

extension Slot {
  /// The slot for a copy of its document.
  func copied(into document: MongoDocument) throws -> Slot {
    switch self {
    case .value, .populated: return self
    case .nested(let fields):
      return .nested(Slots(entries: try fields.copied(into: document)))
    case .map(let fields): return .map(Slots(entries: try fields.copied(into: document)))
    case .list(var list):
      list.elements = try list.elements.map { try $0.copied(into: document) }
      return .list(list)
    case .subdocument(let inner):
      let copy = try inner.copy(lock: document.lock)
      copy.state.parent = document
      copy.state.place = inner.state.place
      return .subdocument(copy)
    }
  }
}

extension Slots {
  func copied(into document: MongoDocument) throws -> [Entry] {
    try entries.map { Entry(key: $0.key, slot: try $0.slot.copied(into: document)) }
  }
}
