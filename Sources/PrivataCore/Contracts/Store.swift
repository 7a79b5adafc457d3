/// A place for records: SQLite, Postgres, MongoDB, memory, or a vault over two of them. The one
/// dynamic seam between styles and drivers, called once per operation.
///
/// ```swift
/// let batch = try await store.rows(for: Query(user, where: .document(["age": ["$gte": 18]])))
/// ```
///
/// A store runs on the caller's task unless it says otherwise; every method may be called from many
/// tasks at once.
public protocol Store: Sendable {
  /// What kind of store this is and what it can do. Holds no credentials.
  var traits: StoreTraits { get }

  /// Creates what the models need and is missing (tables, collections, indexes).
  ///
  /// - Throws: ``PrivataError`` with `newerSchema` where the database was made by a newer version
  ///   of the schema.
  func prepare(_ models: [ModelSchema]) async throws(PrivataError)

  /// Answers the rows of a query.
  func rows(for query: Query) async throws(PrivataError) -> RowBatch

  /// Carries out a change; all of it or, on a throw, nothing (but what `failures` reports).
  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome
}

/// A store whose changes can be grouped.
public protocol TransactionalStore: Store {
  /// Opens a transaction. On a transaction, opens a nested one (a savepoint).
  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction
}

/// A transaction: a store whose changes others see after ``commit()``. One that is dropped without
/// either call is rolled back.
public protocol StoreTransaction: TransactionalStore {
  /// Makes the changes durable and ends the transaction.
  func commit() async throws(PrivataError)
  /// Undoes the changes and ends the transaction.
  func rollback() async throws(PrivataError)
}

/// A store that answers large results in pieces of bounded size.
public protocol StreamingStore: Store {
  /// Opens a stream over the rows of a query; `batchSize` bounds the rows in memory.
  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream
}

/// Rows that come in pieces.
public protocol RowStream: Sendable {
  /// The next piece, `nil` after the last.
  func next() async throws(PrivataError) -> RowBatch?
  /// Gives back the connection early; after the last piece it is not needed.
  func close() async
}

/// A store that runs MongoDB's aggregation pipelines.
public protocol AggregatingStore: Store {
  /// Runs the stages over a model's records; the rows are documents.
  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch

  /// Runs the stages and answers the rows in pieces: `batchSize` bounds the rows in memory, as far
  /// as the stages allow it (`$group` and `$sort` keep what they make). A store that cannot answer
  /// in pieces answers all in one.
  func stream(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?, batchSize: Int
  ) async throws(PrivataError) -> any RowStream
}

extension AggregatingStore {
  public func stream(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    WholeStream(try await aggregate(stages, on: model, options: options))
  }
}

/// A store that can drop what it made; tools and tests need it, styles do not.
public protocol AdministrableStore: Store {
  /// Removes the records of the models and what `prepare` made for them.
  func drop(_ models: [ModelSchema]) async throws(PrivataError)
  /// Ends all connections; calls after it throw `closed`.
  func close() async
}

/// What a store is and can do.
public struct StoreTraits: Sendable, Hashable {
  /// The engine behind a store.
  public enum Kind: String, Sendable, Hashable { case sqlite, postgres, mongo, memory, vault }

  /// Which engine it is.
  public var kind: Kind
  /// Where, and different for every two stores: host and port and database, or the file's path.
  /// Never a password.
  public var place: String
  /// Where exactly, so that two stores can be told apart or found to be one: the absolute path; host,
  /// port, database and schema. Never a password. `nil` where only the object itself says it.
  public var location: String?
  /// What it can do beyond the common operations.
  public var abilities: Set<Ability>
  /// How what is sent to it travels.
  public var transport = Transport.inside

  /// What only some stores can do; a style asks before it promises.
  public enum Ability: String, Sendable, Hashable, CaseIterable {
    case transactions, nestedTransactions, aggregation, collation, textSearch, serverScript,
      jsonSchema, expressions, foreignKeys, generatedKeys, changeStreams
  }

  /// The traits of a store.
  public init(kind: Kind, place: String, location: String? = nil, abilities: Set<Ability>) {
    self.kind = kind
    self.place = place
    self.location = location
    self.abilities = abilities
  }
}

/// How a transaction is to run.
public struct TransactionOptions: Sendable, Hashable {
  /// SQL's isolation levels; a store without one of them takes the next stricter.
  public enum Isolation: String, Sendable, Hashable {
    case readUncommitted, readCommitted, repeatableRead, serializable
  }

  /// The store's own default where `nil`.
  public var isolation: Isolation?
  /// True refuses every change in the transaction.
  public var isReadOnly: Bool
  /// Postgres: true waits for a moment at which a serializable read cannot fail.
  public var isDeferrable = false
  /// The whole transaction's bound; the store's own where `nil`.
  public var timeoutMilliseconds: Int?
  /// Postgres: how long a statement waits for records that another transaction holds before it
  /// throws `writeConflict`; as long as the server says where `nil`. MongoDB does not wait.
  public var lockTimeoutMilliseconds: Int?

  /// The store's defaults.
  public init(
    isolation: Isolation? = nil, isReadOnly: Bool = false, timeoutMilliseconds: Int? = nil
  ) {
    self.isolation = isolation
    self.isReadOnly = isReadOnly
    self.timeoutMilliseconds = timeoutMilliseconds
  }
}

extension TransactionalStore {
  /// Runs the body in a transaction: returning commits, throwing rolls back and rethrows.
  ///
  /// ```swift
  /// try await store.withTransaction { store in
  ///   try await store.write(.insert(order))
  ///   try await store.write(.update(stock))
  /// }
  /// ```
  public func withTransaction<R>(
    _ options: TransactionOptions = TransactionOptions(),
    _ body: (any StoreTransaction) async throws -> R
  ) async throws -> R {
    let transaction = try await begin(options)
    do {
      let result = try await body(transaction)
      try await transaction.commit()
      return result
    } catch {
      try? await transaction.rollback()
      throw error
    }
  }
}

/// How to open a store: what `.sqlite("file.db")`, `.postgres("postgres://…")` and
/// `.mongo("mongodb://…")` of the driver modules make, and `connect` and `Vault` take.
public struct StoreSource: Sendable {
  /// Opens the store.
  public var open: @Sendable () async throws(PrivataError) -> any Store

  /// A source that opens a store by this closure.
  public init(open: @escaping @Sendable () async throws(PrivataError) -> any Store) {
    self.open = open
  }

  /// A source of a store that is open already.
  public static func store(_ store: any Store) -> StoreSource {
    StoreSource { () async throws(PrivataError) -> any Store in store }
  }
}

/// A store that runs the server's own commands: MongoDB.
public protocol CommandStore: Store {
  /// Runs a command against the database and answers the server's reply.
  ///
  /// ```swift
  /// try await store.runCommand(["ping": 1])  // ["ok": 1]
  /// ```
  ///
  /// - Privacy: goes past policies, so a vault offers none.
  func runCommand(_ command: Document) async throws(PrivataError) -> Document
}
