public import PrivataCore

/// Pseudonyms from the system's secure generator: 32 characters drawn evenly from 62, which is 190
/// bits.
///
/// ```swift
/// let link = SecurePseudonyms().next()
/// ```
public struct SecurePseudonyms: PseudonymGenerator {
  /// A generator; it keeps no state.
  public init() {}

  public func next() -> Pseudonym {
    var source = SystemRandomNumberGenerator()
    while true {
      if let pseudonym = Pseudonym(letters: Self.letters(from: &source)) { return pseudonym }
    }
  }

  public func next(_ count: Int) -> [Pseudonym] {
    // One call of the system for many, each of which takes four words or a few more.
    var source = BufferedGenerator(words: 5 * count)
    var pseudonyms: [Pseudonym] = []
    pseudonyms.reserveCapacity(count)
    while pseudonyms.count < count {
      if let pseudonym = Pseudonym(letters: Self.letters(from: &source)) {
        pseudonyms.append(pseudonym)
      }
    }
    return pseudonyms
  }

  // Six bits at a time; the two values above 61 are drawn again, so that no letter is favoured.
  static func letters(from source: inout some RandomNumberGenerator) -> [UInt8] {
    var letters: [UInt8] = []
    letters.reserveCapacity(32)
    while letters.count < 32 {
      var bits = source.next()
      for _ in 0..<10 where letters.count < 32 {
        let index = Int(bits & 63)
        bits >>= 6
        if index < 62 { letters.append(alphabet[index]) }
      }
    }
    return letters
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
}
