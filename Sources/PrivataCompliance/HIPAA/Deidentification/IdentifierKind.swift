/// What a field tells about a person, for de-identification: the 18 kinds of identifiers, of the person
/// and of relatives, employers and household members, some of them in finer parts.
///
/// Source: 45 CFR 164.514(b)(2)(i).
public enum IdentifierKind: String, Sendable, Hashable, CaseIterable {
  /// Names; street addresses and everything else below a state but town and postal code.
  case name, address
  /// Town or county; postal code.
  case city, zip
  /// Dates of birth, of death, and all others; ages and spans of years.
  case birthDate, deathDate, date, age
  case phone, fax, email, socialSecurity, medicalRecord, healthPlan, account, licence, vehicle,
    device, url, ipAddress, biometric, photograph
  /// Any other number, characteristic or code of one person.
  case otherUnique
  /// Says nothing about who a person is.
  case safe
  /// May say anything: removed, unless a scrubber takes it.
  case freeText

  /// True for the identifiers that a limited data set is without.
  ///
  /// Source: 45 CFR 164.514(e)(2).
  public var isDirect: Bool {
    switch self {
    case .city, .zip, .birthDate, .deathDate, .date, .age, .otherUnique, .safe, .freeText: false
    default: true
    }
  }
}
