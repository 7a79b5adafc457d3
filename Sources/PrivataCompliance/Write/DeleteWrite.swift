internal import PrivataCore

/// A delete under a vault: the identity half first, the clinical half last, so that a crash leaves
/// at most a clinical row that nobody is linked to; start-up removes it.
struct DeleteWrite {
  let session: VaultSession
  let separation: Separation
  let delete: Delete

  func run() async throws(PrivataError) -> WriteOutcome {
    let dependents = session.core.registry.dependents(of: separation.model)
    guard dependents.isEmpty else {
      return try await session.together { inner async throws(PrivataError) in
        try await DeleteWrite(session: inner, separation: separation, delete: delete)
          .run(dependents)
      }
    }
    return try await deleteRows()
  }

  /// Deletes records that rows of the other store refer to.
  private func run(_ dependents: [Dependent]) async throws(PrivataError) -> WriteOutcome {
    let link = separation.link
    let fields = Set(dependents.map { $0.target(in: separation.model) }).subtracting([""]).sorted()
    let names = fields + (link.map { [$0] } ?? [])
    var query = Query(
      separation.model, where: delete.filter, projection: .fields(names), layout: .cells,
      options: delete.options)
    if !delete.isMany {
      query.sort = delete.sort
      query.limit = 1
    }
    let rows = try await session.rows(query, separation)
    var values: [String: [Value]] = [:]
    for (column, name) in names.enumerated() {
      values[name == link ? "" : name] = (0..<rows.count).compactMap {
        rows.value(row: $0, column: column)
      }
    }
    let step = DependentRows(session: session, model: separation.model, values: values)
    try await step.settle(dependents)
    return try await deleteRows()
  }

  private func deleteRows() async throws(PrivataError) -> WriteOutcome {
    switch separation.shape {
    case .identityOnly where separation.link == nil:
      return try await session.identity.write(.delete(physical(separation.identity)))
    case .clinicalOnly: return try await clinicalOnly()
    default: return try await linked()
    }
  }

  private func physical(_ model: ModelSchema?) -> Delete {
    var physical = delete
    physical.model = model ?? delete.model
    return physical
  }

  /// Deletes records of a model that carries pseudonyms.
  private func linked() async throws(PrivataError) -> WriteOutcome {
    // The key goes along with the pseudonym, so that a wrong one deletes nothing.
    if delete.returning == .none, let link = session.guessedLink(delete.filter, separation) {
      let outcome = try await linked(Targets(links: [link]))
      if outcome.deleted > 0 { return outcome }
    }
    return try await linked(
      try await session.targets(
        delete.filter, sort: delete.sort, isMany: delete.isMany, separation,
        options: delete.options))
  }

  private func linked(_ targets: Targets) async throws(PrivataError) -> WriteOutcome {
    guard !targets.isEmpty else { return try await none() }
    var outcome = WriteOutcome()
    if delete.returning == .before { outcome.rows = try await before(targets) }
    let intent = try session.begin(separation, targets.links)
    do {
      outcome.deleted = try await deleteHalves(targets)
    } catch {
      session.postpone(targets.links, separation, intent)
      throw error
    }
    try session.end(intent)
    return outcome
  }

  private func deleteHalves(_ targets: Targets) async throws(PrivataError) -> Int {
    let deleted = try await deleteIdentity(targets)
    KillPoint.reached("delete-identity")
    var gone = targets.links
    if deleted < gone.count { gone = try await session.unlinked(gone, separation) }
    session.core.map.remove(pseudonyms: gone)
    try await session.deleteClinical(gone, separation)
    KillPoint.reached("delete-clinical")
    return deleted
  }

  private func none() async throws(PrivataError) -> WriteOutcome {
    var outcome = WriteOutcome()
    if delete.returning == .before { outcome.rows = try await before(Targets()) }
    return outcome
  }

  private func deleteIdentity(_ targets: Targets) async throws(PrivataError) -> Int {
    guard let model = separation.identity, let link = separation.link else { return 0 }
    // The identity part of the filter goes along: a record that changed since is spared.
    let part = SplitFilter(delete.filter, in: separation).identity
    var deleted = 0
    for start in stride(from: 0, to: targets.links.count, by: session.core.options.joinBatch) {
      let end = min(start + session.core.options.joinBatch, targets.links.count)
      let batch = targets.links[start..<end].map { Value.string($0) }
      let filter = Filter.oneOf(link, batch).and(part)
      let step = Delete(model, where: filter, layout: .cells, options: delete.options)
      deleted += try await session.identity.write(.delete(step)).deleted
    }
    return deleted
  }

  private func before(_ targets: Targets) async throws(PrivataError) -> RowBatch {
    let filter = Filter.oneOf(separation.link ?? "", targets.links.map { .string($0) })
    let query = Query(
      separation.model, where: filter, projection: delete.projection, sort: delete.sort,
      layout: delete.layout, options: delete.options)
    return try await session.rows(query, separation)
  }

  private func clinicalOnly() async throws(PrivataError) -> WriteOutcome {
    var physical = physical(separation.clinical)
    let needs = ReadNeeds(
      Query(separation.model, where: delete.filter, sort: delete.sort), in: separation)
    if needs.filter.residual != .all {
      physical.filter = try await session.keys(delete.filter, separation)
    } else if needs.filter.hasReferences {
      physical.filter = try await session.translated(delete.filter, separation)
    }
    var outcome = try await session.clinical.write(.delete(physical))
    if let rows = outcome.rows {
      let answer = Query(
        separation.model, projection: delete.projection, layout: delete.layout)
      outcome.rows = try await HalfRead(
        session, separation, answer, ReadNeeds(answer, in: separation), .clinical
      ).logical(rows)
    }
    return outcome
  }
}

extension VaultSession {
  /// Those of the pseudonyms that no identity row has.
  func unlinked(
    _ links: [String], _ separation: Separation
  ) async throws(PrivataError) -> [String] {
    guard let model = separation.identity, let link = separation.link else { return [] }
    var present: Set<String> = []
    for start in stride(from: 0, to: links.count, by: core.options.joinBatch) {
      let end = min(start + core.options.joinBatch, links.count)
      let batch = links[start..<end].map { Value.string($0) }
      let query = Query(
        model, where: .oneOf(link, batch), projection: .fields([link]), layout: .cells)
      let rows = try await identity.rows(for: query)
      for row in 0..<rows.count {
        if let text = rows.value(row: row, column: 0)?.asString { present.insert(text) }
      }
    }
    return links.filter { !present.contains($0) }
  }

  /// A filter of the keys of the records that match, for conditions that the store cannot check.
  func keys(_ filter: Filter, _ separation: Separation) async throws(PrivataError) -> Filter {
    let key = separation.model.key.name
    let query = Query(
      separation.model, where: filter, projection: .fields([key]), layout: .cells)
    let rows = try await rows(query, separation)
    let values = (0..<rows.count).compactMap { rows.value(row: $0, column: 0) }
    return values.isEmpty ? .none : .oneOf(key, values)
  }
}
