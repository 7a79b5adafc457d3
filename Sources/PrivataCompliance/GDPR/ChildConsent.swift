public import PrivataCore

/// From which age a child can consent to a service that is offered to it.
///
/// ```swift
/// ConsentAge.age(in: "FR", at: .now)   // 15
/// ```
///
/// Source: GDPR Article 8(1) and the laws of the member states.
public enum ConsentAge {
  /// Since when an age counts in a country.
  private struct Rule {
    let age: Int
    let since: String
  }

  /// By ISO 3166 code; the last rule that counts.
  private static let rules: [String: [Rule]] = {
    var rules: [String: [Rule]] = [:]
    let since = "2018-05-25"
    for (age, countries) in [
      (13, ["BE", "EE", "FI", "IS", "LV", "MT", "NO", "PT", "SE", "GB", "DK"]),
      (14, ["AT", "BG", "CY", "ES", "IT", "LT"]), (15, ["CZ", "FR", "GR"]),
      (16, ["DE", "HR", "HU", "IE", "LI", "LU", "NL", "PL", "RO", "SI", "SK"]),
    ] {
      for country in countries { rules[country] = [Rule(age: age, since: since)] }
    }
    rules["SI"]?.append(Rule(age: 15, since: "2023-01-26"))
    rules["DK"]?.append(Rule(age: 15, since: "2024-01-01"))
    return rules
  }()

  /// The countries that the table knows.
  public static var countries: [String] { rules.keys.sorted() }

  /// The age in a country at a moment; 16 for a country that the table does not know.
  public static func age(in country: String, at moment: DateTime) -> Int {
    let day = String(moment.iso8601.prefix(10))
    return rules[country]?.last { $0.since <= day }?.age ?? 16
  }
}

/// How old the person is who consents: known by the day of birth, or assured by somebody.
public enum SubjectAge: Sendable, Hashable {
  /// The day of birth and the country; it is kept nowhere.
  case born(year: Int, month: Int, day: Int, country: String, utcOffsetMinutes: Int = 0)
  /// Somebody assured that the person has the age; a reference to the result.
  case assured(reference: String)
}

/// Who holds parental responsibility and consents for a child.
public struct Guardian: Sendable, Hashable {
  /// The guardian's record: its model and key. Kept as a keyed mark.
  public var model: String
  public var key: Protected<Value>
  /// What shows that they are the guardian: a reference, which names nobody.
  public var evidence: String

  /// A guardian who is a person of the vault.
  public init(_ model: String, _ key: some FieldValue, evidence: String) {
    self.model = model
    self.key = Protected(key.value)
    self.evidence = evidence
  }
}

extension SubjectAge {
  /// The moment at which the person may decide; `nil` where it is assured that they may.
  func decidesFrom(_ moment: DateTime) throws(PrivataError) -> DateTime? {
    guard case .born(let year, let month, let day, let country, let offset) = self else {
      return nil
    }
    let age = ConsentAge.age(in: country, at: moment)
    // A child of 29 February has its birthday on 1 March where the year has no such day.
    let isLeap = (year + age) % 4 == 0 && ((year + age) % 100 != 0 || (year + age) % 400 == 0)
    let isMoved = month == 2 && day == 29 && !isLeap
    let parts = DateTime.Parts(
      year: year + age, month: isMoved ? 3 : month, day: isMoved ? 1 : day)
    guard (1...12).contains(month), (1...31).contains(day), let local = DateTime(parts) else {
      throw PrivataError(.badArgument, "the day of birth is no day", fields: ["age"])
    }
    return DateTime(milliseconds: local.milliseconds - Int64(offset) * 60_000)
  }
}

extension Consent {
  /// What the age of the person makes of a consent for a service that is offered to children: until
  /// when a guardian's holds.
  ///
  /// - Throws: `consentRequired` for a child whose guardian has to consent; `badArgument` where the
  ///   age is unknown.
  ///
  /// Source: GDPR Article 8.
  func checkAge(
    _ purpose: Purpose?, at moment: DateTime
  ) throws(PrivataError) -> DateTime? {
    guard let purpose, purpose.isOfferedToChildren, purpose.basis == .consent else { return nil }
    guard let age else {
      throw PrivataError(
        .badArgument,
        "\(purpose.name) is offered to children: say how old the person is, or who assured it",
        fields: ["age"])
    }
    if case .assured(let reference) = age, reference.isEmpty {
      throw PrivataError(.badArgument, "an assurance of age has a reference", fields: ["age"])
    }
    guard let from = try age.decidesFrom(moment), moment < from else { return nil }
    guard let guardian, !guardian.evidence.isEmpty else {
      throw PrivataError(
        .consentRequired,
        "the person is below the age of consent for \(purpose.name): the holder of parental "
          + "responsibility consents, with evidence of it", fields: ["guardian"])
    }
    return from
  }
}
