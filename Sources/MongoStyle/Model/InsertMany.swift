public import PrivataCore

/// How `insertMany` runs.
public struct InsertManyOptions: Sendable {
  /// False inserts what can be, in place of stopping at the first failure.
  public var ordered = true
  /// Sends the documents as they are: no casting, defaults, validation.
  public var lean = false
  /// Throws ``BulkValidationError`` after the valid ones were stored.
  public var throwOnValidationError = false
  public var timestamps: TimestampChoice?
  public var session: MongoSession?
  public var populate: [PopulateRequest] = []
  public var hooks: HookChoice = .all

  /// The usual way.
  public init() {}

  /// The usual way with changes.
  public init(_ change: (inout InsertManyOptions) -> Void) { change(&self) }
}

/// What `insertMany` did.
public struct InsertManyAnswer: Sendable {
  /// The documents that were inserted, in the order given.
  public var documents: [MongoDocument]
  /// The documents as they were sent, where `lean` asked for that.
  public var plain: [Document]
  public var result: BulkWriteResult
  /// What was wrong with the documents that were left out, in order.
  public var validationErrors: [any Error]
  /// By position: the error of a document that was left out, `nil` for the others.
  public var results: [(any Error)?]
}

extension MongoModel {
  /// Casts and validates all documents, then inserts them with one command.
  ///
  /// ```swift
  /// let users = try await User.insertMany([["name": "Ada"], ["name": "Grace"]])
  /// // insert users [{…}, {…}]
  /// ```
  ///
  /// - Throws: ``ValidationError`` before anything is sent; unordered, ``BulkWriteError`` with what
  ///   the store refused.
  @discardableResult
  public func insertMany(
    _ values: [Document], options: InsertManyOptions = InsertManyOptions()
  ) async throws -> [MongoDocument] {
    try await insertManyRaw(values, options: options).documents
  }

  /// As ``insertMany(_:options:)``, with all that the store answered.
  @discardableResult
  public func insertManyRaw(
    _ values: [Document], options: InsertManyOptions = InsertManyOptions()
  ) async throws -> InsertManyAnswer {
    do { return try await runInsertMany(values, options) } catch { throw outward(error) }
  }

  private func runInsertMany(
    _ values: [Document], _ options: InsertManyOptions
  ) async throws -> InsertManyAnswer {
    let hooks = schema.hooks
    var values = values
    do {
      if options.hooks.contains(.pre) {
        for case .beforeInsertMany(let body) in hooks.all { try await body(self, &values) }
      }
      let answer = try await InsertMany(self, options).run(values)
      if options.hooks.contains(.post) {
        for case .afterInsertMany(let body) in hooks.all { try await body(self, answer) }
      }
      return answer
    } catch {
      var failure = error
      if options.hooks.contains(.post) {
        for case .insertManyError(let body) in hooks.all {
          failure = await hooks.caught { try await body(outward(failure), self) } ?? failure
        }
      }
      throw failure
    }
  }
}

/// One run of `insertMany`.
private struct InsertMany {
  let model: MongoModel
  let options: InsertManyOptions

  init(_ model: MongoModel, _ options: InsertManyOptions) {
    self.model = model
    self.options = options
  }

  private struct Prepared {
    var documents: [(index: Int, document: MongoDocument)] = []
    var errors: [any Error] = []
    var results: [(any Error)?]
  }

  func run(_ values: [Document]) async throws -> InsertManyAnswer {
    if options.lean { return try await insertPlain(values) }
    if let forms = flatForms(values) { return try await insertFlat(forms) }
    let prepared = try await prepare(values)
    let documents = prepared.documents.map(\.document)
    var answer = InsertManyAnswer(
      documents: [], plain: [], result: BulkWriteResult(),
      validationErrors: prepared.errors, results: prepared.results)
    if documents.isEmpty {
      if options.throwOnValidationError { throw failure(answer) }
      return answer
    }
    let forms = documents.map { document in
      document.locked { () -> Document in
        document.stampVersion()
        if options.timestamps?.isOff != true { document.initializeTimestamps(options.timestamps) }
        return document.insertForm()
      }
    }
    answer.result = try await send(forms, prepared)
    for document in documents { settle(document) }
    answer.documents = documents
    if options.throwOnValidationError, !prepared.errors.isEmpty { throw failure(answer) }
    if !options.populate.isEmpty {
      try await model.populate(documents, options.populate)
    }
    return answer
  }

  // MARK: - The short way

  /// The forms of all documents; `nil` where one of them needs the long way.
  private func flatForms(_ values: [Document]) -> [Document]? {
    guard options.session == nil, options.timestamps == nil, !values.isEmpty else { return nil }
    var forms: [Document] = []
    forms.reserveCapacity(values.count)
    for one in values {
      guard let form = model.flatForm(one, .insertMany) else { return nil }
      forms.append(form)
    }
    return forms
  }

