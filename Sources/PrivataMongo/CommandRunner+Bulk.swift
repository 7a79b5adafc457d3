import PrivataCore

extension CommandRunner {
  /// Runs several changes. Neighbours of one kind travel in one command; without order, all of one
  /// kind do.
  func perform(_ writes: [Write], isOrdered: Bool) async throws(PrivataError) -> WriteOutcome {
    var outcome = WriteOutcome()
    for group in Self.groups(writes, isOrdered: isOrdered) {
      do {
        try await perform(group, isOrdered: isOrdered, into: &outcome)
      } catch {
        guard error.code != .cancelled, group.isSingle else { throw error }
        outcome.failures.append(.init(index: group.indices[0], error: error))
      }
      if isOrdered, !outcome.failures.isEmpty { break }
    }
    outcome.failures.sort { $0.index < $1.index }
    outcome.upserted.sort { $0.index < $1.index }
    return outcome
  }

  private func perform(
    _ group: BulkGroup, isOrdered: Bool, into outcome: inout WriteOutcome
  ) async throws(PrivataError) {
    var part: WriteOutcome
    if group.isSingle, let write = group.writes.first {
      part = try await perform(write)
    } else {
      part = try await send(group, isOrdered: isOrdered)
    }
    outcome.inserted += part.inserted
    outcome.matched += part.matched
    outcome.modified += part.modified
    outcome.deleted += part.deleted
    outcome.upserted += part.upserted.map {
      .init(index: group.index(of: $0.index), id: $0.id)
    }
    outcome.failures += part.failures.map {
      .init(index: group.index(of: $0.index), error: $0.error)
    }
  }

  /// Sends the writes of a group as the statements of one command.
  private func send(
    _ group: BulkGroup, isOrdered: Bool
  ) async throws(PrivataError) -> WriteOutcome {
    let target = context.target(group.model)
    var batch = StatementBatch(
      target, group.kind.command, group.kind.list, mode: group.mode, isOrdered: isOrdered,
      options: group.commandOptions)
    for write in group.writes {
      switch write {
      case .insert(let insert):
        let documents = try InsertDocuments(insert, on: target)
        try documents.check()
        for index in 0..<documents.count {
          try batch.append { documents.append(index, to: &$0) }
        }
      case .update(let update):
        try target.check(update)
        try batch.append { update.append(to: &$0, on: target) }
      case .delete(let delete):
        try target.check(delete.filter)
        try batch.append { delete.append(to: &$0, on: target) }
      case .bulk: break
      }
    }
    let replies = try await send(try batch.finish(), isOrdered: isOrdered)
    switch group.kind {
    case .insert: return try WriteOutcome(inserts: replies, throwsFailure: false)
    case .update: return try WriteOutcome(updates: replies, throwsFailure: false)
    case .delete: return try WriteOutcome(deletes: replies, throwsFailure: false)
    case .alone: return WriteOutcome()
    }
  }

  private static func groups(_ writes: [Write], isOrdered: Bool) -> [BulkGroup] {
    var groups: [BulkGroup] = []
    for (index, write) in writes.enumerated() {
      let kind = BulkGroup.Kind(write)
      guard let model = write.model else { continue }
      let fitting = groups.lastIndex { $0.kind == kind && $0.model == model }
      if let fitting, kind != .alone, !isOrdered || fitting == groups.count - 1 {
        groups[fitting].append(write, index)
      } else {
        groups.append(BulkGroup(kind, model, write, index))
      }
    }
    return isOrdered ? groups : groups.sorted { $0.kind < $1.kind }
  }
}

/// Writes of one bulk that travel in one command.
private struct BulkGroup {
  enum Kind: Int, Comparable {
    case insert, update, delete
    /// A write that needs a command of its own: it answers records, sorts, or meets conflicts.
    case alone

    static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }

    init(_ write: Write) {
      switch write {
      case .insert(let insert):
        if case .fail = insert.onConflict, insert.returning.isEmpty {
          self = .insert
        } else {
          self = .alone
        }
      case .update(let update):
        self = update.returning == .none && update.sort.isEmpty ? .update : .alone
      case .delete(let delete):
        self = delete.returning == .none && delete.sort.isEmpty ? .delete : .alone
      case .bulk: self = .alone
      }
    }

    var command: String {
      switch self {
      case .insert, .alone: "insert"
      case .update: "update"
      case .delete: "delete"
      }
    }

    var list: String {
      switch self {
      case .insert, .alone: "documents"
      case .update: "updates"
      case .delete: "deletes"
      }
    }
  }

  let kind: Kind
  let model: ModelSchema
  var writes: [Write] = []
  /// The position in the bulk of each statement.
  var indices: [Int] = []
  var mode = Command.Mode.retryableWrite

  init(_ kind: Kind, _ model: ModelSchema, _ write: Write, _ index: Int) {
    self.kind = kind
    self.model = model
    append(write, index)
  }

  var isSingle: Bool { kind == .alone }

  mutating func append(_ write: Write, _ index: Int) {
    writes.append(write)
    var statements = 1
    switch write {
    case .insert(let insert): statements = insert.rows.count
    case .update(let update): if update.isMany { mode = .write }
    case .delete(let delete): if delete.isMany { mode = .write }
    case .bulk: break
    }
    indices += Array(repeating: index, count: statements)
  }

  /// The position in the bulk of a statement of the command.
  func index(of statement: Int) -> Int {
    isSingle || statement >= indices.count ? indices.first ?? 0 : indices[statement]
  }

  /// What the writes say about the command as a whole: the first that says anything.
  var commandOptions: QueryOptions? {
    for write in writes {
      switch write {
      case .update(let update): if let options = update.options { return options }
      case .delete(let delete): if let options = delete.options { return options }
      case .insert, .bulk: break
      }
    }
    return nil
  }
}

extension Write {
  /// The model that the write concerns.
  fileprivate var model: ModelSchema? {
    switch self {
    case .insert(let insert): insert.model
    case .update(let update): update.model
    case .delete(let delete): delete.model
    case .bulk(let writes, _): writes.first?.model
    }
  }
}
