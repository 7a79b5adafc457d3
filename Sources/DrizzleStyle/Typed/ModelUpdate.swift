public import PrivataCore
internal import PrivataSQL

/// Records of a model to change.
///
/// ```swift
/// try await db.update(User.self).set { $0.name = "Ada" }.where(\.id == 1).run()
/// // update "users" set "name" = $1 where "users"."id" = $2
/// ```
///
/// An update that says nothing about its records does not run: say `.where(.all)` for all of them.
public struct ModelUpdate<M: Model>: Sendable {
  private var changes = Changeset<M>()
  private var condition: WriteCondition?
  private let table = M.table.table
  let database: DatabaseHandle

  init(database: DatabaseHandle) { self.database = database }

  /// What the fields are set to.
  public func set(_ set: (inout Changeset<M>) -> Void) -> ModelUpdate<M> {
    var copy = self
    set(&copy.changes)
    return copy
  }

  /// Changes the records that fulfil the condition.
  public func `where`(_ condition: Condition<M>) -> ModelUpdate<M> {
    `where`(table.sql(condition.filter))
  }

  /// As ``where(_:)-(Condition<M>)``, of columns of the table.
  public func `where`(_ condition: SQL) -> ModelUpdate<M> {
    var copy = self
    copy.condition = .matching(condition)
    return copy
  }

  /// Changes all records.
  public func `where`(_ rows: AllRows) -> ModelUpdate<M> {
    var copy = self
    copy.condition = .all
    return copy
  }

  /// The text and the parameters of the statement, without running it.
  public func toSQL() throws(PrivataError) -> RenderedSQL { try query.toSQL() }

  /// Changes the records and answers how many.
  @discardableResult
  public func run() async throws(PrivataError) -> RunResult {
    guard let session = database.session, session.executor != nil else {
      return RunResult(affected: try await write(.none).matched)
    }
    return try await query.run()
  }

  /// Changes the records and answers them as they are then.
  public func returning() async throws(PrivataError) -> [M] {
    guard let session = database.session, session.executor != nil else {
      return try (try await write(.after)).rows?.decode(M.self) ?? []
    }
    let rendered = try query.returning().toSQL(session.dialect)
    let records = try (try await session.run(rendered)).result.rows.decode(M.self)
    await session.cache?.forget(rendered)
    return records
  }

  private var query: UpdateQuery {
    var plan = UpdatePlan(table: table)
    plan.set = changes.sqlValues(table)
    plan.condition = condition
    return UpdateQuery(plan: plan, database: database)
  }

  private func write(_ returning: Returning) async throws(PrivataError) -> WriteOutcome {
    guard let session = database.session else {
      throw PrivataError(.badArgument, "there is no database to run on")
    }
    let assignments = try changes.assignments()
    if assignments.isEmpty {
      throw PrivataError(.badArgument, "an update needs values to set", model: M.schema.name)
    }
    let filter = try condition.filter("update", table)
    let update = Update(
      M.schema, where: filter, .assign(assignments), isMany: true, returning: returning,
      layout: .cells)
    return try await session.store.write(.update(update))
  }
}

/// Records of a model to remove.
///
/// ```swift
/// try await db.delete(Session.self).where(\.id == "s3").run()
/// ```
///
/// A delete that says nothing about its records does not run: say `.where(.all)` for all of them.
public struct ModelDelete<M: Model>: Sendable {
  private var condition: WriteCondition?
  private let table = M.table.table
  let database: DatabaseHandle

  init(database: DatabaseHandle) { self.database = database }

  /// Removes the records that fulfil the condition.
  public func `where`(_ condition: Condition<M>) -> ModelDelete<M> {
    `where`(table.sql(condition.filter))
  }

  /// As ``where(_:)-(Condition<M>)``, of columns of the table.
  public func `where`(_ condition: SQL) -> ModelDelete<M> {
    var copy = self
    copy.condition = .matching(condition)
    return copy
  }

  /// Removes all records.
  public func `where`(_ rows: AllRows) -> ModelDelete<M> {
    var copy = self
    copy.condition = .all
    return copy
  }

  /// The text and the parameters of the statement, without running it.
  public func toSQL() throws(PrivataError) -> RenderedSQL { try query.toSQL() }

  /// Removes the records and answers how many.
  @discardableResult
  public func run() async throws(PrivataError) -> RunResult {
    guard let session = database.session, session.executor != nil else {
      return RunResult(affected: try await write(.none).deleted)
    }
    return try await query.run()
  }

  /// Removes the records and answers them.
  public func returning() async throws(PrivataError) -> [M] {
    guard let session = database.session, session.executor != nil else {
      return try (try await write(.before)).rows?.decode(M.self) ?? []
    }
    let rendered = try query.returning().toSQL(session.dialect)
    let records = try (try await session.run(rendered)).result.rows.decode(M.self)
    await session.cache?.forget(rendered)
    return records
  }

  private var query: DeleteQuery {
    var plan = DeletePlan(table: table)
    plan.condition = condition
    return DeleteQuery(plan: plan, database: database)
  }

  private func write(_ returning: Returning) async throws(PrivataError) -> WriteOutcome {
    guard let session = database.session else {
      throw PrivataError(.badArgument, "there is no database to run on")
    }
    let filter = try condition.filter("delete", table)
    let delete = Delete(
      M.schema, where: filter, returning: returning, layout: .cells)
    return try await session.store.write(.delete(delete))
  }
}

extension Optional<WriteCondition> {
  /// The condition as stores that take no SQL know it.
  ///
  /// - Throws: `unboundedDelete` where nothing was said, `unsupported` for what is more than
  ///   comparisons of the table's own columns.
  func filter(_ verb: String, _ table: SQLTable) throws(PrivataError) -> Filter {
    guard let condition = try checked(verb, table) else { return .all }
    guard let single = condition.meaning?.single, single.owner == table.handle else {
      throw PrivataError(
        .unsupported,
        "a store behind policies takes comparisons of the table's own columns: read "
          + "the keys first and \(verb) by them", model: table.logicalName)
    }
    return single.filter
  }
}
