internal import PrivataCore
internal import Synchronization

/// What a policy says of one role and purpose on one model.
struct PolicyDecision: Sendable, Hashable {
  /// Personal fields that may not be used.
  var denied: Set<String> = []
  /// Fields that are shown in part.
  var masks: [String: ValueMask] = [:]
  /// Conditions that records must meet, all of them.
  var conditions: [RowCondition] = []
  /// Fields that only who wrote the record may use, with the field that says who did.
  var reserved: [String: String] = [:]
  /// True where only numbers of records are answered.
  var isStatistical = false
  /// True where all of a record may be read and a reason is asked for it.
  var needsReason = false
  /// What audit events say of the decision.
  var rule = ""

  /// True where nothing is taken away.
  var isOpen: Bool {
    denied.isEmpty && masks.isEmpty && conditions.isEmpty && reserved.isEmpty
      && !isStatistical && !needsReason
  }
}

extension FieldPolicy {
  /// The decision, worked out from the rules.
  func decision(
    role: String?, purpose: String?, isEmergency: Bool, on model: ModelSchema
  ) -> PolicyDecision {
    if isEmergency {
      return PolicyDecision(
        denied: Set((reserved[model.name] ?? [:]).keys), rule: "v\(version) emergency")
    }
    var decision = PolicyDecision()
    let personal = model.fields.filter { $0.privacy != .open }
    var allowed: Set<String> = []
    var refused: Set<String> = []
    for rule in rules where rule.applies(role, purpose, model.name) {
      let names = rule.names(personal)
      if rule.isAllowing { allowed.formUnion(names) } else { refused.formUnion(names) }
    }
    decision.denied = Set(personal.map(\.name)).subtracting(allowed).union(refused)
    for masking in maskings where masking.applies(role, purpose, model.name) {
      guard !decision.denied.contains(masking.field) else { continue }
      // Of two masks the one that shows nothing wins.
      let isTwice = decision.masks[masking.field].map { $0 != masking.mask } ?? false
      decision.masks[masking.field] = isTwice ? .hidden : masking.mask
    }
    decision.reserved = (reserved[model.name] ?? [:]).filter { allowed.contains($0.key) }
    decision.conditions = scopes.filter { $0.applies(role, purpose, model.name) }.map(\.condition)
    decision.isStatistical = purpose.map(statisticalPurposes.contains) ?? false
    let isException = purpose.map(exceptions.contains) ?? false
    decision.needsReason =
      wholeRecordsNeedReason && !isException && decision.denied.isEmpty
      && decision.masks.isEmpty && personal.count > 1
    let kind = isException ? "exception" : decision.denied.isEmpty ? "whole" : "minimum"
    decision.rule = "v\(version) \(kind)"
    return decision
  }
}

extension FieldPolicy.Rule {
  func applies(_ role: String?, _ purpose: String?, _ model: String) -> Bool {
    self.model == model && (self.role == nil || self.role == role)
      && (self.purpose == nil || self.purpose == purpose)
  }

  func names(_ personal: [FieldSchema]) -> [String] {
    personal.filter { field in
      (privacy == nil || privacy == field.privacy)
        && (fields?.contains(field.name) ?? true)
    }.map(\.name)
  }
}

extension FieldPolicy.Masking {
  func applies(_ role: String?, _ purpose: String?, _ model: String) -> Bool {
    self.model == model && (self.role == nil || self.role == role)
      && (self.purpose == nil || self.purpose == purpose)
  }
}

extension FieldPolicy.Scope {
  func applies(_ role: String?, _ purpose: String?, _ model: String) -> Bool {
    self.model == model && (self.role == nil || self.role == role)
      && (self.purpose == nil || self.purpose == purpose)
  }
}

/// One version of a policy with the decisions that were taken under it. A decision depends on nothing
/// but its key and the version, so it is right for as long as the version is; what changes otherwise
/// (grants, consent, sessions) is no part of it.
final class CompiledPolicy: Sendable {
  /// All that a decision depends on, by type, so that no two keys can be mistaken for each other.
  private struct Key: Hashable {
    let model: ObjectIdentifier
    let role: String?
    let purpose: String?
    let isEmergency: Bool
  }

  let policy: FieldPolicy
  private let decisions = Mutex<[Key: (ModelSchema, PolicyDecision)]>([:])

  init(_ policy: FieldPolicy) { self.policy = policy }

  /// The decision for a caller; `nil` where the policy says nothing.
  func decision(_ context: AccessContext, _ model: ModelSchema) -> PolicyDecision? {
    guard policy.governs(model), context != .service else { return nil }
    let isEmergency = policy.isEmergency(context)
    let key = Key(
      model: ObjectIdentifier(model), role: context.role, purpose: context.purpose,
      isEmergency: isEmergency)
    if let known = decisions.withLock({ $0[key]?.1 }) { return known }
    let made = policy.decision(
      role: context.role, purpose: context.purpose, isEmergency: isEmergency, on: model)
    // The model is kept with it: its address is the key.
    decisions.withLock { kept in
      if kept.count >= 10_000 { kept.removeAll() }
      kept[key] = (model, made)
    }
    return made
  }
}

/// The policy in force. A change of it is one step: each operation runs under one version.
final class PolicyBook: Sendable {
  private let isActive: Atomic<Bool>
  private let current: Mutex<CompiledPolicy?>

  init(_ policy: FieldPolicy?) {
    current = Mutex(policy.map(CompiledPolicy.init))
    isActive = Atomic(policy != nil)
  }

  /// The policy in force, `nil` where there is none.
  var policy: CompiledPolicy? {
    isActive.load(ordering: .acquiring) ? current.withLock { $0 } : nil
  }

  /// Puts a policy in force, where it follows the one that is.
  ///
  /// - Throws: `badArgument` for a version that is not newer.
  func replace(with policy: FieldPolicy) throws(PrivataError) {
    let compiled = CompiledPolicy(policy)
    let isNewer = current.withLock { current in
      if let known = current?.policy.version, policy.version <= known { return false }
      current = compiled
      return true
    }
    guard isNewer else {
      throw PrivataError(.badArgument, "version \(policy.version) of the policy is not newer")
    }
    isActive.store(true, ordering: .releasing)
  }
}
