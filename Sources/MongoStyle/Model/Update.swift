public import PrivataCore

extension MongoModel {
  /// Updates the first document that matches; fields without an operator are set.
  ///
  /// ```swift
  /// let result = try await User.updateOne(["_id": id], ["$inc": ["visits": 1]]).exec()
  /// // update users {_id: …} {$inc: {visits: 1}}
  /// ```
  public func updateOne(
    _ filter: Document, _ update: Document, options: Document = [:]
  ) -> MongoQuery<UpdateResult> {
    updateOne(where: .document(filter), .document(update), options: options)
  }

  /// Updates the first document that matches a filter given as any value.
  public func updateOne(
    where filter: Value, _ update: Value, options: Document = [:]
  ) -> MongoQuery<UpdateResult> {
    updating(.updateOne, filter, update, options)
  }

  /// Updates every document that matches. Without conditions say `.all`.
  public func updateMany(
    _ filter: Document, _ update: Document, options: Document = [:]
  ) -> MongoQuery<UpdateResult> {
    updateMany(where: .document(filter), .document(update), options: options)
  }

  /// Updates every document that matches a filter given as any value.
  public func updateMany(
    where filter: Value, _ update: Value, options: Document = [:]
  ) -> MongoQuery<UpdateResult> {
    updating(.updateMany, filter, update, options)
  }

  /// Replaces the first document that matches, all but its `_id`.
  public func replaceOne(
    _ filter: Document, _ replacement: Document, options: Document = [:]
  ) -> MongoQuery<UpdateResult> {
    replaceOne(where: .document(filter), .document(replacement), options: options)
  }

  /// Replaces the first document that matches a filter given as any value.
  public func replaceOne(
    where filter: Value, _ replacement: Value, options: Document = [:]
  ) -> MongoQuery<UpdateResult> {
    var replacement = replacement.asDocument ?? Document()
    if let key = schema.options.versionKey, !(replacement[key]?.isTruthy ?? false) {
      replacement[key] = 0
    }
    var plan = QueryPlan(self, .replaceOne)
    plan.merge(filter)
    plan.setOptions(options)
    plan.merge(update: .document(replacement))
    return MongoQuery(plan) { try $0.updateResult() }
  }

  /// Updates the first document that matches and answers it as it was before, or after with
  /// `returnDocument: "after"` among the options.
  public func findOneAndUpdate(
    _ filter: Document, _ update: Document, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    findOneAndUpdate(where: .document(filter), .document(update), options: options)
  }

  /// Updates and answers the first document that matches a filter given as any value.
  public func findOneAndUpdate(
    where filter: Value, _ update: Value, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    var plan = plan(.findOneAndUpdate, filter, .undefined, options)
    plan.take(update)
    return MongoQuery(plan) { $0.asDocument }
  }

  /// Updates and answers the document of an id.
  public func findByIdAndUpdate(
    _ id: Value, _ update: Document, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    findOneAndUpdate(where: ["_id": id], .document(update), options: options)
  }

  /// Replaces the first document that matches and answers it as it was before, or after.
  public func findOneAndReplace(
    _ filter: Document, _ replacement: Document, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    findOneAndReplace(where: .document(filter), .document(replacement), options: options)
  }

  /// Replaces and answers the first document that matches a filter given as any value.
  public func findOneAndReplace(
    where filter: Value, _ replacement: Value, options: Document = [:]
  ) -> MongoQuery<MongoDocument?> {
    let replacement = replacement.asDocument ?? Document()
    var plan = plan(.findOneAndReplace, filter, .undefined, options)
    plan.merge(update: .document(replacement))
    return MongoQuery(plan) { $0.asDocument }
  }

  private func updating(
    _ operation: QueryOperation, _ filter: Value, _ update: Value, _ options: Document
  ) -> MongoQuery<UpdateResult> {
    var plan = QueryPlan(self, operation)
    if filter == .undefined || filter.asDocument != nil || filter.isNull {
      plan.merge(filter)
    } else {
      plan.fail(ObjectParameterError(parameter: "filter", function: operation.rawValue))
    }
    plan.setOptions(options)
    plan.take(update)
    if plan.settings.upsert, case .document(let document)? = plan.update {
      plan.update = .document(UpsertDefaults.addVersion(to: document, schema.options.versionKey))
    }
    return MongoQuery(plan) { try $0.updateResult() }
  }
}

extension QueryPlan {
  /// Takes an update given as any value: a document, or a pipeline as an array.
  mutating func take(_ update: Value) {
    switch update {
    case .document(let document): merge(update: .document(document))
    case .array(let stages):
      guard settings.allowsPipeline ?? model.connection.profile.allowsUpdatePipelines else {
        return fail(
          UsageError(
            "Cannot pass an array to query updates unless the `updatePipeline` option is set."))
      }
      merge(update: .pipeline(stages.compactMap(\.asDocument)))
    default: merge(update: .document(Document()))
    }
  }
}
