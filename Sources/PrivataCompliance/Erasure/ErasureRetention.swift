internal import PrivataCore

/// Seals away what exceptions keep of a person, before anything of them is deleted.
struct ErasureRetention {
  let core: VaultCore
  let graph: SubjectGraph
  let plan: ErasurePlan
  let mark: String

  /// Puts everything away that an exception covers; repeated, it is there already.
  func keep() async throws(PrivataError) -> [RetainedCategory] {
    let archive = RetainedArchive(core: core)
    try await archive.prepare()
    var kept: [RetainedCategory] = []
    for exception in plan.exceptions {
      var count = 0
      var latest = exception.until
      for (separation, filter) in places(exception.scope) {
        try await pages(separation, filter) { record throws(PrivataError) in
          guard let end = end(record, exception, separation) else { return }
          try await archive.keep(record, separation, exception, until: end.until, mark: mark)
          if let until = end.until { latest = max(latest ?? until, until) }
          count += 1
        }
      }
      guard count > 0 else { continue }
      kept.append(
        RetainedCategory(
          scope: exception.scope, ground: exception.ground, until: latest,
          matter: exception.matter, count: count))
    }
    return kept
  }

  /// Until when a record is kept; `nil` where its period has ended.
  private func end(
    _ record: Document, _ exception: ErasureException, _ separation: Separation
  ) -> (until: DateTime?, Void)? {
    guard exception.until == nil, exception.matter == nil else { return (exception.until, ()) }
    guard let rule = core.options.retention.obligation(exception) else { return (nil, ()) }
    // Without the date that the period begins with, the obligation is taken to run.
    guard let until = rule.end(of: record, key: separation.model.key.name) else { return (nil, ()) }
    return until > (plan.asOf ?? .now) ? (until, ()) : nil
  }

  /// The records of a scope that are about the person.
  private func places(_ scope: DataScope) -> [(Separation, Filter)] {
    graph.places(of: scope, plan.subject)
  }

  private func pages(
    _ separation: Separation, _ filter: Filter,
    _ body: (Document) async throws(PrivataError) -> Void
  ) async throws(PrivataError) {
    try await core.session.pages(separation, filter, batch: core.options.joinBatch) {
      records throws(PrivataError) in
      for record in records { try await body(record) }
    }
  }
}

extension SubjectGraph {
  /// The records of a scope that are about a person, in the program's own terms.
  func places(of scope: DataScope, _ subject: Subject) -> [(Separation, Filter)] {
    var places: [(Separation, Filter)] = []
    if scope.model == root.model.name {
      places.append((root, .compare(root.model.key.name, .equal, subject.key)))
      return places
    }
    // A list names several people: a record that has one is not this person's alone.
    for edge in edges(of: scope.model)
    where !edge.isArray && edge.separation.model !== root.model {
      guard let value = subject.targets[edge.target], !value.isNull else { continue }
      places.append((edge.separation, edge.filter(value)))
    }
    return places
  }
}

extension VaultSession {
  /// Hands over the records that a filter means, in the order of their keys, a bounded number at a
  /// time.
  func pages(
    _ separation: Separation, _ filter: Filter, batch: Int,
    _ body: ([Document]) async throws(PrivataError) -> Void
  ) async throws(PrivataError) {
    let key = separation.model.key.name
    var last: Value?
    while true {
      let after = last.map { Filter.compare(key, .greater, $0) } ?? .all
      let query = Query(
        separation.model, where: filter.and(after), sort: [SortKey(key)], limit: batch)
      let records = try await rows(query, separation).documents
      if !records.isEmpty { try await body(records) }
      guard records.count == batch, let next = records.last?[key] else { return }
      last = next
    }
  }
}
