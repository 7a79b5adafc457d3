internal import Crypto
internal import PrivataCore

/// AES-256-GCM under one key, bound to one place: what was sealed elsewhere does not open here.
///
/// Source: NIST SP 800-38D.
struct AESGCMEncryptor: Encryptor {
  let keyID: KeyID
  let key: SymmetricKey
  /// What says where the bytes belong; authenticated, not stored.
  let place: [UInt8]

  /// Seals bytes under a random nonce.
  func seal(_ plain: Span<UInt8>) throws(PrivataError) -> Envelope {
    try seal(plain.indices.map { plain[$0] }, nonce: SecureBytes.random(12))
  }

  /// Seals with a given nonce, for test vectors.
  func seal(_ plain: [UInt8], nonce: [UInt8]) throws(PrivataError) -> Envelope {
    do {
      let box = try AES.GCM.seal(
        plain, using: key, nonce: AES.GCM.Nonce(data: nonce), authenticating: place)
      return Envelope(
        keyID: keyID, nonce: nonce, ciphertext: Array(box.ciphertext), tag: Array(box.tag))
    } catch {
      throw PrivataError(.rejectedByStore, "bytes could not be encrypted", underlying: error)
    }
  }

  func open(_ sealed: Envelope) throws(PrivataError) -> [UInt8] {
    let bytes = sealed.nonce + sealed.ciphertext + sealed.tag
    return try Self.open(bytes[...], key: key, place: place)
  }

  /// Opens nonce, ciphertext and tag where they lie one behind the other.
  static func open(
    _ sealed: ArraySlice<UInt8>, key: SymmetricKey, place: [UInt8]
  ) throws(PrivataError) -> [UInt8] {
    do {
      let box = try AES.GCM.SealedBox(combined: sealed)
      return Array(try AES.GCM.open(box, using: key, authenticating: place))
    } catch {
      throw PrivataError(
        .tampered, "sealed bytes do not open: they were changed, or belong to another place")
    }
  }
}
