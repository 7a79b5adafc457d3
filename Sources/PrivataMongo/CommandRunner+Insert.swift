import PrivataCore

extension CommandRunner {
  /// Adds records. One that fails alone throws; of several, what failed is in `failures`, because
  /// the others are there.
  func perform(_ insert: Insert) async throws(PrivataError) -> WriteOutcome {
    if insert.rows.count == 0 { return WriteOutcome() }
    let target = context.target(insert.model)
    let parts = try insert.parts(on: target)
    let isOrdered = insert.stopsAtFailure
    let replies = try await send(parts, isOrdered: isOrdered)
    if case .fail = insert.onConflict {
    } else {
      return try await settle(insert, target, parts, replies)
    }
    var outcome = try WriteOutcome(inserts: replies, throwsFailure: insert.rows.count == 1)
    if !insert.returning.isEmpty {
      let failed = Set(outcome.failures.map(\.index))
      let last = isOrdered ? failed.min() ?? Int.max : Int.max
      outcome.rows = try insert.returned(parts, target) { $0 < last && !failed.contains($0) }
    }
    return outcome
  }

  /// Deals with records whose unique fields are taken.
  private func settle(
    _ insert: Insert, _ target: Target, _ parts: [StatementBatch.Part], _ replies: [WriteReply]
  ) async throws(PrivataError) -> WriteOutcome {
    var outcome = try WriteOutcome(inserts: replies, throwsFailure: false)
    let conflicts = outcome.failures.filter { insert.isConflict($0.error) }
    outcome.failures.removeAll { insert.isConflict($0.error) }
    if let failure = outcome.failures.first, insert.rows.count == 1 { throw failure.error }
    let failed = Set((outcome.failures + conflicts).map(\.index))
    var rows = RowBatch(width: max(1, insert.returning.count))
    if !insert.returning.isEmpty {
      rows = try insert.returned(parts, target) { !failed.contains($0) }
    }
    if case .update(let fields, let changes) = insert.onConflict {
      for conflict in conflicts {
        let update = try insert.update(conflict.index, fields, changes, parts, target)
        let updated = try await perform(update)
        outcome.matched += updated.matched
        outcome.modified += updated.modified
        if let changed = updated.rows, changed.width == rows.width {
          for row in 0..<changed.count { rows.append(row: row, of: changed) }
        }
      }
    }
    if !insert.returning.isEmpty { outcome.rows = rows }
    return outcome
  }
}

extension Insert {
  /// False where records after a failed one are still to be tried.
  fileprivate var stopsAtFailure: Bool {
    if case .fail = onConflict { isOrdered } else { false }
  }

  /// The insert as commands.
  func parts(on target: Target) throws(PrivataError) -> [StatementBatch.Part] {
    let documents = try InsertDocuments(self, on: target)
    try documents.check()
    var needsRanges = !returning.isEmpty
    if case .update = onConflict { needsRanges = true }
    var batch = StatementBatch(
      target, "insert", "documents", mode: .retryableWrite, isOrdered: stopsAtFailure,
      keepsRanges: needsRanges, capacity: 256 + documents.count * 128)
    for index in 0..<documents.count { try batch.append { documents.append(index, to: &$0) } }
    var parts = try batch.finish()
    for index in parts.indices {
      parts[index].command.shape = { "\(target.collection).insert(?)" }
    }
    return parts
  }

  /// The asked fields of the records that were sent, where the test says so.
  fileprivate func returned(
    _ parts: [StatementBatch.Part], _ target: Target, where isWanted: (Int) -> Bool
  ) throws(PrivataError) -> RowBatch {
    let shape = try RowShape(.cells, .fields(returning), target)
    var rows = RowBatch(width: shape.width)
    for part in parts {
      let bytes = part.command.bytes.span
      for (offset, range) in part.ranges.enumerated() where isWanted(part.first + offset) {
        shape.append(document: bytes.extracting(range), to: &rows)
      }
    }
    return rows
  }

  /// True where the error is the conflict that the insert provides for.
  fileprivate func isConflict(_ error: PrivataError) -> Bool {
    guard error.code == .duplicateKey else { return false }
    switch onConflict {
    case .fail: return false
    case .ignore(let fields), .update(let fields, _):
      return fields.isEmpty || Set(fields) == Set(error.fields)
    }
  }

  /// The update of the record that is in the way of one of the insert's.
  fileprivate func update(
    _ index: Int, _ fields: [String], _ changes: Changes, _ parts: [StatementBatch.Part],
    _ target: Target
  ) throws(PrivataError) -> Update {
    guard let part = parts.last(where: { $0.first <= index }) else {
      throw PrivataError(.corrupt, "MongoDB names a record that was not sent")
    }
    let range = part.ranges[index - part.first]
    let record = Document(validated: part.command.bytes[range])
    let keys = fields.isEmpty ? [target.naming.field(of: "_id")] : fields
    let same = keys.map { Filter.compare($0, .equal, record[target.naming.path($0)] ?? .null) }
    return Update(
      model, where: .and(same), changes, returning: returning.isEmpty ? .none : .after,
      projection: returning.isEmpty ? .all : .fields(returning),
      layout: returning.isEmpty ? .documents : .cells)
  }
}
