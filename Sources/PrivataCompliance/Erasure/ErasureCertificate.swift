internal import Crypto
public import PrivataCore

/// A signed statement of what an erasure deleted, kept and checked. It names nobody.
///
/// ```swift
/// let certificate = try ErasureCertificate(json: text)
/// certificate.isValid(publicKey: key)   // true, without any store
/// ```
public struct ErasureCertificate: Sendable, Hashable {
  /// What is stated.
  public let statement: Document
  /// The Ed25519 signature of the statement, in 64 bytes.
  public let signature: [UInt8]
  /// The signer's public key, in 32 bytes.
  public let publicKey: [UInt8]

  /// Signs a statement.
  init(_ statement: Document, keys: VaultKeys) throws(PrivataError) {
    self.statement = statement
    publicKey = Array(keys.signing.publicKey.rawRepresentation)
    do {
      signature = Array(try keys.signing.signature(for: Self.message(statement)))
    } catch {
      throw PrivataError(
        .rejectedByStore, "the erasure's certificate could not be signed", underlying: error)
    }
  }

  /// Reads a certificate.
  ///
  /// - Throws: `malformed` where the text is no certificate, byte for byte as one is issued, but for
  ///   the line's end of a file; ``check(publicKey:)`` says whether it is a true one.
  public init(json text: String) throws(PrivataError) {
    let json = text.hasSuffix("\n") ? String(text.dropLast()) : text
    guard let whole = try? Document(extendedJSON: json),
      let statement = whole["certificate"]?.asDocument,
      let signature = whole["signature"]?.asString.flatMap(Base64.decode),
      let publicKey = whole["key"]?.asString.flatMap(Base64.decode)
    else { throw PrivataError(.malformed, "the text is no erasure certificate") }
    self.statement = statement
    self.signature = signature
    self.publicKey = publicKey
    // Other texts mean the same document; one that was changed is to be told from one that was not.
    guard self.json == json else {
      throw PrivataError(.malformed, "the text was changed since the certificate was issued")
    }
  }

  /// The certificate as JSON, for the person and for the authority.
  public var json: String {
    let whole: Document = [
      "certificate": .document(statement), "signature": .string(Base64.encode(signature)),
      "key": .string(Base64.encode(publicKey)),
    ]
    return whole.extendedJSON(.relaxed)
  }

  /// True where nothing in the certificate was changed since it was signed with this key.
  ///
  /// - Parameter publicKey: the vault's key, from ``VaultAudit/publicKey``, which the verifier has
  ///   from elsewhere: the key inside the certificate proves nothing by itself.
  public func isValid(publicKey: [UInt8]) -> Bool {
    guard publicKey == self.publicKey,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
    else { return false }
    return key.isValidSignature(signature, for: Self.message(statement))
  }

  /// Says what is wrong with a certificate.
  ///
  /// - Throws: `unknownKey` where another key signed it; `tampered` where it was changed.
  public func check(publicKey: [UInt8]) throws(PrivataError) {
    guard publicKey == self.publicKey else {
      throw PrivataError(.unknownKey, "the certificate names another key than the vault's")
    }
    guard isValid(publicKey: publicKey) else {
      throw PrivataError(.tampered, "the certificate was changed: its signature does not fit")
    }
  }

  private static func message(_ statement: Document) -> [UInt8] {
    Array(("privata/erasure\n" + statement.extendedJSON(.relaxed)).utf8)
  }
}
