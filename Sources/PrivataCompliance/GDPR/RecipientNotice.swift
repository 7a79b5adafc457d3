internal import Crypto
public import PrivataCore

/// What a recipient is told: that data it was given about a person was corrected, erased or
/// restricted. It names the person only by the reference that was agreed with the recipient.
///
/// Source: GDPR Article 19.
public struct RecipientNotice: Sendable, Hashable {
  /// What happened.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case rectification, erasure, restriction, restrictionLifted
    /// The consent or the other basis on which it was disclosed is gone.
    case basisEnded
    /// The person asks that links to the data, and copies of it, are removed.
    ///
    /// Source: GDPR Article 17(2).
    case removal
  }

  /// How far it is.
  public enum State: String, Sendable, Hashable, CaseIterable {
    case waiting, acknowledged
    /// The recipient was not reached in 30 days; the attempts are counted.
    case unreachable
  }

  /// The same for every attempt, so that a recipient knows what it has heard already.
  public let key: String
  public let recipient: String
  public let kind: Kind
  /// The person, as a keyed mark, and as the recipient knows them.
  public let subjectMark: String
  public let reference: String
  public let createdAt: DateTime
  public let state: State
  public let attempts: Int
  /// When it is tried next.
  public let nextAt: DateTime
  /// What the recipient answered.
  public let acknowledgement: String?
  /// The Ed25519 signature of ``body``.
  public private(set) var signature: [UInt8]

  /// What is sent: names of what happened, and no value.
  public var body: String {
    let document: Document = [
      "notice": .string(key), "recipient": .string(recipient), "kind": .string(kind.rawValue),
      "subject": .string(reference), "at": .string(createdAt.iso8601),
      "source": kind == .removal ? "GDPR Article 17(2)" : "GDPR Article 19",
    ]
    return document.extendedJSON(.relaxed)
  }

  /// True where the body is signed with this key, from ``VaultAudit/publicKey``.
  public func isValid(publicKey: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
      return false
    }
    return key.isValidSignature(signature, for: Array(body.utf8))
  }

  static let model = ModelSchema(
    name: "RecipientNotice", collection: "privata_outbox",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("recipient", .string, isOptional: false),
      FieldSchema("kind", .string, isOptional: false),
      FieldSchema("subject", .string, isOptional: false, isIndexed: true),
      FieldSchema("reference", .binary, isOptional: false),
      FieldSchema("createdAt", .date, isOptional: false),
      FieldSchema("state", .string, isOptional: false, isIndexed: true),
      FieldSchema("attempts", .int64, isOptional: false),
      FieldSchema("nextAt", .date, isOptional: false),
      FieldSchema("acknowledgement", .string), FieldSchema("leasedUntil", .date),
    ])

  init?(_ rows: RowBatch, _ row: Int, _ keys: VaultKeys) throws(PrivataError) {
    let text = { rows.value(row: row, column: $0)?.asString }
    guard let key = text(0), let recipient = text(1), let kind = text(2).flatMap(Kind.init),
      let mark = text(3), case .binary(let sealed)? = rows.value(row: row, column: 4),
      case .date(let createdAt)? = rows.value(row: row, column: 5),
      let state = text(6).flatMap(State.init),
      let attempts = rows.value(row: row, column: 7)?.asInt,
      case .date(let nextAt)? = rows.value(row: row, column: 8)
    else { return nil }
    self.key = key
    self.recipient = recipient
    self.kind = kind
    subjectMark = mark
    self.createdAt = createdAt
    self.state = state
    self.attempts = attempts
    self.nextAt = nextAt
    acknowledgement = text(9)
    let facts = try RegisterSeal(keys).open(
      sealed.bytes, authenticating: Array(key.utf8), of: key)
    reference = facts["reference"]?.asString ?? mark
    signature = []
    signature = try Self.signed(self, keys)
  }

  private static func signed(
    _ notice: RecipientNotice, _ keys: VaultKeys
  ) throws(PrivataError) -> [UInt8] {
    do {
      return Array(try keys.signing.signature(for: Array(notice.body.utf8)))
    } catch {
      throw PrivataError(.rejectedByStore, "a notice could not be signed", underlying: error)
    }
  }
}

/// Brings notices to recipients: a webhook, a queue, a letter.
///
/// ```swift
/// struct Webhook: NoticeDelivery {
///   func deliver(_ notice: RecipientNotice) async throws -> String { try await post(notice.body) }
/// }
/// options.noticeDelivery = Webhook()
/// ```
///
/// The same notice can come again, with the same ``RecipientNotice/key``, until it was acknowledged.
public protocol NoticeDelivery: Sendable {
  /// Brings one notice, and answers what the recipient acknowledged it with.
  ///
  /// - Throws: anything where the recipient was not reached; it is tried again, for 30 days.
  func deliver(_ notice: RecipientNotice) async throws -> String
}
