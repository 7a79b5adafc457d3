public import PrivataCore

/// A person's authorization to use or disclose their health information.
///
/// ```swift
/// var authorization = Authorization(
///   description: "diagnoses of 2025", discloser: "North Clinic", recipient: "Acme Life",
///   purpose: "life insurance", expires: end, signature: .init(signedBy: "Ada", at: .now))
/// authorization.fields = ["diagnosis"]
/// ```
///
/// Source: 45 CFR 164.508(c).
public struct Authorization: Sendable, Hashable {
  /// What it is for; some kinds need an authorization of their own.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case general, psychotherapyNotes, marketing, sale, research
  }

  /// What it has to say to the person.
  public enum Statement: String, Sendable, Hashable, CaseIterable {
    /// That it can be revoked, and how.
    case revocation
    /// Whether treatment or payment depend on it.
    case conditioning
    /// That what is disclosed may be disclosed again.
    case redisclosure
    /// That the discloser is paid, for marketing and sale.
    case remuneration
  }

  /// Who signed, when, and for a representative by what right.
  public struct Signature: Sendable, Hashable {
    /// Who signed, when, and by what right.
    public var signedBy: String
    public var at: DateTime
    public var authority: String?

    /// A signature of the person, or of a representative who says by what right.
    public init(signedBy: String, at: DateTime, authority: String? = nil) {
      self.signedBy = signedBy
      self.at = at
      self.authority = authority
    }
  }

  /// What it is for.
  public var kind: Kind
  /// What information, from whom, to whom, for what.
  public var description: String
  public var discloser: String
  public var recipient: String
  public var purpose: String
  /// When it ends, by date or by an event.
  public var expires: DateTime?
  public var expirationEvent: String?
  public var signature: Signature?
  public var statements: Set<Statement>
  /// The fields that it covers.
  public var fields: Set<String>
  /// What else the same paper authorizes.
  public var combinedWith: Set<Kind>

  /// An authorization with the statements that each needs.
  public init(
    kind: Kind = .general, description: String, discloser: String, recipient: String,
    purpose: String, expires: DateTime? = nil, expirationEvent: String? = nil,
    signature: Signature? = nil,
    statements: Set<Statement> = [.revocation, .conditioning, .redisclosure],
    fields: Set<String> = [], combinedWith: Set<Kind> = []
  ) {
    self.kind = kind
    self.description = description
    self.discloser = discloser
    self.recipient = recipient
    self.purpose = purpose
    self.expires = expires
    self.expirationEvent = expirationEvent
    self.signature = signature
    self.statements = statements
    self.fields = fields
    self.combinedWith = combinedWith
  }

  /// The names of what it lacks; empty for a complete one.
  ///
  /// Source: 45 CFR 164.508(b)(2), (b)(3) and (c).
  public var missing: [String] {
    var missing: [String] = []
    if description.isEmpty { missing.append("description") }
    if discloser.isEmpty { missing.append("discloser") }
    if recipient.isEmpty { missing.append("recipient") }
    if purpose.isEmpty { missing.append("purpose") }
    if expires == nil && expirationEvent?.isEmpty != false { missing.append("expires") }
    if signature?.signedBy.isEmpty != false { missing.append("signature") }
    for statement in Statement.allCases
    where isNeeded(statement) && !statements.contains(statement) {
      missing.append("statements.\(statement.rawValue)")
    }
    if fields.isEmpty { missing.append("fields") }
    if isCompoundForbidden { missing.append("combinedWith") }
    return missing
  }

  private func isNeeded(_ statement: Statement) -> Bool {
    statement != .remuneration || kind == .sale
  }

  /// One for psychotherapy notes stands alone or beside another of the same kind; one for sale and one
  /// for marketing stand alone.
  private var isCompoundForbidden: Bool {
    let others = combinedWith.subtracting([kind])
    let apart: Set<Kind> = [.psychotherapyNotes, .marketing, .sale]
    return !others.isEmpty && (apart.contains(kind) || !others.isDisjoint(with: apart))
  }

  var body: Document {
    var body: Document = [
      "kind": .string(kind.rawValue), "description": .string(description),
      "discloser": .string(discloser), "recipient": .string(recipient),
      "purpose": .string(purpose), "statements": .texts(statements.map(\.rawValue)),
      "fields": .texts(fields), "combinedWith": .texts(combinedWith.map(\.rawValue)),
    ]
    body["expires"] = expires.map { .date($0) }
    body["expirationEvent"] = expirationEvent.map { .string($0) }
    body["signedBy"] = signature.map { .string($0.signedBy) }
    body["signedAt"] = signature.map { .date($0.at) }
    body["authority"] = signature?.authority.map { .string($0) }
    return body
  }

  init?(_ body: Document) {
    let text = { body[$0]?.asString ?? "" }
    guard let kind = Kind(rawValue: text("kind")) else { return nil }
    var signature: Signature?
    if let at = body.date("signedAt") {
      signature = Signature(
        signedBy: text("signedBy"), at: at, authority: body["authority"]?.asString)
    }
    self.init(
      kind: kind, description: text("description"), discloser: text("discloser"),
      recipient: text("recipient"), purpose: text("purpose"), expires: body.date("expires"),
      expirationEvent: body["expirationEvent"]?.asString, signature: signature,
      statements: Set(body.texts("statements").compactMap(Statement.init)),
      fields: Set(body.texts("fields")),
      combinedWith: Set(body.texts("combinedWith").compactMap(Kind.init)))
  }
}
