public import PrivataCore

/// A person's wish that some of their information is not used or disclosed for treatment, payment or
/// operations.
///
/// ```swift
/// RestrictionRequest(recipients: [.healthPlan], items: [.init("Visit", 17)], paidInFull: true)
/// ```
///
/// Source: 45 CFR 164.522(a).
public struct RestrictionRequest: Sendable, Hashable {
  /// A record that refers to the person.
  public struct Item: Sendable, Hashable {
    /// The record's model and key.
    public var model: String
    public var key: Value

    /// The record of a key.
    public init(_ model: String, _ key: some FieldValue) {
      self.model = model
      self.key = key.value
    }
  }

  /// To whom nothing is to be disclosed; to nobody where empty.
  public var recipients: Set<DisclosureRecipient.Kind>
  /// Which records; all about the person where there are no fields either.
  public var items: [Item]
  /// Which fields of the person's own record.
  public var fields: Set<String>
  /// True where the person paid for the items out of pocket in full: the request then cannot be
  /// refused, towards health plans and for payment and operations.
  public var paidInFull: Bool

  /// A request.
  public init(
    recipients: Set<DisclosureRecipient.Kind> = [], items: [Item] = [],
    fields: Set<String> = [], paidInFull: Bool = false
  ) {
    self.recipients = recipients
    self.items = items
    self.fields = fields
    self.paidInFull = paidInFull
  }

  /// True where it has to be agreed to.
  ///
  /// Source: 45 CFR 164.522(a)(1)(vi).
  var isMandatory: Bool { paidInFull && recipients == [.healthPlan] && !items.isEmpty }
}

/// A restriction as it stands.
public struct HealthRestriction: Sendable, Hashable {
  /// How far it is.
  public enum State: String, Sendable, Hashable { case requested, agreed, denied, ended }

  /// Its number, what was asked for, and how far it is.
  public let id: String
  public let request: RestrictionRequest
  public let state: State
  /// True where it had to be agreed to.
  public let isMandatory: Bool
  public let at: DateTime
  /// When it ended; what was made later may be disclosed then.
  public let endedAt: DateTime?

  init?(_ entry: DocumentationEntry) {
    guard let state = State(rawValue: entry.state) else { return nil }
    let items = entry.body["items"]?.asArray?.compactMap(\.asDocument) ?? []
    request = RestrictionRequest(
      recipients: Set(entry.body.texts("recipients").compactMap(DisclosureRecipient.Kind.init)),
      items: items.compactMap { item in
        guard let model = item["model"]?.asString, let key = item["key"] else { return nil }
        return .init(model, key)
      }, fields: Set(entry.body.texts("fields")),
      paidInFull: entry.body["paidInFull"]?.asBool ?? false)
    id = entry.id
    self.state = state
    isMandatory = request.isMandatory
    at = entry.at
    endedAt = state == .ended ? entry.effectiveUntil : nil
  }
}

extension RestrictionRequest {
  var body: Document {
    [
      "recipients": .texts(recipients.map(\.rawValue)),
      "items": .array(
        items.map { .document(["model": .string($0.model), "key": $0.key]) }),
      "fields": .texts(fields), "paidInFull": .bool(paidInFull),
    ]
  }
}
