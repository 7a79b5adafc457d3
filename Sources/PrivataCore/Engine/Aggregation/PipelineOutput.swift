/// A pipeline's last stage that writes: `$out` puts its results in the place of a collection's
/// records, `$merge` among them.
struct PipelineOutput: Sendable {
  private let target: Target
  private let merge: MergeStage?

  private struct Target: Sendable {
    let collection: String
    let namespace: String?
  }

  /// The stage at the end of a pipeline; `nil` where it does not write.
  ///
  /// - Throws: `rejectedByStore` for such a stage in another place, or one that is malformed.
  init?(_ stages: [Document], _ model: ModelSchema) throws(PrivataError) {
    for stage in stages.dropLast() {
      for name in ["$out", "$merge"] where stage.contains(name) {
        throw .rejected(40601, "\(name) can only be the final stage in the pipeline")
      }
    }
    guard let last = stages.last, last.count == 1 else { return nil }
    if let value = last["$out"] {
      merge = nil
      target = try Self.target(value, model, "$out")
    } else if let value = last["$merge"] {
      var into = value
      var specification = Document()
      if case .document(let document) = value {
        specification = document
        guard let named = document["into"] else {
          throw .rejected(40414, "BSON field '$merge.into' is missing but a required field")
        }
        into = named
      }
      target = try Self.target(into, model, "$merge")
      merge = try MergeStage(specification)
    } else {
      return nil
    }
  }

  private static func target(
    _ value: Value, _ model: ModelSchema, _ stage: String
  ) throws(PrivataError) -> Target {
    var namespace = model.namespace
    var name = value.asString
    if case .document(let document) = value {
      name = document["coll"]?.asString
      namespace = document["db"]?.asString ?? namespace
    }
    guard let name, !name.isEmpty else {
      throw .rejected(16990, "\(stage) needs the name of a collection")
    }
    guard !name.hasPrefix("system.") else {
      throw .rejected(17385, "Can't \(stage) to special collection: \(name)")
    }
    return Target(collection: name, namespace: namespace)
  }

  /// Writes the results, all or none where the store has transactions.
  func write(
    _ documents: [Document], to host: some AggregationHost, beside model: ModelSchema
  ) async throws(PrivataError) {
    let model = try await place(host, model)
    // What is merged by other fields keeps the id of the record that it meets.
    let needsKey = merge?.isByKey ?? true
    let keyed = documents.map { document in
      guard needsKey, !document.contains("_id") else { return document }
      return Document([.init(key: "_id", value: .objectID(ObjectID()))] + document.elements)
    }
    guard let store = host as? any TransactionalStore else {
      return try await write(keyed, model, host)
    }
    let transaction = try await store.begin(TransactionOptions())
    do throws(PrivataError) {
      try await write(keyed, model, transaction)
    } catch {
      try? await transaction.rollback()
      throw error
    }
    try await transaction.commit()
  }

  private func write(
    _ documents: [Document], _ model: ModelSchema, _ store: some Store
  ) async throws(PrivataError) {
    if let merge { return try await merge.write(documents, into: model, on: store) }
    _ = try await store.write(.delete(Delete(model, where: .all)))
    var rest = documents[...]
    while !rest.isEmpty {
      _ = try await store.write(.insert(Insert(model, .documents(Array(rest.prefix(1000))))))
      rest = rest.dropFirst(1000)
    }
  }

  /// The model of the target, made where there is no such collection.
  private func place(
    _ host: some AggregationHost, _ model: ModelSchema
  ) async throws(PrivataError) -> ModelSchema {
    if target.collection == model.collection, target.namespace == model.namespace { return model }
    let sibling = ModelSchema(
      name: target.collection, collection: target.collection, namespace: target.namespace,
      fields: [FieldSchema("_id", .any, isOptional: false)], isOpen: true)
    if let known = try await host.model(ofCollection: target.collection, beside: sibling) {
      return known
    }
    try await host.prepare([sibling])
    return sibling
  }
}
