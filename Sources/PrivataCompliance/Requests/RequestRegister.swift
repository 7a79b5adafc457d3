public import PrivataCore

/// The requests of persons about their rights, with their periods: one month, two more where the
/// person was told why within the first.
///
/// ```swift
/// let request = try await vault.requests.open(.erasure, of: user, subject: id, receivedAt: received)
/// request.dueAt
/// try await vault.requests.fulfil(request.id)
/// ```
///
/// - Privacy: a request names the person by a keyed mark only; every change is audited.
///
/// Source: GDPR Article 12(3) to (6).
public struct RequestRegister: Sendable {
  let core: VaultCore
  let context: AccessContext?
  /// The controller's calendar.
  public var calendar = DeadlineCalendar()

  private var actor: AccessContext { context ?? AccessContext.current ?? .service }

  /// Opens a request; an open one of the same kind about the same person is answered instead.
  ///
  /// - Parameter receivedAt: when it came in, by whatever channel: the period begins there.
  /// - Throws: `badArgument` for a moment that lies in the future.
  public func open(
    _ kind: SubjectRequest.Kind, of model: ModelSchema, subject: some FieldValue,
    receivedAt: DateTime = .now
  ) async throws(PrivataError) -> SubjectRequest {
    guard receivedAt.milliseconds <= DateTime.now.milliseconds + 300_000 else {
      throw PrivataError(
        .badArgument, "a request cannot be received in the future", fields: ["receivedAt"])
    }
    try await prepare()
    let mark = core.ledger.mark(model.name, subject.value)
    let same = Filter.and([
      .compare("subject", .equal, .string(mark)), .compare("kind", .equal, .string(kind.rawValue)),
    ])
    if let open = try await requests(same).first(where: { !$0.state.isClosed }) { return open }
    let request = SubjectRequest(
      id: Hexadecimal.text(SecureBytes.random(12)), kind: kind, model: model.name,
      subjectMark: mark, receivedAt: receivedAt,
      dueAt: calendar.end(of: 1, monthsAfter: receivedAt))
    var row = RowBatch(width: SubjectRequest.schema.fields.count)
    request.append(to: &row)
    let insert = Insert(
      SubjectRequest.schema, .cells(fields: SubjectRequest.schema.fields.map(\.name), row))
    _ = try await core.auditStore.write(.insert(insert))
    try record("request.open", request)
    return request
  }

  /// The requests that are not closed, the one due first in front.
  public func open() async throws(PrivataError) -> [SubjectRequest] {
    try await prepare()
    let closed = SubjectRequest.State.allCases.filter(\.isClosed).map { Value.string($0.rawValue) }
    return try await requests(.isNotIn("state", closed)).sorted { $0.dueAt < $1.dueAt }
  }

  /// The request of a number.
  ///
  /// - Throws: `notFound`.
  public func request(_ id: String) async throws(PrivataError) -> SubjectRequest {
    try await prepare()
    guard let found = try await requests(.compare("_id", .equal, .string(id))).first else {
      throw PrivataError(.notFound, "there is no request \(id)")
    }
    return found
  }

  // MARK: - Steps

  /// Notes that the person was asked to prove who they are: the period stands still until they do.
  public func askForIdentity(
    _ id: String, at moment: DateTime = .now
  ) async throws(PrivataError) -> SubjectRequest {
    try await take(.askForIdentity(moment), id)
  }

  /// Notes that the person proved who they are; the period is longer by the time that took.
  public func confirmIdentity(
    _ id: String, at moment: DateTime = .now
  ) async throws(PrivataError) -> SubjectRequest {
    try await take(.confirmIdentity(moment), id)
  }

  /// Extends the period by two months, once, where the person was told within the first.
  ///
  /// - Throws: `badArgument` where it was extended before, the notice came too late, or no reason is
  ///   given.
  public func extend(
    _ id: String, reason: String, notifiedAt: DateTime
  ) async throws(PrivataError) -> SubjectRequest {
    guard !reason.isEmpty else {
      throw PrivataError(.badArgument, "an extension has a reason", fields: ["reason"])
    }
    let known = try await request(id)
    guard !known.isExtended, notifiedAt <= known.dueAt, notifiedAt <= .now else {
      throw PrivataError(
        .badArgument,
        "a period is extended once, and the person is told why within the first month",
        fields: ["notifiedAt"])
    }
    return try await take(.extend, id)
  }

  /// Notes that work on the request began, or goes on; the identity is clear.
  public func begin(_ id: String) async throws(PrivataError) -> SubjectRequest {
    try await take(.begin, id)
  }

  /// Notes that an answer of somebody else is waited for, a processor's say. The period goes on.
  public func awaitThirdParty(_ id: String) async throws(PrivataError) -> SubjectRequest {
    try await take(.awaitThirdParty, id)
  }

