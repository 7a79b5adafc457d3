internal import Crypto
public import PrivataCore

/// A statement of the vault that somebody else can check: evidence, a scope of a breach, a report.
///
/// ```swift
/// let statement = try SignedStatement(json: text)
/// statement.isValid(publicKey: key)   // without any store
/// ```
public struct SignedStatement: Sendable, Hashable {
  /// What kind of statement it is; part of what is signed.
  public let kind: String
  public let statement: Document
  /// The Ed25519 signature, in 64 bytes, and the signer's public key, in 32.
  public let signature: [UInt8]
  public let publicKey: [UInt8]

  init(_ kind: String, _ statement: Document, keys: VaultKeys) throws(PrivataError) {
    self.kind = kind
    self.statement = statement
    publicKey = Array(keys.signing.publicKey.rawRepresentation)
    do {
      signature = Array(try keys.signing.signature(for: Self.message(kind, statement)))
    } catch {
      throw PrivataError(.rejectedByStore, "a statement could not be signed", underlying: error)
    }
  }

  /// Reads a statement.
  ///
  /// - Throws: `malformed` for a text that is none; ``isValid(publicKey:)`` says whether it is true.
  public init(json: String) throws(PrivataError) {
    let whole = try Document(extendedJSON: json)
    guard let kind = whole["kind"]?.asString, let statement = whole["statement"]?.asDocument,
      let signature = whole["signature"]?.asString.flatMap(Base64.decode),
      let publicKey = whole["key"]?.asString.flatMap(Base64.decode)
    else { throw PrivataError(.malformed, "the text is no signed statement") }
    self.kind = kind
    self.statement = statement
    self.signature = signature
    self.publicKey = publicKey
  }

  /// The statement as JSON.
  public var json: String {
    let whole: Document = [
      "kind": .string(kind), "statement": .document(statement),
      "signature": .string(Base64.encode(signature)), "key": .string(Base64.encode(publicKey)),
    ]
    return whole.extendedJSON(.relaxed)
  }

  /// True where nothing was changed since it was signed with this key, from
  /// ``VaultAudit/publicKey``: the key inside proves nothing by itself.
  public func isValid(publicKey: [UInt8]) -> Bool {
    guard publicKey == self.publicKey,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
    else { return false }
    return key.isValidSignature(signature, for: Self.message(kind, statement))
  }

  private static func message(_ kind: String, _ statement: Document) -> [UInt8] {
    Array("privata/\(kind)\n\(statement.extendedJSON(.relaxed))".utf8)
  }
}
