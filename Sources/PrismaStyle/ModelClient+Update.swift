public import PrivataCore

extension ModelClient {
  /// Changes one record and what hangs on it, and answers it: all or nothing.
  ///
  /// ```swift
  /// try await db["User"].update(["where": ["id": "u1"], "data": ["score": ["increment": 1]]])
  /// ```
  ///
  /// - Throws: P2025 where no record matches.
  @discardableResult
  public func update(_ arguments: Document) async throws(PrivataError) -> Document {
    let arguments = try self.arguments(arguments, Selection.words.union(["where", "data"]))
    let selection = try Selection(arguments, client.schema)
    let data = try arguments.required("data")
    let condition = try arguments.required("where")
    try requireUnique(condition, arguments.model)
    try check(data, arguments.model)
    return try await translating(name) { () async throws(PrivataError) in
      try await client.atomically { scope throws(PrivataError) in
        let writer = RecordWriter(client: scope, origin: name)
        let filter = try await writer.filter(condition, arguments.model)
        let key = try await writer.update(data, arguments.model, where: filter)
        return try await answer(scope, key, selection, arguments.model)
      }
    }
  }

  /// Changes all matching records and answers how many.
  public func updateMany(_ arguments: Document) async throws(PrivataError) -> Int {
    let arguments = try self.arguments(arguments, ["where", "data", "limit"])
    let changes = try self.changes(arguments)
    return try await translating(name) { () async throws(PrivataError) in
      let filter = try await self.limited(arguments)
      guard !changes.isEmpty else { return try await self.count(filter, arguments.model) }
      return try await client.store.write(
        .update(
          Update(arguments.model.schema, where: filter, .assign(changes), isMany: true))
      ).matched
    }
  }

  /// Changes all matching records and answers them.
  public func updateManyAndReturn(
    _ arguments: Document
  ) async throws(PrivataError) -> [Document] {
    let arguments = try self.arguments(
      arguments, Selection.words.union(["where", "data", "limit"]))
    let selection = try Selection(arguments, client.schema)
    let changes = try self.changes(arguments)
    let key = arguments.model.schema.key.name
    return try await translating(name) { () async throws(PrivataError) in
      try await client.atomically { scope throws(PrivataError) in
        let model = ModelClient(client: scope, name: name)
        let keys = try await model.keys(try await model.limited(arguments), arguments.model)
        let filter = Filter.isIn(key, keys)
        _ = try await scope.store.write(
          .update(Update(arguments.model.schema, where: filter, .assign(changes), isMany: true)))
        let plain = try model.arguments([:], [])
        let rows = try await RecordLoader(client: scope).records(plain, where: filter)
        return try await RecordLoader(client: scope).complete(rows, selection, arguments.model)
      }
    }
  }

  /// Changes the record that matches, or adds one: all or nothing.
  ///
  /// ```swift
  /// try await db["Tag"].upsert([
  ///   "where": ["label": "vip"], "create": ["label": "vip"], "update": [:]])
  /// ```
  @discardableResult
  public func upsert(_ arguments: Document) async throws(PrivataError) -> Document {
    let arguments = try self.arguments(
      arguments, Selection.words.union(["where", "create", "update"]))
    let selection = try Selection(arguments, client.schema)
    let (create, update) = (try arguments.required("create"), try arguments.required("update"))
    let condition = try arguments.required("where")
    try requireUnique(condition, arguments.model)
    return try await translating(name) { () async throws(PrivataError) in
      try await client.atomically { scope throws(PrivataError) in
        let writer = RecordWriter(client: scope, origin: name)
        let filter = try await writer.filter(condition, arguments.model)
        guard try await writer.first(arguments.model, where: filter) != nil else {
          let record = try await writer.create(create, arguments.model)
          return try await RecordLoader(client: scope)
            .complete([record], selection, arguments.model)[0]
        }
        let key = try await writer.update(update, arguments.model, where: filter)
        return try await answer(scope, key, selection, arguments.model)
      }
    }
  }

  private func answer(
    _ scope: PrismaClient, _ key: Value, _ selection: Selection, _ model: PrismaModel
  ) async throws(PrivataError) -> Document {
    let writer = RecordWriter(client: scope, origin: name)
    let same = Filter.compare(model.schema.key.name, .equal, key)
    guard let record = try await writer.first(model, where: same) else {
      throw .recordNotFound(name)
    }
    return try await RecordLoader(client: scope).complete([record], selection, model)[0]
  }

  /// Refuses wrong data before a transaction is opened for it.
  private func check(_ data: Document, _ model: PrismaModel) throws(PrivataError) {
    _ = try RecordData(data, model, client.schema)
      .assignments(model, keys: [:], now: client.clock())
  }

  private func changes(_ arguments: Arguments) throws(PrivataError) -> [Assignment] {
    let data = try RecordData(try arguments.required("data"), arguments.model, client.schema)
    if let related = data.related.first {
      throw .refused(
        "updateMany changes no related records; use update", model: name,
        fields: [related.link.name])
    }
    return try data.assignments(arguments.model, keys: [:], now: client.clock())
  }

  /// The filter of a call, narrowed to the keys of the first `limit` records where there is a limit.
  func limited(_ arguments: Arguments) async throws(PrivataError) -> Filter {
    let filter = try await WhereCompiler(client: client)
      .filter(try arguments.document("where"), arguments.model)
    guard let limit = try arguments.integer("limit") else { return filter }
    guard limit >= 0 else {
      throw .refused("'limit' cannot be negative", model: name, fields: ["limit"])
    }
    return .isIn(
      arguments.model.schema.key.name, try await keys(filter, arguments.model, limit: limit))
  }

  private func keys(
    _ filter: Filter, _ model: PrismaModel, limit: Int? = nil
  ) async throws(PrivataError) -> [Value] {
    let batch = try await client.store.rows(
      for: Query(
        model.schema, where: filter, projection: .fields([model.schema.key.name]), limit: limit,
        layout: .cells))
    return (0..<batch.count).compactMap { batch.value(row: $0, column: 0) }
  }

  func count(_ filter: Filter, _ model: PrismaModel) async throws(PrivataError) -> Int {
    let batch = try await client.store.rows(
      for: Query(model.schema, where: filter, answer: .count, layout: .cells))
    return batch.value(row: 0, column: 0)?.asInt ?? 0
  }
}
