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

  /// Who asks, as the audit log names them.
  var actor: AccessContext { context ?? AccessContext.current ?? .service }
}

extension Vault {
  /// The rights of the people that a model's records are about; styles offer it as `User.gdpr`.
  public func gdpr(for model: ModelSchema) -> GDPR {
    core.registry.registerIfUnknown(model)
    return GDPR(core: core, context: context, model: model)
  }
}
