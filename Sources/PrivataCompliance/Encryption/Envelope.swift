internal import Crypto
package import PrivataCore

/// The id of a key: 16 random bytes, in no relation to a person.
package struct KeyID: Sendable, Hashable {
  private let high: UInt64
  private let low: UInt64

  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  init(_ bytes: ArraySlice<UInt8>) {
    precondition(bytes.count == 16, "a key's id has 16 bytes")
    high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  package var bytes: [UInt8] {
    (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - 8 * ($0 & 7))) }
  }

  /// An id from the system's secure generator.
  static func random() -> KeyID { KeyID(SecureBytes.random(16)) }

  var value: Value { .binary(Binary(bytes, subtype: 4)) }

  init?(_ value: Value?) {
    guard case .binary(let binary)? = value, binary.bytes.count == 16 else { return nil }
    self.init(binary.bytes)
  }

  /// What certificates say of a key: the first half of its id's hash.
  var fingerprint: String { Hexadecimal.text(SHA256.hash(data: bytes).prefix(8)) }
}

/// An encrypted value as stores hold it: which key sealed it, and the sealed bytes.
///
/// `magic 1 | algorithm 1 | key id 16 | nonce 12 | ciphertext | tag 16`; Docs/Envelope.md has the
/// format with test vectors.
package struct Envelope: Sendable, Hashable {
  static let magic: UInt8 = 0xE7
  /// AES-256-GCM.
  static let aesGCM: UInt8 = 1
  /// What an envelope is longer than what it holds.
  package static let overhead = 46

  package let keyID: KeyID
  package let nonce: [UInt8]
  package let ciphertext: [UInt8]
  package let tag: [UInt8]

  /// The bytes as stores hold them.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = [Self.magic, Self.aesGCM]
    bytes.reserveCapacity(Self.overhead + ciphertext.count)
    bytes += keyID.bytes
    bytes += nonce
    bytes += ciphertext
    bytes += tag
    return bytes
  }

  package init(keyID: KeyID, nonce: [UInt8], ciphertext: [UInt8], tag: [UInt8]) {
    self.keyID = keyID
    self.nonce = nonce
    self.ciphertext = ciphertext
    self.tag = tag
  }

  /// Reads the bytes of an envelope.
  ///
  /// - Throws: `tampered` for bytes that are none; `unsupported` for an algorithm that this version
  ///   does not know.
  package init(_ bytes: ArraySlice<UInt8>) throws(PrivataError) {
    let (keyID, sealed) = try Self.parts(of: bytes)
    self.keyID = keyID
    nonce = Array(sealed.prefix(12))
    ciphertext = Array(sealed.dropFirst(12).dropLast(16))
    tag = Array(sealed.suffix(16))
  }

  /// Whose key sealed an envelope, and where nonce, ciphertext and tag lie in its bytes.
  ///
  /// - Throws: as ``init(_:)``.
  static func parts(
    of bytes: ArraySlice<UInt8>
  ) throws(PrivataError) -> (keyID: KeyID, sealed: ArraySlice<UInt8>) {
    let start = bytes.startIndex
    guard bytes.count >= Self.overhead, bytes[start] == Self.magic else {
      throw PrivataError(.tampered, "an encrypted field holds bytes that are no envelope")
    }
    guard bytes[start + 1] == Self.aesGCM else {
      throw PrivataError(
        .unsupported,
        "an envelope names algorithm \(bytes[start + 1]), which this version does not know")
    }
    return (KeyID(bytes[(start + 2)..<(start + 18)]), bytes[(start + 18)...])
  }

  /// The form for places that hold text: `pv1.` and base64url without padding.
  package var text: String { "pv1." + Base64URL.text(bytes) }

  /// Reads the form for text.
  ///
  /// - Throws: `tampered` for a text that is none.
  package init(text: String) throws(PrivataError) {
    guard text.hasPrefix("pv1."), let bytes = Base64URL.bytes(text.dropFirst(4)) else {
      throw PrivataError(.tampered, "a text is no envelope")
    }
    try self.init(bytes[...])
  }
}
