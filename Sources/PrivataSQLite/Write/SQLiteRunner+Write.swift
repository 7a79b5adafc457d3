internal import PrivataCore
internal import PrivataSQL

extension SQLiteRunner {
  /// Runs any write with the plans of a store.
  func run(
    _ write: Write, _ plans: SQLPlans, _ catalog: SQLCatalog
  ) throws(PrivataError) -> WriteOutcome {
    func bind(_ model: ModelSchema) throws(PrivataError) -> BoundModel { try catalog.bound(model) }
    switch write {
    case .insert(let insert):
      let plan = try plans.plan(of: insert, bind: bind)
      if let rows = plan.plainCells(of: insert) { return try self.insert(plan, rows) }
      var machine = InsertMachine(insert, plan)
      return try run(&machine)
    case .update(let update): return try run(update, plans, bind)
    case .delete(let delete):
      var machine = DeleteMachine(delete, try plans.plan(of: delete, bind: bind))
      return try run(&machine)
    case .bulk(let writes, let isOrdered):
      return try run(writes, isOrdered, plans, catalog)
    }
  }

  /// Runs an update; where one statement does it, its values are bound straight from the update.
  private func run(
    _ update: Update, _ plans: SQLPlans,
    _ bind: (ModelSchema) throws(PrivataError) -> BoundModel
  ) throws(PrivataError) -> WriteOutcome {
    let plan = try plans.plan(of: update, bind: bind)
    var isUndecided = false
    if let single = plan.single {
      try plan.check(update.changes)
      var rows = RowBatch(width: max(1, single.template.columns?.count ?? 1))
      let changed = try session.change(
        single, update.filter, update.changes, observer, answering: &rows)
      if let outcome = plan.outcome(changed, rows) { return outcome }
      isUndecided = true
    }
    var insertion: InsertPlan?
    if update.isUpsert {
      insertion = try plans.plan(of: Insert(update.model, .documents([])), bind: bind)
    }
    var machine = UpdateMachine(update, plan, insertion: insertion, isUndecided: isUndecided)
    return try run(&machine)
  }

  /// Runs several writes in one transaction. What fails is undone by itself and reported.
  private func run(
    _ writes: [Write], _ isOrdered: Bool, _ plans: SQLPlans, _ catalog: SQLCatalog
  ) throws(PrivataError) -> WriteOutcome {
    let isOuter = !session.isInTransaction
    if isOuter { try session.begin() }
    var total = WriteOutcome()
    do throws(PrivataError) {
      for (index, write) in writes.enumerated() {
        do throws(PrivataError) {
          total.add(try run(write, plans, catalog), at: index)
        } catch {
          guard session.isInTransaction else { throw error }
          total.failures.append(.init(index: index, error: error))
          if isOrdered { break }
        }
      }
      if isOuter { try session.commit() }
      return total
    } catch {
      if isOuter { session.rollback() }
      throw error
    }
  }
}
