internal import PrivataCore
internal import PrivataSQL
internal import Synchronization

/// A transaction: the writer, or a reader for one that only reads, as one program's own. Nested ones
/// are savepoints on the same connection.
final class SQLiteTransaction: StoreTransaction, SQLExecutor {
  private let core: TransactionCore
  /// The savepoint's depth; 0 for the transaction itself.
  private let depth: Int
  private let isOver = Atomic<Bool>(false)

  init(_ core: TransactionCore, depth: Int = 0) {
    self.core = core
    self.depth = depth
  }

  deinit {
    // A dropped transaction is rolled back; nobody else can be using it.
    if end() { core.dropped(depth) }
  }

  var traits: StoreTraits { core.database.traits }
  var dialect: SQLDialect { .sqlite }
  var catalog: SQLCatalog { core.database.catalog }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    let catalog = core.database.catalog
    let machine = try await core.run(at: depth) { session, observer throws(PrivataError) in
      var machine = PrepareMachine(models, catalog)
      _ = try SQLiteRunner(session: session, observer: observer).run(&machine)
      return machine
    }
    machine.bind()
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try check()
    let plan = try await core.plan(of: query, at: depth)
    return try await core.run(at: depth) { session, observer throws(PrivataError) in
      try session.rows(query, plan, observer)
    }
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try check()
    let database = core.database
    for model in write.models where !database.isPrepared(model) { try await prepare([model]) }
    return try await core.run(at: depth) { session, observer throws(PrivataError) in
      try SQLiteRunner(session: session, observer: observer)
        .run(write, database.plans, database.catalog)
    }
  }

  func execute(_ statement: SQLStatement) async throws(PrivataError) -> SQLResult {
    try check()
    return try await core.run(at: depth) { session, observer throws(PrivataError) in
      try session.run(statement, observer)
    }
  }

  func begin(_ options: TransactionOptions) async throws(PrivataError) -> any StoreTransaction {
    try check()
    let inner = try await core.run(at: depth) { session, observer throws(PrivataError) in
      observer?.willSend(StatementRecord(kind: "begin", collection: "", text: "SAVEPOINT"))
      try session.savepoint()
      return session.depth
    }
    return SQLiteTransaction(core, depth: inner)
  }

  func commit() async throws(PrivataError) {
    guard end() else { throw core.ended }
    try await core.commit(depth)
  }

  func rollback() async throws(PrivataError) {
    guard end() else { throw core.ended }
    try await core.rollback(depth)
  }

  /// True for the first who ends the transaction.
  private func end() -> Bool {
    isOver.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing)
      .exchanged
  }

  private func check() throws(PrivataError) {
    if isOver.load(ordering: .acquiring) { throw core.ended }
  }
}
