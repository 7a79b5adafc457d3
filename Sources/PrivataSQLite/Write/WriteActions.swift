internal import PrivataCore
internal import PrivataSQL

/// A write of records.
struct RecordWrite: WriteAction {
  let write: Write
  let database: SQLiteDatabase
  let observer: (any StatementObserver)?

  func run(_ session: SQLiteSession) throws(PrivataError) -> WriteOutcome {
    guard database.isShared else { return try perform(session) }
    let isOuter = !session.isInTransaction
    if isOuter { try session.begin() }
    try database.compare(session)
    let outcome = try perform(session)
    if isOuter { try session.commit() }
    return outcome
  }

  private func perform(_ session: SQLiteSession) throws(PrivataError) -> WriteOutcome {
    try SQLiteRunner(session: session, observer: observer)
      .run(write, database.plans, database.catalog)
  }
}

/// A statement of the program's own.
struct StatementWrite: WriteAction {
  let statement: SQLStatement
  let observer: (any StatementObserver)?

  func run(_ session: SQLiteSession) throws(PrivataError) -> SQLResult {
    try session.run(statement, observer)
  }
}

/// Making what models need.
struct Preparation: WriteAction {
  let models: [ModelSchema]
  let catalog: SQLCatalog
  let observer: (any StatementObserver)?

  func run(_ session: SQLiteSession) throws(PrivataError) -> PrepareMachine {
    var machine = PrepareMachine(models, catalog)
    _ = try SQLiteRunner(session: session, observer: observer).run(&machine)
    return machine
  }
}
