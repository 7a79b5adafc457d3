public import PrivataCore

/// The proof that one event is in the log, for somebody who sees nothing else of it: the event, the
/// path from it to the root, and the signed head. Verifies without the vault.
///
/// ```swift
/// let proof = try await vault.audit.proof(of: event.id)
/// let event = try AuditProof(json: proof.json).verified(by: publicKey)
/// ```
///
/// - Privacy: holds one event as it is in the log: no value of a field, records as keyed references.
///
/// Source: RFC 9162, section 2.1.3.
public struct AuditProof: Sendable, Hashable {
  /// The process that wrote the event, and the event's place among its events.
  public let writer: UInt64
  public let sequence: UInt64
  /// The event's bytes.
  public let event: [UInt8]
  /// The hashes from the event's neighbour up to the root: at most one per doubling of the log.
  public let path: [[UInt8]]
  /// The head up to which the path leads, as a signed note.
  public let checkpoint: String

  /// The event, once all of it is proven.
  ///
  /// - Parameter publicKey: the vault's key, from ``VaultAudit/publicKey``, got on another way.
  /// - Throws: `tampered` or `malformed`, whose message says whether the checkpoint, the event or the
  ///   path is not what was signed; `unknownKey`.
  public func verified(by publicKey: [UInt8]) throws(PrivataError) -> AuditEvent {
    let head = try AuditCheckpoint(note: checkpoint, publicKey: publicKey)
    try ProofCheck.signature(head, "checkpoint", publicKey)
    guard head.writer == writer else {
      throw ProofCheck.tampered("the checkpoint is of another writer than the event")
    }
    guard let event = try? AuditEvent(bytes: event) else {
      throw ProofCheck.tampered("the event's bytes are not those of an event")
    }
    let leaf = MerkleTree.leaf(AuditRow.leafBytes(writer, sequence, self.event))
    let root = MerkleProof.root(leaf: leaf, at: sequence, in: head.size, path: path)
    guard root == head.root else {
      throw ProofCheck.tampered(
        "the event, its place or the path was changed: they do not lead to the signed root")
    }
    return event
  }

  private static let format = "privata-audit-proof"

  /// The proof as JSON.
  public var json: String {
    let whole: Document = [
      "format": .string(Self.format), "version": 1,
      "writer": .string(String(writer, radix: 16)), "sequence": .int64(Int64(sequence)),
      "event": .string(Base64.encode(event)), "path": ProofCheck.value(path),
      "checkpoint": .string(checkpoint),
    ]
    return whole.extendedJSON(.relaxed)
  }

  /// Reads a proof; ``verified(by:)`` says whether it holds.
  ///
  /// - Throws: `malformed` where the text is not exactly the JSON of a proof.
  public init(json: String) throws(PrivataError) {
    let whole = try ProofCheck.document(json, Self.format, "audit proof")
    guard let writer = whole["writer"]?.asString.flatMap({ UInt64($0, radix: 16) }),
      let sequence = whole["sequence"]?.asInt, sequence >= 0,
      let event = whole["event"]?.asString.flatMap(Base64.decode),
      let path = ProofCheck.hashes(whole["path"]), let checkpoint = whole["checkpoint"]?.asString
    else { throw ProofCheck.malformed("audit proof") }
    self.init(
      writer: writer, sequence: UInt64(sequence), event: event, path: path, checkpoint: checkpoint)
    guard self.json == json else { throw ProofCheck.malformed("audit proof") }
  }

  init(writer: UInt64, sequence: UInt64, event: [UInt8], path: [[UInt8]], checkpoint: String) {
    self.writer = writer
    self.sequence = sequence
    self.event = event
    self.path = path
    self.checkpoint = checkpoint
  }
}

/// The proof that between two signed heads nothing but appending happened. Verifies without the
/// vault.
///
/// ```swift
/// let proof = try await vault.audit.consistencyProof(from: older, to: newer)
/// try proof.verify(by: publicKey)
/// ```
///
/// Source: RFC 9162, section 2.1.4.
public struct AuditConsistencyProof: Sendable, Hashable {
  /// Both heads, as signed notes.
  public let older: String
  public let newer: String
  /// The hashes that lead from one to the other.
  public let path: [[UInt8]]

  /// Checks both signatures and the path.
  ///
  /// - Throws: `tampered` or `malformed`, whose message says whether one of the checkpoints or the
  ///   path is not what was signed; `unknownKey`.
  public func verify(by publicKey: [UInt8]) throws(PrivataError) {
    let old = try AuditCheckpoint(note: older, publicKey: publicKey)
    let new = try AuditCheckpoint(note: newer, publicKey: publicKey)
    try ProofCheck.signature(old, "older checkpoint", publicKey)
    try ProofCheck.signature(new, "newer checkpoint", publicKey)
    guard old.writer == new.writer else {
      throw ProofCheck.tampered("the two checkpoints are of different writers")
    }
    let isConsistent = MerkleProof.isConsistent(
      from: old.size, old.root, to: new.size, new.root, path: path)
    guard isConsistent else {
      throw ProofCheck.tampered(
        "the path was changed, or the newer log does not begin with the older one")
    }
  }

  private static let format = "privata-audit-consistency"

  /// The proof as JSON.
  public var json: String {
    let whole: Document = [
      "format": .string(Self.format), "version": 1, "older": .string(older),
      "newer": .string(newer), "path": ProofCheck.value(path),
    ]
    return whole.extendedJSON(.relaxed)
  }

  /// Reads a proof; ``verify(by:)`` says whether it holds.
  ///
  /// - Throws: `malformed` where the text is not exactly the JSON of a proof.
  public init(json: String) throws(PrivataError) {
    let whole = try ProofCheck.document(json, Self.format, "consistency proof")
    guard let older = whole["older"]?.asString, let newer = whole["newer"]?.asString,
      let path = ProofCheck.hashes(whole["path"])
    else { throw ProofCheck.malformed("consistency proof") }
    self.init(older: older, newer: newer, path: path)
    guard self.json == json else { throw ProofCheck.malformed("consistency proof") }
  }

  init(older: String, newer: String, path: [[UInt8]]) {
    self.older = older
    self.newer = newer
    self.path = path
  }
}

/// What all proofs check alike.
enum ProofCheck {
  static func tampered(_ message: String) -> PrivataError { PrivataError(.tampered, message) }

  static func malformed(_ what: String) -> PrivataError {
    PrivataError(.malformed, "the \(what) is not in its format: it was changed or cut")
  }

  static func signature(
    _ head: AuditCheckpoint, _ what: String, _ key: [UInt8]
  ) throws(PrivataError) {
    guard head.isSigned(by: key) else {
      throw tampered("the \(what)'s signature is wrong: it was changed, or another key signed it")
    }
  }

  static func document(
    _ json: String, _ format: String, _ what: String
  ) throws(PrivataError) -> Document {
    guard let whole = try? Document(extendedJSON: json), whole["format"]?.asString == format
    else { throw malformed(what) }
    return whole
  }

  static func value(_ hashes: [[UInt8]]) -> Value {
    .array(hashes.map { .string(Base64.encode($0)) })
  }

  static func hashes(_ value: Value?) -> [[UInt8]]? {
    guard let texts = value?.asArray else { return nil }
    var hashes: [[UInt8]] = []
    for text in texts {
      guard let hash = text.asString.flatMap(Base64.decode), hash.count == 32 else { return nil }
      hashes.append(hash)
    }
    return hashes
  }
}
