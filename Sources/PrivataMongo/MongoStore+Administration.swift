public import PrivataCore

extension MongoStore: CommandStore, CollectionStore, IndexedStore {
  /// Runs a command against the store's database and answers the server's reply.
  public func runCommand(_ command: Document) async throws(PrivataError) -> Document {
    try await runCommand(command, database: nil)
  }

  /// Runs any command and answers its reply.
  ///
  /// ```swift
  /// let status = try await store.runCommand(["serverStatus": 1], database: "admin")
  /// ```
  public func runCommand(
    _ command: Document, database: String?
  ) async throws(PrivataError) -> Document {
    try await reply(
      to: try .document(command, on: database ?? context.database, mode: .administration))
  }

  /// How the server would answer a query.
  public func explain(
    _ query: Query, verbosity: String
  ) async throws(PrivataError) -> Document {
    let target = context.target(query.model)
    let inner = try Self.command(query, target, batchSize: nil)
    var find = Document(validated: inner.bytes[...])
    find["batchSize"] = nil
    return try await runCommand(
      ["explain": .document(find), "verbosity": .string(verbosity)], database: target.database)
  }

  /// The indexes of a model's collection; none where there is no collection.
  public func indexes(of model: ModelSchema) async throws(PrivataError) -> [Document] {
    try await list(indexesOf: context.target(model))
  }

  /// The indexes that the model asks for, as `createIndexes` takes them.
  public func wantedIndexes(of model: ModelSchema) -> [Document] {
    context.target(model).indexes
  }

  /// Creates indexes, given as `createIndexes` takes them (`{key: {email: 1}, unique: true}`).
  public func createIndexes(
    _ indexes: [Document], on model: ModelSchema
  ) async throws(PrivataError) {
    let named = indexes.map { index in
      guard index["name"] == nil, let key = index["key"]?.asDocument else { return index }
      var index = index
      index["name"] = .string(Target.name(of: key))
      return index
    }
    try await create(named, context.target(model))
  }

  /// Drops an index by its name; `*` drops all but `_id`'s.
  public func dropIndex(
    _ name: String, of model: ModelSchema
  ) async throws(PrivataError) {
    let target = context.target(model)
    _ = try await runCommand(
      ["dropIndexes": .string(target.collection), "index": .string(name)],
      database: target.database)
  }

  /// The collections of the database, as `listCollections` describes them.
  public func collections() async throws(PrivataError) -> [Document] {
    try await listCollections(of: context.database, [:])
  }

  /// Creates a model's collection; options by MongoDB's names (`capped`, `size`, `collation`,
  /// `validator`, `timeseries` …). Without effect where it exists.
  public func createCollection(
    of model: ModelSchema, options: Document
  ) async throws(PrivataError) {
    let target = context.target(model)
    try await create(target.collection, options, target)
  }

  /// Drops the whole database.
  package func dropDatabase() async throws(PrivataError) {
    _ = try await runCommand(["dropDatabase": 1], database: nil)
  }
}

extension MongoStore: MultiDatabaseStore {
  /// Another database of the same server, over the same connections.
  ///
  /// ```swift
  /// let tenant = store.database("tenant_42")
  /// ```
  public func database(_ name: String) -> any Store { sibling(name) }
}

// MARK: - Commands

extension MongoStore {
  /// Which of the names are collections.
  func collections(
    of database: String, among names: [String]
  ) async throws(PrivataError) -> Set<String> {
    let filter: Document = ["name": ["$in": .array(names.map { .string($0) })]]
    let found = try await listCollections(of: database, ["filter": .document(filter)])
    return Set(found.compactMap { $0["name"]?.asString })
  }

  private func listCollections(
    of database: String, _ options: Document
  ) async throws(PrivataError) -> [Document] {
    var command: Document = ["listCollections": 1, "cursor": [:]]
    for element in options { command.append(element.key, element.value) }
    return try await list(
      .document(command, on: database, mode: .read), collection: "$cmd.listCollections")
  }

  func list(indexesOf target: Target) async throws(PrivataError) -> [Document] {
    let command = try Command.on(target, "listIndexes", .read) { writer in
      writer.append("cursor", .document([:]))
    }
    do {
      return try await list(command, collection: target.collection)
    } catch {
      // NamespaceNotFound: a collection that is not there has no indexes.
      if (error.underlying as? ServerError)?.code == 26 { return [] }
      throw error
    }
  }

  private func list(
    _ command: Command, collection: String
  ) async throws(PrivataError) -> [Document] {
    var command = command
    command.collection = collection
    return try await collect(command, .raw, kind: nil, batchSize: nil).documents
  }

  func create(
    _ collection: String, _ options: Document, _ target: Target
  ) async throws(PrivataError) {
    let command = try Command.on(target, "create", .administration) { writer in
      for element in options { writer.append(element.key, element.value) }
    }
    do {
      _ = try await reply(to: command)
    } catch {
      // NamespaceExists: another process was faster.
      if (error.underlying as? ServerError)?.code != 48 { throw error }
    }
  }

  func create(_ indexes: [Document], _ target: Target) async throws(PrivataError) {
    let command = try Command.on(target, "createIndexes", .administration) { writer in
      writer.append("indexes", .array(indexes.map { .document($0) }))
    }
    _ = try await reply(to: command)
  }

  func drop(_ target: Target) async throws(PrivataError) {
    do {
      _ = try await reply(to: try Command.on(target, "drop", .administration) { _ in })
    } catch {
      if (error.underlying as? ServerError)?.code != 26 { throw error }
    }
  }
}
