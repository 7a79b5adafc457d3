public import PrivataCore

extension MongoModel {
  /// Makes a document and saves it: defaults, casting, validation, hooks.
  ///
  /// ```swift
  /// let ada = try await User.create(["name": "Ada", "age": 36])
  /// // insert users [{name: "Ada", age: 36, _id: …, __v: 0}]
  /// ```
  ///
  /// - Throws: as ``MongoDocument/save(_:)``.
  @discardableResult
  public func create(
    _ values: Document, options: SaveOptions = SaveOptions()
  ) async throws -> MongoDocument {
    if options.isPlain, let form = flatForm(values, .save) {
      do { return try await store(form) } catch { throw outward(core.withDuplicateMessage(error)) }
    }
    return try await create(given: .value(.document(values)), options: options)
  }

  /// The form that the short way stores, where schema, values and task allow it.
  func flatForm(_ values: Document, _ stamping: FlatForm.Stamping) -> Document? {
    guard let flat = schema.flat, !core.connection.isInTransaction else { return nil }
    return flat.form(of: values, stamping)
  }

  private func store(_ form: Document) async throws -> MongoDocument {
    let store = try await core.store(for: nil)
    _ = try await store.writing(.insert(Insert(core.lowered, .documents([form]))))
    return MongoDocument.saved(core: core, form: form)
  }

  /// Makes a document of values that may hold loaded documents, and saves it.
  @discardableResult
  public func create(
    given: Given, options: SaveOptions = SaveOptions()
  ) async throws -> MongoDocument {
    do {
      let document = try made(given)
      try await document.save(options)
      return document
    } catch { throw outward(error) }
  }

  /// Makes documents and saves each; the answers keep the order. All saves run before the first
  /// error is thrown, unless `ordered`, which stops at it.
  @discardableResult
  public func create(
    _ values: [Document], ordered: Bool = false, options: SaveOptions = SaveOptions()
  ) async throws -> [MongoDocument] {
    try await create(
      given: values.map { .value(.document($0)) }, ordered: ordered, options: options)
  }

  /// Makes documents of values that may hold loaded documents, and saves each.
  @discardableResult
  public func create(
    given: [Given], ordered: Bool = false, options: SaveOptions = SaveOptions(),
    strict: StrictMode? = nil
  ) async throws -> [MongoDocument] {
    if options.session != nil, !ordered, given.count > 1 {
      throw UsageError(
        "Cannot call `create()` with a session and multiple documents unless `ordered: true` is "
          + "set"
      ).wrapped
    }
    var saved: [MongoDocument] = []
    var first: (any Error)?
    for one in given {
      do {
        let document = try made(one, strict: strict)
        try await document.save(options)
        saved.append(document)
      } catch {
        if ordered { throw outward(error) }
        first = first ?? error
      }
    }
    if let first { throw outward(first) }
    return saved
  }

  /// Makes documents and saves each; errors come in place of the documents that failed.
  public func createSettled(
    _ values: [Document], options: SaveOptions = SaveOptions()
  ) async -> [Result<MongoDocument, any Error>] {
    var results: [Result<MongoDocument, any Error>] = []
    for one in values {
      do { results.append(.success(try await create(one, options: options))) } catch {
        results.append(.failure(error))
      }
    }
    return results
  }

  /// Makes a document and saves it; the same as ``create(_:options:)-(Document,_)``.
  @discardableResult
  public func insertOne(
    _ values: Document, options: SaveOptions = SaveOptions()
  ) async throws -> MongoDocument { try await create(values, options: options) }

  /// The document of the model, or of the sub-model that its key names.
  func made(_ given: Given, strict: StrictMode? = nil) throws -> MongoDocument {
    if case .document(let document) = given, !document.isPart { return document }
    let slot = given.slot
    let chosen = try core.chosen(for: MongoDocument.members(slot))
    var options = ConstructOptions()
    options.strict = strict
    return try MongoDocument.construct(
      core: chosen, schema: chosen.schema, values: slot, options: options)
  }

  /// A stored document that came from elsewhere, as one that is loaded: nothing is changed, setters
  /// do not run.
  public func hydrate(
    _ stored: Document, projection: Document? = nil, strict: StrictMode? = nil
  ) throws -> MongoDocument {
    do {
      let core = core.discriminator(for: stored[schema.options.discriminatorKey]) ?? core
      var fields = projection ?? Document()
      if projection != nil { SelectedPaths.apply(to: &fields, core.schema) }
      return try MongoDocument.hydrate(
        core: core, raw: stored, selection: Selection(fields), session: nil, strict: strict)
    } catch { throw outward(error) }
  }
}

extension ModelCore {
  /// The model, or the sub-model that the discriminator key among the values names.
  ///
  /// - Throws: ``UsageError`` for a key without a sub-model.
  func chosen(for members: [Slots.Entry]) throws -> ModelCore {
    guard !discriminators.isEmpty,
      let value = members.first(where: { $0.key == schema.options.discriminatorKey })?.slot.plain,
      !value.isNullish
    else { return self }
    guard let sub = discriminator(for: value) else {
      throw UsageError(
        "Discriminator not found for model \"\(name)\"", code: .unknownModel)
    }
    return sub
  }
}
