internal import Crypto
internal import PrivataCore

/// The keys that a vault derives from its secret, each for one use.
///
/// Source: RFC 5869 (HKDF); the use is the `info`.
struct VaultKeys: Sendable {
  /// References to records in audit events.
  let references: SipHash
  /// The authentication code of each audit event.
  let events: SymmetricKey
  /// What the journal holds of open writes.
  let journal: SymmetricKey
  /// The marks that erased subjects leave.
  let tombstones: SymmetricKey
  /// The marks by which the key store finds a person's keys.
  let subjects: SymmetricKey
  /// The root of the keys of encrypted fields, where no key service holds it.
  let root: SymmetricKey
  /// What HIPAA wants written down.
  let documentation: SymmetricKey
  /// Checkpoints and certificates.
  let signing: Curve25519.Signing.PrivateKey

  init(master: [UInt8]) {
    let secret = SymmetricKey(data: master)
    func derive(_ use: String, _ count: Int) -> [UInt8] {
      HKDF<SHA256>.deriveKey(
        inputKeyMaterial: secret, info: Array("privata/1/\(use)".utf8), outputByteCount: count
      ).withUnsafeBytes { Array($0) }
    }
    references = SipHash(key: derive("audit-reference", 16))
    events = SymmetricKey(data: derive("audit-event", 32))
    journal = SymmetricKey(data: derive("journal", 32))
    tombstones = SymmetricKey(data: derive("tombstone", 32))
    subjects = SymmetricKey(data: derive("key-subject", 32))
    root = SymmetricKey(data: derive("key-root", 32))
    documentation = SymmetricKey(data: derive("documentation", 32))
    // Any 32 bytes are a private key of Ed25519.
    signing =
      (try? Curve25519.Signing.PrivateKey(rawRepresentation: derive("signature", 32)))
      ?? Curve25519.Signing.PrivateKey()
  }
}
