internal import Crypto
internal import PrivataCore

/// The signed head of a writer's tree: so many events, with this root.
struct Checkpoint: Sendable, Hashable {
  let writer: UInt64
  let size: UInt64
  let root: [UInt8]
  let at: DateTime
  let signature: [UInt8]
  let key: [UInt8]

  /// Signs a tree's head.
  init(writer: UInt64, tree: MerkleTree, keys: VaultKeys) throws(PrivataError) {
    self.writer = writer
    size = tree.size
    root = tree.root
    at = .now
    key = Array(keys.signing.publicKey.rawRepresentation)
    do {
      signature = Array(
        try keys.signing.signature(for: Self.message(writer, tree.size, tree.root)))
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

  /// True where the signature is that of this key.
  func isSigned(by key: Curve25519.Signing.PublicKey) -> Bool {
    key.isValidSignature(signature, for: Self.message(writer, size, root))
  }

  /// What is signed, as a note in the form of a transparency log's checkpoint: origin, size, root.
  private static func message(_ writer: UInt64, _ size: UInt64, _ root: [UInt8]) -> [UInt8] {
    let text = "privata/audit/\(String(writer, radix: 16))\n\(size)\n\(Base64.encode(root))\n"
    return Array(text.utf8)
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
}
