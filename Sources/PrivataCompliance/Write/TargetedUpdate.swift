internal import PrivataCore

/// An update of divided records whose pseudonyms are known: each half gets its part of the change
/// and its part of the filter, so that a record that changed since is spared.
struct TargetedUpdate {
  let separation: Separation
  let update: Update
  let changes: SplitChanges
  let filter: SplitFilter
  let links: [String]

  func run(in session: VaultSession) async throws(PrivataError) -> WriteOutcome {
    var outcome = WriteOutcome()
    if update.returning == .before { outcome.rows = try await rows(session) }
    var clinical = WriteOutcome()
    var identity = WriteOutcome()
    if let part = changes.clinical {
      let changes = try await session.translated(part, separation)
      let filter = try await session.translated(filter.clinical, separation)
      clinical = try await write(changes, .clinical, filter, session)
    }
    if let part = changes.identity {
      identity = try await write(part, .identity, filter.identity, session)
    }
    outcome.matched = max(clinical.matched, identity.matched)
    outcome.modified = max(clinical.modified, identity.modified)
    if changes.clinical == nil && changes.identity == nil { outcome.matched = links.count }
    if update.returning == .after { outcome.rows = try await rows(session) }
    return outcome
  }

  private func write(
    _ changes: Changes, _ half: Half, _ filter: Filter, _ session: VaultSession
  ) async throws(PrivataError) -> WriteOutcome {
    let model = half == .identity ? separation.identity : separation.clinical
    let key = half == .identity ? separation.link ?? "" : separation.clinicalKey
    let filters = half == .identity ? self.changes.identityFilters : self.changes.clinicalFilters
    var total = WriteOutcome()
    try await session.inBatches(links) { batch async throws(PrivataError) in
      let step = Update(
        model ?? update.model, where: .oneOf(key, batch).and(filter), changes, isMany: true,
        arrayFilters: filters, layout: update.layout, options: update.options.clinical)
      let done = try await session.store(half).write(.update(step))
      total.matched += done.matched
      total.modified += done.modified
    }
    return total
  }

  private func rows(_ session: VaultSession) async throws(PrivataError) -> RowBatch {
    try await session.records(links, separation, update.projection, update.layout)
  }
}

extension VaultSession {
  /// Records by pseudonym, as programs see them.
  func records(
    _ links: [String], _ separation: Separation, _ projection: Projection, _ layout: RowLayout
  ) async throws(PrivataError) -> RowBatch {
    let filter =
      links.isEmpty
      ? Filter.none : .oneOf(separation.link ?? "", links.map { .string($0) })
    let query = Query(separation.model, where: filter, projection: projection, layout: layout)
    return try await rows(query, separation)
  }
}
