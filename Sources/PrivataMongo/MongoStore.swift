public import PrivataCore

/// MongoDB, through libmongoc: a pool of connections, transactions where the server is part of a
/// replica set, streams with bounded memory, aggregation and change streams.
///
/// ```swift
/// let store = try await MongoStore.open("mongodb://localhost:27017/clinic")
/// let batch = try await store.rows(for: Query(user, where: .document(["role": "patient"])))
/// // { find: "users", filter: { role: "patient" } }
/// ```
///
/// libmongoc blocks. A call runs on the caller's thread where that may block
/// (`PrivataExecutor`) or while the server is fast, and on a thread of the store's own
/// otherwise; a stalled server holds at most half of Swift's threads.
///
/// A typed model's single primary key is stored as `_id`. Privacy: the store keeps what it is given;
/// separation and encryption are the vault's.
public final class MongoStore: TransactionalStore, StreamingStore, AggregatingStore,
  WatchableStore, AdministrableStore
{
  let context: StoreContext
  let pool: ConnectionPool
  /// Closes the pool with the last store that uses it.
  private let share: PoolShare

  /// What the store can do, and where it is.
  public var traits: StoreTraits { context.traits }

  private init(_ share: PoolShare, _ context: StoreContext) {
    self.share = share
    pool = share.pool
    self.context = context
  }

  /// A store for another database over the same connections.
  func sibling(_ database: String) -> MongoStore {
    MongoStore(share, context.on(database))
  }

  /// Opens a database: looks for the server, checks user and password.
  ///
  /// ```swift
  /// let store = try await MongoStore.open("mongodb://ada:secret@db.example.org/clinic?tls=true")
  /// ```
  ///
  /// - Parameters:
  ///   - url: MongoDB's connection string.
  ///   - database: the database; the URL's own where `nil`, and `test` where it has none.
  ///   - options: pool, time limits, observer.
  /// - Throws: `badURL`, `connection` (no server in time), `authentication`. No message repeats
  ///   anything of the URL but hosts.
  public static func open(
    _ url: String, database: String? = nil, options: MongoOptions = MongoOptions()
  ) async throws(PrivataError) -> MongoStore {
    let address = try MongoAddress(
      url, selectionTimeoutMilliseconds: options.serverSelectionTimeoutMilliseconds)
    let database = database ?? address.database ?? "test"
    let pool = ConnectionPool(
      try MongoClients(address, observer: options.commandObserver), options: options)
    let lanes = LanePool(lanes: address.poolSize, inlinePermits: options.inlinePermits)
    do {
      let isStandalone = try await greet(pool, lanes, database)
      var traits = StoreTraits(
        kind: .mongo, place: "\(address.hosts)/\(database)",
        location: "\(address.hosts)/\(database)", abilities: abilities(isStandalone))
      traits.transport = .init(
        hosts: address.hosts.split(separator: ",").map(String.init),
        isVerified: address.isVerified)
      let context = StoreContext(
        traits: traits, place: address.hosts, database: database, options: options, lanes: lanes)
      return MongoStore(PoolShare(pool), context)
    } catch {
      pool.close()
      throw error
    }
  }

  /// Looks for the primary and says hello; answers whether the server stands alone.
  private static func greet(
    _ pool: ConnectionPool, _ lanes: LanePool, _ database: String
  ) async throws(PrivataError) -> Bool {
    let connection = try await pool.lease()
    return try await lanes.run(nil) { (_) throws(PrivataError) in
      defer { pool.giveBack(connection) }
      let isStandalone = try connection.findPrimary()
      try connection.run(.ping(on: database)) { _ in }
      return isStandalone
    }
  }

  private static func abilities(_ isStandalone: Bool) -> Set<StoreTraits.Ability> {
    let always: Set<StoreTraits.Ability> = [
      .aggregation, .collation, .textSearch, .serverScript, .jsonSchema, .expressions,
    ]
    return isStandalone ? always : always.union([.transactions, .changeStreams])
  }

  /// Ends all connections: the idle ones now, the others as their calls end.
  public func close() async { pool.close() }
}

