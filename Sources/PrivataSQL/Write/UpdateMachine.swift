package import PrivataCore

/// Changes records: by one statement where SQL does exactly what the update means, else by reading
/// the records, changing them in the engine and writing them back, in one transaction.
package struct UpdateMachine: SQLWriteMachine {
  let update: Update
  let plan: UpdatePlan
  let insertion: InsertPlan?
  var phase = Phase.start
  var outcome = WriteOutcome()

  enum Phase: Sendable {
    case start, undecided, direct, transaction, count, many, read, written, inserted
  }

  /// `insertion` is the plan of an insert into the model, which an upsert needs; `isUndecided` where
  /// the driver has run the plan's single statement and it changed nothing.
  package init(
    _ update: Update, _ plan: UpdatePlan, insertion: InsertPlan?, isUndecided: Bool = false
  ) {
    if isUndecided { phase = .undecided }
    self.update = update
    self.plan = plan
    self.insertion = insertion
  }

  package var isLastRun: Bool { phase == .written || phase == .inserted }

  package mutating func next(
    _ results: [Result<SQLResult, PrivataError>]
  ) throws(PrivataError) -> SQLStep {
    switch phase {
    case .start: return try start()
    case .undecided: return transaction()
    case .direct: return direct(try results.first?.get())
    case .transaction: return plan.count == nil ? read() : count()
    case .count: return try many(try results.first?.get())
    case .many:
      outcome.modified = try results.first?.get().affected ?? 0
      return .done(outcome)
    case .read: return try change(try results.first?.get().rows ?? RowBatch(width: 1))
    case .written, .inserted:
      for result in results { _ = try result.get() }
      return .done(outcome)
    }
  }

  private mutating func start() throws(PrivataError) -> SQLStep {
    if case .assign(let assignments) = update.changes { try check(assignments) }
    guard let direct = plan.direct, plan.count == nil else { return transaction() }
    phase = .direct
    return run(direct.compiled)
  }

  private mutating func transaction() -> SQLStep {
    phase = .transaction
    return .transaction
  }

  private func run(_ compiled: SQLCompiled) -> SQLStep {
    .run(
      [compiled.statement(filter: update.filter, changes: update.changes)], collecting: false)
  }

  private mutating func direct(_ result: SQLResult?) -> SQLStep {
    guard let result else { return .done(outcome) }
    guard let outcome = plan.outcome(result.affected, result.rows) else { return transaction() }
    return .done(outcome)
  }

  private mutating func read() -> SQLStep {
    phase = .read
    return run(plan.candidates)
  }

  private mutating func count() -> SQLStep {
    guard let count = plan.count else { return read() }
    phase = .count
    return run(count)
  }

  /// One statement changes all, unless the engine must change some: then it changes all.
  private mutating func many(_ result: SQLResult?) throws(PrivataError) -> SQLStep {
    guard let direct = plan.direct, let rows = result?.rows, rows.count == 1 else { return read() }
    let matched = rows.value(row: 0, column: 0)?.asInt ?? 0
    let left = rows.value(row: 0, column: 1)?.asInt ?? 0
    if left > 0 || matched == 0 { return read() }
    outcome.matched = matched
    phase = .many
    return run(direct.compiled)
  }

  private func check(_ assignments: [Assignment]) throws(PrivataError) {
    try plan.check(assignments)
  }
}

extension UpdatePlan {
  /// Refuses typed changes whose values their columns cannot hold.
  package func check(_ changes: Changes) throws(PrivataError) {
    if case .assign(let assignments) = changes { try check(assignments) }
  }

  fileprivate func check(_ assignments: [Assignment]) throws(PrivataError) {
    let layout = bound.layout
    guard !layout.isOpen else { return }
    for assignment in assignments where assignment.operation != .push {
      guard let position = layout.position(of: assignment.field) else { continue }
      _ = try layout.stored(assignment.value, at: position)
    }
  }
}
