internal import PrivataCore
internal import PrivataSQL

/// What a store knows of its tables, and the plans compiled for them.
struct PostgresTables: Sendable {
  let catalog: SQLCatalog
  let plans = SQLPlans()

  init(keepsOrder: Bool = false) {
    catalog = SQLCatalog(dialect: .postgres, keepsOrder: keepsOrder)
  }

  func plan(of query: Query) throws(PrivataError) -> ReadPlan {
    try plans.plan(of: query, bind: catalog.bound)
  }

  /// The state machine that carries out a write.
  func machine(for write: Write) throws(PrivataError) -> any SQLWriteMachine {
    switch write {
    case .insert(let insert):
      return InsertMachine(insert, try plans.plan(of: insert, bind: catalog.bound))
    case .update(let update):
      let plan = try plans.plan(of: update, bind: catalog.bound)
      let insert = Insert(update.model, .documents([]))
      let insertion =
        update.isUpsert ? try plans.plan(of: insert, bind: catalog.bound) : nil
      return UpdateMachine(update, plan, insertion: insertion)
    case .delete(let delete):
      return DeleteMachine(delete, try plans.plan(of: delete, bind: catalog.bound))
    case .bulk:
      throw PrivataError(.unsupported, "a bulk write within a bulk write")
    }
  }
}