  /// Closes a request that was answered. With an erasure the person's other open requests end too:
  /// there is nobody any more whom they could be about.
  public func fulfil(_ id: String) async throws(PrivataError) -> SubjectRequest {
    let request = try await take(.close(.fulfilled, .now), id)
    guard request.kind == .erasure else { return request }
    let same = Filter.compare("subject", .equal, .string(request.subjectMark))
    for other in try await requests(same) where !other.state.isClosed {
      _ = try await take(.close(.superseded, .now), other.id)
    }
    return request
  }

  /// Refuses a request. The person is told why, to whom they can complain, and that they can go to
  /// court.
  ///
  /// - Throws: `badArgument` without explanation or authority.
  ///
  /// Source: GDPR Article 12(4).
  public func refuse(
    _ id: String, explanation: String, authority: String
  ) async throws(PrivataError) -> SubjectRequest {
    guard !explanation.isEmpty, !authority.isEmpty else {
      throw PrivataError(
        .badArgument, "a refusal says why, and names the authority to complain to",
        fields: ["explanation", "authority"])
    }
    return try await take(.close(.refused, .now), id)
  }

  /// Closes a request that the person took back.
  public func withdraw(_ id: String) async throws(PrivataError) -> SubjectRequest {
    try await take(.close(.withdrawn, .now), id)
  }

  // MARK: - Who works on it

  /// Gives a request to somebody.
  public func assign(_ id: String, to owner: String) async throws(PrivataError) -> SubjectRequest {
    try await change(id, "request.assign") { request throws(PrivataError) in
      guard !request.state.isClosed, !owner.isEmpty else {
        throw PrivataError(.badArgument, "an open request is given to somebody", fields: ["owner"])
      }
      request.owner = owner
    }
  }

  /// The open requests whose period has come to 50, 75, 90 or 100 percent since the last call, the one
  /// due first in front: each step is answered once, over all processes.
  ///
  /// ```swift
  /// for request in try await vault.requests.escalate() { alert(request.owner, request.dueAt) }
  /// ```
  public func escalate(now: DateTime = .now) async throws(PrivataError) -> [SubjectRequest] {
    var found: [SubjectRequest] = []
    for request in try await open() where request.escalation(at: now) > request.escalatedAt {
      do throws(PrivataError) {
        let step = request.escalation(at: now)
        found.append(
          try await change(request.id, "request.escalate") { request throws(PrivataError) in
            guard request.escalatedAt < step else { throw Self.isTaken }
            request.escalatedAt = step
          })
      } catch  where error.code == .versionConflict {
        // Another process told of it.
        continue
      }
    }
    return found
  }

  private static let isTaken = PrivataError(
    .versionConflict, "somebody else changed the request", isRetriable: true)

  // MARK: - The table

  private func take(
    _ step: RequestStep, _ id: String
  ) async throws(PrivataError) -> SubjectRequest {
    try await change(id, step.name) { request throws(PrivataError) in
      request = try request.after(step, calendar)
    }
  }

  private func change(
    _ id: String, _ action: String, _ body: (inout SubjectRequest) throws(PrivataError) -> Void
  ) async throws(PrivataError) -> SubjectRequest {
    let before = try await request(id)
    var request = before
    try body(&request)
    let update = Update(
      SubjectRequest.schema,
      where: .and([
        .compare("_id", .equal, .string(id)),
        .compare("state", .equal, .string(before.state.rawValue)),
        before.escalatedAt == 0
          ? .or([.isNull("escalatedAt"), .compare("escalatedAt", .equal, .int32(0))])
          : .compare("escalatedAt", .equal, .int32(Int32(before.escalatedAt))),
      ]),
      .assign([
        Assignment("state", .string(request.state.rawValue)),
        Assignment("dueAt", .date(request.dueAt)),
        Assignment("isExtended", .bool(request.isExtended)),
        Assignment("askedAt", request.askedAt.map { .date($0) } ?? .null),
        Assignment("closedAt", request.closedAt.map { .date($0) } ?? .null),
        Assignment("owner", request.owner.map { .string($0) } ?? .null),
        Assignment("escalatedAt", .int32(Int32(request.escalatedAt))),
      ]), layout: .cells)
    guard try await core.auditStore.write(.update(update)).matched == 1 else {
      throw PrivataError(
        .versionConflict, "somebody else changed the request \(id)", isRetriable: true)
    }
    try record(action, request)
    return request
  }

  private func prepare() async throws(PrivataError) { try await core.prepareLedger() }

  private func requests(_ filter: Filter) async throws(PrivataError) -> [SubjectRequest] {
    let rows = try await core.auditStore.rows(
      for: Query(SubjectRequest.schema, where: filter, layout: .cells))
    return (0..<rows.count).compactMap { SubjectRequest(rows, $0) }
  }

  private func record(_ action: String, _ request: SubjectRequest) throws(PrivataError) {
    let scope = AuditCoding.scope(
      .init(rawValue: action), model: request.model, fields: [], filterFields: [])
    try core.recorder.record(
      actor, scope: scope, result: AuditResult(count: 1, subjectOf: request.id), isPersonal: true)
  }
}

extension Vault {
  /// The requests of persons about their rights.
  public var requests: RequestRegister { RequestRegister(core: core, context: context) }
}
