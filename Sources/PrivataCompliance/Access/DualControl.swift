public import PrivataCore

/// What one person alone may not do.
public enum DangerousAction: String, Sendable, Hashable, CaseIterable {
  case policyLoosening, purge, holdRelease, keyDestruction, bulkExport, disposal
}

/// Asks a second person before what is dangerous.
///
/// ```swift
/// let number = try await asOfficer.approvals.request(.policyLoosening, why: "ward clerks see phones")
/// try await asOther.approvals.approve(number)
/// try await asOfficer.load(signed, approval: number)   // once, within a day
/// ```
///
/// Other actions are asked for where ``HIPAAOptions/twoPersonActions`` names them: the removal of
/// documentation, the release of a hold, the destruction of keys, sets of many records.
public struct Approvals: Sendable {
  let core: VaultCore
  let context: AccessContext?

  private var actor: AccessContext { context ?? AccessContext.current ?? .service }
  private var now: DateTime { core.access?.now ?? .now }

  /// Asks for an agreement and answers its number.
  ///
  /// - Throws: `badArgument` without a reason; `contextRequired` where no person asks.
  public func request(
    _ action: DangerousAction, why: String
  ) async throws(PrivataError) -> String {
    guard !why.isEmpty else {
      throw PrivataError(.badArgument, "a request for agreement says why", fields: ["why"])
    }
    guard actor.actor.kind == "user" else {
      throw PrivataError(.contextRequired, "a person asks for agreement: say who")
    }
    let entry = DocumentationEntry(
      .approval, model: action.rawValue, at: now, body: ["why": .string(why)],
      actor: actor.actor.id)
    try await core.documentation.add(entry)
    try core.record("approval.request", by: actor, about: entry)
    return entry.id
  }

  /// Agrees, as another active person than who asked.
  ///
  /// - Throws: `accessDenied` for who asked, for who holds no grant any more, and after a day;
  ///   `badArgument` for one that is decided; `proofRequired`.
  public func approve(_ number: String) async throws(PrivataError) {
    let entry = try await core.documentation.entry(number, .approval)
    guard entry.state == "open" else {
      throw PrivataError(.badArgument, "the request \(number) is \(entry.state)")
    }
    guard actor.actor.kind == "user", entry.actor != actor.actor.id else {
      throw PrivataError(.accessDenied, "a second person agrees")
    }
    try core.access?.checkApprover(actor)
    try core.checkAge(of: entry, at: now)
    let changed = try await core.documentation.change(entry) { [actor] entry in
      entry.state = "approved"
      entry.body["asker"] = .string(entry.actor)
      entry.body["approver"] = .string(actor.actor.id)
    }
    try core.record("approval.approve", by: actor, about: changed)
  }
}

extension Vault {
  /// Agreements of second persons.
  public var approvals: Approvals { Approvals(core: core, context: context) }
}

extension VaultCore {
  /// Uses up an agreement.
  ///
  /// - Throws: `approvalRequired` without one that holds; `accessDenied` for one of somebody else or
  ///   that is too old.
  func consume(
    _ number: String?, for action: DangerousAction, by actor: AccessContext
  ) async throws(PrivataError) {
    guard let number else {
      throw PrivataError(
        .approvalRequired, "a second person has to agree: vault.approvals.request(.\(action))")
    }
    let entry = try await documentation.entry(number, .approval)
    guard entry.state == "approved", entry.model == action.rawValue else {
      throw PrivataError(.approvalRequired, "the request \(number) does not allow this")
    }
    guard entry.actor == actor.actor.id else {
      throw PrivataError(.accessDenied, "somebody else asked for this agreement")
    }
    let now = access?.now ?? .now
    try checkAge(of: entry, at: now)
    if let approver = entry.body["approver"]?.asString {
      try access?.checkActive(approver)
    }
    let used = try await documentation.change(entry) { entry in
      entry.state = "used"
      entry.effectiveUntil = now
    }
    try record("approval.use", by: actor, about: used)
  }

  /// Uses up the agreement that the caller's context names, where the options ask for one.
  func checkSecondPerson(
    _ action: DangerousAction, by actor: AccessContext
  ) async throws(PrivataError) {
    guard access?.options.twoPersonActions.contains(action) == true else { return }
    try await consume(actor.details?.approval, for: action, by: actor)
  }

  func checkAge(of entry: DocumentationEntry, at now: DateTime) throws(PrivataError) {
    let hours = access?.options.approvalHours ?? 24
    guard now.milliseconds - entry.at.milliseconds <= Int64(hours) * 3_600_000 else {
      throw PrivataError(.accessDenied, "the request \(entry.id) is over: ask again")
    }
  }
}
