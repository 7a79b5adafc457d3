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
  /// The proof that the erasure is in the audit log, where it was added: ``Vault/proven(_:)``.
  public internal(set) var inclusion: AuditProof?

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
    inclusion = try whole["inclusion"]?.asString.map { text throws(PrivataError) in
      try AuditProof(json: text)
    }
    // Other texts mean the same document; one that was changed is to be told from one that was not.
    guard self.json == json else {
      throw PrivataError(.malformed, "the text was changed since the certificate was issued")
    }
  }

  /// The certificate as JSON, for the person and for the authority.
  public var json: String {
    var whole: Document = [
      "certificate": .document(statement), "signature": .string(Base64.encode(signature)),
      "key": .string(Base64.encode(publicKey)),
    ]
    whole["inclusion"] = inclusion.map { .string($0.json) }
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
  /// - Throws: `unknownKey` where another key signed it; `tampered` where it was changed, or where the
  ///   proof beside it is of something else.
  public func check(publicKey: [UInt8]) throws(PrivataError) {
    guard publicKey == self.publicKey else {
      throw PrivataError(.unknownKey, "the certificate names another key than the vault's")
    }
    guard isValid(publicKey: publicKey) else {
      throw PrivataError(.tampered, "the certificate was changed: its signature does not fit")
    }
    guard let event = try inclusion?.verified(by: publicKey) else { return }
    guard event.action == .erase, event.outcome == .success,
      event.subjectOf == statement["saga"]?.asString
    else {
      throw PrivataError(.tampered, "the proof beside the certificate is of another event")
    }
  }

  private static func message(_ statement: Document) -> [UInt8] {
    Array(("privata/erasure\n" + statement.extendedJSON(.relaxed)).utf8)
  }
}

extension Vault {
  /// A certificate with the proof that the erasure is in the audit log, up to a signed head: who has
  /// kept a later head sees that neither can be taken back.
  ///
  /// ```swift
  /// let proof = try await User.gdpr.rightToErasure(id, request)
  /// try await vault.proven(proof.certificate).json
  /// ```
  ///
  /// Reads the writer's part of the log, so it takes longer than the erasure itself.
  ///
  /// - Throws: `notFound` for an erasure that the log does not have; as ``VaultAudit/proof(of:)``.
  /// - Privacy: names nobody; the reading is audited.
  public func proven(
    _ certificate: ErasureCertificate
  ) async throws(PrivataError) -> ErasureCertificate {
    let statement = certificate.statement
    let opened = statement["openedAt"]?.asString.flatMap { DateTime(iso8601: $0) }
    let own = AuditSelection(
      model: statement["model"]?.asString, action: .erase, outcome: .success, from: opened)
    for try await event in VaultAudit(core: core).events(matching: own)
    where event.subjectOf == statement["saga"]?.asString {
      var proven = certificate
      proven.inclusion = try await audit.proof(of: event.id)
      return proven
    }
    throw PrivataError(.notFound, "the log has no event of this erasure")
  }
}
