public import PrivataCore

/// Who of the workforce may act in which role, and until when.
///
/// ```swift
/// try await vault.workforce.grant("clinician", to: "dr-7", until: end)
/// try await vault.workforce.terminate("dr-7")   // from the next access on, within a second elsewhere
/// ```
///
/// Asked for where ``HIPAAOptions/asksForGrants`` is set.
///
/// Source: 45 CFR 164.308(a)(3) and (4).
public struct Workforce: Sendable {
  let core: VaultCore
  let context: AccessContext?

  private var actor: AccessContext { context ?? AccessContext.current ?? .service }
  private var now: DateTime { core.access?.now ?? .now }

  /// Grants a role to a user, for good or until a moment. After a termination it begins anew.
  ///
  /// - Throws: `badArgument` without role or user, for an end that is over, and for oneself.
  public func grant(
    _ role: String, to user: String, until end: DateTime? = nil
  ) async throws(PrivataError) {
    guard !role.isEmpty, !user.isEmpty, end.map({ $0 > now }) ?? true else {
      throw PrivataError(.badArgument, "a grant names a role and a user, and ends later")
    }
    guard actor.actor != .user(user) else {
      throw PrivataError(.accessDenied, "nobody grants a role to themselves", fields: ["actor"])
    }
    let body: Document = ["user": .string(user), "role": .string(role)]
    try await file(
      DocumentationEntry(
        .grant, at: now, effectiveUntil: end, body: body, actor: actor.actor.id),
      "workforce.grant")
  }

  /// Ends all grants of a user.
  public func terminate(_ user: String) async throws(PrivataError) {
    try await file(
      DocumentationEntry(
        .termination, state: "closed", at: now, effectiveUntil: now,
        body: ["user": .string(user)], actor: actor.actor.id), "workforce.terminate")
  }

  private func file(_ entry: DocumentationEntry, _ action: String) async throws(PrivataError) {
    try await core.documentation.add(entry)
    try core.record(action, by: actor, about: entry)
    try await core.access?.reload()
  }
}

extension Vault {
  /// Who of the workforce may act in which role.
  public var workforce: Workforce { Workforce(core: core, context: context) }
}

/// The grants as a process knows them.
struct WorkforceState: Sendable {
  struct Key: Sendable, Hashable {
    let user: String
    let role: String
  }

  private struct Grant: Sendable {
    let from: DateTime
    let until: DateTime?
  }

  private var grants: [Key: Grant] = [:]
  private var terminated: [String: DateTime] = [:]

  init() {}

  init(_ granted: [DocumentationEntry], _ ended: [DocumentationEntry]) {
    for entry in granted {
      guard let user = entry.body["user"]?.asString, let role = entry.body["role"]?.asString
      else { continue }
      grants[Key(user: user, role: role)] = Grant(from: entry.at, until: entry.effectiveUntil)
    }
    for entry in ended {
      guard let user = entry.body["user"]?.asString else { continue }
      terminated[user] = max(terminated[user] ?? entry.at, entry.at)
    }
  }

  /// True for a user whose grants were all ended.
  func isTerminated(_ user: String) -> Bool {
    guard let end = terminated[user] else { return false }
    return !grants.contains { $0.key.user == user && $0.value.from > end }
  }

  /// Since when a user holds a role; `nil` where they do not, now.
  func beginOfGrant(_ key: Key, at now: DateTime) -> DateTime? {
    guard let grant = grants[key], grant.until.map({ now < $0 }) ?? true else { return nil }
    if let end = terminated[key.user], end >= grant.from { return nil }
    return grant.from
  }
}

extension VaultCore {
  /// Records an act about something that is written down.
  func record(
    _ action: String, by context: AccessContext, about entry: DocumentationEntry,
    fields: [String] = [], records: [RecordReference] = []
  ) throws(PrivataError) {
    let scope = AuditCoding.scope(
      .init(rawValue: action), model: entry.model, fields: fields, filterFields: [])
    var result = AuditResult(count: 1, records: records)
    result.subjectOf = entry.id
    try recorder.record(context, scope: scope, result: result, isPersonal: true)
  }

  /// Records an act that was refused or failed.
  func record(
    _ action: String, by context: AccessContext, on model: String, failed error: PrivataError,
    fields: [String] = []
  ) throws(PrivataError) {
    let scope = AuditCoding.scope(
      .init(rawValue: action), model: model, fields: fields, filterFields: [])
    try recorder.record(context, scope: scope, result: AuditResult(error), isPersonal: true)
  }
}
