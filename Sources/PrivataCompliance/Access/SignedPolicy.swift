internal import Crypto
public import PrivataCore

/// A policy with the vault's signature, as it is put in force while the vault serves.
public struct SignedPolicy: Sendable, Hashable {
  /// The policy and the Ed25519 signature over all that it says.
  public let policy: FieldPolicy
  public let signature: [UInt8]

  /// A policy with a signature that was made elsewhere.
  public init(policy: FieldPolicy, signature: [UInt8]) {
    self.policy = policy
    self.signature = signature
  }
}

extension Vault {
  /// Signs a policy with the vault's key.
  public func sign(_ policy: FieldPolicy) throws(PrivataError) -> SignedPolicy {
    do {
      return SignedPolicy(
        policy: policy, signature: Array(try core.keys.signing.signature(for: policy.statement)))
    } catch {
      throw PrivataError(.rejectedByStore, "the policy could not be signed", underlying: error)
    }
  }

  /// Puts a policy in force: from the next operation on, all of each under one version. A policy that
  /// is refused leaves the one in force.
  ///
  /// ```swift
  /// policy.version = 2
  /// try await vault.load(vault.sign(policy))
  /// ```
  ///
  /// - Parameter approval: the number of a second person's agreement, where ``VaultOptions/hipaa`` is
  ///   set and the policy lets somebody see more than before.
  /// - Throws: `tampered` for a signature that is not the vault's; `unknownModel` and `unknownField`
  ///   for names that the vault does not know; `badArgument` for a version that is not newer;
  ///   `approvalRequired`.
  /// - Privacy: audited with the version.
  public func load(
    _ signed: SignedPolicy, approval: String? = nil
  ) async throws(PrivataError) {
    let actor = context ?? AccessContext.current ?? .service
    let policy = signed.policy
    do throws(PrivataError) {
      guard
        core.keys.signing.publicKey.isValidSignature(signed.signature, for: policy.statement)
      else { throw PrivataError(.tampered, "the policy is not signed by this vault") }
      try check(policy)
      if core.access != nil, let known = core.policies.policy?.policy,
        policy.isLooser(than: known, on: core.registry.models)
      {
        try await core.consume(approval, for: .policyLoosening, by: actor)
      }
      try core.policies.replace(with: policy)
      let entry = DocumentationEntry(
        .policy, state: "v\(policy.version)", at: core.access?.now ?? .now, actor: actor.actor.id)
      try await core.documentation.add(entry)
      try core.record("policy.load", by: actor, about: entry)
    } catch {
      try core.record("policy.load", by: actor, on: "", failed: error)
      throw error
    }
  }

  private func check(_ policy: FieldPolicy) throws(PrivataError) {
    for name in policy.models.sorted() {
      guard let model = core.registry.model(name) else {
        throw PrivataError(.unknownModel, "the policy names an unknown model '\(name)'")
      }
      for field in policy.fields(of: name).sorted() where model.field(field) == nil {
        throw PrivataError(
          .unknownField, "the policy names a field that \(name) does not have", fields: [field],
          model: name)
      }
    }
  }
}

extension FieldPolicy {
  /// The fields of a model that the policy names.
  func fields(of model: String) -> Set<String> {
    var names: Set<String> = []
    for rule in rules where rule.model == model { names.formUnion(rule.fields ?? []) }
    for masking in maskings where masking.model == model { names.insert(masking.field) }
    for scope in scopes where scope.model == model { names.formUnion(scope.condition.fields) }
    for (field, originator) in reserved[model] ?? [:] { names.formUnion([field, originator]) }
    return names
  }

  /// All that the policy says, in one form.
  var statement: [UInt8] {
    var lines = [
      "privata/policy/1", "version \(version)",
      "emergency \(emergencyRoles.sorted())", "exceptions \(exceptions.sorted())",
      "statistical \(statisticalPurposes.sorted()) \(smallestGroup)",
      "reasons \(wholeRecordsNeedReason)", "models \(models.sorted())",
    ]
    for rule in rules {
      lines.append(
        "rule \(rule.isAllowing) \(rule.role ?? "*") \(rule.purpose ?? "*") \(rule.model) "
          + "\(rule.fields.map { "\($0.sorted())" } ?? "*") \(rule.privacy?.rawValue ?? "*")")
    }
    for masking in maskings {
      lines.append(
        "mask \(masking.field) \(masking.model) \(masking.role ?? "*") "
          + "\(masking.purpose ?? "*") \(masking.mask)")
    }
    for scope in scopes {
      lines.append(
        "scope \(scope.model) \(scope.role ?? "*") \(scope.purpose ?? "*") \(scope.condition)")
    }
    for (model, fields) in reserved.sorted(by: { $0.key < $1.key }) {
      for (field, originator) in fields.sorted(by: { $0.key < $1.key }) {
        lines.append("reserve \(model) \(field) \(originator)")
      }
    }
    return lines.flatMap { line in
      // Each line behind its length: no name can pass for the end of one.
      Array("\(line.utf8.count):\(line)\n".utf8)
    }
  }

  /// True where somebody may use more under this policy than under another.
  func isLooser(than other: FieldPolicy, on models: [ModelSchema]) -> Bool {
    let roles = callers.union(other.callers)
    for model in models {
      if other.governs(model) && !governs(model) { return true }
      for (role, purpose) in roles.map({ ($0.role, $0.purpose) }) where governs(model) {
        let new = decision(role: role, purpose: purpose, isEmergency: false, on: model)
        let old = other.decision(role: role, purpose: purpose, isEmergency: false, on: model)
        guard other.governs(model) else { continue }
        if !old.denied.isSubset(of: new.denied) || new.isStatistical != old.isStatistical {
          return true
        }
        let isUnmasked = old.masks.contains { field, mask in
          new.masks[field] != mask && !new.denied.contains(field)
        }
        if isUnmasked || !Set(old.conditions).isSubset(of: new.conditions) { return true }
        if old.reserved.contains(where: { new.reserved[$0.key] != $0.value }) { return true }
      }
    }
    return !emergencyRoles.isSubset(of: other.emergencyRoles)
      || smallestGroup < other.smallestGroup
      || (other.wholeRecordsNeedReason && !wholeRecordsNeedReason)
      || !exceptions.isSubset(of: other.exceptions)
  }

  struct Caller: Hashable {
    let role: String?
    let purpose: String?
  }

  /// Every role and purpose that a rule names, and one that none does.
  private var callers: Set<Caller> {
    let roles = Set(
      rules.compactMap(\.role) + maskings.compactMap(\.role) + scopes.compactMap(\.role) + [""])
    let purposes = Set(
      rules.compactMap(\.purpose) + maskings.compactMap(\.purpose) + scopes.compactMap(\.purpose)
        + [""])
    var callers: Set<Caller> = []
    for role in roles {
      for purpose in purposes { callers.insert(Caller(role: role, purpose: purpose)) }
    }
    return callers
  }
}
