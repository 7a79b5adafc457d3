public import PrivataCore

/// Health data of a person that left the house: to whom, what, why.
///
/// Source: 45 CFR 164.528(b)(2).
public struct Disclosure: Sendable, Hashable {
  /// Who got it.
  public var recipient: DisclosureRecipient
  /// What was given, in short.
  public var description: String
  /// Why it was given; `nil` for what no rule permits, a breach.
  public var purpose: DisclosurePurpose?
  /// Why, in the words of the accounting; the name of the purpose where `nil`.
  public var statement: String?
  /// When it was given.
  public var at: DateTime
  /// The business associate that gave it, where it was not the vault's owner.
  public var associate: String?

  /// A disclosure of now, unless another moment is said.
  public init(
    to recipient: DisclosureRecipient, what description: String,
    for purpose: DisclosurePurpose?, statement: String? = nil, on moment: DateTime = .now,
    by associate: String? = nil
  ) {
    self.recipient = recipient
    self.description = description
    self.purpose = purpose
    self.statement = statement
    at = moment
    self.associate = associate
  }

  /// True where the person is told of it in an accounting.
  public var isAccountable: Bool { purpose?.isAccountable ?? true }
}

extension DisclosurePurpose {
  /// True where the person is told of such a disclosure in an accounting.
  ///
  /// Source: 45 CFR 164.528(a)(1)(i) to (viii).
  public var isAccountable: Bool {
    switch self {
    case .treatment, .payment, .operations, .individual, .incident, .authorization, .marketing,
      .sale, .directory, .involvedInCare, .nationalSecurity, .correctional, .limitedDataSet:
      false
    default: true
    }
  }
}

/// The answer to a person who asks to whom their health data was disclosed.
///
/// Source: 45 CFR 164.528(b) and (c).
public struct DisclosureAccounting: Sendable, Hashable {
  /// The disclosures to one recipient for one purpose.
  public struct Entry: Sendable, Hashable {
    /// Of the first one: to whom, what, why.
    public let recipient: DisclosureRecipient
    public let description: String
    public let purpose: DisclosurePurpose?
    public let statement: String?
    public let associate: String?
    /// When first and last, and how often.
    public let first: DateTime
    public let last: DateTime
    public let count: Int
  }

  /// The time that is accounted for: at most six years.
  public let from: DateTime
  public let to: DateTime
  /// Oldest first.
  public let entries: [Entry]
  /// True for the first accounting within twelve months, which costs the person nothing.
  public let isFree: Bool
  /// Until when the accounting is to be given: sixty days after the request.
  public let dueAt: DateTime

  /// Until when it is to be given where the person was told in writing why it takes longer.
  public var extendedDueAt: DateTime { DeadlineCalendar().end(of: 30, daysAfter: dueAt) }

  /// The accounting as JSON.
  public var json: String {
    let whole: Document = [
      "from": .string(from.iso8601), "to": .string(to.iso8601), "isFree": .bool(isFree),
      "dueAt": .string(dueAt.iso8601), "disclosures": .array(entries.map(\.value)),
    ]
    return whole.extendedJSON(.relaxed)
  }

  /// Repeated disclosures to one recipient for one purpose are one entry.
  ///
  /// Source: 45 CFR 164.528(b)(3).
  static func summed(_ disclosures: [Disclosure]) -> [Entry] {
    struct Key: Hashable {
      let recipient: String
      let purpose: DisclosurePurpose?
    }
    let groups = Dictionary(grouping: disclosures) {
      Key(recipient: $0.recipient.name, purpose: $0.purpose)
    }
    return groups.values.compactMap { group in
      let ordered = group.sorted { $0.at < $1.at }
      guard let first = ordered.first, let last = ordered.last else { return nil }
      return Entry(
        recipient: first.recipient, description: first.description, purpose: first.purpose,
        statement: first.statement, associate: first.associate, first: first.at, last: last.at,
        count: group.count)
    }.sorted { ($0.first, $0.recipient.name) < ($1.first, $1.recipient.name) }
  }
}

extension DisclosureAccounting.Entry {
  fileprivate var value: Value {
    var entry: Document = ["recipient": .string(recipient.name)]
    entry["address"] = recipient.address.map { .string($0) }
    entry["description"] = .string(description)
    entry["purpose"] = purpose.map { .string($0.rawValue) }
    entry["statement"] = statement.map { .string($0) }
    entry["associate"] = associate.map { .string($0) }
    entry["first"] = .string(first.iso8601)
    entry["last"] = .string(last.iso8601)
    entry["count"] = .int64(Int64(count))
    return .document(entry)
  }
}

extension Disclosure {
  /// What the documentation keeps.
  var body: Document {
    var body: Document = [
      "recipient": .string(recipient.name), "kind": .string(recipient.kind.rawValue),
      "description": .string(description),
    ]
    body["purpose"] = purpose.map { .string($0.rawValue) }
    body["address"] = recipient.address.map { .string($0) }
    body["statement"] = statement.map { .string($0) }
    body["associate"] = associate.map { .string($0) }
    return body
  }

  /// The disclosure of an entry; `nil` where the person was erased.
  init?(_ entry: DocumentationEntry) {
    guard let name = entry.body["recipient"]?.asString else { return nil }
    let kind = entry.body["kind"]?.asString.flatMap(DisclosureRecipient.Kind.init) ?? .other
    let fields = entry.body.texts("fields").joined(separator: ", ")
    self.init(
      to: DisclosureRecipient(name, kind: kind, address: entry.body["address"]?.asString),
      what: entry.body["description"]?.asString ?? fields,
      for: entry.body["purpose"]?.asString.flatMap(DisclosurePurpose.init),
      statement: entry.body["statement"]?.asString ?? entry.body["reference"]?.asString,
      on: entry.at, by: entry.body["associate"]?.asString)
  }
}
