internal import PrivataCore

/// Checks a caller's purpose against the registers before anything is asked of a store.
///
/// Source: GDPR Articles 5(1), 6, 9 and 10.
struct ProcessingGate {
  let core: VaultCore
  let context: AccessContext
  let model: ModelSchema

  /// True where the options ask for anything of it: what costs nothing otherwise.
  static func isActive(_ options: VaultOptions) -> Bool {
    options.purposes == .registered || options.processing != nil
  }

  /// The fields of this model that this caller may not touch, with the code of the refusal.
  ///
  /// - Throws: `contextRequired` without a purpose, `unknownPurpose`.
  func limits() throws(PrivataError) -> [String: PrivataError.Code] {
    var limits: [String: PrivataError.Code] = [:]
    guard context != .service else { return limits }
    let known = core.registers.known
    if core.options.purposes == .registered, isPersonal {
      guard let name = context.purpose else {
        throw PrivataError(
          .contextRequired, "\(model.name) holds personal data: the context names no purpose",
          fields: ["purpose"], model: model.name)
      }
      guard known.purpose(name) != nil else { throw .unknownPurpose(name, model: model.name) }
    }
    guard let rules = core.options.processing else { return limits }
    for name in rules.denied(context.purpose, model, known) { limits[name] = .purposeDenied }
    let purpose = known.purpose(context.purpose)
    for field in model.fields {
      guard let category = rules.category(field, model.name) else { continue }
      if !isAllowed(category, purpose, rules) { limits[field.name] = .specialCategoryGround }
    }
    return limits
  }

  private var isPersonal: Bool { model.fields.contains { $0.privacy != .open } }

  private func isAllowed(
    _ category: SpecialCategory, _ purpose: Purpose?, _ rules: ProcessingRules
  ) -> Bool {
    let role = context.role ?? ""
    if case .criminal(let authority) = category {
      return !authority.isEmpty && rules.criminalRoles.contains(role)
    }
    switch purpose?.ground {
    case nil: return false
    case .healthCare: return rules.secrecyRoles.contains(role)
    case .vitalInterests: return context.reason?.isEmpty == false
    default: return true
    }
  }
}

extension AuditedSession {
  /// What the registers keep from a caller; data that is used to save a life is recorded durably
  /// before it is read.
  func limits(
    _ separation: Separation, _ context: AccessContext
  ) throws(PrivataError) -> [String: PrivataError.Code] {
    let core = session.core
    guard ProcessingGate.isActive(core.options) else { return [:] }
    let gate = ProcessingGate(core: core, context: context, model: separation.model)
    let limits = try gate.limits()
    if core.registers.known.purpose(context.purpose)?.ground == .vitalInterests,
      separation.isPersonal
    {
      try core.record("gdpr.vitalInterests", context, model: separation.model.name)
      try core.recorder.journal.sync()
    }
    return limits
  }
}
