internal import PrivataCore
internal import Synchronization

/// A session whose every operation leaves an audit event, however it ends. The one way in: neither
/// the vault's store nor its transactions offer another.
struct AuditedSession: Sendable {
  let session: VaultSession
  /// Who acts, where it is not the task's own context.
  let context: AccessContext?
  /// True within a pipeline that answers groups only: its own reads may be of records.
  var answersGroups = false

  private var core: VaultCore { session.core }

  // MARK: - Operations

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    let separation = try session.separation(of: query.model)
    if let cache = core.cache, let known = try known(query, separation, cache) { return known }
    let scope = separation.shapes.shape(of: query, separation).scope
    return try await run(scope, separation) { context async throws(PrivataError) in
      let mask = try mask(separation, context)
      let query = try await narrowed(mask.masked(query), mask, context)
      let batch = try await rows(query, separation, scope, context)
      let result = mask.noted(scope.result(batch, query, separation, core))
      return (mask.shown(batch, query), result)
    }
  }

  /// The rows from the cache where they are there, else from the stores. A transaction reads what it
  /// wrote itself, so it goes past the cache; what an emergency opens is kept nowhere.
  private func rows(
    _ query: Query, _ separation: Separation, _ scope: AuditScope, _ context: AccessContext
  ) async throws(PrivataError) -> RowBatch {
    guard let cache = core.cache, !session.isTransaction, context.purpose != "emergency",
      let (key, lifetime) = cache.place(query, separation)
    else { return try await session.rows(query, separation) }
    let batch = try await cache.rows(
      key, lifetime, scope: scope,
      references: { scope.result($0, query, separation, core).records }
    ) { () async throws(PrivataError) in
      try await session.rows(query, separation)
    }
    if let session = context.details?.session { cache.note(key, of: session) }
    return batch
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    guard let model = write.model else { return WriteOutcome() }
    let separation = try session.separation(of: model)
    let scope = AuditScope(write, separation)
    return try await run(scope, separation) { context async throws(PrivataError) in
      let mask = try mask(separation, context)
      let write = try await narrowed(mask.masked(declared(write, separation)), mask, context)
      let notice = try noticed(write, separation, context)
      defer {
        // Also after a failure: what it left is not known here.
        if let cache = core.cache, !session.isTransaction { cache.forget(RecordChange(write)) }
      }
      let (ticket, fences) = core.fences.enter()
      defer { core.fences.leave(ticket) }
      if !fences.isEmpty { try await session.check(write, fences, separation) }
      let outcome = try await session.write(write, separation)
      try await link(write, notice, separation, context)
      try await suppress(write, separation)
      let result = mask.noted(scope.result(outcome, write, separation, core))
      return (mask.shown(outcome, write), result)
    }
  }

  func stream(_ query: Query, batchSize: Int) async throws(PrivataError) -> any RowStream {
    let separation = try session.separation(of: query.model)
    let scope = AuditScope(query, separation)
    let context = try admitted(scope, separation)
    if core.gate.isClosed.load(ordering: .acquiring) { try await core.gate.pass(core) }
    do {
      let mask = try mask(separation, context)
      let query = try await narrowed(mask.masked(query), mask, context)
      let inner = try await session.stream(query, separation, batchSize: batchSize)
      return AuditedStream(
        inner, scope: scope, query: query, mask: mask, context: context, core: core)
    } catch {
      try record(context, scope, separation, AuditResult(error))
      throw error
    }
  }

  func aggregate(
    _ stages: [Document], on model: ModelSchema, options: QueryOptions?
  ) async throws(PrivataError) -> RowBatch {
    let separation = try session.separation(of: model)
    let scope = AuditScope(.aggregate, separation, fields: separation.model.fields.map(\.name))
    return try await run(scope, separation) { context async throws(PrivataError) in
      let mask = try mask(separation, context)
      let scoped = try await narrowed(Query(separation.model), mask, context)
      let isNarrowed = !mask.isOpen || scoped.filter != .all
      var inner = self
      inner.answersGroups = mask.decision?.isStatistical == true
      let batch = try await inner.run(
        mask.statistical(stages), separation, isNarrowed: isNarrowed, options: options)
      return (batch, mask.noted(AuditResult(count: batch.count)))
    }
  }

  /// Removes a model's records with all that was made for them.
  func drop(_ model: ModelSchema) async throws(PrivataError) {
    let separation = try session.separation(of: model)
    try await run(AuditScope(.drop, separation), separation) { _ async throws(PrivataError) in
      if let half = separation.identity {
        try await (core.identityStore as? any AdministrableStore)?.drop([half])
      }
      if let half = separation.clinical {
        try await (core.clinicalStore as? any AdministrableStore)?.drop([half])
      }
      return ((), AuditResult(count: 0))
    }
  }

  // MARK: - Before and after

  /// Who acts, once it is clear that they may.
  ///
  /// - Throws: `contextRequired`, `auditUnavailable`; the refusal is audited.
  func admitted(
    _ scope: AuditScope, _ separation: Separation
  ) throws(PrivataError) -> AccessContext {
    let given = context ?? AccessContext.current
    do throws(PrivataError) {
      try core.recorder.checkRoom(isPersonal: separation.isPersonal)
      if let given {
        if let session = given.details?.session { try touch(session) }
        if let access = core.access { try access.check(given, separation) }
        return given
      }
      guard core.options.contextPolicy == .required, separation.isPersonal else { return .service }
      throw PrivataError(
        .contextRequired,
        """
        \(separation.model.name) holds personal data: say who asks and why, with \
        vault.acting(as:) or AccessContext.$current.withValue
        """, model: separation.model.name)
    } catch {
      try? record(given ?? .service, scope, separation, AuditResult(error, .refused))
      throw error
    }
  }

  /// - Throws: `sessionExpired`; what the session read is in no cache then.
  private func touch(_ session: AccessSession) throws(PrivataError) {
    do {
      try session.touch()
    } catch {
      core.cache?.dropEndedSessions()
      throw error
    }
  }

  private func run<R>(
    _ scope: AuditScope, _ separation: Separation,
    _ body: (AccessContext) async throws(PrivataError) -> (R, AuditResult)
  ) async throws(PrivataError) -> R {
    let context = try admitted(scope, separation)
    if core.gate.isClosed.load(ordering: .acquiring) { try await core.gate.pass(core) }
    let result: R
    let audit: AuditResult
    do {
      (result, audit) = try await body(context)
    } catch {
      try record(context, scope, separation, AuditResult(error))
      throw error
    }
    try record(context, scope, separation, audit)
    return result
  }

  private func record(
    _ context: AccessContext, _ scope: AuditScope, _ separation: Separation, _ result: AuditResult
  ) throws(PrivataError) {
    try core.recorder.record(
      context, scope: scope.encoded, result: result, isPersonal: separation.isPersonal)
  }
}

extension AuditResult {
  /// How an operation ended that threw.
  init(_ error: PrivataError, _ outcome: AuditEvent.Outcome = .failed) {
    let outcome = error.code.isRefusal ? .refused : outcome
    self.init(outcome: outcome, errorCode: error.code.name)
  }
}
