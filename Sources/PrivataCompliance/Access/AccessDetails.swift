public import PrivataCore

/// What only some contexts carry.
///
/// ```swift
/// var details = AccessDetails()
/// details.attributes = ["ward": ["north"]]
/// details.session = session
/// let context = AccessContext(actor: .user("dr-7"), role: "clinician", purpose: "treatment", details: details)
/// ```
public struct AccessDetails: Sendable, Hashable {
  /// The session that the access is part of; it ends by itself when nothing is done in it.
  public var session: AccessSession?
  /// How and when the actor's identity was proven.
  public var proof: AccessProof?
  /// The trace that the access is part of, such as the `trace-id` of W3C Trace Context.
  public var traceID: String?
  /// For whom the actor acts: the physician for an assistant, the user for a program.
  public var onBehalfOf: AccessContext.Actor?
  /// The legal basis that the caller names, such as `GDPR Article 6(1)(b)`.
  public var legalBasis: String?
  /// What is known of the actor, for conditions on records: `["ward": ["north"]]`.
  public var attributes: [String: Set<String>]
  /// The number of the authorization on which the access rests.
  public var authorization: String?
  /// The number of a second person's agreement to what is dangerous, see ``Vault/approvals``.
  public var approval: String?
  /// Gets the ids of the audit events that the accesses leave.
  public var receipt: AccessReceipt?
  /// The emergency access that is open.
  var emergency: EmergencyAccess?

  /// No details.
  public init() { attributes = [:] }
}

/// Keeps details out of line.
final class AccessDetailsBox: Sendable, Hashable {
  let details: AccessDetails

  init(_ details: AccessDetails) { self.details = details }

  static func == (a: AccessDetailsBox, b: AccessDetailsBox) -> Bool {
    a === b || a.details == b.details
  }

  func hash(into hasher: inout Hasher) { hasher.combine(details) }
}

extension AccessContext {
  /// The context with other details.
  func with(_ details: AccessDetails, purpose: String? = nil, reason: String? = nil)
    -> AccessContext
  {
    AccessContext(
      actor: actor, role: role, purpose: purpose ?? self.purpose, region: region,
      reason: reason ?? self.reason, requestID: requestID, details: details)
  }
}

extension PrivataError.Code {
  /// The session was left alone for too long, or was ended.
  public static let sessionExpired = PrivataError.Code("sessionExpired")
  /// The actor's identity is not proven well or recently enough for what was asked.
  public static let proofRequired = PrivataError.Code("proofRequired")
  /// A second person has to agree first.
  public static let approvalRequired = PrivataError.Code("approvalRequired")

  /// True for the codes by which a vault refuses, as opposed to failing.
  var isRefusal: Bool {
    Self.refusals.contains(self)
  }
}