/// The pool of the stores of one server.
private final class PoolShare: Sendable {
  let pool: ConnectionPool

  init(_ pool: ConnectionPool) { self.pool = pool }

  deinit { pool.close() }
}

extension StoreContext {
  /// The context of another database of the same server.
  fileprivate func on(_ database: String) -> StoreContext {
    var sibling = StoreTraits(
      kind: .mongo, place: "\(place)/\(database)", location: "\(place)/\(database)",
      abilities: traits.abilities)
    sibling.transport = traits.transport
    return StoreContext(
      traits: sibling, place: place, database: database, options: options, lanes: lanes)
  }
}

extension MongoStore: CommandRunner {
  func withConnection<R: Sendable>(
    _ kind: CallKind?,
    _ body: @escaping @Sendable (MongoConnection, CallSignal) throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    let connection = try await pool.lease()
    return try await context.lanes.run(kind) { [pool] (signal) throws(PrivataError) in
      defer { pool.giveBack(connection) }
      guard !signal.isCancelled else {
        throw PrivataError(.cancelled, "the task was cancelled before the store was asked")
      }
      return try body(connection, signal)
    }
  }

  /// Leases a connection for several calls.
  func pinned() async throws(PrivataError) -> PinnedConnection {
    PinnedConnection(try await pool.lease(), of: pool, context)
  }
}

// MARK: - Reading and writing

extension MongoStore {
  /// Answers the rows of a query: `find`, `aggregate`, `distinct` or `count`, one command each.
  public func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await read(query)
  }

  /// Carries out a change. Of several records, those that failed are in the outcome's `failures`:
  /// MongoDB keeps the others.
  public func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await perform(write)
  }

  /// Runs a pipeline; the rows are documents as the server made them.
  public func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    try await pipeline(stages, on: model, options: options)
  }

  /// Runs a pipeline; the rows come in the server's batches. The stream holds a connection until
  /// its end or `RowStream.close()`.
  public func stream(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    let connection = try await pinned()
    return try MongoRowStream(
      stages, on: model, options: options, batchSize: batchSize, on: connection, owns: true)
  }

  /// Opens a stream over the rows of a query. It holds a connection until its end or
  /// `RowStream.close()`.
  public func stream(
    _ query: Query, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    let connection = try await pinned()
    return try MongoRowStream(query, batchSize: batchSize, on: connection, owns: true)
  }

  /// Watches a model's collection or the whole database; holds a connection until the stream is
  /// closed.
  ///
  /// - Throws: `unsupported` where the server is not part of a replica set.
  public func watch(
    _ model: ModelSchema?, pipeline: [Document], options: WatchOptions
  ) async throws(PrivataError) -> any ChangeStream {
    guard traits.abilities.contains(.changeStreams) else {
      throw PrivataError(
        .unsupported, "MongoDB at \(context.place) cannot be watched: it is no replica set")
    }
    return try await MongoChangeStream.open(
      model.map { context.target($0) }, context.database, pipeline, options, on: try await pinned())
  }

  /// Begins a transaction, which holds a connection until its end.
  ///
  /// - Throws: `unsupported` where the server is not part of a replica set.
  public func begin(
    _ options: TransactionOptions
  ) async throws(PrivataError) -> any StoreTransaction {
    guard traits.abilities.contains(.transactions) else {
      throw PrivataError(
        .unsupported, "MongoDB at \(context.place) has no transactions: it is no replica set")
    }
    let connection = try await pinned()
    return try await MongoTransaction.begin(options, on: connection)
  }
}

extension CommandRunner {
  func pipeline(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    let target = context.target(model)
    let command = try Command.aggregate(stages, on: target, options: options)
    return try await collect(
      command, .raw, kind: command.kind(stages.count), batchSize: options?.batchSize)
  }
}
