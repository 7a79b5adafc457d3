internal import PrivataCore
internal import Synchronization

/// A model as its documents and queries share it: schema, store form, connection.
final class ModelCore: Sendable {
  let name: String
  let schema: CompiledSchema
  let lowered: ModelSchema
  let connection: MongoConnection
  /// The model that this one is a sub-model of.
  let baseName: String?
  private let links: Mutex<Links>
  private let isPrepared = Mutex(false)

  private struct Links {
    weak var base: ModelCore?
    var discriminators: [String: ModelCore] = [:]
  }

  private init(
    _ name: String, _ schema: CompiledSchema, _ lowered: ModelSchema, _ base: ModelCore?,
    on connection: MongoConnection
  ) {
    self.name = name
    self.schema = schema
    self.lowered = lowered
    self.connection = connection
    baseName = base?.name
    links = Mutex(Links(base: base))
  }

  /// The model of a schema with the sub-models that it states.
  static func make(
    _ name: String, _ source: Schema, collection: String?, on connection: MongoConnection
  ) throws -> ModelCore {
    let schema = try SchemaCompiler.compile(source, place: .model)
    let place =
      collection ?? schema.options.collection
      ?? (connection.profile.pluralizes ? Plural.of(name) : name)
    let lowered = try Lowering(name: name, collection: place).lower(schema)
    return made(name, schema, lowered, on: connection)
  }

  private static func made(
    _ name: String, _ schema: CompiledSchema, _ lowered: ModelSchema,
    on connection: MongoConnection
  ) -> ModelCore {
    let core = ModelCore(name, schema, lowered, nil, on: connection)
    for (subName, sub) in schema.discriminators {
      // Sub-models share the base's table or collection, whose columns hold the paths of all.
      let made = ModelCore(subName, sub, lowered, core, on: connection)
      core.links.withLock { $0.discriminators[subName] = made }
    }
    return core
  }

  /// The same model on another connection.
  func bound(to connection: MongoConnection) -> ModelCore {
    ModelCore.made(name, schema, lowered, on: connection)
  }

  /// The same model on another connection to the same store, where what it needs is made already.
  func lent(to connection: MongoConnection) -> ModelCore {
    let core = bound(to: connection)
    core.isPrepared.withLock { $0 = isPrepared.withLock { $0 } }
    return core
  }

  var base: ModelCore? { links.withLock { $0.base } }

  var discriminators: [String: ModelCore] { links.withLock { $0.discriminators } }

  /// The sub-model whose key holds this value.
  func discriminator(for value: Value?) -> ModelCore? {
    guard let value, !value.isNullish else { return nil }
    let all = discriminators
    if case .string(let name) = value, let named = all[name] { return named }
    return all.values.first { $0.schema.mapping?.value?.isDeepEqual(to: value) ?? false }
  }

  /// The store for an operation: the session's transaction, the task's, or the connection's own.
  func store(for session: MongoSession?) async throws(PrivataError) -> any Store {
    try await prepare()
    return try await connection.store(for: session)
  }

  /// Makes what the model needs, once.
  func prepare() async throws(PrivataError) {
    guard connection.profile.preparesModels, !isPrepared.withLock({ $0 }) else { return }
    if let base {
      try await base.prepare()
    } else if let prepared = automatic {
      try await connection.store.prepare([prepared])
    }
    isPrepared.withLock { $0 = true }
  }

  /// What is made without being asked for: all of the model, but on MongoDB what `autoIndex` and
  /// `autoCreate` leave of it.
  var automatic: ModelSchema? {
    let options = schema.options
    guard connection.store.traits.kind == .mongo else { return lowered }
    if options.autoIndex == false { return options.autoCreate == false ? nil : lowered.unindexed }
    return lowered
  }

  /// A duplicate of a unique path with a text of its own fails with that text.
  func withDuplicateMessage(_ error: any Error) -> any Error {
    guard let refusal = error as? PrivataError, refusal.code == .duplicateKey,
      refusal.fields.count == 1,
      let message = schema.path(refusal.fields[0])?.options.index?.uniqueMessage
    else { return error }
    return DuplicateMessageError(message: message, cause: refusal)
  }
}

extension ModelSchema {
  /// The model without what keeps indexes.
  fileprivate var unindexed: ModelSchema {
    let bare = fields.map { field in
      var field = field
      field.isUnique = false
      field.isIndexed = false
      return field
    }
    return ModelSchema(
      name: name, collection: collection, namespace: namespace, fields: bare,
      primaryKey: primaryKey.map { fields[$0].name }, isOpen: isOpen)
  }
}
