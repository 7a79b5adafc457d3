/// Why protected health information is used or disclosed: a closed list.
///
/// Source: 45 CFR 164.502(a), 164.506, 164.508, 164.510, 164.512 and 164.514(e).
public enum DisclosurePurpose: String, Sendable, Hashable, CaseIterable {
  // Without anybody's permission.
  case treatment, payment, operations
  /// To the person, or who acts for them.
  case individual
  /// To the Secretary of Health and Human Services.
  case hhs
  // With an authorization.
  case authorization, marketing, sale
  // With an opportunity to agree or object.
  case directory, involvedInCare
  // For reasons of 164.512, with a reference to what shows the reason.
  case requiredByLaw, publicHealth, abuse, oversight, judicial, lawEnforcement, decedents,
    organDonation, research, seriousThreat, nationalSecurity, correctional, workersCompensation
  /// Under a data use agreement.
  case limitedDataSet
  /// Incident to a use that is permitted.
  case incident

  /// True where a reference has to show that the reason holds.
  ///
  /// Source: 45 CFR 164.512.
  public var needsReference: Bool {
    switch self {
    case .requiredByLaw, .publicHealth, .abuse, .oversight, .judicial, .lawEnforcement,
      .decedents, .organDonation, .research, .seriousThreat, .nationalSecurity, .correctional,
      .workersCompensation:
      true
    default: false
    }
  }

  /// True where the person has to have authorized it.
  public var needsAuthorization: Bool {
    self == .authorization || self == .marketing || self == .sale
  }

  /// True for treatment, payment and health care operations.
  public var isRoutineCare: Bool {
    self == .treatment || self == .payment || self == .operations
  }

  /// True where all of a record may be disclosed without a justification.
  ///
  /// Source: 45 CFR 164.502(b)(2).
  public var isMinimumNecessaryException: Bool {
    [.treatment, .individual, .authorization, .hhs, .requiredByLaw].contains(self)
  }
}
