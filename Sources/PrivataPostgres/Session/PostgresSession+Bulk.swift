internal import PrivataCore
internal import PrivataSQL

extension PostgresSession {
  /// Several writes in one transaction. Ordered, the first failure ends them and what came before it
  /// stays, as MongoDB has it; unordered, each failure is reported in its place.
  func bulk(
    _ writes: [Write], isOrdered: Bool, in tables: PostgresTables
  ) async throws(PrivataError) -> WriteOutcome {
    guard scope == nil else { return try await bulkSteps(writes, isOrdered: isOrdered, tables) }
    let options = TransactionOptions(isolation: .readCommitted)
    let transaction = try await context.transaction(options, tables)
    do throws(PrivataError) {
      let outcome = try await transaction.session.bulkSteps(writes, isOrdered: isOrdered, tables)
      try await transaction.commit()
      return outcome
    } catch {
      try? await transaction.rollback()
      throw error
    }
  }

  private func bulkSteps(
    _ writes: [Write], isOrdered: Bool, _ tables: PostgresTables
  ) async throws(PrivataError) -> WriteOutcome {
    var total = WriteOutcome()
    for (index, write) in writes.enumerated() {
      let savepoint = try scope?.addSavepoint()
      do throws(PrivataError) {
        let outcome = try await self.write(write, in: tables)
        if let savepoint { scope?.releaseLater(savepoint) }
        total.add(outcome, at: index)
      } catch {
        if let savepoint { scope?.undoLater(savepoint) }
        guard error.isOfWrite else { throw error }
        total.failures.append(.init(index: index, error: error))
        if isOrdered { break }
      }
    }
    return total
  }
}

extension PrivataError {
  /// True for what a write did wrong, as opposed to what kept the server from carrying it out.
  var isOfWrite: Bool { !isOfConnection && code != .writeConflict && code != .transactionEnded }

  /// True where it is not known what the server did.
  var isOfConnection: Bool {
    switch code {
    case .connection, .timeout, .cancelled, .closed, .poolExhausted, .authentication: true
    default: false
    }
  }
}
