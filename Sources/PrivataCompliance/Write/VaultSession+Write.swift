internal import PrivataCore

extension VaultSession {
  /// Carries out a change.
  func write(
    _ write: Write, _ separation: Separation
  ) async throws(PrivataError) -> WriteOutcome {
    switch write {
    case .insert(let insert):
      try await InsertWrite(session: self, separation: separation, insert: insert).run()
    case .update(let update):
      try await UpdateWrite(session: self, separation: separation, update: update).run()
    case .delete(let delete):
      try await DeleteWrite(session: self, separation: separation, delete: delete).run()
    case .bulk(let writes, let isOrdered): try await bulk(writes, isOrdered: isOrdered)
    }
  }

  /// Several changes in order; each failure is reported by its position.
  private func bulk(
    _ writes: [Write], isOrdered: Bool
  ) async throws(PrivataError) -> WriteOutcome {
    var total = WriteOutcome()
    for (index, write) in writes.enumerated() {
      do {
        guard let model = write.model else { continue }
        let done = try await self.write(write, separation(of: model))
        total.add(done, at: index)
        if isOrdered, !done.failures.isEmpty { break }
      } catch {
        if isTransaction { throw error }
        total.failures.append(.init(index: index, error: error))
        if isOrdered { break }
      }
    }
    return total
  }
}

extension Write {
  /// The model that a change concerns, `nil` for an empty bulk.
  var model: ModelSchema? {
    switch self {
    case .insert(let insert): insert.model
    case .update(let update): update.model
    case .delete(let delete): delete.model
    case .bulk(let writes, _): writes.first?.model
    }
  }
}

extension WriteOutcome {
  /// Adds what the operation at a position of a bulk did.
  mutating func add(_ done: WriteOutcome, at index: Int) {
    inserted += done.inserted
    matched += done.matched
    modified += done.modified
    deleted += done.deleted
    upserted += done.upserted.map { Upserted(index: index, id: $0.id) }
    failures += done.failures.map { Failure(index: index, error: $0.error) }
    add(done.rows)
    lastRowID = done.lastRowID ?? lastRowID
  }
}
