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
  /// So many of them; one after the other unless a generator has a quicker way.
  func next(_ count: Int) -> [Pseudonym]
}

extension PseudonymGenerator {
  public func next(_ count: Int) -> [Pseudonym] { (0..<count).map { _ in next() } }
}
