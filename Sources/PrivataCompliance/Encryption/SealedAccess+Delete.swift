internal import PrivataCore

extension SealedAccess {
  /// Carries out a change of encrypted records.
  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    switch write {
    case .insert(let insert): return try await self.insert(insert)
    case .update(let update): return try await self.update(update)
    case .delete(let delete): return try await self.delete(delete)
    case .bulk(let writes, let isOrdered):
      var total = WriteOutcome()
      for (index, write) in writes.enumerated() {
        do {
          total.add(try await self.write(write), at: index)
        } catch {
          if isTransaction { throw error }
          total.failures.append(.init(index: index, error: error))
          if isOrdered { break }
        }
      }
      return total
    }
  }

  private func delete(_ delete: Delete) async throws(PrivataError) -> WriteOutcome {
    try checkOrder(delete.sort)
    let filter = try await sealed(delete.filter, collation: delete.options?.collation)
    var physical = delete
    physical.model = plan.physical
    physical.filter = filter.physical
    if filter.isResidual {
      let rows = try await targets(
        delete.filter, sort: delete.sort, limit: delete.isMany ? nil : 1, options: delete.options)
      physical.filter = rows.isEmpty ? .none : .oneOf(plan.record, rows.map(\.record))
    }
    guard delete.returning != .none else { return try await send(.delete(physical)) }
    let shape = try shape(delete.projection, delete.layout)
    physical.projection = shape.projection
    var outcome = try await send(.delete(physical))
    if let rows = outcome.rows {
      let answer = Query(
        plan.logical, where: delete.filter, projection: delete.projection, layout: delete.layout)
      outcome.rows = try projected(try await opened(rows, shape, delete.layout), shape, answer)
    }
    return outcome
  }
}
