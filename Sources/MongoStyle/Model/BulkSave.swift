internal import PrivataCore

extension MongoModel {
  /// Saves documents with one bulk write: new ones are inserted, of the others what changed is sent.
  /// Hooks before and after `save` run; documents without changes are left out.
  ///
  /// - Throws: ``ValidationError``, ``BulkWriteError``, ``BulkSaveIncompleteError``.
  @discardableResult
  public func bulkSave(
    _ documents: [MongoDocument], options: SaveOptions = SaveOptions()
  ) async throws -> BulkWriteResult {
    do { return try await runBulkSave(documents, options) } catch { throw outward(error) }
  }

  private func runBulkSave(
    _ documents: [MongoDocument], _ options: SaveOptions
  ) async throws -> BulkWriteResult {
    for document in documents {
      if let session = options.session { document.use(session) }
      try await document.runSaveHooks(options)
      if options.validateBeforeSave ?? true, let invalid = document.validateSync() {
        throw invalid
      }
    }
    var writes: [(document: MongoDocument, write: Write)] = []
    for document in documents {
      if let write = try document.locked({ try document.bulkWrite(in: core) }) {
        writes.append((document, write))
      }
    }
    guard !writes.isEmpty else { return BulkWriteResult() }
    if options.hooks.contains(.pre) {
      var none: [BulkOperation] = []
      for case .beforeBulkWrite(let body) in schema.hooks.all { try await body(self, &none) }
    }
    let store = try await core.store(for: options.session)
    let outcome = try await store.writing(.bulk(writes.map(\.write), isOrdered: true))
    var result = BulkWriteResult(outcome)
    for (index, entry) in writes.enumerated() {
      if case .insert = entry.write { result.insertedIDs[index] = entry.document._id }
    }
    if options.hooks.contains(.post) {
      for case .afterBulkWrite(let body) in schema.hooks.all { try await body(self, result) }
    }
    let failed = Set(outcome.failures.map(\.index))
    let written = outcome.matched + outcome.inserted
    if failed.isEmpty, written < writes.count {
      throw BulkSaveIncompleteError(
        model: name, failedDocuments: documents, result: result)
    }
    for (index, entry) in writes.enumerated() where !failed.contains(index) {
      entry.document.locked { entry.document.settleBulkSave() }
      try await entry.document.schema.hooks.runAfter(.save, entry.document, options.hooks)
    }
    if !outcome.failures.isEmpty {
      throw BulkWriteError(
        writeErrors: outcome.failures, insertedDocuments: [], result: result,
        validationErrors: [])
    }
    return result
  }
}

extension MongoDocument {
  /// What a bulk save sends for the document; `nil` for nothing.
  fileprivate func bulkWrite(in core: ModelCore) throws -> Write? {
    if state.isNew {
      stampVersion()
      return .insert(Insert(core.lowered, .documents([insertForm()])))
    }
    guard let delta = try delta(), !delta.update.isEmpty else { return nil }
    let update = schema.options.minimize ? minimized(delta.update) : delta.update
    return .update(Update(core.lowered, where: .document(delta.filter), .operators(update)))
  }

  fileprivate func settleBulkSave() {
    let wasNew = state.isNew
    setIsNew(false)
    let change = state.version
    reset()
    state.savedState = [:]
    state.version = []
    guard !wasNew, change.contains(.increment), let key = schema.options.versionKey else { return }
    storeSlot(key, .value(.int((rawValue(key).asInt ?? 0) + 1)))
  }
}
