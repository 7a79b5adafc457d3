import PrivataCore

// MongoDB answers changed records one at a time (`findAndModify`). Many are found first and then
// changed by their keys; without a transaction, others may change them in between.
extension CommandRunner {
  func updateManyReturning(
    _ update: Update, _ target: Target
  ) async throws(PrivataError) -> WriteOutcome {
    let before = update.returning == .before ? try await matching(update.rowsQuery) : nil
    let ids = try await keys(update.model, update.filter, update.options, target)
    var change = update
    change.filter = .and([target.isOneOf(ids), update.filter])
    change.returning = .none
    var outcome = try await perform(change)
    if let before {
      outcome.rows = before
    } else {
      var after = update.rowsQuery
      after.filter = target.isOneOf(ids + outcome.upserted.map(\.id))
      outcome.rows = try await matching(after)
    }
    return outcome
  }

  func deleteManyReturning(
    _ delete: Delete, _ target: Target
  ) async throws(PrivataError) -> WriteOutcome {
    var query = Query(
      delete.model, where: delete.filter, projection: delete.projection, sort: delete.sort,
      layout: delete.layout)
    query.options = delete.options
    let ids = try await keys(delete.model, delete.filter, delete.options, target)
    query.filter = target.isOneOf(ids)
    let rows = try await matching(query)
    var removal = delete
    removal.filter = target.isOneOf(ids)
    removal.returning = .none
    var outcome = try await perform(removal)
    outcome.rows = rows
    return outcome
  }

  private func matching(_ query: Query) async throws(PrivataError) -> RowBatch {
    try await read(query)
  }

  private func keys(
    _ model: ModelSchema, _ filter: Filter, _ options: QueryOptions?, _ target: Target
  ) async throws(PrivataError) -> [Value] {
    let key = target.naming.field(of: "_id")
    let query = Query(model, where: filter, projection: .document([key: 1]), options: options)
    return try await read(query).documents.compactMap { $0[key] }
  }
}

extension Target {
  /// The records with these keys.
  fileprivate func isOneOf(_ ids: [Value]) -> Filter {
    .document([naming.field(of: "_id"): ["$in": .array(ids)]])
  }
}

extension Update {
  /// The records that the update concerns, in the form that it answers.
  fileprivate var rowsQuery: Query {
    var query = Query(
      model, where: filter, projection: projection, sort: sort, layout: layout)
    query.options = options
    return query
  }
}
