public import PrivataCore

/// A client over one store: Prisma's shape, with models asked for by name.
///
/// ```swift
/// let db = try await PrismaClient.connect(.sqlite("clinic.db"), schema)
/// let users = try await db["User"].findMany([
///   "where": ["role": "patient", "age": ["gte": 18]], "orderBy": ["createdAt": "desc"], "take": 10,
/// ])
/// ```
public struct PrismaClient: Sendable {
  /// Where the client's calls go: a store, a vault's store, or a transaction.
  public let store: any Store
  let schema: PrismaSchema
  let isInTransaction: Bool
  let clock: @Sendable () -> DateTime

  /// A client over an open store whose tables exist.
  public init(
    store: any Store, _ schema: PrismaSchema, clock: @escaping @Sendable () -> DateTime = { .now }
  ) {
    self.init(store: store, schema: schema, isInTransaction: false, clock: clock)
  }

  init(
    store: any Store, schema: PrismaSchema, isInTransaction: Bool,
    clock: @escaping @Sendable () -> DateTime
  ) {
    self.store = store
    self.schema = schema
    self.isInTransaction = isInTransaction
    self.clock = clock
  }

  /// Opens the store and makes the tables or collections that are missing.
  public static func connect(
    _ source: StoreSource, _ schema: PrismaSchema
  ) async throws(PrivataError) -> PrismaClient {
    let store = try await source.open()
    try await store.prepare(schema.tables)
    return PrismaClient(store: store, schema)
  }

  /// The calls of a model. A name that the schema does not have is refused by the first call.
  public subscript(model: String) -> ModelClient { ModelClient(client: self, name: model) }
}

extension PrismaClient {
  /// Runs the body in one transaction: returning commits, throwing rolls back and rethrows. Inside a
  /// transaction it is a nested one (a savepoint).
  ///
  /// ```swift
  /// try await db.transaction { tx in
  ///   try await tx["Account"].update(["where": ["id": "a"], "data": ["balance": ["decrement": 5]]])
  ///   try await tx["Account"].update(["where": ["id": "b"], "data": ["balance": ["increment": 5]]])
  /// }
  /// ```
  ///
  /// - Throws: what the body throws; P2028 where the transaction took longer than `timeout`.
  public func transaction<R>(
    timeout: Duration = .seconds(5), isolation: TransactionOptions.Isolation? = nil,
    _ body: (PrismaClient) async throws -> R
  ) async throws -> R {
    guard let store = store as? any TransactionalStore else {
      throw PrivataError(.unsupported, "\(store.traits.kind) has no transactions")
    }
    let start = ContinuousClock.now
    return try await store.withTransaction(TransactionOptions(isolation: isolation)) { scope in
      let result = try await body(
        PrismaClient(store: scope, schema: schema, isInTransaction: true, clock: clock))
      if ContinuousClock.now - start > timeout { throw Self.tooLong }
      return result
    }
  }

  private static var tooLong: PrivataError {
    PrivataError(
      .timeout, "the transaction took longer than its timeout and was rolled back",
      underlying: PrismaError("P2028"))
  }

  /// Runs the body atomically, in the transaction at hand or one of its own.
  func atomically<R>(
    _ body: (PrismaClient) async throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    guard !isInTransaction, let store = store as? any TransactionalStore else {
      return try await body(self)
    }
    let scope = try await store.begin(TransactionOptions())
    do throws(PrivataError) {
      let result = try await body(
        PrismaClient(store: scope, schema: schema, isInTransaction: true, clock: clock))
      try await scope.commit()
      return result
    } catch {
      try? await scope.rollback()
      throw error
    }
  }
}
