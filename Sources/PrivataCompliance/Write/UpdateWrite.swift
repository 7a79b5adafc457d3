internal import PrivataCore

/// An update under a vault.
struct UpdateWrite {
  let session: VaultSession
  let separation: Separation
  let update: Update

  func run() async throws(PrivataError) -> WriteOutcome {
    switch separation.shape {
    case .identityOnly where separation.link == nil && !(separation.isEncrypted && update.isUpsert):
      var physical = update
      physical.model = separation.identity ?? update.model
      return try await session.identity.write(.update(physical))
    case .identityOnly: return try await identityOnly()
    case .clinicalOnly: return try await clinicalOnly()
    case .split: return try await split()
    }
  }

  // MARK: - One half

  private func identityOnly() async throws(PrivataError) -> WriteOutcome {
    var physical = update
    physical.model = separation.identity ?? update.model
    switch update.changes {
    case .operators(let operators) where update.isUpsert && !separation.isEncrypted:
      physical.changes = .operators(operators.settingOnInsert(separation.link ?? "", newLink))
    case .operators where !update.isUpsert: break
    case .assign where !update.isUpsert: break
    // A replacement or a pipeline would take the pseudonym away with the rest.
    default: return try await RecordUpdate(session, separation, update).run()
    }
    return try await sent(physical, .identity)
  }

  private var newLink: Value { .string(session.core.options.pseudonyms.next().text) }

  private func clinicalOnly() async throws(PrivataError) -> WriteOutcome {
    // A store that upserts would keep what the filter says, and in the clear.
    let makesRecord = separation.isEncrypted && update.isUpsert
    if makesRecord || update.changes.isPipeline && !separation.references.isEmpty {
      return try await RecordUpdate(session, separation, update).run()
    }
    var physical = update
    physical.model = separation.clinical ?? update.model
    physical.changes = try await session.translated(update.changes, separation)
    let needs = ReadNeeds(
      Query(separation.model, where: update.filter, sort: update.sort), in: separation)
    if needs.filter.residual != .all {
      physical.filter = try await session.keys(update.filter, separation)
    } else if needs.filter.hasReferences {
      physical.filter = try await session.translated(update.filter, separation)
    }
    return try await sent(physical, .clinical)
  }

  /// Sends an update to the one half it concerns, and turns what it returns into the program's rows.
  private func sent(_ physical: Update, _ half: Half) async throws(PrivataError) -> WriteOutcome {
    var physical = physical
    if update.layout == .cells, update.projection == .all {
      physical.projection = .fields(separation.model.fields.map(\.name))
    }
    var outcome = try await session.store(half).write(.update(physical))
    if let rows = outcome.rows {
      let answer = Query(
        separation.model, projection: update.projection, layout: update.layout)
      outcome.rows = try await HalfRead(
        session, separation, answer, ReadNeeds(answer, in: separation), half
      ).logical(rows)
    }
    return outcome
  }

  // MARK: - Both halves

  private func split() async throws(PrivataError) -> WriteOutcome {
    if !update.arrayFilters.isEmpty {
      // Divided, a filter that no path uses would be left out instead of refused.
      _ = try DocumentUpdater(update.changes, arrayFilters: update.arrayFilters)
    }
    guard
      let changes = SplitChanges(
        update.changes, arrayFilters: update.arrayFilters, in: separation)
    else { return try await RecordUpdate(session, separation, update).run() }
    let filter = SplitFilter(update.filter, in: separation)
    let sort = FieldUse(update.sort)
    let touchesIdentityOnly =
      changes.clinical == nil && filter.clinical == .all && filter.residual == .all
      && !sort.halves(in: separation).contains(.clinical)
    if touchesIdentityOnly, !update.isUpsert, update.returning == .none {
      var physical = update
      physical.model = separation.identity ?? update.model
      return try await sent(physical, .identity)
    }
    return try await targeted(changes, filter)
  }

  private func targeted(
    _ changes: SplitChanges, _ filter: SplitFilter
  ) async throws(PrivataError) -> WriteOutcome {
    if changes.identity == nil, changes.clinical != nil, update.returning == .none,
      let link = session.guessedLink(update.filter, separation)
    {
      // A pseudonym that is not the record's any more has no clinical row.
      let outcome = try await TargetedUpdate(
        separation: separation, update: update, changes: changes, filter: filter, links: [link]
      ).run(in: session)
      if outcome.matched > 0 { return outcome }
    }
    let targets = try await session.targets(
      update.filter, sort: update.sort, isMany: update.isMany, separation,
      options: update.options)
    guard !targets.isEmpty else {
      return try await UpsertWrite(session, separation, update).run()
    }
    let step = TargetedUpdate(
      separation: separation, update: update, changes: changes, filter: filter,
      links: targets.links)
    guard changes.identity != nil, changes.clinical != nil else {
      return try await step.run(in: session)
    }
    return try await session.together { inner async throws(PrivataError) in
      try await step.run(in: inner)
    }
  }
}

extension Changes {
  fileprivate var isPipeline: Bool { if case .pipeline = self { true } else { false } }
}

extension FieldUse {
  /// What an order compares.
  init(_ sort: [SortKey]) {
    for key in sort where !key.isTextScore { insert(path: key.path) }
  }
}

extension Document {
  /// Update operators that also set a field where they insert.
  func settingOnInsert(_ field: String, _ value: Value) -> Document {
    var operators = self
    var onInsert = operators["$setOnInsert"]?.asDocument ?? Document()
    onInsert[field] = value
    operators["$setOnInsert"] = .document(onInsert)
    return operators
  }
}
