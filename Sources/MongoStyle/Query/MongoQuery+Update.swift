public import PrivataCore

// Options of queries that change documents, and conditions of the whole query.

extension MongoQuery {
  /// Answers the changed document in place of the one before; of `findOneAndUpdate` and
  /// `findOneAndReplace`.
  public func returningAfter(_ isOn: Bool = true) -> Self {
    changed { $0.settings.returnsAfter = isOn }
  }

  /// The conditions behind the names in `$[name]` of the update.
  ///
  /// ```swift
  /// User.updateOne(filter, ["$set": ["items.$[i].qty": 2]]).arrayFilters([["i.sku": "a"]])
  /// ```
  public func arrayFilters(_ filters: [Document]) -> Self {
    changed { $0.settings.arrayFilters = filters }
  }

  /// Whether an upsert fills in the schema's defaults.
  public func setDefaultsOnInsert(_ isOn: Bool) -> Self {
    changed { $0.settings.setDefaultsOnInsert = isOn }
  }

  /// Lets the update change immutable paths.
  public func overwriteImmutable(_ isOn: Bool = true) -> Self {
    changed { $0.settings.overwriteImmutable = isOn }
  }

  /// Lets the update change the discriminator key.
  public func overwriteDiscriminatorKey(_ isOn: Bool = true) -> Self {
    changed { $0.settings.overwriteDiscriminatorKey = isOn }
  }

  /// Collects all values of the update that cannot be cast into one ``ValidationError``.
  public func multipleCastError(_ isOn: Bool = true) -> Self {
    changed { $0.settings.multipleCastError = isOn }
  }

  /// Takes only names in projections, so that none of a caller's texts reads a hidden field.
  public func sanitizeProjection(_ isOn: Bool = true) -> Self {
    changed { $0.settings.sanitizeProjection = isOn }
  }

  /// Full-text search over the collection's text index.
  ///
  /// ```swift
  /// Article.find().text("coffee", language: "en").sort(["score": ["$meta": "textScore"]])
  /// ```
  public func text(
    _ search: String, language: String? = nil, caseSensitive: Bool? = nil,
    diacriticSensitive: Bool? = nil
  ) -> Self {
    var text: Document = ["$search": .string(search)]
    if let language { text["$language"] = .string(language) }
    if let caseSensitive { text["$caseSensitive"] = .bool(caseSensitive) }
    if let diacriticSensitive { text["$diacriticSensitive"] = .bool(diacriticSensitive) }
    return changed { $0.filter["$text"] = .document(text) }
  }

  /// Leaves out conditions without a value, as code has them that passes optionals on.
  ///
  /// ```swift
  /// User.find(["role": role.map { .string($0) } ?? .undefined]).omitUndefined()
  /// ```
  public func omitUndefined() -> Self {
    changed { $0.filter = $0.filter.withoutUndefined }
  }

  /// Leaves the query unrun: it fails with this error without asking the store.
  public func failing(with error: any Error) -> Self { changed { $0.fail(error) } }
}

extension MongoQuery where Answer == MongoDocument? {
  /// Answers what the store said beside the document: whether one was there, an upsert's id.
  ///
  /// ```swift
  /// let result = try await User.findOneAndUpdate(filter, update).includingResultMetadata().exec()
  /// result.updatedExisting
  /// ```
  public func includingResultMetadata() -> MongoQuery<FindAndModifyResult> {
    MongoQuery<FindAndModifyResult>(changed { $0.settings.includesMetadata = true }.plan) {
      answer in
      guard case .metadata(let result) = answer else {
        return FindAndModifyResult(
          document: answer.asDocument, plain: answer.asPlainDocument,
          updatedExisting: answer.asDocument != nil, upsertedID: Value?.none,
          count: answer.asDocument == nil ? 0 : 1)
      }
      return result
    }
  }
}

// MARK: - What a query was asked for

extension MongoQuery {
  /// The projection as it was given.
  public var selected: Document { plan.projection }

  /// True where the projection asks for fields.
  public var isSelectedInclusively: Bool { Projections.isInclusive(plan.projection) }

  /// True where the projection leaves fields out.
  public var isSelectedExclusively: Bool { Projections.isExclusive(plan.projection) == true }

  /// The options as they were given.
  public var options: QuerySettings { plan.settings }

  /// The filter as the store would get it.
  ///
  /// - Throws: ``CastError``, ``StrictModeError``.
  public func castFilter() throws -> Document {
    do { return try plan.castFilter() } catch { throw outward(error) }
  }

  /// How the server would answer: `queryPlanner`, `executionStats` or `allPlansExecution`.
  ///
  /// - Throws: `unsupported` where the store is not MongoDB.
  public func explain(_ verbosity: String = "queryPlanner") async throws -> Document {
    var asked = plan
    asked.settings.explain = .string(verbosity)
    do {
      guard case .value(.document(let report)) = try await asked.run() else { return Document() }
      return report
    } catch { throw outward(error) }
  }
}
