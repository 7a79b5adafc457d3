internal import PrivataCore
internal import PrivataSQL
internal import Synchronization

/// What a transaction and the savepoints in it share: the connection, taken in turns.
final class TransactionCore: Sendable {
  let database: SQLiteDatabase
  private let session: SQLiteSession
  private let isReadOnly: Bool
  private let deadline: UInt64
  private let turns = Turns()
  private let isOver = Atomic<Bool>(false)

  init(
    _ database: SQLiteDatabase, _ session: SQLiteSession, _ options: TransactionOptions
  ) {
    self.database = database
    self.session = session
    isReadOnly = options.isReadOnly
    deadline = options.timeoutMilliseconds.map { SQLiteClock.after(milliseconds: $0) } ?? 0
  }

  var ended: PrivataError {
    PrivataError(.transactionEnded, "the transaction on \(database.file.name) is over")
  }

  /// Runs the body with the connection, after those that came before.
  func run<Answer: Sendable>(
    at depth: Int,
    _ body: (SQLiteSession, (any StatementObserver)?) throws(PrivataError) -> Answer
  ) async throws(PrivataError) -> Answer {
    try await turns.enter()
    defer { turns.leave() }
    try check(depth)
    session.watch.clear()
    session.watch.deadline = deadline
    return try body(session, StatementLog.observer)
  }

  private func check(_ depth: Int) throws(PrivataError) {
    guard !isOver.load(ordering: .acquiring), depth <= session.depth else { throw ended }
    guard deadline == 0 || SQLiteClock.now < deadline else {
      throw PrivataError(
        .timeout, "the transaction on \(database.file.name) took too long", isRetriable: true)
    }
    guard session.isInTransaction else {
      throw PrivataError(
        .transactionEnded, "a failure ended the transaction on \(database.file.name)")
    }
  }

  /// The plan of a query on the tables as the transaction sees them.
  func plan(of query: Query, at depth: Int) async throws(PrivataError) -> ReadPlan {
    func bind(_ model: ModelSchema) throws(PrivataError) -> BoundModel {
      try database.catalog.bound(model)
    }
    do throws(PrivataError) {
      return try database.plans.plan(of: query, bind: bind)
    } catch {
      guard error.code == .unprepared else { throw error }
    }
    let machine = try await run(at: depth) { session, observer throws(PrivataError) in
      var machine = PrepareMachine([query.model], database.catalog)
      _ = try SQLiteRunner(session: session, observer: observer).run(&machine)
      return machine
    }
    machine.bind()
    return try database.plans.plan(of: query, bind: bind)
  }

  /// Keeps the changes since the savepoint, or all of them and ends the transaction.
  func commit(_ depth: Int) async throws(PrivataError) {
    if depth > 0 {
      return try await run(at: depth) { session, observer throws(PrivataError) in
        observer?.willSend(StatementRecord(kind: "commit", collection: "", text: "RELEASE"))
        // Savepoints that were opened inside and dropped go along.
        while session.depth >= depth { try session.release() }
      }
    }
    try await turns.enter()
    defer { turns.leave() }
    guard end() else { throw ended }
    do throws(PrivataError) {
      StatementLog.observer?.willSend(
        StatementRecord(kind: "commit", collection: "", text: "COMMIT"))
      guard session.isInTransaction else {
        throw PrivataError(
          .transactionEnded, "a failure ended the transaction on \(database.file.name)")
      }
      try session.commit()
      giveBack(isCommitted: true)
    } catch {
      session.rollback()
      giveBack(isCommitted: false)
      throw error
    }
  }

  /// Undoes the changes since the savepoint, or all of them and ends the transaction.
  func rollback(_ depth: Int) async throws(PrivataError) {
    try await turns.enter()
    defer { turns.leave() }
    guard !isOver.load(ordering: .acquiring) else { throw ended }
    StatementLog.observer?.willSend(
      StatementRecord(
        kind: "rollback", collection: "", text: depth > 0 ? "ROLLBACK TO" : "ROLLBACK"))
    undo(depth)
  }

  /// As ``rollback(_:)``, from a `deinit`: no task is using the transaction then.
  func dropped(_ depth: Int) { undo(depth) }

  private func undo(_ depth: Int) {
    guard depth == 0 else {
      while session.depth >= depth, session.depth > 0 { session.rollbackToSavepoint() }
      return
    }
    guard end() else { return }
    session.rollback()
    giveBack(isCommitted: false)
  }

  private func end() -> Bool {
    isOver.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing)
      .exchanged
  }

  private func giveBack(isCommitted: Bool) {
    session.depth = 0
    session.watch.clear()
    if isReadOnly {
      database.giveBack(session)
    } else {
      if isCommitted { database.noteCommit(session) }
      database.writer.release(session)
    }
  }
}

/// One task at a time, in the order in which they come.
final class Turns: Sendable {
  private struct State: Sendable {
    var isTaken = false
    var waiting: [Waiter<Void>] = []
  }

  private let state = Mutex(State())

  func enter() async throws(PrivataError) {
    let waiter = state.withLock { state -> Waiter<Void>? in
      guard state.isTaken else {
        state.isTaken = true
        return nil
      }
      let waiter = Waiter<Void>()
      state.waiting.append(waiter)
      return waiter
    }
    guard let waiter else { return }
    try await waiter.gift(within: nil, or: PrivataError(.cancelled, "the call was cancelled"))
  }

  func leave() {
    while true {
      let next = state.withLock { state -> Waiter<Void>? in
        guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
        state.isTaken = false
        return nil
      }
      guard let next, !next.resume(.success(())) else { return }
    }
  }
}
