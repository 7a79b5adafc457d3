internal import PrivataCore

/// Judges whether data may go somewhere: within the area, by adequacy, by safeguards, by derogation,
/// in this order.
///
/// Source: GDPR Articles 44 to 49.
struct TransferJudgement {
  let table: AdequacyTable
  let now: DateTime
  /// True where the keys of encrypted fields stay in the region.
  let keepsKeys: Bool

  /// The ground on which data may go.
  struct Ground: Sendable, Hashable {
    var name: String
    var reference: String
    var isDerogation = false
  }

  /// - Throws: `transferRefused`; it says what is missing.
  func ground(
    from region: Region, to destination: TransferDestination, _ basis: TransferBasis?
  ) throws(PrivataError) -> Ground {
    if !region.guardsTransfers { return Ground(name: "unrestricted", reference: "") }
    if isWithin(region, destination.country) { return Ground(name: "within", reference: "") }
    if let decision = table.decision(for: destination.country, at: now),
      decision.admits(destination)
    {
      return Ground(name: "adequacy", reference: decision.source)
    }
    switch basis {
    case .safeguards(let safeguards)?: return try ground(safeguards)
    case .derogation(let derogation)?: return try ground(derogation)
    case nil:
      throw refused(
        """
        no adequacy decision covers the recipient in \(destination.country), and neither safeguards \
        nor a derogation are given
        """)
    }
  }

  /// What a court or an authority of a third country decides is no ground by itself.
  ///
  /// - Throws: `transferRefused` without an order to it that rests on an agreement or on the law of
  ///   the region.
  ///
  /// Source: GDPR Article 48.
  func check(_ transfer: Transfer, _ order: ForeignOrder?) throws(PrivataError) {
    let destination = transfer.destination
    guard destination.isAuthority, transfer.from.guardsTransfers,
      !isWithin(transfer.from, destination.country)
    else { return }
    guard let order, order.isAllowed, order.country == destination.country,
      order.authority == destination.recipient
    else {
      throw refused(
        "an authority of \(destination.country) gets what an order allows that rests on an "
          + "international agreement or on the law of the region")
    }
  }

  /// The area itself; the United Kingdom takes the area for adequate.
  private func isWithin(_ region: Region, _ country: String) -> Bool {
    if country == region.country || Countries.region(ofCountry: country) == region { return true }
    return region == .uk && (country == "EU" || Countries.region(ofCountry: country) == .eu)
  }

  private func ground(_ safeguards: TransferSafeguards) throws(PrivataError) -> Ground {
    if case .standardClauses(let module) = safeguards.kind, !(1...4).contains(module) {
      throw refused("standard clauses have modules 1 to 4")
    }
    guard !safeguards.reference.isEmpty else { throw refused("the safeguards name no document") }
    guard let assessment = safeguards.assessment, !assessment.reference.isEmpty else {
      throw refused("the safeguards come without an assessment of the state's law")
    }
    guard now <= assessment.reviewBy else {
      throw refused("the assessment \(assessment.reference) was to be looked at again before now")
    }
    if safeguards.measures.contains(.keysInRegion), !keepsKeys {
      throw refused("the keys are said to stay in the region, and do not")
    }
    return Ground(name: safeguards.name, reference: safeguards.reference)
  }

  private func ground(_ derogation: TransferDerogation) throws(PrivataError) -> Ground {
    guard !derogation.reference.isEmpty else { throw refused("the derogation names no document") }
    if case .compellingInterests(_, let authority, let person) = derogation {
      guard let authority, let person, authority <= now, person <= now else {
        throw refused("compelling interests are told to authority and person first")
      }
    }
    return Ground(name: derogation.name, reference: derogation.reference, isDerogation: true)
  }

  private func refused(_ why: String) -> PrivataError {
    PrivataError(.transferRefused, "the transfer has no ground: \(why)")
  }
}

extension AdequacyTable.Decision {
  /// True where the decision reaches a recipient.
  fileprivate func admits(_ destination: TransferDestination) -> Bool {
    switch scope {
    case .all: true
    case .commercial: destination.isCommercial
    case .certified: destination.isCertified
    }
  }
}
