package import PrivataCore
internal import PrivataSQL
internal import Synchronization

extension PostgresStore: JoiningStore {
  /// True for another schema of the same database that is reached as the same role: what one store may
  /// read the other may too.
  package func reaches(_ other: any Store) -> Bool {
    guard let other = other as? PostgresStore, other.context.options.schema != nil else {
      return false
    }
    let (own, others) = (context.pool.settings.keywords, other.context.pool.settings.keywords)
    return own.count == others.count && zip(own, others).allSatisfy { $0 == $1 }
  }

  package func rows(
    for query: Query, joining joined: JoinedHalf, in other: any Store
  ) async throws(PrivataError) -> RowBatch? {
    // A store that was closed says so itself.
    guard let beside = other as? PostgresStore, let schema = beside.context.options.schema,
      !beside.context.pool.state.withLock({ $0.plan.isClosed })
    else { return nil }
    let read = try await session.plan(of: query, in: tables)
    let plan = try JoinedPlan.plan(read, query, joined) { () throws(PrivataError) in
      let bound = try beside.tables.catalog.bound(joined.model)
      let table = bound.layout.table
      let isPlaced = joined.model.namespace != nil
      return JoinedTable(
        bound, name: isPlaced ? table : "\(SQLDialect.postgres.quote(schema)).\(table)")
    }
    guard let plan else { return nil }
    let statement = plan.compiled.statement(
      filter: query.filter, skip: query.skip, limit: query.limit)
    let terms = PostgresSession.Terms(
      isRead: true, milliseconds: query.options?.maxTimeMilliseconds)
    return try await session.rows(of: statement, terms)
  }
}
