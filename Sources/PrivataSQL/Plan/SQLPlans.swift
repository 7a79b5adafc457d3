package import PrivataCore
internal import Synchronization

/// What plans are compiled from: a query or write of which only the shape counts.
package protocol SQLShape: Sendable {
  /// The plan of a shape.
  associatedtype Plan: SQLPlan
  /// The model concerned.
  var model: ModelSchema { get }
  /// Adds the shape to a hash: everything but the values.
  func hashShape(into hasher: inout ShapeHash)
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
  private final class Entry: Sendable {
    let hash: UInt64
    let shape: Shape
    let plan: Shape.Plan
    let next: Entry?

    init(_ hash: UInt64, _ shape: Shape, _ plan: Shape.Plan, next: Entry?) {
      self.hash = hash
      self.shape = shape
      self.plan = plan
      self.next = next
    }
  }

  private struct Table: Sendable {
    var buckets: [Entry?] = Array(repeating: nil, count: 256)
    var count = 0

    func plan(_ hash: UInt64, _ shape: Shape) -> Shape.Plan? {
      var entry = buckets[Int(truncatingIfNeeded: hash & 255)]
      while let found = entry {
        if found.hash == hash, found.shape.hasShape(of: shape) { return found.plan }
        entry = found.next
      }
      return nil
    }
  }

  private let table = Mutex(Table())
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// The plan at hand.
  func known(_ shape: Shape) -> Shape.Plan? {
    let hash = hash(shape)
    guard let plan = table.withLock({ $0.plan(hash, shape) }), plan.bound.isCurrent else {
      return nil
    }
    return plan
  }

  func plan(
    of shape: Shape, _ bind: (ModelSchema) throws(PrivataError) -> BoundModel
  ) throws(PrivataError) -> Shape.Plan {
    if let known = known(shape) { return known }
    let plan = try shape.plan(on: bind(shape.model))
    keep(plan, for: shape)
    return plan
  }

  private func hash(_ shape: Shape) -> UInt64 {
    var hasher = ShapeHash()
    shape.hashShape(into: &hasher)
    return hasher.state
  }

  private func keep(_ plan: Shape.Plan, for shape: Shape) {
    let hash = hash(shape)
    let blank = shape.blank
    table.withLock { table in
      // A newer plan goes before one for the table as it was.
      if table.count >= limit { table = Table() }
      let bucket = Int(truncatingIfNeeded: hash & 255)
      table.buckets[bucket] = Entry(hash, blank, plan, next: table.buckets[bucket])
      table.count += 1
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

  /// The plan of a query where it is at hand and its table has not changed.
  package func known(_ query: Query) -> ReadPlan? { reads.known(query) }

  /// The plan of an update where it is at hand and its table has not changed.
  package func known(_ update: Update) -> UpdatePlan? { updates.known(update) }

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
