/// Who reads or writes, in which role, for what purpose and why: what every audit event names.
///
/// ```swift
/// try await AccessContext.$current.withValue(.init(actor: .user("dr-7"), role: "clinician", purpose: "treatment")) {
///   try await User.find(["role": "patient"]).exec()
/// }
/// ```
///
/// The value travels with the task and its children. Without one the vault's own service context is
/// used, and audited as such, unless ``VaultOptions/contextPolicy`` is `.required`.
public struct AccessContext: Sendable, Hashable {
  /// Who acts.
  public struct Actor: Sendable, Hashable {
    /// What kind of actor: `user`, `service`, `system`.
    public let kind: String
    /// The actor's own id; not personal data of a patient.
    public let id: String

    /// A person who is logged in.
    public static func user(_ id: String) -> Actor { Actor(kind: "user", id: id) }
    /// A program.
    public static func service(_ id: String) -> Actor { Actor(kind: "service", id: id) }
    /// The vault itself.
    public static let system = Actor(kind: "system", id: "privata")
  }

  /// Who acts, in which role, for which purpose, where.
  public let actor: Actor
  public let role: String?
  public let purpose: String?
  public let region: String?
  /// Why, where a rule asks for a reason. Free text: it must name no person.
  public let reason: String?
  /// The request that the access serves, to find all events of one request.
  public let requestID: String?
  /// The context as the journal holds it, encoded once.
  let encoded: [UInt8]
  /// Kept out of line, so that the many contexts without details are cheap to copy.
  private let box: AccessDetailsBox?

  /// What only some contexts carry: a session, a proof of identity, attributes of the actor.
  public var details: AccessDetails? { box?.details }

  /// The context of the current task.
  @TaskLocal public static var current: AccessContext?

  /// A context; an empty role or purpose counts as none.
  public init(
    actor: Actor, role: String? = nil, purpose: String? = nil, region: String? = nil,
    reason: String? = nil, requestID: String? = nil, details: AccessDetails? = nil
  ) {
    box = details.map(AccessDetailsBox.init)
    self.actor = actor
    self.role = role?.isEmpty == true ? nil : role
    self.purpose = purpose?.isEmpty == true ? nil : purpose
    self.region = region
    self.reason = reason
    self.requestID = requestID
    encoded = AuditCoding.context(
      actor: actor, role: self.role, purpose: self.purpose, region: region, requestID: requestID,
      details: details)
  }

  /// The vault's own context, used where the caller says nothing.
  public static let service = AccessContext(actor: .system, role: "service", purpose: "service")
}
