internal import Crypto
internal import PrivataCore

/// Seals messages under a key that many of them share. Each has a nonce of 192 random bits: the first
/// half makes a key for this message alone, the second half is the nonce under it. So the bound of
/// AES-GCM, 2^32 messages of one key, is none for the shared key: after 2^80 messages two have met
/// with a chance of 2^-32.
///
/// nonce 24 | ciphertext | tag 16
///
/// Source: RFC 5869 (HKDF-Expand); the construction follows C2SP XAES-256-GCM with another derivation.
struct MessageCipher: Sendable {
  static let overhead = 40

  private let key: SymmetricKey

  init(_ key: SymmetricKey) { self.key = key }

  /// Seals bytes; `place` is authenticated with them.
  func seal(_ bytes: [UInt8], place: [UInt8]) throws(PrivataError) -> [UInt8] {
    let nonce = SecureBytes.random(24)
    do {
      let box = try AES.GCM.seal(
        bytes, using: messageKey(nonce[..<12]), nonce: AES.GCM.Nonce(data: nonce[12...]),
        authenticating: place)
      return nonce + Array(box.ciphertext) + Array(box.tag)
    } catch {
      throw PrivataError(.rejectedByStore, "a message could not be sealed", underlying: error)
    }
  }

  /// Opens what ``seal(_:place:)`` answered.
  ///
  /// - Throws: `tampered` for changed bytes, another place and another key.
  func open(_ bytes: [UInt8], place: [UInt8]) throws(PrivataError) -> [UInt8] {
    do {
      guard bytes.count >= Self.overhead else { throw CryptoKitError.incorrectParameterSize }
      let box = try AES.GCM.SealedBox(
        nonce: AES.GCM.Nonce(data: bytes[12..<24]), ciphertext: bytes[24..<(bytes.count - 16)],
        tag: bytes[(bytes.count - 16)...])
      return Array(try AES.GCM.open(box, using: messageKey(bytes[..<12]), authenticating: place))
    } catch {
      throw PrivataError(.tampered, "a sealed message does not open: changed, or of another place")
    }
  }

  /// The key of one message.
  func messageKey(_ half: ArraySlice<UInt8>) -> SymmetricKey {
    HKDF<SHA256>.expand(
      pseudoRandomKey: key, info: Array("pv1/message".utf8) + half, outputByteCount: 32)
  }
}
