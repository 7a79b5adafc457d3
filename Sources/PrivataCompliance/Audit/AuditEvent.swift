public import PrivataCore

/// One access, as the audit log keeps it: who did what to which fields of which records, when, why,
/// and how it ended. Never a value of a field, never an id in the clear.
///
/// ```swift
/// for try await event in vault.audit.events(matching: .init(model: "User", action: .read)) {
///   print(event.at, event.actor.id, event.fields, event.count)
/// }
/// ```
public struct AuditEvent: Sendable, Hashable {
  /// The event's own id, a UUID of version 7.
  public var id: AuditEventID
  /// Nanoseconds since 1970.
  public var nanoseconds: Int64
  public var actor: AccessContext.Actor
  public var role: String?
  public var purpose: String?
  public var region: String?
  public var requestID: String?
  /// The session and the trace that the access was part of.
  public var sessionID: String?
  public var traceID: String?
  /// For whom the actor acted.
  public var onBehalfOf: AccessContext.Actor?
  /// The legal basis that the caller named.
  public var legalBasis: String?
  public var action: Action
  /// The model concerned; empty for events of the vault itself.
  public var model: String
  /// The fields read or written, by name.
  public var fields: [String]
  /// The fields that decided which records were meant, by name.
  public var filterFields: [String]
  /// How many records were read or changed.
  public var count: Int
  /// The records concerned, as keyed references; fewer than ``count`` where they were too many.
  public var records: [RecordReference]
  public var outcome: Outcome
  /// The code of the error, where it ended in one.
  public var errorCode: String?
  /// What the event belongs to: a saga, a certificate, a transaction.
  public var subjectOf: String?
  /// What the policy said where there is one: its version, and `minimum`, `whole` or `exception`.
  public var rule: String?

  /// What was done.
  public struct Action: RawRepresentable, Sendable, Hashable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let read = Action(rawValue: "read")
    public static let count = Action(rawValue: "count")
    public static let exists = Action(rawValue: "exists")
    public static let distinct = Action(rawValue: "distinct")
    public static let aggregate = Action(rawValue: "aggregate")
    public static let insert = Action(rawValue: "insert")
    public static let update = Action(rawValue: "update")
    public static let delete = Action(rawValue: "delete")
    public static let bulk = Action(rawValue: "bulk")
    public static let drop = Action(rawValue: "drop")
    public static let commit = Action(rawValue: "commit")
    public static let rollback = Action(rawValue: "rollback")
    public static let erase = Action(rawValue: "gdpr.erasure")
    public static let access = Action(rawValue: "gdpr.access")
    public static let recovery = Action(rawValue: "recovery")
    public static let gap = Action(rawValue: "gap")
    /// What a program says of its own log-ins.
    public static let login = Action(rawValue: "session.login")
    public static let loginFailed = Action(rawValue: "session.failed")
    public static let logout = Action(rawValue: "session.logout")
    /// Somebody read the log, exported it, had something of it proven, or removed old events.
    public static let auditQuery = Action(rawValue: "audit.query")
    public static let auditExport = Action(rawValue: "audit.export")
    public static let auditProof = Action(rawValue: "audit.proof")
    public static let auditRemoval = Action(rawValue: "audit.removal")
  }

  /// How it ended.
  public enum Outcome: UInt8, Sendable, Hashable {
    case success = 0
    case failed = 1
    /// The vault did not let it happen.
    case refused = 2
  }

  /// An event of an action; the rest as its properties say.
  public init(
    id: AuditEventID, nanoseconds: Int64, actor: AccessContext.Actor, action: Action,
    model: String = "", fields: [String] = [], filterFields: [String] = [], count: Int = 0,
    records: [RecordReference] = [], outcome: Outcome = .success, errorCode: String? = nil
  ) {
    self.id = id
    self.nanoseconds = nanoseconds
    self.actor = actor
    self.action = action
    self.model = model
    self.fields = fields
    self.filterFields = filterFields
    self.count = count
    self.records = records
    self.outcome = outcome
    self.errorCode = errorCode
  }

  /// When it happened.
  public var at: DateTime { DateTime(milliseconds: nanoseconds / 1_000_000) }
}

/// The id of an audit event: a UUID of version 7, so that ids sort by time.
public struct AuditEventID: Sendable, Hashable, CustomStringConvertible {
  /// The two halves of the number.
  public let high: UInt64
  public let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The 16 bytes in order.
  var bytes: [UInt8] {
    (0..<16).map { index in
      UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index % 8)))
    }
  }

  /// The id of the usual form in hexadecimal digits and dashes; `nil` for another text.
  public init?(_ text: String) {
    guard let bytes = Hexadecimal.bytes(text.replacing("-", with: "")) else { return nil }
    self.init(bytes: bytes)
    guard description == text.lowercased() else { return nil }
  }

  /// The millisecond in the id: when the event happened.
  var at: DateTime { DateTime(milliseconds: Int64(high >> 16)) }

  var value: Value { .binary(Binary(bytes, subtype: 4)) }

  init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The usual form in hexadecimal digits and dashes.
  public var description: String {
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      let digits = String(byte, radix: 16)
      text += byte < 16 ? "0" + digits : digits
    }
    return text
  }
}

/// A keyed reference to a record: who has the vault's key and the record's id finds its events, who
/// has the log alone learns nothing about it.
public struct RecordReference: Sendable, Hashable {
  let low: UInt64
  let high: UInt64

  init(_ output: SipHash.Output) {
    low = output.low
    high = output.high
  }

  /// The 16 bytes as the store keeps them.
  var bytes: [UInt8] {
    var writer = ByteWriter(capacity: 16)
    writer.append(fixed: low)
    writer.append(fixed: high)
    return writer.bytes
  }
}
