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
  /// A typed condition, which becomes SQL only where SQL is asked for.
  private var filter: Filter?
  let database: DatabaseHandle

  init(database: DatabaseHandle) { self.database = database }

  /// What the fields are set to.
  public func set(_ set: (inout Changeset<M>) -> Void) -> ModelUpdate<M> {
    var copy = self
    set(&copy.changes)
    return copy
  }

  /// Changes the records that fulfil the condition; `.all` for every one.
  public func `where`(_ condition: Condition<M>) -> ModelUpdate<M> {
    var copy = self
    copy.filter = condition.filter
    return copy
  }

  /// As ``where(_:)-(Condition<M>)``, of columns of the table.
  public func `where`(_ condition: SQL) -> ModelUpdate<M> {
    var copy = self
    copy.filter = nil
    copy.condition = .matching(condition)
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
    guard session.isUnwatched, let filter, let assignments = try? changes.assignments(),
      !assignments.isEmpty
    else { return try await query.run() }
    let update = Update(
      M.schema, where: filter, .assign(assignments), isMany: true, layout: .cells)
    do throws(PrivataError) {
      return RunResult(affected: try await session.store.write(.update(update)).matched)
    } catch {
      throw QueryError.wrap(error, try toSQL().text)
    }
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
    let table = M.table.table
    var plan = UpdatePlan(table: table)
    plan.set = changes.sqlValues(table)
    plan.condition = filter.map { $0 == .all ? .all : .matching(table.sql($0)) } ?? condition
    return UpdateQuery(plan: plan, database: database)
  }

  private func filter(_ verb: String) throws(PrivataError) -> Filter {
    if let filter { return filter }
    return try condition.filter(verb, M.table.table)
  }

  private func write(_ returning: Returning) async throws(PrivataError) -> WriteOutcome {
    guard let session = database.session else {
      throw PrivataError(.badArgument, "there is no database to run on")
    }
    let assignments = try changes.assignments()
    if assignments.isEmpty {
      throw PrivataError(.badArgument, "an update needs values to set", model: M.schema.name)
    }
    let filter = try filter("update")
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
  /// A typed condition, which becomes SQL only where SQL is asked for.
  private var filter: Filter?
  let database: DatabaseHandle

  init(database: DatabaseHandle) { self.database = database }

  /// Removes the records that fulfil the condition; `.all` for every one.
  public func `where`(_ condition: Condition<M>) -> ModelDelete<M> {
    var copy = self
    copy.filter = condition.filter
    return copy
  }

  /// As ``where(_:)-(Condition<M>)``, of columns of the table.
  public func `where`(_ condition: SQL) -> ModelDelete<M> {
    var copy = self
    copy.filter = nil
    copy.condition = .matching(condition)
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
    guard session.isUnwatched, let filter else { return try await query.run() }
    let delete = Delete(M.schema, where: filter, layout: .cells)
    do throws(PrivataError) {
      return RunResult(affected: try await session.store.write(.delete(delete)).deleted)
    } catch {
      throw QueryError.wrap(error, try toSQL().text)
    }
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
    let table = M.table.table
    var plan = DeletePlan(table: table)
    plan.condition = filter.map { $0 == .all ? .all : .matching(table.sql($0)) } ?? condition
    return DeleteQuery(plan: plan, database: database)
  }

  private func filter(_ verb: String) throws(PrivataError) -> Filter {
    if let filter { return filter }
    return try condition.filter(verb, M.table.table)
  }

  private func write(_ returning: Returning) async throws(PrivataError) -> WriteOutcome {
    guard let session = database.session else {
      throw PrivataError(.badArgument, "there is no database to run on")
    }
    let filter = try filter("delete")
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
