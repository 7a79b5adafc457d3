/// The random link between a person's identity and their clinical records: `pseu_` and 32 letters
/// or digits.
///
/// ```swift
/// Pseudonym("pseu_8Fq2mXz0Lr5TnWc1Yb7Kd4Hs9Gv3Pj6A")?.text   // the same text
/// Pseudonym("pseu_short")                                    // nil
/// ```
///
/// A type of its own, so that no id passes for one. Its description hides all but the prefix: who
/// sees a pseudonym beside an identity can join both stores.
public struct Pseudonym: Sendable, Hashable {
  /// The whole text, as both stores hold it.
  public let text: String

  /// The pseudonym of this text; `nil` where the prefix, the length or a character is wrong.
  public init?(_ text: String) {
    guard Self.isValid(text.utf8) else { return nil }
    self.text = text
  }

  /// The pseudonym of 32 letters or digits, made by a generator.
  package init?(letters: some Collection<UInt8>) {
    self.init("pseu_" + String(decoding: letters, as: UTF8.self))
  }

  /// True for the bytes of a valid pseudonym.
  package static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
    guard bytes.count == length, bytes.starts(with: "pseu_".utf8) else { return false }
    return bytes.dropFirst(5).allSatisfy(isLetterOrDigit)
  }

  /// The number of bytes of every pseudonym.
  package static let length = 37

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }
}

extension Pseudonym: CustomStringConvertible {
  /// `pseu_…`, never the letters.
  public var description: String { "pseu_…" }
}
