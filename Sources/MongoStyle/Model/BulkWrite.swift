public import PrivataCore

/// One operation of `bulkWrite`.
public enum BulkOperation: Sendable {
  case insertOne(Document, Options = Options())
  case updateOne(Document, UpdateForm, Options = Options())
  case updateMany(Document, UpdateForm, Options = Options())
  case replaceOne(Document, Document, Options = Options())
  case deleteOne(Document, Options = Options())
  case deleteMany(Document, Options = Options())

  /// The options of one operation.
  public struct Options: Sendable {
    /// Options of one operation, by their names in Mongoose.
    public var upsert = false
    public var arrayFilters: [Document] = []
    public var timestamps: TimestampChoice?
    public var setDefaultsOnInsert: Bool?
    public var skipsValidation = false
    public var overwriteDiscriminatorKey = false
    public var overwriteImmutable = false

    /// The usual way.
    public init() {}

    /// The usual way with changes.
    public init(_ change: (inout Options) -> Void) { change(&self) }
  }
}

/// How `bulkWrite` runs.
public struct BulkWriteOptions: Sendable {
  /// False goes on after a failure and leaves out what fails its casting or validation.
  public var ordered = true
  public var timestamps: TimestampChoice?
  public var strict: StrictMode?
  public var skipsValidation = false
  /// Throws ``BulkValidationError`` after the others were carried out.
  public var throwOnValidationError = false
  public var session: MongoSession?
  public var hooks: HookChoice = .all

  /// The usual way.
  public init() {}

  /// The usual way with changes.
  public init(_ change: (inout BulkWriteOptions) -> Void) { change(&self) }
}

/// What `bulkWrite` or `insertMany` did.
public struct BulkWriteResult: Sendable {
  /// How many documents each kind of operation touched.
  public var insertedCount = 0
  public var matchedCount = 0
  public var modifiedCount = 0
  public var deletedCount = 0
  public var upsertedCount = 0
  /// The ids of inserted documents by position of their operation.
  public var insertedIDs: [Int: Value] = [:]
  /// The ids of upserted documents by position of their operation.
  public var upsertedIDs: [Int: Value] = [:]
  /// What was wrong with the operations that were left out, in order.
  public var validationErrors: [any Error] = []
  /// By position: the error of an operation, `nil` for the others; empty where none failed.
  public var results: [(any Error)?] = []

  /// Nothing done.
  public init() {}

  /// The answer to an insert: the ids of the documents that were stored, up to the first failure
  /// where it was ordered.
  init(inserted forms: [Document], _ outcome: WriteOutcome, isOrdered: Bool) {
    insertedCount = outcome.inserted
    let failed = Set(outcome.failures.map(\.index))
    let end = isOrdered ? failed.min() ?? forms.count : forms.count
    for (index, form) in forms[..<end].enumerated() where !failed.contains(index) {
      insertedIDs[index] = form["_id"] ?? .null
    }
  }

  init(_ outcome: WriteOutcome) {
    insertedCount = outcome.inserted
    matchedCount = outcome.matched
    modifiedCount = outcome.modified
    deletedCount = outcome.deleted
    upsertedCount = outcome.upserted.count
    for one in outcome.upserted { upsertedIDs[one.index] = one.id }
  }
}

extension MongoModel {
  /// Carries out several changes with one command, each cast by the schema.
  ///
  /// ```swift
  /// try await User.bulkWrite([
  ///   .insertOne(["name": "Ada"]),
  ///   .updateOne(["name": "Grace"], .document(["$inc": ["visits": 1]])),
  ///   .deleteMany(["active": false]),
  /// ])
  /// ```
  ///
  /// - Throws: ``CastError``, ``ValidationError`` before anything is sent (ordered);
  ///   ``BulkWriteError`` with what the store refused.
  @discardableResult
  public func bulkWrite(
    _ operations: [BulkOperation], options: BulkWriteOptions = BulkWriteOptions()
  ) async throws -> BulkWriteResult {
    do { return try await runBulkWrite(operations, options) } catch { throw outward(error) }
  }

