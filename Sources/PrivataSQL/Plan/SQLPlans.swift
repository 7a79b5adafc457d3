package import PrivataCore
internal import Synchronization

/// What plans are compiled from: a query or write of which only the shape counts.
package protocol SQLShape: Sendable {
  associatedtype Plan: SQLPlan
  var model: ModelSchema { get }
  /// Adds the shape to a hash: everything but the values.
  func hashShape(into hasher: inout Hasher)
  /// True where one plan serves both.
  func hasShape(of other: Self) -> Bool
  /// The same shape with other values, so that nothing personal is kept.
  var blank: Self { get }
  /// Compiles the shape.
  func plan(on bound: BoundModel) throws(PrivataError) -> Plan
}

/// A compiled plan.
package protocol SQLPlan: Sendable {
  /// The table that the plan was made for, as it was.
  var bound: BoundModel { get }
}

/// Plans of one kind, found by shape. Two shapes of equal hash do not meet: they are compared too.
private struct PlanCache<Shape: SQLShape>: ~Copyable, Sendable {
  private struct Entry: Sendable {
    let shape: Shape
    let plan: Shape.Plan
  }

  private let entries = Mutex<[Int: [Entry]]>([:])
  let limit: Int

  init(limit: Int) { self.limit = limit }

  func plan(
    of shape: Shape, _ bind: (ModelSchema) throws(PrivataError) -> BoundModel
  ) throws(PrivataError) -> Shape.Plan {
    var hasher = Hasher()
    shape.hashShape(into: &hasher)
    let hash = hasher.finalize()
    let known = entries.withLock { $0[hash]?.first { $0.shape.hasShape(of: shape) }?.plan }
    if let known, known.bound.isCurrent { return known }
    let plan = try shape.plan(on: bind(shape.model))
    keep(Entry(shape: shape.blank, plan: plan), hash)
    return plan
  }

  private func keep(_ entry: Entry, _ hash: Int) {
    entries.withLock { entries in
      if entries.count >= limit { entries.removeAll(keepingCapacity: true) }
      entries[hash, default: []].removeAll { $0.shape.hasShape(of: entry.shape) }
      entries[hash, default: []].append(entry)
    }
  }
}

/// The compiled plans of a store: each shape of query is compiled once, and runs bind values.
package final class SQLPlans: Sendable {
  private let reads: PlanCache<Query>
  private let inserts: PlanCache<Insert>
  private let updates: PlanCache<Update>
  private let deletes: PlanCache<Delete>

  /// No plans yet. Past `limit` shapes a kind starts afresh: only a program that makes up shapes
  /// gets there.
  package init(limit: Int = 4096) {
    reads = PlanCache(limit: limit)
    inserts = PlanCache(limit: limit)
    updates = PlanCache(limit: limit)
    deletes = PlanCache(limit: limit)
  }

  /// The plan of a query; `bind` answers the model's table where no plan is at hand.
  package func plan(
    of query: Query, bind: (ModelSchema) throws(PrivataError) -> BoundModel
  ) throws(PrivataError) -> ReadPlan { try reads.plan(of: query, bind) }

  /// The plan of an insert.
  package func plan(
    of insert: Insert, bind: (ModelSchema) throws(PrivataError) -> BoundModel
  ) throws(PrivataError) -> InsertPlan { try inserts.plan(of: insert, bind) }

  /// The plan of an update.
  package func plan(
    of update: Update, bind: (ModelSchema) throws(PrivataError) -> BoundModel
  ) throws(PrivataError) -> UpdatePlan { try updates.plan(of: update, bind) }

  /// The plan of a delete.
  package func plan(
    of delete: Delete, bind: (ModelSchema) throws(PrivataError) -> BoundModel
  ) throws(PrivataError) -> DeletePlan { try deletes.plan(of: delete, bind) }
}
