internal import PrivataCore

/// An insert of divided records that says what happens where a record is there already. The halves
/// cannot decide together in one statement, so each record is looked for first.
struct ConflictInsert {
  let session: VaultSession
  let separation: Separation
  let insert: Insert

  init(_ session: VaultSession, _ separation: Separation, _ insert: Insert) {
    self.session = session
    self.separation = separation
    self.insert = insert
  }

  func run() async throws(PrivataError) -> WriteOutcome {
    var outcome = WriteOutcome()
    for index in 0..<insert.rows.count {
      // A second try sees the record that another writer put in between.
      do {
        try await write(index, &outcome)
      } catch let error where error.code == .duplicateKey {
        try await write(index, &outcome)
      }
    }
    return outcome
  }

  private func write(_ index: Int, _ outcome: inout WriteOutcome) async throws(PrivataError) {
    let rows = insert.rows.picking([index])
    let existing = try await conflict(with: rows.firstRecord)
    guard let existing else {
      var single = insert
      single.rows = rows
      single.onConflict = .fail
      let done = try await InsertWrite(
        session: session, separation: separation, insert: single
      ).run()
      outcome.inserted += done.inserted
      outcome.add(done.rows)
      return
    }
    guard case .update(_, let changes) = insert.onConflict else { return }
    var update = Update(separation.model, where: existing, changes, layout: .cells)
    if !insert.returning.isEmpty {
      update.returning = .after
      update.projection = .fields(insert.returning)
    }
    let done = try await session.write(.update(update), separation)
    outcome.matched += done.matched
    outcome.modified += done.modified
    outcome.add(done.rows)
  }

  /// A filter of the record that stands in the way, `nil` where there is none.
  private func conflict(with record: Document) async throws(PrivataError) -> Filter? {
    for fields in targets {
      var parts: [Filter] = []
      for field in fields {
        guard let value = record[field], !value.isNull else { break }
        parts.append(.compare(field, .equal, value))
      }
      guard parts.count == fields.count else { continue }
      let filter = Filter.conjunction(parts)
      let query = Query(separation.model, where: filter, answer: .exists, layout: .cells)
      let found = try await session.rows(query, separation)
      if found.value(row: 0, column: 0)?.asBool == true { return filter }
    }
    return nil
  }

  /// The sets of fields that no two records share.
  private var targets: [[String]] {
    switch insert.onConflict {
    case .fail: return []
    case .ignore(let fields) where !fields.isEmpty: return [fields]
    case .update(let fields, _) where !fields.isEmpty: return [fields]
    case .ignore, .update: break
    }
    let model = separation.model
    return [model.primaryKey.map { model.fields[$0].name }]
      + model.fields.filter(\.isUnique).map { [$0.name] }
      + model.indexes.filter(\.isUnique).map { $0.parts.map(\.field) }
  }
}

extension Insert.Rows {
  /// The first record by field names.
  fileprivate var firstRecord: Document {
    switch self {
    case .documents(let documents): documents.first ?? Document()
    case .cells(let fields, let batch):
      batch.isEmpty ? Document() : batch.document(row: 0, naming: fields)
    }
  }
}
