public import PrivataCore

/// Which personal fields a role may use for a purpose, of which records: the minimum necessary.
///
/// ```swift
/// var policy = FieldPolicy()
/// policy.allow(role: "billing", purpose: "payment", on: "Patient", fields: ["name", "insuranceID"])
/// policy.allow(role: "clinician", purpose: "treatment", on: "Patient", when: .attribute("ward", "ward"))
/// policy.mask("phone", on: "Patient", role: "reception", with: .last(4))
/// policy.emergencyRoles = ["clinician"]
/// options.fieldPolicy = policy
/// ```
///
/// For the models that it names, what no rule allows is denied: a read leaves the fields out of what
/// it asks the store for, and to name one, filter or sort by it or change it is refused. What a rule
/// denies stays denied, whatever others allow. Fields of class `.open` are not touched, and the
/// vault's own service context may use everything.
///
/// Source: 45 CFR 164.502(b) and 164.514(d).
public struct FieldPolicy: Sendable, Hashable {
  /// A rule about fields; `nil` for any role or purpose, and for all fields.
  struct Rule: Sendable, Hashable {
    var isAllowing: Bool
    var role: String?
    var purpose: String?
    var model: String
    var fields: Set<String>?
    var privacy: Privacy?
  }

  /// A field that is shown in part.
  struct Masking: Sendable, Hashable {
    var field: String
    var model: String
    var role: String?
    var purpose: String?
    var mask: ValueMask
  }

  /// Records to which a role is bound.
  struct Scope: Sendable, Hashable {
    var model: String
    var role: String?
    var purpose: String?
    var condition: RowCondition
  }

  /// Counts up with each change of the policy; every audit event under it names it.
  public var version = 1
  /// True denies the personal fields of every model to everyone whom no rule allows them, also of
  /// models that no rule names: protection by default.
  ///
  /// Source: GDPR Article 25(2).
  public var restrictsEveryModel = false
  /// The roles that may break the glass: read everything of a model under the purpose `emergency`
  /// with a reason. An event of its own is recorded before the data is read, for review.
  public var emergencyRoles: Set<String> = []
  /// Purposes to which the minimum necessary does not apply; each use is recorded as such.
  ///
  /// Source: 45 CFR 164.502(b)(2).
  public var exceptions: Set<String> = Self.standardExceptions
  /// Purposes under which only numbers of records are answered, and groups of fewer than
  /// ``smallestGroup`` records are left out.
  public var statisticalPurposes: Set<String> = []
  /// The smallest group of records that a statistical purpose may see.
  public var smallestGroup = 5
  /// False lets a caller read all of a record that the role may use without saying why. Otherwise the
  /// context needs a ``AccessContext/reason``, unless the purpose is an exception.
  public var wholeRecordsNeedReason = true

  /// Fields that only who wrote the record may use: `[model: [field: field of the writer]]`.
  var reserved: [String: [String: String]] = [:]
  var rules: [Rule] = []
  var maskings: [Masking] = []
  var scopes: [Scope] = []
  var models: Set<String> = []

  /// The purposes to which the minimum necessary does not apply.
  public static let standardExceptions: Set<String> = [
    "treatment", "individual", "authorization", "hhs", "requiredByLaw",
  ]

  /// A policy without rules, which denies nothing.
  public init() {}

  /// Allows fields of a model to a role for a purpose; all of them where none are named. A condition
  /// binds the role and purpose to those records, whatever rule it came with.
  public mutating func allow(
    role: String, purpose: String, on model: String, fields: Set<String>? = nil,
    when condition: RowCondition? = nil
  ) {
    add(Rule(isAllowing: true, role: role, purpose: purpose, model: model, fields: fields))
    if let condition { scope(model, role: role, purpose: purpose, to: condition) }
  }

  /// Allows all fields of a class to a role for a purpose.
  public mutating func allow(
    role: String, purpose: String, on model: String, privacy: Privacy,
    when condition: RowCondition? = nil
  ) {
    add(Rule(isAllowing: true, role: role, purpose: purpose, model: model, privacy: privacy))
    if let condition { scope(model, role: role, purpose: purpose, to: condition) }
  }

  /// Denies fields of a model, all where none are named, whatever other rules allow; to every role
  /// and for every purpose where none is said.
  public mutating func deny(
    role: String? = nil, purpose: String? = nil, on model: String, fields: Set<String>? = nil
  ) {
    add(Rule(isAllowing: false, role: role, purpose: purpose, model: model, fields: fields))
  }

  /// Shows a field in part, to every role and for every purpose where none is said.
  public mutating func mask(
    _ field: String, on model: String, role: String? = nil, purpose: String? = nil,
    with mask: ValueMask
  ) {
    maskings.append(
      Masking(field: field, model: model, role: role, purpose: purpose, mask: mask))
    models.insert(model)
  }

  /// Binds a role to some records of a model, every role where none is said. Several conditions hold
  /// together.
  public mutating func scope(
    _ model: String, role: String? = nil, purpose: String? = nil, to condition: RowCondition
  ) {
    scopes.append(Scope(model: model, role: role, purpose: purpose, condition: condition))
    models.insert(model)
  }

  /// Reserves a field to who wrote the record, whose id another field holds: psychotherapy notes. A
  /// read that does not name the field is answered without it; one that does means only the caller's
  /// own records. Such a field is in no access package, and is disclosed under an authorization of
  /// its own only.
  ///
  /// ```swift
  /// policy.reserve("process", on: "Session", writtenBy: "therapist")
  /// // select process from sessions where … and therapist = actor
  /// ```
  ///
  /// Source: 45 CFR 164.501 and 164.508(a)(2).
  public mutating func reserve(_ field: String, on model: String, writtenBy originator: String) {
    reserved[model, default: [:]][field] = originator
    models.insert(model)
  }

  /// Denies the personal fields of a model to everyone whom no rule allows them.
  public mutating func restrict(_ model: String) { models.insert(model) }

  private mutating func add(_ rule: Rule) {
    rules.append(rule)
    models.insert(rule.model)
  }

  /// True where a caller breaks the glass.
  func isEmergency(_ context: AccessContext) -> Bool {
    context.purpose == "emergency" && context.reason?.isEmpty == false
      && emergencyRoles.contains(context.role ?? "")
  }

  /// True where the policy says something about a model.
  func governs(_ model: ModelSchema) -> Bool { restrictsEveryModel || models.contains(model.name) }
}

extension AuditEvent.Action {
  /// A caller broke the glass.
  public static let breakGlass = AuditEvent.Action(rawValue: "breakGlass")
}
