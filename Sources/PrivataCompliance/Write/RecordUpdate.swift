internal import PrivataCore

/// An update that no half can compute alone: the records are read whole, changed here, and the
/// fields that differ are written, in one transaction where the stores have them.
struct RecordUpdate {
  let session: VaultSession
  let separation: Separation
  let update: Update

  init(_ session: VaultSession, _ separation: Separation, _ update: Update) {
    self.session = session
    self.separation = separation
    self.update = update
  }

  func run() async throws(PrivataError) -> WriteOutcome {
    try await session.together { inner async throws(PrivataError) in
      try await RecordUpdate(inner, separation, update).runTogether()
    }
  }

  /// The field by which a record is found again.
  private var key: String { separation.link ?? separation.model.key.name }

  private func runTogether() async throws(PrivataError) -> WriteOutcome {
    let keys = try await keys()
    guard !keys.isEmpty else { return try await UpsertWrite(session, separation, update).run() }
    var outcome = WriteOutcome()
    if update.returning == .before { outcome.rows = try await rows(keys) }
    let updater = try DocumentUpdater(
      update.changes, arrayFilters: update.arrayFilters, collation: update.options?.collation)
    var matcher: DocumentMatcher?
    if case .document(let filter) = update.filter {
      matcher = try DocumentMatcher(filter, collation: update.options?.collation)
    }
    for key in keys {
      guard let before = try await record(key) else { continue }
      let after = try updater.apply(to: before, matching: matcher)
      outcome.matched += 1
      if try await write(before, after, key) { outcome.modified += 1 }
    }
    if update.returning == .after { outcome.rows = try await rows(keys) }
    return outcome
  }

  private func keys() async throws(PrivataError) -> [Value] {
    var query = Query(
      separation.model, where: update.filter, projection: .fields([key]), layout: .cells,
      options: update.options)
    if !update.isMany {
      query.sort = update.sort
      query.limit = 1
    }
    let rows = try await session.rows(query, separation)
    return (0..<rows.count).compactMap { rows.value(row: $0, column: 0) }
  }

  private func rows(_ keys: [Value]) async throws(PrivataError) -> RowBatch {
    let query = Query(
      separation.model, where: .oneOf(key, keys), projection: update.projection,
      layout: update.layout)
    return try await session.rows(query, separation)
  }

  private func record(_ value: Value) async throws(PrivataError) -> Document? {
    let query = Query(
      separation.model, where: .compare(key, .equal, value), limit: 1, layout: .documents)
    return try await session.rows(query, separation).documents.first
  }

  /// Writes the fields that differ; true where there are any.
  private func write(
    _ before: Document, _ after: Document, _ value: Value
  ) async throws(PrivataError) -> Bool {
    var set = Document()
    var unset = Document()
    for element in after.elements where before[element.key] != element.value {
      set.append(element.key, element.value)
    }
    for key in before.keys where !after.contains(key) { unset.append(key, .string("")) }
    var operators = Document()
    if !set.isEmpty { operators.append("$set", .document(set)) }
    if !unset.isEmpty { operators.append("$unset", .document(unset)) }
    guard !operators.isEmpty else { return false }
    try await write(.operators(operators), value)
    return true
  }

  private func write(_ changes: Changes, _ value: Value) async throws(PrivataError) {
    guard let split = SplitChanges(changes, arrayFilters: [], in: separation) else { return }
    if let part = split.clinical {
      let translated = try await session.translated(part, separation)
      let key = separation.shape == .split ? separation.clinicalKey : separation.model.key.name
      try await write(translated, .clinical, separation.clinical, key, value)
    }
    if let part = split.identity {
      try await write(part, .identity, separation.identity, key, value)
    }
  }

  private func write(
    _ changes: Changes, _ half: Half, _ model: ModelSchema?, _ key: String, _ value: Value
  ) async throws(PrivataError) {
    let step = Update(
      model ?? update.model, where: .compare(key, .equal, value), changes, layout: update.layout)
    _ = try await session.store(half).write(.update(step))
  }
}
