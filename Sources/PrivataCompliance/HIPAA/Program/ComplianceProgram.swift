public import PrivataCore

/// The covered entity's own duties: protocols, business associates, officers, incidents, evaluations
/// and the keeping of documentation.
///
/// ```swift
/// try await vault.program.defineProtocol("claimSubmission", of: "Patient", purpose: .payment, fields: ["name", "procedureCodes"])
/// try await vault.program.registerAssociate("Acme Billing", agreement: "BAA-2026-4", isAgent: false)
/// ```
///
/// Source: 45 CFR 164.308, 164.316, 164.504(e) and 164.514(d).
public struct ComplianceProgram: Sendable {
  let core: VaultCore
  let context: AccessContext?

  var actor: AccessContext { context ?? AccessContext.current ?? .service }
  var now: DateTime { core.access?.now ?? .now }

  /// Adds an entry of the program and audits it.
  @discardableResult
  func file(
    _ kind: DocumentationEntry.Kind, _ action: String, state: String = "open", model: String = "",
    effectiveUntil: DateTime? = nil, _ body: Document
  ) async throws(PrivataError) -> DocumentationEntry {
    let entry = DocumentationEntry(
      kind, model: model, state: state, at: now, effectiveUntil: effectiveUntil, body: body,
      actor: actor.actor.id)
    try await core.documentation.add(entry)
    try core.record(action, by: actor, about: entry)
    return entry
  }

  /// Changes an entry of the program and audits it.
  @discardableResult
  func change(
    _ entry: DocumentationEntry, _ action: String, _ body: (inout DocumentationEntry) -> Void
  ) async throws(PrivataError) -> DocumentationEntry {
    let changed = try await core.documentation.change(entry, body)
    try core.record(action, by: actor, about: changed)
    return changed
  }

  // MARK: - Keeping

  /// Removes documentation that last counted more than six years ago, or more where state law wants
  /// it longer, and leaves a signed note of how much.
  ///
  /// - Returns: how many entries were removed.
  /// - Throws: `badArgument` for fewer than six years; `approvalRequired` where
  ///   ``HIPAAOptions/twoPersonActions`` asks for a second person.
  ///
  /// Source: 45 CFR 164.316(b)(2)(i) and 164.530(j)(2).
  public func purgeDocumentation(keepingYears years: Int = 6) async throws(PrivataError) -> Int {
    guard years >= 6 else {
      throw PrivataError(.badArgument, "documentation is kept for six years at least")
    }
    try await core.checkSecondPerson(.purge, by: actor)
    let limit = CalendarText.adding(years: -years, to: now)
    let count = try await core.documentation.purge(limit, at: now, actor: actor.actor.id)
    guard core.keepsCodesApart else { return count }
    return count + (try await core.codes.purge(limit, at: now, actor: actor.actor.id))
  }
}

extension Vault {
  /// The covered entity's own duties.
  public var program: ComplianceProgram { ComplianceProgram(core: core, context: context) }
}
