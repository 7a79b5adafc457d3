internal import PrivataCore

/// What an update does where no record matches: nothing, or an insert made of filter and changes.
struct UpsertWrite {
  let session: VaultSession
  let separation: Separation
  let update: Update

  init(_ session: VaultSession, _ separation: Separation, _ update: Update) {
    self.session = session
    self.separation = separation
    self.update = update
  }

  func run() async throws(PrivataError) -> WriteOutcome {
    guard update.isUpsert else {
      var outcome = WriteOutcome()
      if update.returning != .none { outcome.rows = try await rows(where: .none) }
      return outcome
    }
    do {
      return try await insert()
    } catch let error where error.code == .duplicateKey {
      // Another writer may have inserted the record that the filter means: then it is an update.
      var again = update
      again.isUpsert = false
      let outcome = try await session.write(.update(again), separation)
      guard outcome.matched > 0 else { throw error }
      return outcome
    }
  }

  private func insert() async throws(PrivataError) -> WriteOutcome {
    let updater = try DocumentUpdater(
      update.changes, arrayFilters: update.arrayFilters, collation: update.options?.collation)
    let key = separation.model.key.name
    let document = try updater.upsert(from: update.filter, key: key == "_id" ? key : nil)
    let done = try await InsertWrite(
      session: session, separation: separation,
      insert: Insert(separation.model, .documents([document]), returning: [key])
    ).run()
    if let failure = done.failures.first { throw failure.error }
    var outcome = WriteOutcome()
    let id = done.rows?.value(row: 0, column: 0) ?? document[key] ?? .null
    outcome.upserted = [.init(index: 0, id: id)]
    switch update.returning {
    case .none: break
    case .before: outcome.rows = try await rows(where: .none)
    case .after: outcome.rows = try await rows(where: .compare(key, .equal, id))
    }
    return outcome
  }

  private func rows(where filter: Filter) async throws(PrivataError) -> RowBatch {
    let query = Query(
      separation.model, where: filter, projection: update.projection, layout: update.layout)
    return try await session.rows(query, separation)
  }
}
