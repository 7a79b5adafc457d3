internal import Crypto
public import PrivataCore

/// The signed head of one process's part of the log: at this time it had so many events, with this
/// root. Who keeps a head can later have it proven that nothing before it was changed.
///
/// ```swift
/// let head = try await vault.audit.checkpoints().last
/// head?.isSigned(by: publicKey)   // true, without the log
/// print(head?.note ?? "")
/// ```
///
/// Source: C2SP, tlog-checkpoint and signed-note; RFC 8032 (Ed25519).
public struct AuditCheckpoint: Sendable, Hashable {
  /// The process whose events these are.
  public let writer: UInt64
  /// The number of events.
  public let size: UInt64
  /// The root of their Merkle tree, 32 bytes.
  public let root: [UInt8]
  /// When it was signed.
  public let at: DateTime
  /// The Ed25519 signature of ``body``, and the public key it is said to be by.
  public let signature: [UInt8]
  public let key: [UInt8]

  /// Signs a tree's head.
  init(writer: UInt64, tree: MerkleTree, keys: VaultKeys) throws(PrivataError) {
    self.writer = writer
    size = tree.size
    root = tree.root
    at = .now
    key = Array(keys.signing.publicKey.rawRepresentation)
    do {
      let text = Self.body(writer, tree.size, tree.root, at)
      signature = Array(try keys.signing.signature(for: Array(text.utf8)))
    } catch {
      throw PrivataError(.rejectedByStore, "a checkpoint could not be signed", underlying: error)
    }
  }

  /// The checkpoint of a row of the audit store.
  init?(_ rows: RowBatch, row: Int) {
    guard case .int64(let writer)? = rows.value(row: row, column: 1),
      let size = rows.value(row: row, column: 2)?.asInt,
      case .date(let at)? = rows.value(row: row, column: 3),
      case .binary(let root)? = rows.value(row: row, column: 4),
      case .binary(let signature)? = rows.value(row: row, column: 5),
      case .binary(let key)? = rows.value(row: row, column: 6)
    else { return nil }
    self.writer = UInt64(bitPattern: writer)
    self.size = UInt64(size)
    self.at = at
    self.root = root.bytes
    self.signature = signature.bytes
    self.key = key.bytes
  }

  /// Appends the cells in the order of the model's fields.
  func append(to rows: inout RowBatch) {
    rows.append(text: "\(String(writer, radix: 16)):\(size)")
    rows.append(int64: Int64(bitPattern: writer))
    rows.append(int64: Int64(size))
    rows.append(date: at)
    rows.append(.bytes, bytes: root)
    rows.append(.bytes, bytes: signature)
    rows.append(.bytes, bytes: key)
  }

  /// True where nothing in the head was changed since it was signed with this key.
  ///
  /// - Parameter publicKey: the vault's key, from ``VaultAudit/publicKey``, which the verifier has
  ///   from elsewhere.
  public func isSigned(by publicKey: [UInt8]) -> Bool {
    guard publicKey == key,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
    else { return false }
    return key.isValidSignature(signature, for: Array(body.utf8))
  }
}

// MARK: - The note

extension AuditCheckpoint {
  /// The name of the log that one process writes.
  static func origin(_ writer: UInt64) -> String { "privata/audit/\(String(writer, radix: 16))" }

  private static func body(
    _ writer: UInt64, _ size: UInt64, _ root: [UInt8], _ at: DateTime
  ) -> String {
    "\(origin(writer))\n\(size)\n\(Base64.encode(root))\nat \(at.iso8601)\n"
  }

  /// What is signed: origin, size, root, time, a line each.
  public var body: String { Self.body(writer, size, root, at) }

  /// The head as a signed note, which tools for transparency logs read.
  public var note: String {
    let name = Self.origin(writer)
    let line = Self.keyHash(name, key) + signature
    return "\(body)\n\u{2014} \(name) \(Base64.encode(line))\n"
  }

  private static func keyHash(_ name: String, _ key: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: Array("\(name)\n".utf8) + [1] + key).prefix(4))
  }

  /// Reads a signed note. The key is not in it: it is given, and its hash compared.
  ///
  /// - Throws: `malformed` where the text is no note of a checkpoint; `unknownKey` where the note
  ///   says that another key signed it. ``isSigned(by:)`` says whether it is true.
  public init(note: String, publicKey: [UInt8]) throws(PrivataError) {
    let malformed = PrivataError(.malformed, "the checkpoint is no signed note of an audit log")
    let lines = note.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count == 7, let size = UInt64(lines[1]), let root = Base64.decode(lines[2]),
      root.count == 32, let at = DateTime(iso8601: lines[3].dropFirst(3)),
      lines[0].hasPrefix("privata/audit/"), let writer = UInt64(lines[0].dropFirst(14), radix: 16)
    else { throw malformed }
    let words = lines[5].split(separator: " ")
    guard words.count == 3, let line = words.last.flatMap({ Base64.decode(String($0)) }),
      line.count == 68
    else { throw malformed }
    self.writer = writer
    self.size = size
    self.root = root
    self.at = at
    key = publicKey
    signature = Array(line.dropFirst(4))
    guard Array(line.prefix(4)) == Self.keyHash(Self.origin(writer), publicKey) else {
      throw PrivataError(.unknownKey, "the checkpoint names another key than the one given")
    }
    // One checkpoint has one note: another spelling of it is a change.
    guard self.note == note else { throw malformed }
  }
}
