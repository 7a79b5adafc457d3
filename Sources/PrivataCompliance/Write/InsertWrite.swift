internal import PrivataCore

/// An insert under a vault: the clinical half first, the identity half last, so that a crash leaves
/// at most a clinical row that nobody is linked to.
struct InsertWrite {
  let session: VaultSession
  let separation: Separation
  let insert: Insert

  func run() async throws(PrivataError) -> WriteOutcome {
    if separation.isEncrypted, insert.onConflict.isUpdate {
      return try await ConflictInsert(session, separation, insert).run()
    }
    switch separation.shape {
    case .identityOnly: return try await session.identity.write(.insert(identityInsert(rows())))
    case .clinicalOnly: return try await clinicalOnly()
    case .split: break
    }
    if case .fail = insert.onConflict {
      return insert.rows.count == 0 ? WriteOutcome() : try await split()
    }
    return try await ConflictInsert(session, separation, insert).run()
  }

  // MARK: - One half

  private func clinicalOnly() async throws(PrivataError) -> WriteOutcome {
    guard !separation.references.isEmpty || !separation.foreign.isEmpty else {
      return try await session.clinical.write(.insert(clinicalInsert(insert.rows)))
    }
    let rows = try await rows()
    var physical = clinicalInsert(rows.clinical ?? insert.rows)
    if case .update(let fields, let changes) = insert.onConflict {
      let translated = try await session.translated(changes, separation)
      physical.onConflict = .update(fields: fields, translated)
    }
    var outcome = try await session.clinical.write(.insert(physical))
    if let returned = outcome.rows {
      let answer = Query(
        separation.model, projection: .fields(insert.returning), layout: .cells)
      let read = HalfRead(
        session, separation, answer, ReadNeeds(answer, in: separation), .clinical)
      outcome.rows = try await read.logical(returned)
    }
    return outcome
  }

  private func rows() async throws(PrivataError) -> SeparatedRows {
    try await session.checkForeignKeys(insert.rows, separation)
    var ids = ReferencedIDs()
    ids.insert(insert.rows, separation)
    let pseudonyms = try await session.pseudonyms(of: ids)
    if let reference = pseudonyms.unknown(in: ids) {
      throw separation.danglingReference(to: reference)
    }
    let links =
      separation.link == nil
      ? [String](repeating: "", count: insert.rows.count)
      : session.core.options.pseudonyms.next(insert.rows.count).map(\.text)
    return SeparatedRows(insert.rows, separation, links: links, pseudonyms: pseudonyms)
  }

  private func identityInsert(_ rows: SeparatedRows) -> Insert {
    var physical = insert
    physical.model = separation.identity ?? insert.model
    physical.rows = rows.identity ?? insert.rows
    return physical
  }

  private func clinicalInsert(_ rows: Insert.Rows) -> Insert {
    var physical = insert
    physical.model = separation.clinical ?? insert.model
    physical.rows = rows
    return physical
  }

  // MARK: - Both halves

  private func split() async throws(PrivataError) -> WriteOutcome {
    for _ in 0..<4 {
      let rows = try await rows()
      let intent = try session.begin(separation, rows.links)
      do {
        if let outcome = try await both(rows) {
          try session.end(intent)
          return outcome
        }
        // Not those of whom a pseudonym was taken from.
        try await session.deleteClinical(
          try await session.unlinked(rows.links, separation), separation)
        try session.end(intent)
      } catch {
        await session.undo(rows.links, separation, intent)
        throw error
      }
    }
    throw PrivataError(
      .duplicateKey, "the generator of pseudonyms repeats itself", model: separation.model.name)
  }

  /// Writes both halves; `nil` where a pseudonym was somebody's already.
  private func both(_ rows: SeparatedRows) async throws(PrivataError) -> WriteOutcome? {
    let clinical: WriteOutcome
    do {
      clinical = try await writeClinical(rows)
    } catch let error where isRepeated(error) {
      return nil
    }
    if clinical.failures.contains(where: { isRepeated($0.error) }) { return nil }
    KillPoint.reached("insert-clinical")
    // A clinical row that was refused: one record after the other finds out which go in.
    if !clinical.failures.isEmpty { return try await oneByOne(rows, clinical) }
    var physical = identityInsert(rows)
    let names = insert.returning.filter { separation.holds($0, in: .identity) }
    physical.returning = insert.returning.isEmpty ? [] : names + [separation.link ?? ""]
    var outcome = try await session.identity.write(.insert(physical))
    KillPoint.reached("insert-identity")
    if !outcome.failures.isEmpty {
      try await session.deleteClinical(leftovers(of: outcome, rows.links), separation)
    }
    if let returned = outcome.rows {
      outcome.rows = ReturnedRows(separation, insert.returning).join(
        identity: returned, clinical: clinical.rows)
    }
    return outcome
  }

  private func isRepeated(_ error: PrivataError) -> Bool {
    error.code == .duplicateKey && error.fields == [separation.clinicalKey]
  }

  private func writeClinical(_ rows: SeparatedRows) async throws(PrivataError) -> WriteOutcome {
    guard let clinical = rows.clinical else { return WriteOutcome() }
    var physical = clinicalInsert(clinical)
    let names = insert.returning.filter { !separation.holds($0, in: .identity) }
    physical.returning = names.isEmpty ? [] : [separation.clinicalKey] + names
    return try await session.clinical.write(.insert(physical))
  }

  /// The pseudonyms whose identity row was not written.
  private func leftovers(of outcome: WriteOutcome, _ links: [String]) -> [String] {
    let failed = Set(outcome.failures.map(\.index))
    let end = insert.isOrdered ? (failed.min() ?? links.count) : links.count
    return links.indices.filter { failed.contains($0) || $0 >= end }.map { links[$0] }
  }

  private func oneByOne(
    _ rows: SeparatedRows, _ clinical: WriteOutcome
  ) async throws(PrivataError) -> WriteOutcome {
    try await session.deleteClinical(rows.links, separation)
    guard rows.links.count > 1 else {
      throw clinical.failures.first?.error ?? PrivataError(.rejectedByStore, "nothing was inserted")
    }
    var outcome = WriteOutcome()
    for index in rows.links.indices {
      var single = insert
      single.rows = insert.rows.picking([index])
      do {
        let done = try await InsertWrite(
          session: session, separation: separation, insert: single
        ).run()
        outcome.inserted += done.inserted
        outcome.add(done.rows)
      } catch {
        outcome.failures.append(.init(index: index, error: error))
        if insert.isOrdered { break }
      }
    }
    return outcome
  }
}

extension Insert.OnConflict {
  fileprivate var isUpdate: Bool { if case .update = self { true } else { false } }
}

extension WriteOutcome {
  /// Appends rows that a further statement returned.
  mutating func add(_ more: RowBatch?) {
    guard let more else { return }
    guard var all = rows else {
      rows = more
      return
    }
    rows = nil
    for row in 0..<more.count { all.append(row: row, of: more) }
    rows = all
  }
}

extension Separation {
  /// The error for a reference to nobody.
  func danglingReference(to reference: PersonReference) -> PrivataError {
    let field = references.first { $0.value == reference }?.key ?? ""
    return PrivataError(
      .foreignKey,
      """
      \(model.name).\(field) refers to a \(reference.target) that does not exist: under a vault a \
      clinical record can name only a person who is there, because it keeps their pseudonym
      """, fields: [field], model: model.name)
  }
}
