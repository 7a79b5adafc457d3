public import PrivataCore

extension QueryPlan {
  /// Runs the query with its hooks.
  func run() async throws -> QueryAnswer {
    var plan = self
    try plan.mark?.begin()
    plan.addDiscriminator()
    if plan.hasNullFilter, plan.operation != .estimatedDocumentCount {
      throw ObjectParameterError(parameter: "filter", function: operation.rawValue)
    }
    if plan.sort.contains("") { throw UsageError("Invalid field \"\" passed to sort()") }
    let schemaHooks = plan.schema.hooks
    var result: Result<QueryAnswer, any Error>
    do {
      for hook in plan.ownHooks.before { try await hook(&plan) }
      plan.applyTimestamps()
      try await schemaHooks.runBefore(plan.operation, &plan)
      result = .success(try await plan.transformed(try await plan.answer()))
    } catch let skip as HookSkip {
      result = .success(skip.answer)
    } catch {
      result = .failure(plan.model.core.withDuplicateMessage(error))
    }
    let answer = try await schemaHooks.runAfter(plan.operation, plan, result)
    for hook in plan.ownHooks.after { try await hook(plan, answer) }
    return answer
  }

  /// A sub-model only sees its own documents.
  private mutating func addDiscriminator() {
    guard let mapping = schema.mapping, let value = mapping.value,
      operation != .estimatedDocumentCount
    else { return }
    filter[mapping.key] = value
  }

  private func transformed(_ answer: QueryAnswer) async throws -> QueryAnswer {
    var answer = answer
    for transform in transforms {
      switch transform {
      case .orFail(let error):
        guard isMissing(answer) else { continue }
        throw error?() ?? DocumentNotFoundError(model: model.name, filter: Protected(filter))
      case .map(let body): answer = try body(answer)
      }
    }
    return answer
  }

  private func isMissing(_ answer: QueryAnswer) -> Bool {
    switch answer {
    case .documents(let all): all.isEmpty
    case .plain(let all): all.isEmpty
    case .document(let one): one == nil
    case .plainDocument(let one): one == nil
    case .update(let result): result.acknowledged && result.matchedCount == 0
    case .delete(let result): result.deletedCount == 0
    case .metadata(let result): result.document == nil && result.plain == nil
    case .count, .values, .value: false
    }
  }

  private func answer() async throws -> QueryAnswer {
    switch operation {
    case .find: try await runFind()
    case .findOne: try await runFindOne()
    case .countDocuments: try await runCount()
    case .estimatedDocumentCount: try await runEstimatedCount()
    case .distinct: try await runDistinct()
    case .updateOne, .updateMany: try await runUpdate()
    case .replaceOne: try await runReplace()
    case .deleteOne, .deleteMany: try await runDelete()
    case .findOneAndUpdate: try await runFindOneAndUpdate()
    case .findOneAndReplace: try await runFindOneAndReplace()
    case .findOneAndDelete: try await runFindOneAndDelete()
    case .validate: throw UsageError("Query has invalid `op`: \"validate\"")
    }
  }

  // MARK: - Filter

  /// The filter as the store takes it.
  ///
  /// - Throws: what was wrong with the building, ``CastError``, ``StrictModeError``.
  func castFilter() throws -> Document {
    if let problem, !(problem is CastError) || filter.isEmpty { throw problem }
    var conditions = translated(filter)
    let profile = model.connection.profile
    let sanitizes = profile.sanitizeFilter ?? settings.sanitizeFilter ?? false
    if sanitizes { conditions = try Sanitizer.sanitize(conditions) }
    conditions = Sanitizer.unmarked(conditions)
    var cast = FilterCast(schema)
    cast.strictQuery = settings.strictQuery ?? schema.options.strictQuery ?? profile.strictQuery
    cast.strict = settings.strict
    cast.isUpsert = settings.upsert
    cast.isSanitized = settings.sanitizeFilter ?? false
    let result = Self.withoutUndefined(try cast.cast(conditions))
    if let problem { throw problem }
    return result
  }

  /// What was not given is sought as null, as Mongoose's driver sends it.
  private static func withoutUndefined(_ filter: Document) -> Document {
    guard holdsUndefined(.document(filter)) else { return filter }
    return replaced(.document(filter)).asDocument ?? filter
  }

  private static func holdsUndefined(_ value: Value) -> Bool {
    switch value {
    case .undefined: true
    case .document(let document): document.elements.contains { holdsUndefined($0.value) }
    case .array(let items): items.contains(where: holdsUndefined)
    default: false
    }
  }

  private static func replaced(_ value: Value) -> Value {
    switch value {
    case .undefined: .null
    case .document(let document):
      .document(
        Document(
          document.elements.map { Document.Element(key: $0.key, value: replaced($0.value)) }))
    case .array(let items): .array(items.map(replaced))
    default: value
    }
  }

  /// Refuses what would change or delete everything by accident.
  func checkFilter(_ cast: Document) throws {
    let isMany = operation == .deleteMany || operation == .updateMany
    let isRequired =
      settings.requireFilter ?? (isMany && model.connection.profile.requiresFilterForMany)
    guard isRequired, !filter.contains(Document.allMark), cast.meansEverything else { return }
    throw UsageError(
      "Empty or invalid filter not allowed with requireFilter enabled; pass .all to mean every "
        + "document", code: .unboundedDelete)
  }

  // MARK: - Aliases

  var translatesAliases: Bool {
    settings.translateAliases ?? schema.options.translateAliases
      ?? model.connection.profile.translateAliases
  }

  func translated(_ document: Document) -> Document {
    var document = document
    if document.contains(Document.allMark) { document[Document.allMark] = nil }
    guard translatesAliases, !schema.aliases.isEmpty else { return document }
    return Aliases(schema).translated(document)
  }

  /// What few queries carry, as the store takes it; `nil` for none.
  var storeOptions: QueryOptions? {
    var options = QueryOptions()
    options.collation = settings.collation ?? schema.options.collation
    options.hint = settings.hint
    options.comment = settings.comment
    options.maxTimeMilliseconds =
      settings.maxTimeMilliseconds ?? model.connection.profile.maxTimeMilliseconds
    options.readPreference = settings.readPreference ?? schema.options.readPreference
    options.readConcern = settings.readConcern ?? schema.options.readConcern
    options.batchSize = settings.batchSize
    options.allowDiskUse = settings.allowDiskUse
    options.more = settings.more
    return options == QueryOptions() ? nil : options
  }

  func store() async throws -> any Store { try await model.core.store(for: settings.session) }
}

extension Document {
  /// True for a filter without a condition, at the top or in its branches: one empty branch of an
  /// `$or` is enough.
  var meansEverything: Bool {
    if isEmpty { return true }
    let branches = ["$and", "$or", "$nor"].compactMap { self[$0]?.asArray }
    if branches.contains(where: { $0.allSatisfy(Self.isUnbounded) }) { return true }
    return elements.allSatisfy { element in
      guard element.key == "$or", let branches = element.value.asArray else { return false }
      return branches.contains(where: Self.isUnbounded)
    }
  }

  private static func isUnbounded(_ branch: Value) -> Bool {
    branch.asDocument?.meansEverything ?? true
  }

  static let allMark = "\u{0}all"

  /// Every document, said on purpose: what `deleteMany` and `updateMany` take for "all of them".
  ///
  /// ```swift
  /// try await Draft.deleteMany(.all).exec()
  /// ```
  public static var all: Document { Document([Element(key: allMark, value: true)]) }
}
