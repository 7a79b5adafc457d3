import PrivataCore

extension CommandRunner {
  /// Carries out a change.
  func perform(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    switch write {
    case .insert(let insert): try await perform(insert)
    case .update(let update): try await perform(update)
    case .delete(let delete): try await perform(delete)
    case .bulk(let writes, let isOrdered): try await perform(writes, isOrdered: isOrdered)
    }
  }

  /// Sends the commands of a batch one after another, in one hop.
  func send(
    _ parts: [StatementBatch.Part], isOrdered: Bool
  ) async throws(PrivataError) -> [WriteReply] {
    guard let first = parts.first else { return [] }
    for part in parts { context.log(part.command) }
    let place = context.place
    let size = first.count < 8 ? 1 : first.count < 128 ? 2 : 3
    return try await withConnection(first.command.kind(size)) {
      (connection, _) throws(PrivataError) in
      var replies: [WriteReply] = []
      for part in parts {
        let reply = try connection.run(part.command) { reply in
          WriteReply(reply, of: part.command, first: part.first, at: place)
        }
        replies.append(reply)
        if isOrdered, !reply.failures.isEmpty { break }
      }
      return replies
    }
  }

  // MARK: Updates

  func perform(_ update: Update) async throws(PrivataError) -> WriteOutcome {
    let target = context.target(update.model)
    try target.check(update)
    if update.isMany {
      return update.returning == .none
        ? try await send(update, target) : try await updateManyReturning(update, target)
    }
    guard update.returning != .none || !update.sort.isEmpty else {
      return try await send(update, target)
    }
    let shape = try RowShape(update.layout, update.projection, target)
    let command = try update.findAndModify(on: target)
    let reply = try await run(command, kind: command.kind()) {
      FindAndModifyReply($0, shape: shape)
    }
    var outcome = WriteOutcome()
    outcome.matched = reply.isUpdate ? reply.n : 0
    outcome.modified = outcome.matched
    if let id = reply.upsertedID { outcome.upserted = [.init(index: 0, id: id)] }
    if update.returning != .none { outcome.rows = reply.rows }
    return outcome
  }

  private func send(_ update: Update, _ target: Target) async throws(PrivataError) -> WriteOutcome {
    var batch = StatementBatch(
      target, "update", "updates", mode: update.isRetryable ? .retryableWrite : .write,
      options: update.options)
    try batch.append { update.append(to: &$0, on: target) }
    var parts = try batch.finish()
    parts[0].command.shape = {
      CommandShape.text("update", target, target.filter(update.filter))
    }
    let replies = try await send(parts, isOrdered: true)
    return try WriteOutcome(updates: replies, throwsFailure: true)
  }

  // MARK: Deletes

  func perform(_ delete: Delete) async throws(PrivataError) -> WriteOutcome {
    let target = context.target(delete.model)
    try target.check(delete.filter)
    if delete.isMany, delete.returning != .none {
      return try await deleteManyReturning(delete, target)
    }
    if !delete.isMany, delete.returning != .none || !delete.sort.isEmpty {
      let shape = try RowShape(delete.layout, delete.projection, target)
      let command = try delete.findAndModify(on: target)
      let reply = try await run(command, kind: command.kind()) {
        FindAndModifyReply($0, shape: shape)
      }
      var outcome = WriteOutcome()
      outcome.deleted = reply.n
      if delete.returning != .none { outcome.rows = reply.rows }
      return outcome
    }
    var batch = StatementBatch(
      target, "delete", "deletes", mode: delete.isRetryable ? .retryableWrite : .write,
      options: delete.options)
    try batch.append { delete.append(to: &$0, on: target) }
    var parts = try batch.finish()
    parts[0].command.shape = {
      CommandShape.text("delete", target, target.filter(delete.filter))
    }
    let replies = try await send(parts, isOrdered: true)
    return try WriteOutcome(deletes: replies, throwsFailure: true)
  }
}

extension WriteOutcome {
  /// What updates did.
  init(updates replies: [WriteReply], throwsFailure: Bool) throws(PrivataError) {
    self.init()
    for reply in replies {
      matched += reply.n - reply.upserted.count
      modified += reply.modified
      upserted += reply.upserted
    }
    try take(replies, throwsFailure)
  }

  /// What deletes did.
  init(deletes replies: [WriteReply], throwsFailure: Bool) throws(PrivataError) {
    self.init()
    for reply in replies { deleted += reply.n }
    try take(replies, throwsFailure)
  }

  /// What inserts did.
  init(inserts replies: [WriteReply], throwsFailure: Bool) throws(PrivataError) {
    self.init()
    for reply in replies { inserted += reply.n }
    try take(replies, throwsFailure)
  }

  private mutating func take(
    _ replies: [WriteReply], _ throwsFailure: Bool
  ) throws(PrivataError) {
    for reply in replies {
      if let error = reply.concernFailure { throw error }
      failures += reply.failures
    }
    if throwsFailure, let failure = failures.first { throw failure.error }
  }
}
