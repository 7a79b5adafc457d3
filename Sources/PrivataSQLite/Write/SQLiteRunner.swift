internal import PrivataCore
internal import PrivataSQL

/// Runs the steps of a write on a connection.
struct SQLiteRunner {
  let session: SQLiteSession
  let observer: (any StatementObserver)?

  /// Runs a write to its end. In a transaction that is open, a write of several statements gets a
  /// savepoint, so that it fails as a whole.
  func run(_ machine: inout some SQLWriteMachine) throws(PrivataError) -> WriteOutcome {
    var scope = Scope.statement
    do throws(PrivataError) {
      var results: [Result<SQLResult, PrivataError>] = []
      while true {
        switch try machine.next(results) {
        case .transaction:
          results = []
          if scope == .statement { scope = try open() }
        case .run(let statements, let collecting):
          results = try run(statements, collecting)
        case .done(let outcome):
          try close(scope)
          return outcome
        }
      }
    } catch {
      undo(scope)
      throw error
    }
  }

  /// Adds rows whose cells are what the columns hold: all of them, or none.
  func insert(_ plan: InsertPlan, _ rows: RowBatch) throws(PrivataError) -> WriteOutcome {
    guard rows.count > 1 else { return try session.insert(plan.whole, rows, observer) }
    let scope = try open()
    do throws(PrivataError) {
      let outcome = try session.insert(plan.whole, rows, observer)
      try close(scope)
      return outcome
    } catch {
      undo(scope)
      throw error
    }
  }

  private enum Scope { case statement, transaction, savepoint }

  private func open() throws(PrivataError) -> Scope {
    if session.isInTransaction {
      try session.savepoint()
      return .savepoint
    }
    observer?.willSend(StatementRecord(kind: "begin", collection: "", text: "BEGIN IMMEDIATE"))
    try session.begin()
    return .transaction
  }

  private func close(_ scope: Scope) throws(PrivataError) {
    switch scope {
    case .statement: break
    case .savepoint: try session.release()
    case .transaction:
      observer?.willSend(StatementRecord(kind: "commit", collection: "", text: "COMMIT"))
      try session.commit()
    }
  }

  private func undo(_ scope: Scope) {
    switch scope {
    case .statement: break
    case .savepoint: session.rollbackToSavepoint()
    case .transaction: session.rollback()
    }
  }

  private func run(
    _ statements: [SQLStatement], _ collecting: Bool
  ) throws(PrivataError) -> [Result<SQLResult, PrivataError>] {
    var results: [Result<SQLResult, PrivataError>] = []
    results.reserveCapacity(statements.count)
    for statement in statements {
      do throws(PrivataError) {
        results.append(.success(try session.run(statement, observer)))
      } catch {
        // A failure that ended the transaction leaves nothing to go on with.
        guard collecting, session.isInTransaction else { throw error }
        results.append(.failure(error))
      }
    }
    return results
  }
}
