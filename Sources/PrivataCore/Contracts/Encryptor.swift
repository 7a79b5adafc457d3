/// Seals bytes and opens them again, with a key and a place that are settled before.
///
/// ```swift
/// let sealed = try encryptor.seal(bytes.span)
/// let bytes = try encryptor.open(sealed)
/// ```
///
/// Both calls are synchronous: keys are fetched before. Sealed and open bytes are of different types,
/// so that one cannot pass for the other.
public protocol Encryptor<Sealed>: Sendable {
  /// What sealed bytes are.
  associatedtype Sealed: Sendable

  /// Seals bytes.
  func seal(_ plain: Span<UInt8>) throws(PrivataError) -> Sealed

  /// Opens what was sealed with the same key for the same place.
  ///
  /// - Throws: `tampered` where bytes were changed, or belong to another place.
  func open(_ sealed: Sealed) throws(PrivataError) -> [UInt8]
}
