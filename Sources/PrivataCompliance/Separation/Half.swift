/// One of the two stores of a vault.
package enum Half: String, Sendable, Hashable, CaseIterable {
  /// Who a person is, and what is neither identity nor health.
  case identity
  /// How a person's health is, under a pseudonym.
  case clinical
}

/// Which halves something needs. Fields kept in both need neither in particular.
struct Halves: OptionSet, Sendable, Hashable {
  let rawValue: UInt8

  static let identity = Halves(rawValue: 1)
  static let clinical = Halves(rawValue: 2)
  static let both: Halves = [.identity, .clinical]
}
