public import PrivataCore
internal import PrivataSQL

/// A transaction: queries run in it are seen by others after it ends.
public struct Transaction: QueryInterface {
  let session: Session
  private let scope: any StoreTransaction

  /// What queries run on.
  public var handle: DatabaseHandle { DatabaseHandle(session: session) }

  init(session: Session, scope: any StoreTransaction) {
    self.session = session
    self.scope = scope
  }

  /// Ends the transaction by undoing it: throws, and the transaction's call throws the same.
  public func rollback() throws(PrivataError) -> Never {
    throw PrivataError(.transactionRollback, "the program rolled the transaction back")
  }

  /// Runs the body in a nested transaction: a savepoint, undone where the body throws.
  public func transaction<R>(
    _ body: (Transaction) async throws -> R
  ) async throws -> R {
    let depth = session.depth
    let name = "sp\(session.dialect == .postgres ? depth : depth - 1)"
    return try await session.transaction(
      scope, TransactionOptions(), begin: "savepoint \(name)", commit: "release savepoint \(name)",
      rollback: "rollback to savepoint \(name)", body)
  }

  /// Changes how the transaction runs, before its first query (PostgreSQL).
  public func setTransaction(_ config: TransactionConfig) async throws(PrivataError) {
    let text = "set transaction" + config.clauses
    session.logger?.willRun(.init(sql: text))
    try await session.runText(text)
  }
}

/// How a transaction runs.
public struct TransactionConfig: Sendable, Hashable {
  /// How settled the data is that it sees.
  public var isolation: TransactionOptions.Isolation?
  /// Whether it may write.
  public var access: Access?
  /// PostgreSQL: true waits for a moment at which a serializable read cannot fail.
  public var isDeferrable: Bool?
  /// SQLite: when the database is locked.
  public var behavior: Behavior?

  /// Whether a transaction may write.
  public enum Access: String, Sendable, Hashable {
    case readOnly = "read only"
    case readWrite = "read write"
  }

  /// When SQLite locks the database.
  public enum Behavior: String, Sendable, Hashable { case deferred, immediate, exclusive }

  /// The database's own defaults where nothing is said.
  public init(
    isolation: TransactionOptions.Isolation? = nil, access: Access? = nil,
    isDeferrable: Bool? = nil, behavior: Behavior? = nil
  ) {
    self.isolation = isolation
    self.access = access
    self.isDeferrable = isDeferrable
    self.behavior = behavior
  }

  /// The clauses after `begin` or `set transaction`.
  var clauses: String {
    var text = isolation.map { " isolation level \($0.words)" } ?? ""
    if let access { text += " \(access.rawValue)" }
    if let isDeferrable { text += isDeferrable ? " deferrable" : " not deferrable" }
    return text
  }

  /// PostgreSQL's own default is to see what others commit meanwhile.
  func options(_ dialect: SQLDialect) -> TransactionOptions {
    var options = TransactionOptions(
      isolation: isolation ?? (dialect == .postgres ? .readCommitted : nil),
      isReadOnly: access == .readOnly)
    options.isDeferrable = isDeferrable ?? false
    return options
  }

  func begin(_ dialect: SQLDialect) -> String {
    switch dialect {
    case .postgres: "begin" + clauses
    case .sqlite: "begin" + (behavior.map { " \($0.rawValue)" } ?? "")
    }
  }
}

extension TransactionOptions.Isolation {
  fileprivate var words: String {
    switch self {
    case .readUncommitted: "read uncommitted"
    case .readCommitted: "read committed"
    case .repeatableRead: "repeatable read"
    case .serializable: "serializable"
    }
  }
}

extension Database {
  /// Runs the body in a transaction: returning commits, throwing rolls back and rethrows.
  ///
  /// ```swift
  /// let n = try await db.transaction { tx in
  ///   try await tx.insert(tags).values(["name": "new"]).run()
  ///   return try await tx.count(tags)
  /// }
  /// ```
  ///
  /// PostgreSQL ends a transaction in which a statement failed, even where the body catches the
  /// error; nest a transaction around what may fail.
  public func transaction<R>(
    _ config: TransactionConfig = TransactionConfig(),
    _ body: (Transaction) async throws -> R
  ) async throws -> R {
    guard let store = session.store as? any TransactionalStore else {
      throw PrivataError(
        .unsupported, "the \(session.store.traits.kind.rawValue) store has no transactions")
    }
    return try await session.transaction(
      store, config.options(session.dialect), begin: config.begin(session.dialect),
      commit: "commit", rollback: "rollback", body)
  }
}

extension Session {
  fileprivate func transaction<R>(
    _ store: any TransactionalStore, _ options: TransactionOptions, begin: String,
    commit: String, rollback: String,
    _ body: (Transaction) async throws -> R
  ) async throws -> R {
    logger?.willRun(.init(sql: begin))
    let scope = try await store.begin(options)
    var inner = Session(
      dialect: dialect, executor: scope as? any SQLExecutor, store: scope, relations: relations,
      logger: logger, cache: cache)
    inner.depth = depth + 1
    inner.cache?.pending = cache?.pending ?? PendingTables()
    do {
      let result = try await body(Transaction(session: inner, scope: scope))
      logger?.willRun(.init(sql: commit))
      try await scope.commit()
      await forgetWritten(inner)
      return result
    } catch {
      logger?.willRun(.init(sql: rollback))
      try? await scope.rollback()
      throw error
    }
  }

  /// Empties the cache of what a transaction wrote, once others can see it.
  private func forgetWritten(_ inner: Session) async {
    guard let cache, cache.pending == nil, let tables = inner.cache?.pending?.all else { return }
    if !tables.isEmpty { await cache.cache.forget(tables: tables, tags: []) }
  }
}
