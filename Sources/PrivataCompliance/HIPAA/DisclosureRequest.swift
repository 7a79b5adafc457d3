public import PrivataCore

/// Who gets health information.
public struct DisclosureRecipient: Sendable, Hashable {
  /// What kind of recipient; a health plan and a business associate are held to rules of their own.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case provider, healthPlan, individual, representative, businessAssociate, authority, researcher,
      other
  }

  /// Name, kind and, where it is known, address.
  public var name: String
  public var kind: Kind
  public var address: String?

  /// A recipient. A business associate goes by the name under which it is registered.
  public init(_ name: String, kind: Kind, address: String? = nil) {
    self.name = name
    self.kind = kind
    self.address = address
  }
}

/// What is to be disclosed, to whom, why.
///
/// ```swift
/// DisclosureRequest(to: .init("Blue Plan", kind: .healthPlan), purpose: .payment,
///   fields: ["name", "procedureCodes"], protocol: "claimSubmission")
/// ```
public struct DisclosureRequest: Sendable, Hashable {
  /// Who gets it, and why.
  public var recipient: DisclosureRecipient
  public var purpose: DisclosurePurpose
  /// The fields of the person's own record.
  public var fields: Set<String>
  /// The fields of records that refer to the person, by model.
  public var related: [String: Set<String>]
  /// The number of the authorization.
  public var authorization: String?
  /// What shows that a reason of 164.512 holds: a court order, a statute, a report number.
  public var reference: String?
  /// The routine protocol that the disclosure follows.
  public var protocolName: String?
  /// The number of the review in which a second person agreed.
  public var review: String?
  /// Why all of a record is needed.
  public var justification: String?

  /// A request.
  public init(
    to recipient: DisclosureRecipient, purpose: DisclosurePurpose, fields: Set<String>,
    related: [String: Set<String>] = [:], authorization: String? = nil, reference: String? = nil,
    protocol protocolName: String? = nil, review: String? = nil, justification: String? = nil
  ) {
    self.recipient = recipient
    self.purpose = purpose
    self.fields = fields
    self.related = related
    self.authorization = authorization
    self.reference = reference
    self.protocolName = protocolName
    self.review = review
    self.justification = justification
  }

  /// The fields of all models: those of related ones as `Model.field`.
  var allFields: Set<String> {
    related.reduce(into: fields) { all, part in
      for field in part.value { all.insert("\(part.key).\(field)") }
    }
  }
}

/// What was disclosed, as it is written down and handed out.
public struct PHIDisclosure: Sendable {
  /// Its number in the documentation.
  public let id: String
  public let recipient: DisclosureRecipient
  public let purpose: DisclosurePurpose
  public let at: DateTime
  /// The fields of the person's own record.
  public let record: Document
  /// Records that refer to the person, by model.
  public let related: [String: [Document]]
  /// Amendments, and statements of disagreement with their rebuttals, of what is disclosed.
  public let statements: [AmendmentStatement]
}
