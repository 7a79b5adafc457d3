public import PrivataCore

extension MongoDocument {
  /// Loads the documents that paths of this one refer to.
  ///
  /// ```swift
  /// try await user.populate("sessions", select: "minutes")
  /// ```
  ///
  /// - Throws: ``StrictPopulateError``, ``MissingSchemaError``, what the store answers.
  @discardableResult
  public func populate(_ paths: String, select: Value = .undefined) async throws -> MongoDocument {
    try await populate(PopulateRequest.parse(.string(paths), select: select))
  }

  /// Loads the documents that requests describe.
  @discardableResult
  public func populate(_ requests: [PopulateRequest]) async throws -> MongoDocument {
    guard let core, !isSubdocument else {
      throw UsageError(
        "Mongoose does not support calling populate() on nested docs; populate the full path of "
          + "the document that holds it", name: "Error"
      ).wrapped
    }
    var populator = Populator(core)
    populator.session = session
    do { try await populator.populate([self], requests) } catch { throw outward(error) }
    return self
  }

  /// Loads the documents of requests in any of Mongoose's forms.
  @_disfavoredOverload
  @discardableResult
  public func populate(_ value: Value, select: Value = .undefined) async throws -> MongoDocument {
    try await populate(PopulateRequest.parse(value, select: select))
  }

  /// The id or ids that stand behind a loaded path; `nil` where the path is not loaded.
  public func populated(_ path: String) -> Value? {
    locked { state.populated[path].map(\.ids) }
  }

  /// The loaded documents.
  public var populatedDocuments: [MongoDocument] {
    locked {
      state.populated.keys.sorted().flatMap { path -> [MongoDocument] in
        switch storedSlot(path) ?? virtualSlot(path) {
        case .populated(let document)?: [document]
        case .list(let list)?: list.elements.compactMap(\.document)
        default: []
        }
      }
    }
  }

  /// Fails where a path is not loaded.
  public func assertPopulated(_ paths: String...) throws {
    for path in paths where populated(path) == nil {
      throw UsageError("Expected path \"\(path)\" to be populated").wrapped
    }
  }

  /// Puts the ids back: of all loaded paths, or of the given ones.
  public func depopulate(_ paths: String...) {
    locked {
      for path in paths.isEmpty ? Array(state.populated.keys) : paths { depopulateOne(path) }
    }
  }

  private func depopulateOne(_ path: String) {
    guard let populated = state.populated.removeValue(forKey: path) else { return }
    if populated.isVirtual {
      state.populatedVirtuals[path] = nil
      return
    }
    guard case .list(var list)? = storedSlot(path) else {
      storeSlot(path, .value(populated.ids))
      return
    }
    list.elements = list.elements.map { .value($0.stored) }
    storeSlot(path, .list(list))
  }
}

extension MongoModel {
  /// Loads the documents that documents refer to, which the caller holds already.
  @discardableResult
  public func populate(
    _ documents: [MongoDocument], _ requests: [PopulateRequest]
  ) async throws -> [MongoDocument] {
    do { try await Populator(core).populate(documents, unchecked(requests)) } catch {
      throw outward(error)
    }
    return documents
  }

  /// Loads the documents that plain documents refer to, and answers them filled in: rows of an
  /// aggregation, lean answers, documents from elsewhere.
  public func populate(
    plain documents: [Document], _ requests: [PopulateRequest], lean: Bool = true
  ) async throws -> [Document] {
    var filled = documents
    var populator = Populator(core)
    populator.lean = lean
    do { try await populator.populate(plain: &filled, unchecked(requests)) } catch {
      throw outward(error)
    }
    return filled
  }

  private func unchecked(_ requests: [PopulateRequest]) -> [PopulateRequest] {
    requests.map { request in
      var request = request
      request.isChecked = false
      return request
    }
  }
}
