internal import PrivataCore

extension QueryPlan {
  /// Timestamps join the update before the program's hooks see it.
  mutating func applyTimestamps() {
    let isReplacement = operation == .replaceOne || operation == .findOneAndReplace
    let isUpdate =
      operation == .updateOne || operation == .updateMany || operation == .findOneAndUpdate
    guard isUpdate || isReplacement else { return }
    var stamps = UpdateTimestamps(schema)
    stamps.choice = settings.timestamps ?? .on
    stamps.isUpsert = settings.upsert
    stamps.overwritesImmutable = settings.overwriteImmutable
    switch update {
    case .pipeline(let stages)?: update = .pipeline(stamps.apply(toPipeline: stages))
    case .document(let document)? where isReplacement:
      update = .document(stamps.apply(toReplacement: document))
    case .document(let document)?: update = .document(stamps.apply(to: document))
    case nil where isReplacement: update = .document(stamps.apply(toReplacement: Document()))
    case nil: update = .document(stamps.apply(to: Document()))
    }
  }

  // MARK: - Update

  /// The changes as the store takes them; `nil` where nothing is left to do.
  private func castChanges(_ filter: Document) throws -> Changes? {
    switch update {
    case .pipeline(let stages)?:
      guard settings.allowsPipeline ?? model.connection.profile.allowsUpdatePipelines else {
        throw UsageError(
          "Cannot pass an array to query updates unless the `updatePipeline` option is set.")
      }
      return .pipeline(try UpdateCast.castPipeline(stages))
    case .document(let document)?: return try castOperators(document, filter)
    case nil: return try castOperators(Document(), filter)
    }
  }

  private func castOperators(_ document: Document, _ filter: Document) throws -> Changes? {
    var cast = UpdateCast(schema)
    cast.strict = settings.strict
    cast.isUpsert = settings.upsert
    cast.overwritesDiscriminatorKey = settings.overwriteDiscriminatorKey
    cast.overwritesImmutable = settings.overwriteImmutable
    cast.arrayFilters = settings.arrayFilters
    cast.collectsErrors = settings.multipleCastError
    cast.filter = filter
    cast.query = self
    if settings.overwriteDiscriminatorKey, let base = model.core.base {
      cast = cast.over(base.schema)
    }
    var result = try cast.cast(translated(document))
    if operation == .findOneAndUpdate, settings.upsert {
      result = UpsertDefaults.addVersion(to: result, schema.options.versionKey)
    }
    if result.isEmpty, operation != .findOneAndUpdate { return nil }
    if settings.upsert, setsDefaults {
      result = try UpsertDefaults.apply(to: result, filter: filter, schema)
    }
    if case .document(let set)? = result["$set"], set.isEmpty { result["$set"] = nil }
    return result.isEmpty ? nil : .operators(Self.sendable(result))
  }

  private var setsDefaults: Bool {
    settings.setDefaultsOnInsert ?? model.connection.profile.setDefaultsOnInsert
  }

  /// What was not given is not sent.
  private static func sendable(_ update: Document) -> Document {
    Document(
      update.elements.map { element in
        guard case .document(let operand) = element.value else { return element }
        return Document.Element(key: element.key, value: .document(operand.withoutUndefined))
      })
  }

  private func castArrayFilters(_ document: UpdateForm?) throws -> [Document] {
    guard !settings.arrayFilters.isEmpty, case .document(let update)? = document else {
      return settings.arrayFilters
    }
    let strict =
      settings.strictQuery ?? schema.options.strictQuery
      ?? model.connection.profile.arrayFilterStrictQuery ?? settings.strict
      ?? schema.options.strict
    return try ArrayFilterCast(schema, strictQuery: strict, update: update)
      .cast(settings.arrayFilters)
  }

  private func usedArrayFilters(_ filters: [Document], _ changes: Changes) -> [Document] {
    guard !filters.isEmpty, case .operators(let update) = changes else { return filters }
    return ArrayFilterCast.used(filters, by: update)
  }

  private func checkRules(_ changes: Changes) async throws {
    guard settings.runValidators ?? model.connection.profile.runValidators,
      case .operators(let update) = changes
    else { return }
    try await withValidateHooks { plan in
      try await UpdateRules(schema: plan.schema, query: plan).check(update)
    }
  }

  private func withValidateHooks(_ body: (QueryPlan) async throws -> Void) async throws {
    var plan = self
    try await schema.hooks.runBefore(.validate, &plan)
    try await body(plan)
    _ = try await schema.hooks.runAfter(.validate, plan, .success(.value(.null)))
  }

  func runUpdate() async throws -> QueryAnswer {
    let filter = try castFilter()
    try checkFilter(filter)
    let arrayFilters = try castArrayFilters(update)
    guard let changes = try castChanges(filter) else {
      var result = UpdateResult()
      result.acknowledged = false
      return .update(result)
    }
    try await checkRules(changes)
    return try await send(filter, changes, usedArrayFilters(arrayFilters, changes))
  }

  private func send(
    _ filter: Document, _ changes: Changes, _ arrayFilters: [Document]
  ) async throws -> QueryAnswer {
    let write = Update(
      model.core.lowered, where: filter.isEmpty ? .all : .document(filter), changes,
      isMany: operation == .updateMany, isUpsert: settings.upsert,
      sort: operation == .updateMany ? [] : sortKeys, arrayFilters: arrayFilters,
      options: storeOptions)
    return .update(UpdateResult(try await store().writing(.update(write))))
  }

