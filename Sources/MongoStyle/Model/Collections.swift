public import PrivataCore

/// Some models' collections could not be made.
public struct CreateCollectionsError: MongoStyleError {
  /// By model: what went wrong.
  public var failures: [String: PrivataError]

  public var name: String { "CreateCollectionsError" }
  public var code: PrivataError.Code { failures.values.first?.code ?? .rejectedByStore }
  public var message: String {
    "Collections could not be created: " + failures.keys.sorted().joined(separator: ", ")
  }
}

extension MongoModel {
  /// Database (or file) and collection: `clinic.users`.
  public var namespace: String {
    let place = connection.store.traits.place.split(separator: "/").last.map(String.init) ?? ""
    return place.isEmpty ? collection : "\(place).\(collection)"
  }

  /// The same model on another connection: another tenant, another database.
  ///
  /// ```swift
  /// let theirs = try User.using(mongo.useDb("tenant_42"))
  /// ```
  public func using(_ connection: MongoConnection) throws -> MongoModel {
    do { return MongoModel(try connection.adopt(core)) } catch { throw outward(error) }
  }

  /// Makes the collection with MongoDB's options (`capped`, `timeseries`, `clusteredIndex`,
  /// `collation`, `validator`, `viewOn` and `pipeline`), beside those that the schema states.
  /// Without effect where it exists.
  ///
  /// ```swift
  /// try await Reading.createCollection(["capped": true, "size": 1_000_000])
  /// ```
  ///
  /// - Throws: `unsupported` for options on a store that is not MongoDB.
  public func createCollection(_ options: Document = [:]) async throws {
    var all = schema.options.collectionOptions
    if let collation = schema.options.collation, all["collation"] == nil {
      all["collation"] = .document(collation)
    }
    for element in options.elements { all[element.key] = element.value }
    guard let store = connection.store as? any CollectionStore else {
      guard all.isEmpty else {
        throw PrivataError(
          .unsupported, "only MongoDB makes collections with options", model: name)
      }
      return try await connection.store.prepare([lowered])
    }
    try await store.createCollection(of: lowered, options: all)
  }
}

extension MongoConnection {
  /// The collections of the database, as MongoDB describes them.
  ///
  /// - Throws: `unsupported` where the store is not MongoDB.
  public func listCollections() async throws -> [Document] {
    guard let store = store as? any CollectionStore else { throw Self.onlyMongoDB }
    return try await store.collections()
  }

  /// Makes the collections of all models.
  ///
  /// - Throws: ``CreateCollectionsError``, after the others were made.
  public func createCollections() async throws {
    var failures: [String: PrivataError] = [:]
    for name in modelNames {
      let model = try model(name)
      guard model.baseName == nil else { continue }
      do { try await model.createCollection() } catch let error as PrivataError {
        failures[name] = error
      }
    }
    if !failures.isEmpty { throw CreateCollectionsError(failures: failures).wrapped }
  }

  /// Removes a model's collection, or table, with everything in it.
  ///
  /// - Throws: `unsupported` on a vault, whose records are erased by ``PrivataCompliance/GDPR``.
  public func dropCollection(_ model: MongoModel) async throws {
    guard let store = store as? any AdministrableStore, store.traits.kind != .vault else {
      throw PrivataError(
        .unsupported, "a vault drops no collections; erase people by .gdpr, or delete records")
    }
    try await store.drop([model.lowered])
  }

  /// Removes the collections of all models of the connection.
  public func dropModels() async throws {
    for name in modelNames {
      let model = try model(name)
      if model.baseName == nil { try await dropCollection(model) }
    }
  }

  /// Runs a command of MongoDB against the database.
  ///
  /// - Throws: `unsupported` where the store is not MongoDB; a vault has none, because commands go
  ///   past separation and audit.
  public func runCommand(_ command: Document) async throws -> Document {
    guard let store = store as? any CommandStore else { throw Self.onlyMongoDB }
    return try await store.runCommand(command)
  }

  private static var onlyMongoDB: PrivataError {
    PrivataError(.unsupported, "only a connection straight to MongoDB runs its commands")
  }

  /// The same models on another database of the same server, over the same connections.
  ///
  /// ```swift
  /// let tenant = try mongo.useDb("tenant_42")
  /// let User = try tenant.model("User")
  /// ```
  ///
  /// - Throws: `unsupported` where the store is not MongoDB: use ``using(_:)`` with a store of its
  ///   own.
  public func useDb(_ name: String) throws -> MongoConnection {
    guard let store = store as? any MultiDatabaseStore else {
      throw PrivataError(
        .unsupported, "this store has one database; open another store and use using(_:)")
    }
    return using(store.database(name))
  }
}
