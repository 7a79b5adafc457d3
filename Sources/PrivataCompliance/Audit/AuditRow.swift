internal import Crypto
internal import PrivataCore

/// An event as a row of the audit store.
struct AuditRow: Sendable {
  let writer: UInt64
  let sequence: UInt64
  let raw: [UInt8]
  let event: AuditEvent
  let code: [UInt8]

  /// The row of an event from the journal.
  init(
    writer: UInt64, sequence: UInt64, raw: [UInt8], keys: VaultKeys
  ) throws(PrivataError) {
    self.writer = writer
    self.sequence = sequence
    self.raw = raw
    event = try AuditEvent(bytes: raw)
    code = Self.code(Self.leafBytes(writer, sequence, raw), keys)
  }

  /// What the tree and the authentication code cover: place and bytes.
  static func leafBytes(_ writer: UInt64, _ sequence: UInt64, _ raw: [UInt8]) -> [UInt8] {
    var bytes = ByteWriter(capacity: raw.count + 16)
    bytes.append(fixed: writer)
    bytes.append(fixed: sequence)
    bytes.append(contentsOf: raw)
    return bytes.bytes
  }

  /// The authentication code of an event at its place.
  static func code(_ leaf: [UInt8], _ keys: VaultKeys) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: leaf, using: keys.events)).prefix(16).map { $0 }
  }

  /// Appends the cells in the order of the model's fields.
  func append(to rows: inout RowBatch) {
    rows.append(.binary(Binary(event.id.bytes, subtype: 4)))
    rows.append(int64: Int64(bitPattern: writer))
    rows.append(int64: Int64(sequence))
    rows.append(date: event.at)
    rows.append(text: event.actor.id)
    rows.append(text: event.action.rawValue)
    rows.append(text: event.model)
    rows.append(int32: Int32(event.outcome.rawValue))
    if let first = event.records.first {
      rows.append(.bytes, bytes: first.bytes)
    } else {
      rows.appendNull()
    }
    rows.append(bool: event.records.count > 1)
    rows.append(.bytes, bytes: raw)
    rows.append(.bytes, bytes: code)
  }
}