  private func runBulkWrite(
    _ operations: [BulkOperation], _ options: BulkWriteOptions
  ) async throws -> BulkWriteResult {
    let hooks = schema.hooks
    var operations = operations
    do {
      if options.hooks.contains(.pre) {
        for case .beforeBulkWrite(let body) in hooks.all { try await body(self, &operations) }
      }
      let result = try await BulkWriter(self, options).run(operations)
      if options.hooks.contains(.post) {
        for case .afterBulkWrite(let body) in hooks.all { try await body(self, result) }
      }
      return result
    } catch let skip as HookSkip {
      guard case .value = skip.answer else { return BulkWriteResult() }
      return BulkWriteResult()
    } catch {
      var failure = error
      if options.hooks.contains(.post) {
        for case .bulkWriteError(let body) in hooks.all {
          failure = await hooks.caught { try await body(outward(failure), self) } ?? failure
        }
      }
      throw failure
    }
  }
}

/// One run of `bulkWrite`.
struct BulkWriter {
  let model: MongoModel
  let options: BulkWriteOptions

  init(_ model: MongoModel, _ options: BulkWriteOptions) {
    self.model = model
    self.options = options
  }

  /// An operation cast for the store.
  struct Cast {
    var write: Write
    /// The document of an insert, whose id the result names.
    var inserted: Document?
  }

  func run(_ operations: [BulkOperation]) async throws -> BulkWriteResult {
    if operations.isEmpty { return BulkWriteResult() }
    var writes: [(index: Int, cast: Cast)] = []
    var failures: [(index: Int, error: any Error)] = []
    for (index, operation) in operations.enumerated() {
      do { writes.append((index, try await cast(operation))) } catch {
        if options.ordered { throw error }
        failures.append((index, error))
      }
    }
    var results = [(any Error)?](repeating: nil, count: operations.count)
    for failure in failures { results[failure.index] = failure.error }
    var result = BulkWriteResult()
    if !writes.isEmpty {
      result = try await send(writes, failures.map(\.error))
    }
    result.validationErrors = failures.map(\.error)
    if !failures.isEmpty { result.results = results }
    if options.throwOnValidationError, !failures.isEmpty {
      throw BulkValidationError(
        operation: "bulkWrite", validationErrors: failures.map(\.error), results: results,
        outcome: result)
    }
    return result
  }

  private func send(
    _ writes: [(index: Int, cast: Cast)], _ validationErrors: [any Error]
  ) async throws -> BulkWriteResult {
    let store = try await model.core.store(for: options.session)
    let outcome = try await store.writing(
      .bulk(writes.map(\.cast.write), isOrdered: options.ordered))
    var result = BulkWriteResult(outcome)
    let failed = Set(outcome.failures.map(\.index))
    let stop = options.ordered ? failed.min() ?? Int.max : Int.max
    for (position, entry) in writes.enumerated() {
      guard let inserted = entry.cast.inserted else { continue }
      if !failed.contains(position), position < stop || !options.ordered {
        result.insertedIDs[position] = inserted["_id"] ?? .null
      }
    }
    guard !outcome.failures.isEmpty else { return result }
    throw BulkWriteError(
      writeErrors: outcome.failures, insertedDocuments: [], result: result,
      validationErrors: validationErrors)
  }

  // MARK: - Casting

  private func cast(_ operation: BulkOperation) async throws -> Cast {
    switch operation {
    case .insertOne(let document, let own): try await insert(document, own)
    case .updateOne(let filter, let update, let own):
      Cast(write: .update(try self.update(filter, update, own, isMany: false)))
    case .updateMany(let filter, let update, let own):
      Cast(write: .update(try self.update(filter, update, own, isMany: true)))
    case .replaceOne(let filter, let replacement, let own):
      Cast(write: .update(try await replace(filter, replacement, own)))
    case .deleteOne(let filter, _):
      Cast(write: .delete(try delete(filter, isMany: false)))
    case .deleteMany(let filter, _):
      Cast(write: .delete(try delete(filter, isMany: true)))
    }
  }

  private func choice(_ own: BulkOperation.Options) -> TimestampChoice {
    own.timestamps ?? options.timestamps ?? .on
  }

  private func chosen(_ object: Document) -> ModelCore {
    model.core.discriminator(for: object[model.schema.options.discriminatorKey]) ?? model.core
  }

  private func insert(_ values: Document, _ own: BulkOperation.Options) async throws -> Cast {
    let core = chosen(values)
    let document = try MongoDocument.construct(
      core: core, schema: core.schema, values: .value(.document(values)))
    document.locked {
      if !choice(own).isOff { document.initializeTimestamps() }
      if let key = core.schema.options.versionKey, document.rawValue(key).isNullish {
        document.storeSlot(key, .value(0))
      }
    }
    if !options.skipsValidation, !own.skipsValidation {
      try await document.runValidate(ValidateOptions())
    }
    let form = document.locked { document.insertForm() }
    return Cast(
      write: .insert(Insert(model.core.lowered, .documents([form]))), inserted: form)
  }