  func runReplace() async throws -> QueryAnswer {
    let filter = try castFilter()
    try checkFilter(filter)
    let replacement = try replacement(strict: nil)
    if settings.runValidators ?? false {
      try await withValidateHooks { _ in
        try await replacement.runValidate(ValidateOptions())
      }
    }
    return try await send(
      filter, .replacement(replacement.locked { replacement.insertForm() }), [])
  }

  private func replacement(strict: StrictMode?) throws -> MongoDocument {
    var values = Document()
    if case .document(let document)? = update { values = translated(document) }
    var options = ConstructOptions()
    options.skipsID = true
    options.strict = strict
    return try MongoDocument.construct(
      core: model.core, schema: schema, values: .value(.document(values)), options: options)
  }

  // MARK: - Delete

  func runDelete() async throws -> QueryAnswer {
    let filter = try castFilter()
    try checkFilter(filter)
    let write = Delete(
      model.core.lowered, where: filter.isEmpty ? .all : .document(filter),
      isMany: operation == .deleteMany, sort: operation == .deleteMany ? [] : sortKeys,
      options: storeOptions)
    let outcome = try await store().writing(.delete(write))
    return .delete(DeleteResult(deletedCount: outcome.deleted))
  }

  // MARK: - Find and modify

  private var returning: Returning {
    settings.returnsAfter ?? model.connection.profile.returnsAfter ? .after : .before
  }

  func runFindOneAndUpdate() async throws -> QueryAnswer {
    let filter = try castFilter()
    try checkFilter(filter)
    let arrayFilters = try castArrayFilters(update)
    guard let changes = try castChanges(filter) ?? emptyUpsert else {
      return try await runFindOne()
    }
    try await checkRules(changes)
    return try await modify(filter, changes, usedArrayFilters(arrayFilters, changes))
  }

  /// An upsert inserts from its filter, also where nothing is left to change.
  private var emptyUpsert: Changes? { settings.upsert ? .operators(["$set": [:]]) : nil }

  func runFindOneAndReplace() async throws -> QueryAnswer {
    let filter = try castFilter()
    try checkFilter(filter)
    let replacement: MongoDocument
    do {
      replacement = try self.replacement(strict: settings.strict)
      if settings.runValidators ?? model.connection.profile.runValidators {
        try await replacement.runValidate(ValidateOptions())
      } else if let invalid = replacement.errors {
        throw invalid
      }
    } catch let error as ValidationError {
      throw error
    } catch let error as any MongoStyleError {
      var invalid = ValidationError()
      invalid.add(error, at: error.paths.first ?? "")
      throw invalid
    }
    return try await modify(
      filter, .replacement(replacement.locked { replacement.insertForm() }), [])
  }

  private func modify(
    _ filter: Document, _ changes: Changes, _ arrayFilters: [Document]
  ) async throws -> QueryAnswer {
    let fields = try sentProjection()
    let projection: Projection = fields.map { .document($0) } ?? .all
    let write = Update(
      model.core.lowered, where: filter.isEmpty ? .all : .document(filter), changes,
      isUpsert: settings.upsert, sort: sortKeys, arrayFilters: arrayFilters,
      returning: returning, projection: projection, options: storeOptions)
    return try await modified(try await store().writing(.update(write)), projection)
  }

  func runFindOneAndDelete() async throws -> QueryAnswer {
    let filter = try castFilter()
    try checkFilter(filter)
    let fields = try sentProjection()
    let projection: Projection = fields.map { .document($0) } ?? .all
    let write = Delete(
      model.core.lowered, where: filter.isEmpty ? .all : .document(filter), isMany: false,
      sort: sortKeys, returning: .before, projection: projection, options: storeOptions)
    return try await modified(try await store().writing(.delete(write)), projection)
  }

  private func modified(
    _ outcome: WriteOutcome, _ projection: Projection
  ) async throws -> QueryAnswer {
    let raw = outcome.rows.flatMap { $0.isEmpty ? nil : $0.document(row: 0) }
    let answer = try await document(raw, projection)
    guard settings.includesMetadata else { return answer }
    let upserted = outcome.upserted.first?.id
    return .metadata(
      FindAndModifyResult(
        document: answer.asDocument, plain: answer.asPlainDocument,
        updatedExisting: outcome.matched > 0, upsertedID: upserted,
        count: operation == .findOneAndDelete
          ? (raw == nil ? 0 : 1) : outcome.matched + outcome.upserted.count,
        isDelete: operation == .findOneAndDelete))
  }
}

extension UpdateResult {
  init(_ outcome: WriteOutcome) {
    matchedCount = outcome.matched
    modifiedCount = outcome.modified
    upsertedCount = outcome.upserted.count
    upsertedID = outcome.upserted.first?.id
  }
}

extension UpdateCast {
  /// The same cast over another schema: the base's, whose sub-schemas an update may choose.
  func over(_ other: CompiledSchema) -> UpdateCast {
    var cast = UpdateCast(other)
    cast.strict = strict
    cast.isUpsert = isUpsert
    cast.overwritesDiscriminatorKey = overwritesDiscriminatorKey
    cast.overwritesImmutable = overwritesImmutable
    cast.arrayFilters = arrayFilters
    cast.collectsErrors = collectsErrors
    cast.filter = filter
    cast.query = query
    return cast
  }
}
