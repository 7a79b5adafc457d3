internal import PrivataCore
internal import PrivataSQL

extension PostgresSession {
  /// Carries out a write; all of it or nothing, but what its outcome reports as failed.
  func write(
    _ write: Write, in tables: PostgresTables
  ) async throws(PrivataError) -> WriteOutcome {
    if case .bulk(let writes, let isOrdered) = write {
      return try await bulk(writes, isOrdered: isOrdered, in: tables)
    }
    var machine = try await machine(for: write, in: tables)
    return try await driveAny(&machine, tables)
  }

  private func machine(
    for write: Write, in tables: PostgresTables
  ) async throws(PrivataError) -> any SQLWriteMachine {
    do throws(PrivataError) { return try tables.machine(for: write) } catch {
      guard error.code == .unprepared else { throw error }
    }
    try await PostgresSession(context).prepare(write.models, in: tables)
    return try tables.machine(for: write)
  }

  private func driveAny(
    _ machine: inout any SQLWriteMachine, _ tables: PostgresTables
  ) async throws(PrivataError) -> WriteOutcome {
    var opened = machine
    defer { machine = opened }
    return try await drive(&opened, tables)
  }

  /// Runs a state machine's statements until it is done, in a transaction of its own where it asks for
  /// one and none is open.
  func drive(
    _ machine: inout some SQLWriteMachine, _ tables: PostgresTables
  ) async throws(PrivataError) -> WriteOutcome {
    var results: [Result<SQLResult, PrivataError>] = []
    while true {
      switch try machine.next(results) {
      case .done(let outcome): return outcome
      case .run(let statements, let collecting):
        results = try await run(statements, collecting: collecting)
      case .transaction:
        if scope == nil { return try await transaction(&machine, tables) }
        results = []
      }
    }
  }

  /// Runs what a machine wants in one transaction. A single group of statements is one anyway.
  private func transaction(
    _ machine: inout some SQLWriteMachine, _ tables: PostgresTables
  ) async throws(PrivataError) -> WriteOutcome {
    let step = try machine.next([])
    if case .run(let statements, collecting: false) = step, machine.isLastRun {
      return try done(try machine.next(try await run(statements, collecting: false)))
    }
    // Rows are locked as they are read, so that the newest state is the one that is changed.
    let options = TransactionOptions(isolation: .readCommitted)
    let transaction = try await context.transaction(options, tables)
    do throws(PrivataError) {
      return try await transaction.drive(&machine, from: step)
    } catch {
      try? await transaction.rollback()
      throw error
    }
  }

  private func done(_ step: SQLStep) throws(PrivataError) -> WriteOutcome {
    guard case .done(let outcome) = step else {
      throw PrivataError(.transactionEnded, "a write went on behind its commit")
    }
    return outcome
  }
}

extension PostgresTransaction {
  /// Runs a machine's statements from a step on and commits, with the last of them where it can.
  fileprivate func drive(
    _ machine: inout some SQLWriteMachine, from first: SQLStep
  ) async throws(PrivataError) -> WriteOutcome {
    var step = first
    while true {
      switch step {
      case .done(let outcome):
        if !isFinished { try await commit() }
        return outcome
      case .transaction: step = try machine.next([])
      case .run(let statements, let collecting):
        let isLast = machine.isLastRun && !collecting && !statements.isEmpty
        if isLast { try markEnded() }
        let terms = PostgresSession.Terms(endsTransaction: isLast)
        let results = try await session.run(statements, collecting: collecting, terms)
        step = try machine.next(results)
      }
    }
  }
}

// MARK: - Groups of statements

extension PostgresSession {
  /// Runs statements in one round trip; collecting, each failure stands in its place and the others
  /// take effect.
  fileprivate func run(
    _ statements: [SQLStatement], collecting: Bool, _ terms: Terms = Terms()
  ) async throws(PrivataError) -> [Result<SQLResult, PrivataError>] {
    guard !statements.isEmpty else { return [] }
    if collecting { return try await collect(statements[...]) }
    let results = try await run(OneOrMore(all: statements), terms)
    var answers: [Result<SQLResult, PrivataError>] = []
    answers.reserveCapacity(statements.count)
    try results.forEach { result throws(PrivataError) in
      answers.append(.success(try answer(result, of: statements[answers.count].template)))
    }
    return answers
  }

  /// Runs what is left of the statements within a savepoint, all in one round trip as long as none
  /// fails; one that fails is left out and the rest is run again.
  private func collect(
    _ statements: ArraySlice<SQLStatement>
  ) async throws(PrivataError) -> [Result<SQLResult, PrivataError>] {
    var collected: [Result<SQLResult, PrivataError>] = []
    var rest = statements
    while !rest.isEmpty {
      do throws(PrivataError) {
        return collected + (try await guarded(rest))
      } catch {
        guard error.isOfWrite else { throw error }
      }
      // Half as many at a time, so that many failures cost not much more than one round trip each.
      let half = rest.prefix(max(rest.count / 2, 1))
      collected += try await half.count == 1 ? single(half[half.startIndex]) : collect(half)
      rest = rest.dropFirst(half.count)
    }
    return collected
  }

  private func single(
    _ statement: SQLStatement
  ) async throws(PrivataError) -> [Result<SQLResult, PrivataError>] {
    do throws(PrivataError) { return try await guarded([statement]) } catch {
      guard error.isOfWrite else { throw error }
      return [.failure(error)]
    }
  }

  /// Runs statements so that their failure leaves the transaction usable.
  private func guarded(
    _ statements: ArraySlice<SQLStatement>
  ) async throws(PrivataError) -> [Result<SQLResult, PrivataError>] {
    guard let scope else { return try await run(Array(statements), collecting: false) }
    let savepoint = try scope.addSavepoint()
    do throws(PrivataError) {
      let results = try await run(Array(statements), collecting: false)
      scope.releaseLater(savepoint)
      return results
    } catch {
      scope.undoLater(savepoint)
      throw error
    }
  }
}

extension Write {
  /// The models that the write concerns.
  var models: [ModelSchema] {
    switch self {
    case .insert(let insert): [insert.model]
    case .update(let update): [update.model]
    case .delete(let delete): [delete.model]
    case .bulk(let writes, _): writes.flatMap(\.models)
    }
  }
}
