public import PrivataCompliance
internal import PrivataCore

extension Vault {
  /// Makes a model of a schema, as a plain connection does; what the schema marks `.pii` and `.phi`
  /// is kept apart.
  ///
  /// ```swift
  /// let privata = try await Vault(identity: .sqlite("identity.db"), clinical: .sqlite("clinical.db"))
  /// let User = try privata.model("User", userSchema)
  /// ```
  ///
  /// - Throws: as ``MongoConnection/model(_:_:collection:)``.
  /// - Privacy: every operation of the model goes through the vault: separation, access policy,
  ///   audit.
  @discardableResult
  public func model(
    _ name: String, _ schema: Schema, collection: String? = nil
  ) throws -> MongoModel {
    let model = try shared().model(name, schema, collection: collection)
    return actsForSomebody ? try mongo.model(model.name) : model
  }

  /// The model of a name.
  ///
  /// - Throws: ``MissingSchemaError``.
  public func model(_ name: String) throws -> MongoModel { try mongo.model(name) }

  /// The vault as a connection of this style: models by name, sessions and transactions.
  public var mongo: MongoConnection { actsForSomebody ? shared().using(store) : shared() }

  /// The connection of a profile other than Privata's own; its models are its own too.
  public func mongo(profile: Profile) -> MongoConnection {
    MongoConnection(store: store, profile: profile)
  }

  /// The connection that all copies of the vault share, without a caller's context.
  private func shared() -> MongoConnection {
    let store = serviceStore
    return attachment { MongoConnection(store: store) }
  }
}
