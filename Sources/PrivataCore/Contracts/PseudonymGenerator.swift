/// Makes pseudonyms.
///
/// ```swift
/// let link = SecurePseudonyms().next()   // pseu_…
/// ```
///
/// A generator never derives a pseudonym from a record: what was once linked could be linked again.
/// Checking one is the failable ``Pseudonym/init(_:)``, so that an invalid pseudonym cannot exist.
public protocol PseudonymGenerator: Sendable {
  /// A pseudonym that was not answered before.
  func next() -> Pseudonym
}
