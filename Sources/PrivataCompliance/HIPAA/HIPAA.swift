public import PrivataCore

/// What HIPAA gives and asks for the people whose health information a model holds.
///
/// ```swift
/// let number = try await User.hipaa.authorize(id, authorization)
/// let disclosed = try await User.hipaa.disclose(
///   id, .init(to: .init("Acme Life", kind: .other), purpose: .authorization, fields: ["diagnosis"], authorization: number))
/// ```
///
/// - Privacy: what is written down is sealed, names persons by keyed marks, and is audited.
///
/// Source: 45 CFR part 164, subparts C and E.
public struct HIPAA: Sendable {
  let core: VaultCore
  let context: AccessContext?
  let model: ModelSchema

  /// Who asks, as the audit log names them.
  var actor: AccessContext { context ?? AccessContext.current ?? .service }
  var now: DateTime { core.access?.now ?? .now }
  var documentation: DocumentationStore { core.documentation }

  func mark(_ key: Value) -> String { core.ledger.mark(model.name, key) }

  func reference(_ key: Value) -> RecordReference {
    core.references.reference(to: key, of: model.name)
  }

  /// Runs an act and audits how it ended.
  func audited<R>(
    _ action: String, _ key: Value?, fields: [String] = [],
    _ body: () async throws(PrivataError) -> (R, DocumentationEntry?)
  ) async throws(PrivataError) -> R {
    do {
      try GDPR(core: core, context: context, model: model).checkCaller(.init(rawValue: action))
      let (answer, entry) = try await body()
      let scope = AuditCoding.scope(
        .init(rawValue: action), model: model.name, fields: fields, filterFields: [])
      var result = AuditResult(count: 1, records: key.map { [reference($0)] } ?? [])
      result.subjectOf = entry?.id
      try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
      return answer
    } catch {
      try core.record(action, by: actor, on: model.name, failed: error, fields: fields)
      throw error
    }
  }

  /// An entry about a person of this model.
  func entry(
    _ kind: DocumentationEntry.Kind, about key: Value, state: String = "open",
    effectiveUntil: DateTime? = nil, _ body: Document
  ) -> DocumentationEntry {
    DocumentationEntry(
      kind, model: model.name, subject: mark(key), state: state, at: now,
      effectiveUntil: effectiveUntil, body: body, actor: actor.actor.id)
  }

  /// - Throws: `notFound` for a person who is not there.
  func checkExists(_ key: Value) async throws(PrivataError) {
    let separation = try core.registry.separation(of: model)
    let query = Query(
      model, where: .compare(model.key.name, .equal, key), answer: .exists)
    let rows = try await core.session.rows(query, separation)
    guard rows.value(row: 0, column: 0)?.asBool == true else {
      throw PrivataError(
        .notFound, "there is no \(model.name) with this \(model.key.name)", model: model.name)
    }
  }

  /// - Throws: `unknownField` for a name that is no field, nor one of a related model as
  ///   `Model.field`.
  func check(fields: some Sequence<String>) throws(PrivataError) {
    for name in fields where model.field(name) == nil {
      let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
      if parts.count == 2, core.registry.model(parts[0])?.field(parts[1]) != nil { continue }
      throw PrivataError(
        .unknownField, "\(model.name) has no field \(name)", fields: [name], model: model.name)
    }
  }

  /// Fields that only who wrote the record may use.
  var reserved: Set<String> {
    Set((core.policies.policy?.policy.reserved[model.name] ?? [:]).keys)
  }
}

extension Vault {
  /// What HIPAA gives and asks for a model; styles offer it as `User.hipaa`.
  public func hipaa(for model: ModelSchema) -> HIPAA {
    let core = hipaaCore
    core.registry.registerIfUnknown(model)
    return HIPAA(core: core, context: context, model: model)
  }
}

extension Vault {
  /// The part of the vault that is under HIPAA: of several regions the United States'.
  private var hipaaCore: VaultCore {
    guard pinned == nil, let regions else { return core }
    return regions.hipaa.core
  }
}

extension HIPAA {
  /// What HIPAA gives and asks for a model, by the store that the model runs on: what the styles'
  /// `User.hipaa` is made of.
  ///
  /// - Throws: `vaultRequired` where the store is no vault's.
  public init(_ model: ModelSchema, on store: any Store) throws(PrivataError) {
    if let vault = store as? RegionalStore {
      self = Vault(
        core: vault.regions.hipaa.core, context: vault.context
      ).hipaa(for: model)
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

extension Document {
  /// A date of the document.
  func date(_ name: String) -> DateTime? {
    if case .date(let date)? = self[name] { date } else { nil }
  }

  /// The texts of a list of the document.
  func texts(_ name: String) -> [String] { self[name]?.asArray?.compactMap(\.asString) ?? [] }
}

extension Value {
  /// A list of texts in order.
  static func texts(_ texts: some Sequence<String>) -> Value {
    .array(texts.sorted().map { .string($0) })
  }
}
