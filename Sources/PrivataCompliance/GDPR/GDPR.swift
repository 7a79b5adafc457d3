public import PrivataCore

/// The rights of the people whose data a model holds: one method per article of the law.
///
/// ```swift
/// let proof = try await User.gdpr.rightToErasure(id, .init(requestedBy: id, reason: "asked by letter", legalBasis: .article17))
/// let report = try await User.gdpr.rightToAccess(id)
/// ```
///
/// Source: Regulation (EU) 2016/679, chapter III.
public struct GDPR: Sendable {
  let core: VaultCore
  let context: AccessContext?
  let model: ModelSchema
  /// All regions of the vault, where it has several and the person's is not known yet.
  var regions: VaultRegions?

  /// Who asks, as the audit log names them.
  var actor: AccessContext { context ?? AccessContext.current ?? .service }

  /// - Throws: `contextRequired` where the vault asks who it is and nobody says; audited as refused.
  func checkCaller(_ action: AuditEvent.Action) throws(PrivataError) {
    let separation = try core.registry.separation(of: model)
    _ = try AuditedSession(session: core.session, context: context)
      .admitted(AuditScope(action, separation), separation)
    do throws(PrivataError) {
      try checkProof(for: action)
    } catch {
      try core.record(action.rawValue, by: actor, on: model.name, failed: error)
      throw error
    }
  }

  /// Erasures and exports ask for a recent proof of who asks, and no emergency is one for them.
  private func checkProof(for action: AuditEvent.Action) throws(PrivataError) {
    guard action == .erase || action == .access else { return }
    if actor.details?.emergency != nil {
      throw PrivataError(
        .accessDenied, "emergency access is for treating one person, not for this",
        model: model.name)
    }
    try core.access?.checkProof(actor, for: action == .erase ? .erasure : .export)
  }
}

extension Vault {
  /// The rights of the people that a model's records are about; styles offer it as `User.gdpr`.
  public func gdpr(for model: ModelSchema) -> GDPR {
    for core in cores { core.registry.registerIfUnknown(model) }
    return GDPR(
      core: core, context: context, model: model, regions: pinned == nil ? regions : nil)
  }
}

extension GDPR {
  /// The rights of the people that a model's records are about, by the store that the model runs on:
  /// what the styles' `User.gdpr` is made of.
  ///
  /// - Throws: `vaultRequired` where the store is no vault's: a plain store keeps no pseudonyms and
  ///   no audit log, so there is nothing that could answer for a right.
  public init(_ model: ModelSchema, on store: any Store) throws(PrivataError) {
    if let vault = store as? RegionalStore {
      for member in vault.regions.members { member.core.registry.registerIfUnknown(model) }
      self.init(
        core: vault.regions.home.core, context: vault.context, model: model,
        regions: vault.regions)
      return
    }
    guard let vault = store as? VaultStore else {
      throw PrivataError(
        .vaultRequired, "\(model.name) is a model of a plain connection; make it with a vault",
        model: model.name)
    }
    vault.core.registry.registerIfUnknown(model)
    self.init(core: vault.core, context: vault.context, model: model)
  }
}