  /// The filter of an operation with the key of a sub-model.
  private func filter(
    _ given: Document, _ core: ModelCore, strict: StrictMode?, isUpsert: Bool
  ) throws -> Document {
    var filter = given
    if let mapping = core.schema.mapping, let value = mapping.value { filter[mapping.key] = value }
    var cast = FilterCast(core.schema)
    cast.strict = strict
    cast.isUpsert = isUpsert
    let profile = model.connection.profile
    cast.strictQuery = core.schema.options.strictQuery ?? profile.strictQuery
    filter[Document.allMark] = nil
    return try cast.cast(Sanitizer.unmarked(filter))
  }

  private func update(
    _ given: Document, _ form: UpdateForm, _ own: BulkOperation.Options, isMany: Bool
  ) throws -> Update {
    let core = chosen(given)
    let schema = core.schema
    var stamps = UpdateTimestamps(schema)
    stamps.choice = choice(own)
    stamps.isUpsert = own.upsert
    stamps.overwritesImmutable = own.overwriteImmutable
    let strict = options.strict
    let filter = try filter(given, core, strict: strict, isUpsert: own.upsert)
    if isMany { try checkBounded(filter, given) }
    guard case .document(var document) = form else {
      guard case .pipeline(let stages) = form else {
        return Update(model.core.lowered, where: .none, .operators([:]))
      }
      return Update(
        model.core.lowered, where: .document(filter),
        .pipeline(try UpdateCast.castPipeline(stamps.apply(toPipeline: stages))),
        isMany: isMany, isUpsert: own.upsert, arrayFilters: own.arrayFilters)
    }
    document = stamps.apply(to: document)
    if own.upsert {
      if own.setDefaultsOnInsert ?? model.connection.profile.setDefaultsOnInsert {
        document = try UpsertDefaults.apply(to: document, filter: given, schema)
      }
      document = UpsertDefaults.addVersion(to: document, schema.options.versionKey)
    }
    var cast = UpdateCast(schema)
    cast.strict = strict
    cast.isUpsert = own.upsert
    cast.arrayFilters = own.arrayFilters
    cast.overwritesDiscriminatorKey = own.overwriteDiscriminatorKey
    cast.overwritesImmutable = own.overwriteImmutable
    cast.filter = filter
    return Update(
      model.core.lowered, where: filter.isEmpty ? .all : .document(filter),
      .operators(try cast.cast(document)), isMany: isMany, isUpsert: own.upsert,
      arrayFilters: own.arrayFilters)
  }

  private func replace(
    _ given: Document, _ values: Document, _ own: BulkOperation.Options
  ) async throws -> Update {
    let core = chosen(given)
    let filter = try filter(given, core, strict: options.strict, isUpsert: own.upsert)
    var construct = ConstructOptions()
    construct.skipsID = true
    construct.strict = options.strict
    let document = try MongoDocument.construct(
      core: core, schema: core.schema, values: .value(.document(values)), options: construct)
    document.locked {
      if !choice(own).isOff { document.initializeTimestamps() }
      if let key = core.schema.options.versionKey, document.rawValue(key).isNullish {
        document.storeSlot(key, .value(0))
      }
    }
    if !options.skipsValidation, !own.skipsValidation {
      try await document.runValidate(ValidateOptions())
    }
    return Update(
      model.core.lowered, where: filter.isEmpty ? .all : .document(filter),
      .replacement(document.locked { document.insertForm() }), isUpsert: own.upsert)
  }

  private func delete(_ given: Document, isMany: Bool) throws -> Delete {
    let core = chosen(given)
    let filter = try filter(given, core, strict: nil, isUpsert: false)
    if isMany { try checkBounded(filter, given) }
    return Delete(
      model.core.lowered, where: filter.isEmpty ? .all : .document(filter), isMany: isMany)
  }

  /// Refuses what would change or delete everything by accident.
  private func checkBounded(_ cast: Document, _ given: Document) throws {
    guard model.connection.profile.requiresFilterForMany, !given.contains(Document.allMark),
      cast.meansEverything
    else { return }
    throw UsageError(
      "an empty filter for many documents: pass .all to mean every document",
      code: .unboundedDelete)
  }
}
