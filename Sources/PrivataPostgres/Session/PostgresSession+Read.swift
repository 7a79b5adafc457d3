internal import PrivataCore
internal import PrivataSQL

extension PostgresSession {
  /// Answers a query.
  func rows(
    for query: Query, in tables: PostgresTables
  ) async throws(PrivataError) -> RowBatch {
    let plan = try await plan(of: query, in: tables)
    let statement = plan.statement(for: query)
    let terms = Terms(isRead: true, milliseconds: query.options?.maxTimeMilliseconds)
    var columns = try await rows(of: statement, terms)
    if case .answer = plan.rows { return columns }
    if query.takesRows, case .documents(let form) = plan.rows {
      columns.shape = form.shape
      return columns
    }
    var finisher = try ReadFinisher(plan, query)
    _ = try finisher.take(columns)
    return try finisher.finish()
  }

  /// The plan of a query; prepares the model where its table has not been looked at.
  func plan(
    of query: Query, in tables: PostgresTables
  ) async throws(PrivataError) -> ReadPlan {
    do throws(PrivataError) { return try tables.plan(of: query) } catch {
      guard error.code == .unprepared else { throw error }
    }
    try await PostgresSession(context).prepare([query.model], in: tables)
    return try tables.plan(of: query)
  }

  /// Makes what models need and is missing.
  func prepare(
    _ models: [ModelSchema], in tables: PostgresTables
  ) async throws(PrivataError) {
    var machine = PrepareMachine(models, tables.catalog)
    _ = try await drive(&machine, tables)
    machine.bind()
    // Names of constraints are looked up in peace, rather than when one has been broken.
    for schema in Set(models.map(\.namespace)) {
      if let columns = try? await PostgresSession(context).constraintColumns(in: schema) {
        context.constraints.learn(columns)
      }
    }
  }
}

extension ReadPlan {
  /// The statement with the values of a query.
  func statement(for query: Query) -> SQLStatement {
    compiled.statement(filter: query.filter, skip: query.skip, limit: query.limit)
  }
}