  private func insertFlat(_ forms: [Document]) async throws -> InsertManyAnswer {
    let documents = forms.map { MongoDocument.saved(core: model.core, form: $0) }
    var prepared = Prepared(results: Array(repeating: nil, count: forms.count))
    prepared.documents = documents.enumerated().map { ($0.offset, $0.element) }
    let result = try await send(forms, prepared)
    if !options.populate.isEmpty { try await model.populate(documents, options.populate) }
    return InsertManyAnswer(
      documents: documents, plain: [], result: result, validationErrors: [],
      results: prepared.results)
  }

  // MARK: - The long way

  private func prepare(_ values: [Document]) async throws -> Prepared {
    var prepared = Prepared(results: Array(repeating: nil, count: values.count))
    for (index, one) in values.enumerated() {
      do {
        let document = try MongoDocument.construct(
          core: model.core, schema: model.schema, values: .value(.document(one)))
        if let session = options.session { document.use(session) }
        try await document.runValidate(ValidateOptions())
        prepared.documents.append((index, document))
      } catch {
        if options.ordered { throw error }
        prepared.errors.append(error)
        prepared.results[index] = error
      }
    }
    return prepared
  }

  private func failure(_ answer: InsertManyAnswer) -> BulkValidationError {
    BulkValidationError(
      operation: "insertMany", validationErrors: answer.validationErrors,
      results: answer.results, outcome: answer.result)
  }

  private func send(_ forms: [Document], _ prepared: Prepared) async throws -> BulkWriteResult {
    let outcome: WriteOutcome
    do { outcome = try await write(forms) } catch {
      throw model.core.withDuplicateMessage(error)
    }
    var result = BulkWriteResult(inserted: forms, outcome, isOrdered: options.ordered)
    guard !outcome.failures.isEmpty else { return result }
    result.validationErrors = prepared.errors
    throw refused(outcome, prepared, result)
  }

  /// Inserts the documents. What comes before the first one that is refused stays, on stores too
  /// that insert all or none: those are asked again, one document after the other.
  private func write(_ forms: [Document]) async throws(PrivataError) -> WriteOutcome {
    let store = try await model.core.store(for: options.session)
    let insert = Insert(model.core.lowered, .documents(forms), isOrdered: options.ordered)
    do { return try await store.writing(.insert(insert)) } catch {
      let isRefusal = error.code == .duplicateKey || error.code == .rejectedByStore
      // A refusal ends a transaction, so that nothing can be asked again there.
      guard isRefusal, forms.count == 1 || !(store is any StoreTransaction) else { throw error }
      guard forms.count > 1 else {
        var outcome = WriteOutcome()
        outcome.failures = [WriteOutcome.Failure(index: 0, error: error)]
        return outcome
      }
      let single = forms.map { Write.insert(Insert(model.core.lowered, .documents([$0]))) }
      return try await store.writing(.bulk(single, isOrdered: options.ordered))
    }
  }

  private func refused(
    _ outcome: WriteOutcome, _ prepared: Prepared, _ result: BulkWriteResult
  ) -> BulkWriteError {
    let failed = Set(outcome.failures.map(\.index))
    let stop = options.ordered ? failed.min() ?? Int.max : Int.max
    var inserted: [MongoDocument] = []
    for (position, entry) in prepared.documents.enumerated()
    where !failed.contains(position) && position < stop {
      settle(entry.document)
      inserted.append(entry.document)
    }
    return BulkWriteError(
      writeErrors: outcome.failures.map { failure in
        WriteOutcome.Failure(
          index: prepared.documents[failure.index].index, error: failure.error)
      },
      insertedDocuments: inserted, result: result, validationErrors: prepared.errors)
  }

  private func settle(_ document: MongoDocument) {
    document.locked {
      document.reset()
      document.state.backup = nil
      document.setIsNew(false)
      document.state.savedState = [:]
    }
  }

  private func insertPlain(_ values: [Document]) async throws -> InsertManyAnswer {
    let forms = values.map { value -> Document in
      guard !value.contains("_id") else { return value }
      var form = value
      form["_id"] = .objectID(ObjectID())
      return form
    }
    let outcome = try await write(forms)
    let result = BulkWriteResult(inserted: forms, outcome, isOrdered: options.ordered)
    if !outcome.failures.isEmpty {
      throw BulkWriteError(
        writeErrors: outcome.failures, insertedDocuments: [], result: result,
        validationErrors: [])
    }
    return InsertManyAnswer(
      documents: [], plain: forms, result: result, validationErrors: [],
      results: Array(repeating: nil, count: forms.count))
  }
}
