public import PrivataCompliance
public import PrivataCore
internal import Synchronization

/// A model of a Swift struct: Mongoose's verbs, checked by the compiler.
///
/// ```swift
/// let User = try mongo.model(User.self)                  // struct with @Model
/// let patients = try await User.find(\.role == "patient" && \.age >= 18)
///   .sort(.desc(\.createdAt)).limit(10).exec()           // [User]
/// // find users {role: "patient", age: {$gte: 18}} sort {createdAt: -1} limit 10
/// ```
///
/// Records are plain values: they know nothing of changes, hooks or virtuals. A model of a ``Schema``
/// answers documents that do.
public struct TypedModel<M: Model>: Sendable {
  let core: TypedCore

  /// The name by which other models refer to it.
  public var modelName: String { M.schema.name }

  /// The rights of the people that the records are about.
  ///
  /// - Throws: `vaultRequired` on a plain connection.
  public var gdpr: GDPR {
    get throws(PrivataError) { try GDPR(M.schema, on: core.connection.store) }
  }

  /// What HIPAA gives and asks for the people that the records are about.
  ///
  /// - Throws: `vaultRequired` on a plain connection.
  public var hipaa: HIPAA {
    get throws(PrivataError) { try HIPAA(M.schema, on: core.connection.store) }
  }

  func store(_ session: MongoSession?) async throws(PrivataError) -> any Store {
    try await core.prepare()
    return try await core.connection.store(for: session)
  }
}

/// What all copies of a typed model share: where it lives and whether the store is ready for it.
final class TypedCore: Sendable {
  let schema: ModelSchema
  let connection: MongoConnection
  private let isPrepared = Mutex(false)

  init(_ schema: ModelSchema, on connection: MongoConnection) {
    self.schema = schema
    self.connection = connection
  }

  /// Makes the table or collection, once.
  func prepare() async throws(PrivataError) {
    guard connection.profile.preparesModels, !isPrepared.withLock({ $0 }) else { return }
    try await connection.store.prepare([schema])
    isPrepared.withLock { $0 = true }
  }
}

extension MongoConnection {
  /// The model of a struct.
  ///
  /// ```swift
  /// let User = try mongo.model(User.self)
  /// ```
  ///
  /// - Throws: ``OverwriteModelError`` where a schema made a model of that name.
  public func model<M: Model>(_ type: M.Type) throws -> TypedModel<M> {
    do { return TypedModel(core: try typedCore(M.schema)) } catch { throw outward(error) }
  }

  /// The store that an operation uses: the session's transaction, the task's, or the connection's.
  func store(for session: MongoSession?) async throws(PrivataError) -> any Store {
    if let session {
      if session.hasEnded { throw PrivataError(.transactionEnded, "the session has ended") }
      return try await session.active()
    }
    if profile.joinsTransactions, let current = MongoSession.current {
      return try await current.active()
    }
    return store
  }
}

extension Vault {
  /// The model of a struct; what it marks `@PII` and `@PHI` is kept apart.
  ///
  /// ```swift
  /// let vault = try await Vault(identity: .sqlite("identity.db"), clinical: .sqlite("clinical.db"))
  /// let User = try vault.model(User.self)
  /// ```
  ///
  /// - Privacy: every operation of the model goes through the vault: separation, access policy,
  ///   audit.
  public func model<M: Model>(_ type: M.Type) throws -> TypedModel<M> { try mongo.model(type) }
}
