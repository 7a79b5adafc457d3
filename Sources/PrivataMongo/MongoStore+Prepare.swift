public import PrivataCore

extension MongoStore {
  /// Creates the collections and indexes of the models that are missing: one `listCollections`, and
  /// for each model that has indexes at most one `listIndexes` and one `createIndexes`.
  ///
  /// - Throws: `rejectedByStore` where an index of the same name or keys has other options.
  public func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    let targets = models.map { context.target($0) }
    for database in Set(targets.map(\.database)).sorted() {
      let here = targets.filter { $0.database == database }
      let existing = try await collections(of: database, among: here.map(\.collection))
      var done: Set<String> = []
      for target in here {
        let isNew = !existing.contains(target.collection) && !done.contains(target.collection)
        try await prepare(target, isNew: isNew)
        done.insert(target.collection)
      }
    }
  }

  private func prepare(_ target: Target, isNew: Bool) async throws(PrivataError) {
    let wanted = context.options.autoIndex ? target.indexes : []
    if wanted.isEmpty {
      if isNew, context.options.autoCreate { try await create(target.collection, [:], target) }
      return
    }
    let existing = isNew ? [] : try await list(indexesOf: target).compactMap { $0["name"] }
    let missing = wanted.filter { index in !existing.contains { $0 == index["name"] } }
    if !missing.isEmpty { try await create(missing, target) }
  }

  /// Removes the models' collections with everything in them.
  public func drop(_ models: [ModelSchema]) async throws(PrivataError) {
    for model in models { try await drop(context.target(model)) }
  }
}

extension Target {
  /// The indexes that the model asks for, as `createIndexes` takes them.
  var indexes: [Document] {
    guard let model else { return [] }
    var indexes: [Document] = []
    for field in model.fields {
      let path = naming.path(field.name)
      guard path != "_id", field.isUnique || field.isIndexed else { continue }
      var index: Document = ["key": [path: 1], "name": .string("\(path)_1")]
      if field.isUnique { index["unique"] = true }
      // Many records may lack an optional unique field of a typed model, as in SQL.
      if field.isUnique, model.omitsNull(field.name) { index["sparse"] = true }
      indexes.append(index)
    }
    indexes += keyIndexes(model)
    indexes += model.indexes.map { document($0, model) }
    return indexes
  }

  /// A primary key of several fields is a unique index beside `_id`.
  private func keyIndexes(_ model: ModelSchema) -> [Document] {
    guard model.primaryKey.count > 1 else { return [] }
    let parts = model.primaryKey.map { IndexSchema.Part(model.fields[$0].name) }
    return [document(IndexSchema(parts: parts, isUnique: true), model)]
  }

  private func document(_ index: IndexSchema, _ model: ModelSchema) -> Document {
    let key = Document(
      index.parts.map { part in
        let value: Value =
          part.kind.map { .string($0) } ?? .int32(part.isDescending ? -1 : 1)
        return Document.Element(key: naming.path(part.field), value: value)
      })
    var document: Document = ["key": .document(key)]
    document["name"] = .string(index.name ?? Self.name(of: key))
    if index.isUnique { document["unique"] = true }
    if index.isSparse { document["sparse"] = true }
    if let filter = partialFilter(index, model) {
      document["partialFilterExpression"] = .document(filter)
    }
    if let collation = index.collation { document["collation"] = .document(collation) }
    if let seconds = index.expireAfterSeconds { document["expireAfterSeconds"] = .int(seconds) }
    return document
  }

  // SQL counts no record with a null in a unique index; MongoDB counts missing fields as equal.
  private func partialFilter(_ index: IndexSchema, _ model: ModelSchema) -> Document? {
    if let filter = index.partialFilter { return naming.filter(filter) }
    guard index.isUnique, !index.isSparse else { return nil }
    let optional = index.parts.filter { model.omitsNull($0.field) }
    if optional.isEmpty { return nil }
    return Document(
      optional.map {
        Document.Element(key: naming.path($0.field), value: ["$exists": true])
      })
  }

  /// MongoDB's own habit: keys and directions, joined.
  static func name(of key: Document) -> String {
    key.elements.map { element in
      "\(element.key)_\(element.value.asString ?? "\(element.value.asInt ?? 1)")"
    }.joined(separator: "_")
  }
}
