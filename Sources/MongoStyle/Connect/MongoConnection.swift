public import PrivataCore
internal import Synchronization

/// Opens a store and answers a connection whose models speak Mongoose's shape.
///
/// ```swift
/// let mongo = try await MongoStyle.connect(.sqlite("clinic.db"))
/// let User = try mongo.model("User", userSchema)
/// ```
///
/// - Throws: `connection`, `authentication`, `badURL`: the store cannot be opened. Nothing is
///   buffered: a connection that exists is open.
public func connect(
  _ source: StoreSource, profile: Profile = .standard
) async throws(PrivataError) -> MongoConnection {
  MongoConnection(store: try await source.open(), profile: profile)
}

/// An open store with its models.
public final class MongoConnection: Sendable {
  /// The store that everything goes through: plain, or a vault.
  public let store: any Store
  /// The defaults of its models.
  public let profile: Profile
  /// True where the store's documents may come as rows of cells: straight from a database that keeps
  /// them in columns.
  let takesRows: Bool
  private let models = Mutex<[String: ModelCore]>([:])
  private let typedModels = Mutex<[String: TypedCore]>([:])
  private let plugins = Mutex<[any SchemaPlugin]>([])
  /// Where models are looked up that this connection does not have.
  private let parent: MongoConnection?

  /// A connection over an open store.
  public init(store: any Store, profile: Profile = .standard) {
    self.store = store
    self.profile = profile
    parent = nil
    takesRows = Self.takesRows(store)
  }

  private init(store: any Store, parent: MongoConnection) {
    self.store = store
    profile = parent.profile
    self.parent = parent
    takesRows = Self.takesRows(store)
  }

  private static func takesRows(_ store: any Store) -> Bool {
    let kind = store.traits.kind
    return kind == .sqlite || kind == .postgres
  }

  /// The same models over another store: another tenant's, or the same one on behalf of somebody.
  ///
  /// ```swift
  /// let tenant = mongo.using(try await StoreSource.sqlite("tenant-42.db").open())
  /// let User = try tenant.model("User")
  /// ```
  public func using(_ store: any Store) -> MongoConnection {
    MongoConnection(store: store, parent: self)
  }

  /// Makes a model of a schema, or answers the one that was made of the same schema.
  ///
  /// ```swift
  /// let User = try mongo.model("User", userSchema)      // collection `users`
  /// ```
  ///
  /// - Throws: ``OverwriteModelError`` where the name has another schema; what contradicts itself in
  ///   the schema.
  @discardableResult
  public func model(
    _ name: String, _ schema: Schema, collection: String? = nil
  ) throws -> MongoModel {
    do {
      if let known = models.withLock({ $0[name] }) {
        guard known.schema.identity === schema.identity else {
          throw OverwriteModelError(model: name)
        }
        return MongoModel(known)
      }
      let identity = schema.identity
      var schema = schema
      for plugin in plugins.withLock({ $0 }) { plugin.apply(to: &schema) }
      // What plugins add leaves the schema the one that the caller knows.
      schema.identity = identity
      let core = try ModelCore.make(name, schema, collection: collection, on: self)
      register(core)
      return MongoModel(core)
    } catch { throw outward(error) }
  }

  /// The model of a name.
  ///
  /// - Throws: ``MissingSchemaError``.
  public func model(_ name: String) throws -> MongoModel {
    do { return MongoModel(try core(name)) } catch { throw outward(error) }
  }

  func typedCore(_ schema: ModelSchema) throws -> TypedCore {
    if let known = typedModels.withLock({ $0[schema.name] }) { return known }
    if models.withLock({ $0[schema.name] }) != nil { throw OverwriteModelError(model: schema.name) }
    (store as? any ModelRegistering)?.register([schema])
    let core = TypedCore(schema, on: self)
    return typedModels.withLock { typed in
      if let other = typed[schema.name] { return other }
      typed[schema.name] = core
      return core
    }
  }

  /// The names of the models.
  public var modelNames: [String] { models.withLock { $0.keys.sorted() } }

  /// Forgets a model, so that its name can be used again.
  public func deleteModel(_ name: String) {
    models.withLock { $0[name] = nil }
  }

  /// Applies a plugin to the schemas of all models made after it.
  public func plugin(_ plugin: some SchemaPlugin) { plugins.withLock { $0.append(plugin) } }

  func core(_ name: String) throws -> ModelCore {
    if let core = models.withLock({ $0[name] }) { return core }
    guard let parent else { throw MissingSchemaError(model: name) }
    let theirs = try parent.core(name)
    if isOnBehalf(of: parent), theirs.baseName == nil { return theirs.lent(to: self) }
    register((theirs.base ?? theirs).bound(to: self))
    return models.withLock { $0[name] } ?? theirs
  }

  /// True for a vault's connection on behalf of somebody, which lives as long as a request: models
  /// that it kept would keep it in turn.
  private func isOnBehalf(of parent: MongoConnection) -> Bool {
    store.traits.kind == .vault && store.traits.place == parent.store.traits.place
  }

  /// The model of another connection as one of this connection.
  func adopt(_ theirs: ModelCore) throws -> ModelCore {
    if let own = models.withLock({ $0[theirs.name] }) {
      guard own.schema.identity === theirs.schema.identity else {
        throw OverwriteModelError(model: theirs.name)
      }
      return own
    }
    register((theirs.base ?? theirs).bound(to: self))
    return try core(theirs.name)
  }

  /// True where operations take part in a transaction of the task.
  var isInTransaction: Bool { profile.joinsTransactions && MongoSession.current != nil }

  private func register(_ core: ModelCore) {
    (store as? any ModelRegistering)?.register([core.lowered])
    models.withLock { models in
      models[core.name] = core
      for sub in core.discriminators.values { models[sub.name] = sub }
    }
  }

  /// Makes the tables, collections and indexes of all models.
  public func prepare() async throws {
    let all = models.withLock { Array($0.values) }
    try await store.prepare(all.filter { $0.base == nil }.compactMap(\.automatic))
  }

  /// Ends the connection; models of it answer `closed` from then on.
  public func close() async {
    models.withLock { $0 = [:] }
    if let store = store as? any AdministrableStore { await store.close() }
  }
}
