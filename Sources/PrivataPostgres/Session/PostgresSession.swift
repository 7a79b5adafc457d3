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
    /// The time that the group may take; the store's option where `nil`.
    var milliseconds: Int?
  }

  /// Runs statements as one group, in one round trip: all of them, or none.
  func run(
    _ statements: [SQLStatement], _ terms: Terms = Terms()
  ) async throws(PrivataError) -> [PostgresResult] {
    if let observer = StatementLog.observer {
      for statement in statements { observer.willSend(statement.template.record) }
    }
    let deadline = deadline(terms)
    var terms = terms
    var attempt = 0
    while true {
      let shapes = statements.map { context.shape(of: $0.template) }
      try await describe(shapes, until: deadline)
      let outcome = try await send(try commands(statements, shapes), until: deadline, terms)
      if case .results(let results) = outcome { return results }
      attempt += 1
      guard attempt < 5, mayRepeat(outcome, terms, shapes) else { throw await error(outcome) }
      // Whom another's fault hit goes by itself from now on.
      terms.isAlone = true
    }
  }

  /// Runs texts that take no parameters and are not worth preparing, as one group.
  func run(texts: [String], _ terms: Terms = Terms()) async throws(PrivataError) {
    _ = try await results(texts: texts, terms)
  }

  /// Runs such texts and answers their results.
  func results(
    texts: [String], _ terms: Terms = Terms()
  ) async throws(PrivataError) -> [PostgresResult] {
    let deadline = deadline(terms)
    let commands = texts.map { PostgresCommand(running: $0) }
    var attempt = 0
    while true {
      let outcome = try await send(commands, until: deadline, terms)
      if case .results(let results) = outcome { return results }
      attempt += 1
      guard attempt < 3, mayRepeat(outcome, terms, []) else { throw await error(outcome) }
    }
  }

  private func deadline(_ terms: Terms) -> MonotonicTime {
    min(context.deadline(milliseconds: terms.milliseconds), limit)
  }

  private func commands(
    _ statements: [SQLStatement], _ shapes: [PostgresShape]
  ) throws(PrivataError) -> [PostgresCommand] {
    var commands: [PostgresCommand] = []
    commands.reserveCapacity(statements.count)
    for (statement, shape) in zip(statements, shapes) {
      // What makes tables runs once.
      if statement.template.kind == "schema", statement.parameters.isEmpty {
        commands.append(PostgresCommand(shape))
        continue
      }
      let types = shape.types?.parameters ?? []
      let parameters = try PostgresParameters(
        statement.parameters, as: types, fields: statement.template.parameters)
      commands.append(PostgresCommand(shape, parameters))
    }
    return commands
  }

  /// Sends one group; in a transaction behind what has to go before it, whose results stay behind.
  func send(
    _ commands: [PostgresCommand], until deadline: MonotonicTime, _ terms: Terms
  ) async throws(PrivataError) -> PostgresOutcome {
    guard let lease else {
      let request = PostgresRequest(commands, isShareable: terms.isRead && !terms.isAlone, deadline: deadline)
      return await context.pool.perform(request, isCancellable: terms.isCancellable)
    }
    let prefix = try scope?.takePrefix() ?? []
    let all = prefix.isEmpty ? commands : prefix.map { PostgresCommand(running: $0) } + commands
    let request = PostgresRequest(all, deadline: deadline)
    let outcome = await lease.perform(request, isCancellable: terms.isCancellable)
    guard !prefix.isEmpty, case .results(let results) = outcome else { return outcome }
    return .results(Array(results.dropFirst(prefix.count)))
  }

  /// True where the statements took no effect, or none that a repetition would double.
  private func mayRepeat(
    _ outcome: PostgresOutcome, _ terms: Terms, _ shapes: [PostgresShape]
  ) -> Bool {
    switch outcome {
    case .skipped: return lease == nil
    case .lost: return terms.isRead && lease == nil
    case .failure(let failure, _):
      // The server forgot a statement, or a table changed under it.
      let isStale = failure.state == .unknownStatement || failure.state == .featureNotSupported
      guard isStale, lease == nil else { return false }
      for shape in shapes { shape.renew() }
      return true
    case .results, .unavailable, .stopped: return false
    }
  }
}

// MARK: - What went wrong

extension PostgresSession {
  /// The error that callers see; names the columns of a broken constraint.
  func error(_ outcome: PostgresOutcome) async -> PrivataError {
    switch outcome {
    case .failure(let failure, _):
      return failure.error(at: context.place, fields: await columns(of: failure), model: nil)
    case .unavailable(let reason): return reason.error(at: context.place)
    case .stopped(let stop): return stop.error(at: context.place)
    case .lost, .skipped, .results:
      return PrivataError(
        .connection, "lost the connection to \(context.place)", isRetriable: true)
    }
  }

  private func columns(of failure: PostgresFailure) async -> [String] {
    if let column = failure.column { return [column] }
    guard let constraint = failure.constraint else { return [] }
    let name = PostgresConstraints.Name(schema: failure.schema ?? "", name: constraint)
    if let known = context.constraints.columns(of: name) { return known }
    // The lookup needs a connection; the owner of the last one must not wait for it.
    guard lease == nil || context.options.connections > 1 else { return [] }
    let terms = Terms(isRead: true, isCancellable: false, milliseconds: 1000)
    guard let learned = try? await PostgresSession(context).constraintColumns(terms) else {
      return []
    }
    context.constraints.learn(learned)
    return context.constraints.columns(of: name) ?? []
  }
}
