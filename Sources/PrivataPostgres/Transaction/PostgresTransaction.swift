public import PrivataCore
public import PrivataSQL
internal import Synchronization

/// A transaction on one connection, or a savepoint within one.
///
/// As the server has it, a statement that fails ends the transaction: what follows is refused with
/// `transactionEnded` until it is rolled back. A nested transaction bounds that to itself.
public final class PostgresTransaction: Sendable {
  let context: PostgresContext
  let tables: PostgresTables
  let scope: PostgresTransactionScope
  /// The savepoint that this is, `nil` for the transaction itself.
  private let savepoint: String?
  private let isEnded = Atomic(false)
  private let deadline: MonotonicTime

  init(
    _ context: PostgresContext, _ tables: PostgresTables, _ lease: PostgresLease,
    _ options: TransactionOptions
  ) {
    self.context = context
    self.tables = tables
    scope = PostgresTransactionScope(lease, options)
    savepoint = nil
    deadline = context.deadline(milliseconds: options.timeoutMilliseconds ?? 0)
  }

  private init(inside outer: PostgresTransaction) throws(PrivataError) {
    context = outer.context
    tables = outer.tables
    scope = outer.scope
    savepoint = try outer.scope.addSavepoint()
    deadline = outer.deadline
  }

  deinit {
    if let savepoint, !isEnded.load(ordering: .relaxed) { scope.undoLater(savepoint) }
  }

  /// A session that runs in the transaction.
  var session: PostgresSession { PostgresSession(context, scope: scope, deadline: deadline) }

  /// True once the transaction has been ended.
  var isFinished: Bool { isEnded.load(ordering: .acquiring) }

  /// Marks the transaction as ended; throws for all but the first caller.
  func markEnded() throws(PrivataError) {
    guard !isEnded.exchange(true, ordering: .acquiringAndReleasing) else {
      throw PrivataError(.transactionEnded, "the transaction has ended")
    }
  }
}

extension PostgresTransaction: StoreTransaction {
  /// Opens a savepoint; its own isolation and access are those of the transaction.
  public func begin(
    _ options: TransactionOptions
  ) async throws(PrivataError) -> any StoreTransaction {
    try PostgresTransaction(inside: self)
  }

  /// Makes the changes durable, or those of a nested transaction part of the outer one.
  ///
  /// - Throws: `transactionEnded` where a statement failed before, and so nothing was kept;
  ///   `writeConflict` where another transaction came first; `connection` where the connection broke
  ///   and it is not known whether the changes were kept.
  public func commit() async throws(PrivataError) {
    try markEnded()
    if let savepoint {
      if scope.forgetSavepoint(savepoint) { return }
      try await session.run(texts: ["RELEASE SAVEPOINT \(savepoint)"])
      return
    }
    guard let prefix = try scope.end() else { return scope.lease.end(.clean) }
    let results = try await ending(prefix + ["COMMIT"])
    // A failed transaction answers COMMIT with a rollback instead of an error.
    guard results.last?.tag == "COMMIT" else {
      throw PrivataError(
        .transactionEnded, "a statement of the transaction failed, so nothing was kept")
    }
  }

  /// Undoes the changes. Where the connection is gone, the server has done so already.
  public func rollback() async throws(PrivataError) {
    try markEnded()
    if let savepoint {
      if scope.forgetSavepoint(savepoint) { return }
      let undo = ["ROLLBACK TO SAVEPOINT \(savepoint)", "RELEASE SAVEPOINT \(savepoint)"]
      try await session.run(texts: undo, PostgresSession.Terms(isCancellable: false))
      return
    }
    guard try scope.end() != nil else { return scope.lease.end(.clean) }
    _ = try? await ending(["ROLLBACK"])
  }

  /// Sends the last words of the transaction, also in a cancelled task.
  private func ending(_ texts: [String]) async throws(PrivataError) -> OneOrMore<PostgresResult> {
    let lone = PostgresSession(context, lease: scope.lease)
    do throws(PrivataError) {
      let results = try await lone.run(texts: texts, PostgresSession.Terms(isCancellable: false))
      scope.lease.end(.clean)
      return results
    } catch {
      // A commit that the server refused has ended the transaction; one without an answer has not.
      scope.lease.end(error.isOfConnection ? .broken : .inTransaction)
      throw error
    }
  }
}

extension PostgresTransaction: SQLExecutor {
  public var dialect: SQLDialect { .postgres }

  /// Runs one statement in the transaction.
  public func execute(_ statement: SQLStatement) async throws(PrivataError) -> SQLResult {
    try await session.execute(statement)
  }
}
