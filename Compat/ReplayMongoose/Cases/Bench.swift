import Foundation
import MongoStyle
import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataSQL
import PrivataSQLite
import ReplayKit

/// The store that cases run on, emptied before each.
struct Bench {
  let store: any Store
  /// The schema or database of this run.
  private let place = "replay_mongoose_\(ProcessInfo.processInfo.processIdentifier)"
  /// The commands that MongoDB received; empty on other stores.
  let sent: SentCommands

  init(store name: String) async throws {
    sent = SentCommands()
    store = try await Self.source(name, place, sent).open()
  }

  private static func source(
    _ name: String, _ place: String, _ sent: SentCommands
  ) throws -> StoreSource {
    let environment = ProcessInfo.processInfo.environment
    func url(_ variable: String) throws -> String {
      guard let url = environment[variable] else { throw ReplayFailure("set \(variable)") }
      return url
    }
    switch name {
    case "postgres":
      return .postgres(
        try url("PRIVATA_POSTGRES_URL"),
        options: PostgresOptions(schema: place, insertionOrder: true))
    case "mongo":
      var options = MongoOptions()
      options.commandObserver = sent
      return .mongo(try url("PRIVATA_MONGO_URL"), database: place, options: options)
    default: return .sqlite(":memory:")
    }
  }

  /// A connection with the models of a case, their tables and the seeded documents.
  func prepare(_ recorded: RecordedCase, _ trace: HookTrace) async throws -> Stage {
    let connection = MongoConnection(store: store, profile: try recorded.profile())
    for (name, json) in recorded.models {
      try connection.model(name, try SchemaBuilder(trace: trace).schema(json))
    }
    let stage = try Stage(store: store, connection: connection, recorded)
    try await connection.prepare()
    try await stage.seed()
    return stage
  }

  func close() async throws {
    if let mongo = store as? MongoStore { try await mongo.dropDatabase() }
    if let postgres = store as? PostgresStore {
      _ = try await postgres.execute(SQLStatement(sql: "DROP SCHEMA \"\(place)\" CASCADE"))
    }
    await (store as? any AdministrableStore)?.close()
  }
}

/// The collections of one case.
struct Stage {
  let store: any Store
  let connection: MongoConnection
  /// By collection: the model that is seeded and read through.
  private(set) var collections: [String: ModelSchema] = [:]
  private let seeds: [(collection: String, documents: [Document])]

  init(store: any Store, connection: MongoConnection, _ recorded: RecordedCase) throws {
    self.store = store
    self.connection = connection
    seeds = try recorded.seeds()
    for name in connection.modelNames {
      let model = try connection.model(name)
      if model.baseName == nil { collections[model.collection] = model.lowered }
    }
    for name in seeds.map(\.collection) + recorded.after.map(\.key) where collections[name] == nil {
      collections[name] = ModelSchema(
        name: name, collection: name, fields: [FieldSchema("_id", .any, isOptional: false)],
        isOpen: true)
    }
  }

  func seed() async throws {
    for (collection, documents) in seeds where !documents.isEmpty {
      guard let model = collections[collection] else { continue }
      if !connection.modelNames.contains(model.name) { try await store.prepare([model]) }
      _ = try await store.write(.insert(Insert(model, .documents(documents))))
    }
  }

  /// All documents of a collection in the order of `_id`.
  func documents(_ collection: String) async throws -> [Document] {
    guard let model = collections[collection] else { return [] }
    if !connection.modelNames.contains(model.name) { try await store.prepare([model]) }
    let batch = try await store.rows(for: Query(model))
    return batch.documents.sorted { Value.order($0["_id"] ?? .null, $1["_id"] ?? .null) < 0 }
  }

  func clear() async throws {
    guard let store = store as? any AdministrableStore else { return }
    try await store.drop(Array(collections.values))
  }
}
