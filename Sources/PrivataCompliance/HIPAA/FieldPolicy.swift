internal import PrivataCore

/// Which personal fields a role may use for a purpose: the minimum necessary.
///
/// ```swift
/// var policy = FieldPolicy()
/// policy.allow(role: "billing", purpose: "payment", on: "Patient", fields: ["name", "insuranceID"])
/// policy.allow(role: "clinician", purpose: "treatment", on: "Patient")
/// policy.emergencyRoles = ["clinician"]
/// options.fieldPolicy = policy
/// ```
///
/// For the models that it names, what no rule allows is denied: a read leaves the fields out of what
/// it asks the store for, and to name one, filter or sort by it or change it is refused. Fields of
/// class `.open` are not touched, and the vault's own service context may use everything.
///
/// Source: 45 CFR 164.502(b) and 164.514(d).
public struct FieldPolicy: Sendable, Hashable {
  private struct Rule: Sendable, Hashable {
    let role: String
    let purpose: String
    let model: String
    /// All where `nil`.
    let fields: Set<String>?
  }

  private var rules: [Rule] = []
  private var models: Set<String> = []
  /// The roles that may break the glass: read everything of a model under the purpose `emergency`
  /// with a reason. An event of its own is recorded before the data is read, for review.
  public var emergencyRoles: Set<String> = []

  /// A policy without rules, which denies nothing.
  public init() {}

  /// Allows fields of a model to a role for a purpose; all of them where none are named.
  public mutating func allow(
    role: String, purpose: String, on model: String, fields: Set<String>? = nil
  ) {
    rules.append(Rule(role: role, purpose: purpose, model: model, fields: fields))
    models.insert(model)
  }

  /// Denies the personal fields of a model to everyone whom no rule allows them.
  public mutating func restrict(_ model: String) { models.insert(model) }

  /// The personal fields of a model that a caller may not use.
  func denied(_ context: AccessContext, _ model: ModelSchema) -> Set<String> {
    guard models.contains(model.name), context != .service else { return [] }
    if isEmergency(context) { return [] }
    var allowed: Set<String> = []
    for rule in rules
    where rule.model == model.name && rule.role == context.role && rule.purpose == context.purpose {
      guard let fields = rule.fields else { return [] }
      allowed.formUnion(fields)
    }
    return Set(model.fields.filter { $0.privacy != .open }.map(\.name)).subtracting(allowed)
  }

  /// True where a caller breaks the glass.
  func isEmergency(_ context: AccessContext) -> Bool {
    context.purpose == "emergency" && context.reason?.isEmpty == false
      && emergencyRoles.contains(context.role ?? "")
  }

  /// True where the policy says something about a model.
  func governs(_ model: ModelSchema) -> Bool { models.contains(model.name) }
}

extension AuditEvent.Action {
  /// A caller broke the glass.
  public static let breakGlass = AuditEvent.Action(rawValue: "breakGlass")
}
