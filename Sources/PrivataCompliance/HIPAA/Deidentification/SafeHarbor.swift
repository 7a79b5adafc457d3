public import PrivataCore

/// What a field tells about a person, for de-identification.
///
/// Source: 45 CFR 164.514(b)(2)(i).
public enum IdentifierKind: String, Sendable, Hashable, CaseIterable {
  case name, address, zip, date, age, phone, fax, email, socialSecurity, medicalRecord, healthPlan,
    account, licence, vehicle, device, url, ipAddress, biometric, photograph, otherUnique
  /// Says nothing about who a person is.
  case safe
  /// May say anything: removed.
  case freeText
}

/// Removes the identifiers of the Safe Harbor method from records.
///
/// ```swift
/// let method = SafeHarbor(["name": .name, "zip": .zip, "born": .date, "diagnosis": .safe])
/// let result = try method.deidentified(records)
/// result.removed   // [.name: 120]
/// ```
///
/// Of a postal code the first three digits stay, or `000` where they stand for 20,000 people or
/// fewer; of a date the year; an age over 89 becomes 90. Everything else of the list is removed, and
/// so is a date whose year would tell an age over 89.
///
/// Source: 45 CFR 164.514(b)(2).
public struct SafeHarbor: Sendable {
  /// What de-identification answered.
  public struct Result: Sendable {
    /// The records without identifiers.
    public let records: [Document]
    /// How many values were removed or made coarser, by kind.
    public let removed: [IdentifierKind: Int]
  }

  /// The first digits of postal codes of 20,000 people or fewer, by the census of 2000.
  ///
  /// Source: the guidance of the Office for Civil Rights on 45 CFR 164.514, 2012.
  public static let sparseZips: Set<String> = [
    "036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878",
    "879", "884", "890", "893",
  ]

  private let kinds: [String: IdentifierKind]
  private let sparse: Set<String>

  /// A method for records whose fields are these; another census may give other sparse codes.
  public init(_ kinds: [String: IdentifierKind], sparseZips: Set<String> = Self.sparseZips) {
    self.kinds = kinds
    sparse = sparseZips
  }

  /// The records without identifiers.
  ///
  /// - Throws: `badArgument` for a field without a kind: what is not known is not handed out.
  /// - Privacy: the records themselves are not changed.
  public func deidentified(
    _ records: [Document], now: DateTime = .now
  ) throws(PrivataError) -> Result {
    var removed: [IdentifierKind: Int] = [:]
    var answer: [Document] = []
    for record in records {
      var elements: [Document.Element] = []
      for element in record.elements {
        guard let kind = kinds[element.key] else {
          throw PrivataError(
            .badArgument, "\(element.key) has no kind of identifier: name it, or .safe",
            fields: [element.key])
        }
        let value = kept(element.value, kind, now)
        if value != element.value { removed[kind, default: 0] += 1 }
        if let value { elements.append(.init(key: element.key, value: value)) }
      }
      answer.append(Document(elements))
    }
    return Result(records: answer, removed: removed)
  }

  /// What stays of a value; `nil` for nothing.
  private func kept(_ value: Value, _ kind: IdentifierKind, _ now: DateTime) -> Value? {
    if value.isNull { return value }
    switch kind {
    case .safe: return value
    case .zip: return zip(value)
    case .date: return year(value, now)
    case .age: return value.asDouble.map { $0 > 89 ? .int32(90) : value }
    default: return nil
    }
  }

  private func zip(_ value: Value) -> Value? {
    guard let text = value.asString else { return nil }
    let digits = text.filter { $0.isASCII && $0.isNumber }
    guard digits.count >= 3 else { return nil }
    let start = String(digits.prefix(3))
    return .string(sparse.contains(start) ? "000" : start)
  }

  private func year(_ value: Value, _ now: DateTime) -> Value? {
    let moment: DateTime? =
      switch value {
      case .date(let date): date
      case .string(let text): DateTime(iso8601: text)
      default: nil
      }
    guard let moment, now.year - moment.year < 90 else { return nil }
    return .int(moment.year)
  }
}
