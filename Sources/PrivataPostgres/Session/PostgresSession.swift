internal import PrivataCore
internal import PrivataSQL

/// Runs statements: over any connection of the pool, over a leased one, or in a transaction.
struct PostgresSession: Sendable {
  let context: PostgresContext
  let lease: PostgresLease?
  let scope: PostgresTransactionScope?
  /// The end of the transaction's time.
  private let limit: MonotonicTime

  /// A session that shares the pool's connections, or has one of its own.
  init(_ context: PostgresContext, lease: PostgresLease? = nil) {
    self.context = context
    self.lease = lease
    scope = nil
    limit = .never
  }

  /// A session in a transaction.
  init(_ context: PostgresContext, scope: PostgresTransactionScope, deadline: MonotonicTime) {
    self.context = context
    self.scope = scope
    lease = scope.lease
    limit = deadline
  }

  /// What a group of statements is to be held to.
  struct Terms: Sendable {
    /// True where the statements only read: they may then share a group with other callers', and are
    /// sent again where a connection breaks.
    var isRead = false
    var isCancellable = true
    /// True keeps the group from being shared all the same.
    var isAlone = false
    /// True commits the session's transaction with the group.
    var endsTransaction = false
    /// The time that the group may take; the store's option where `nil`.
    var milliseconds: Int?
  }

  /// Runs one statement and answers its rows as cells.
  func rows(
    of statement: SQLStatement, _ terms: Terms = Terms()
  ) async throws(PrivataError) -> RowBatch {
    let results = try await run(OneOrMore(statement), terms)
    return try read(results.first, of: statement.template)
  }

  /// Runs one statement.
  func execute(
    _ statement: SQLStatement, _ terms: Terms = Terms()
  ) async throws(PrivataError) -> SQLResult {
    let results = try await run(OneOrMore(statement), terms)
    return try answer(results.first, of: statement.template)
  }

  /// Runs statements as one group, in one round trip: all of them, or none.
  func run(
    _ statements: OneOrMore<SQLStatement>, _ terms: Terms = Terms()
  ) async throws(PrivataError) -> OneOrMore<PostgresResult> {
    if let observer = StatementLog.observer {
      statements.forEach { observer.willSend($0.template.record) }
    }
    let deadline = deadline(terms)
    var terms = terms
    var attempt = 0
    while true {
      if let commands = try commands(statements) {
        let outcome = try await send(commands, until: deadline, terms)
        if case .results(let results) = outcome { return results }
        attempt += 1
        guard attempt < 5, mayRepeat(outcome, terms, statements) else {
          throw await error(outcome)
        }
        // Whom another's fault hit goes by itself from now on.
        terms.isAlone = true
      } else {
        try await describe(statements, until: deadline)
      }
    }
  }

  /// Runs texts that take no parameters and are not worth preparing, as one group.
  @discardableResult
  func run(
    texts: [String], _ terms: Terms = Terms()
  ) async throws(PrivataError) -> OneOrMore<PostgresResult> {
    let deadline = deadline(terms)
    let commands = OneOrMore(all: texts.map { PostgresCommand(running: $0) })
    var attempt = 0
    while true {
      let outcome = try await send(commands, until: deadline, terms)
      if case .results(let results) = outcome { return results }
      attempt += 1
      guard attempt < 3, mayRepeat(outcome, terms, OneOrMore()) else {
        throw await error(outcome)
      }
    }
  }

  private func deadline(_ terms: Terms) -> MonotonicTime {
    min(context.deadline(milliseconds: terms.milliseconds), limit)
  }
}

// MARK: - Sending

extension PostgresSession {
  /// The statements with their parameters encoded, `nil` where the server has to be asked first how.
  private func commands(
    _ statements: OneOrMore<SQLStatement>
  ) throws(PrivataError) -> OneOrMore<PostgresCommand>? {
    var commands = OneOrMore<PostgresCommand>()
    var isKnown = true
    try statements.forEach { statement throws(PrivataError) in
      let template = statement.template
      let shape = context.shape(of: template)
      // What makes tables runs once.
      if template.kind == "schema", statement.parameters.isEmpty {
        commands.append(PostgresCommand(shape))
      } else if let types = shape.types {
        let parameters = try PostgresParameters(
          statement.parameters, as: types.parameters, fields: template.parameters)
        let isBinary = types.isBinary && !template.answersText
        commands.append(PostgresCommand(shape, parameters, isBinary: isBinary))
      } else {
        isKnown = false
      }
    }
    return isKnown ? commands : nil
  }

  /// Sends one group; in a transaction behind what has to go before it, whose results stay behind.
  func send(
    _ commands: OneOrMore<PostgresCommand>, until deadline: MonotonicTime, _ terms: Terms
  ) async throws(PrivataError) -> PostgresOutcome {
    guard let lease else {
      let isShareable = terms.isRead && !terms.isAlone && commands.first?.shape.isSlow == false
      let request = PostgresRequest(commands, isShareable: isShareable, deadline: deadline)
      return await context.pool.perform(request, isCancellable: terms.isCancellable)
    }
    let ends = terms.endsTransaction
    let prefix = try ends ? scope?.takeLastPrefix() ?? [] : scope?.takePrefix() ?? []
    var all = OneOrMore(all: prefix.map { PostgresCommand(running: $0) })
    commands.forEach { all.append($0) }
    if ends { all.append(PostgresCommand(running: "COMMIT")) }
    let request = PostgresRequest(all, deadline: deadline)
    let outcome = await lease.perform(request, isCancellable: terms.isCancellable)
    if ends { lease.end(outcome.condition) }
    guard !prefix.isEmpty || ends, case .results(let results) = outcome else { return outcome }
    return .results(OneOrMore(all: results.all.dropFirst(prefix.count).dropLast(ends ? 1 : 0)))
  }

  /// True where the statements took no effect, or none that a repetition would double.
  private func mayRepeat(
    _ outcome: PostgresOutcome, _ terms: Terms, _ statements: OneOrMore<SQLStatement>
  ) -> Bool {
    switch outcome {
    case .skipped: return lease == nil
    case .lost: return terms.isRead && lease == nil
    case .failure(let failure, _):
      // The server forgot a statement, or a table changed under it.
      let isStale = failure.state == .unknownStatement || failure.state == .featureNotSupported
      guard isStale, lease == nil else { return false }
      statements.forEach { context.shape(of: $0.template).renew() }
      return true
    case .results, .unavailable, .stopped: return false
    }
  }
}

// MARK: - Reading

extension PostgresSession {
  /// The rows of a statement's result.
  func read(
    _ result: PostgresResult?, of template: SQLTemplate
  ) throws(PrivataError) -> RowBatch {
    guard let result else { return RowBatch(width: 1) }
    return try result.rows(context.shape(of: template).columns(of: result, template))
  }

  /// What a statement answered.
  func answer(
    _ result: PostgresResult?, of template: SQLTemplate
  ) throws(PrivataError) -> SQLResult {
    guard let result else { return SQLResult(rows: RowBatch(width: 1)) }
    guard result.columnCount > 0 else {
      return SQLResult(rows: RowBatch(width: 1), affected: result.affected)
    }
    let columns = context.shape(of: template).columns(of: result, template)
    var answer = SQLResult(
      rows: try result.rows(columns), columns: columns.names, affected: result.affected)
    answer.types = columns.types
    return answer
  }
}
