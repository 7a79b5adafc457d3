internal import PrivataCore

/// The bytes of an audit event: tags in rising order, each with the length of its content. One event
/// has one form, which is what is authenticated and proven.
enum AuditCoding {
  enum Tag {
    static let id: UInt8 = 1, at: UInt8 = 2
    static let actorKind: UInt8 = 10, actor: UInt8 = 11, role: UInt8 = 12, purpose: UInt8 = 13
    static let region: UInt8 = 14, request: UInt8 = 15, session: UInt8 = 16, trace: UInt8 = 17
    static let behalfKind: UInt8 = 18, behalf: UInt8 = 19
    static let action: UInt8 = 20, model: UInt8 = 21, field: UInt8 = 22, filterField: UInt8 = 23
    static let count: UInt8 = 30, records: UInt8 = 31, outcome: UInt8 = 32, error: UInt8 = 33
    static let subjectOf: UInt8 = 34, rule: UInt8 = 35
    // Stands before the tags of the caller.
    static let basis: UInt8 = 9
  }

  /// The part that depends on the caller alone.
  static func context(
    actor: AccessContext.Actor, role: String?, purpose: String?, region: String?,
    requestID: String?, details: AccessDetails? = nil
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Tag.basis, details?.legalBasis)
    writer.append(Tag.actorKind, actor.kind)
    writer.append(Tag.actor, actor.id)
    writer.append(Tag.role, role)
    writer.append(Tag.purpose, purpose)
    writer.append(Tag.region, region)
    writer.append(Tag.request, requestID)
    writer.append(Tag.session, details?.session?.id)
    writer.append(Tag.trace, details?.traceID)
    writer.append(Tag.behalfKind, details?.onBehalfOf?.kind)
    writer.append(Tag.behalf, details?.onBehalfOf?.id)
    return writer.bytes
  }

  /// The part that depends on the operation's shape alone.
  static func scope(
    _ action: AuditEvent.Action, model: String, fields: [String], filterFields: [String]
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Tag.action, action.rawValue)
    writer.append(Tag.model, model.isEmpty ? nil : model)
    for field in fields { writer.append(Tag.field, field) }
    for field in filterFields { writer.append(Tag.filterField, field) }
    return writer.bytes
  }

  /// The whole event.
  static func event(
    id: AuditEventID, nanoseconds: Int64, context: [UInt8], scope: [UInt8], result: AuditResult
  ) -> [UInt8] {
    var writer = ByteWriter(
      capacity: 64 + context.count + scope.count + 16 * result.records.count)
    writer.append(Tag.id)
    writer.append(count: 16)
    writer.append(fixed: id.high.byteSwapped)
    writer.append(fixed: id.low.byteSwapped)
    writer.append(Tag.at)
    writer.append(count: 8)
    writer.append(fixed: nanoseconds)
    writer.append(contentsOf: context)
    writer.append(contentsOf: scope)
    result.write(to: &writer)
    return writer.bytes
  }
}

/// How an operation ended.
struct AuditResult: Sendable, Hashable {
  var count = 0
  var records: [RecordReference] = []
  var outcome = AuditEvent.Outcome.success
  var errorCode: String?
  var subjectOf: String?
  /// What the policy said: its version, and whether it made an exception.
  var rule: String?

  fileprivate func write(to writer: inout ByteWriter) {
    writer.append(AuditCoding.Tag.count)
    writer.append(count: 8)
    writer.append(fixed: Int64(count))
    if !records.isEmpty {
      writer.append(AuditCoding.Tag.records)
      writer.append(count: 16 * records.count)
      for record in records {
        writer.append(fixed: record.low)
        writer.append(fixed: record.high)
      }
    }
    writer.append(AuditCoding.Tag.outcome)
    writer.append(count: 1)
    writer.append(outcome.rawValue)
    writer.append(AuditCoding.Tag.error, errorCode)
    writer.append(AuditCoding.Tag.subjectOf, subjectOf)
    writer.append(AuditCoding.Tag.rule, rule)
  }
}

extension ByteWriter {
  /// Appends a tag with a text; nothing for none.
  fileprivate mutating func append(_ tag: UInt8, _ text: String?) {
    guard let text else { return }
    append(tag)
    append(text: text)
  }
}

// MARK: - Reading

extension AuditEvent {
  /// The event of these bytes.
  ///
  /// - Throws: `corrupt` where a tag, a length or an order is impossible.
  init(bytes: [UInt8]) throws(PrivataError) {
    var reader = ByteReader(bytes)
    var parts = AuditParts()
    while !reader.isAtEnd {
      let tag = try reader.byte()
      try parts.add(tag, try reader.block())
    }
    guard let id = parts.id, let at = parts.nanoseconds else {
      throw PrivataError(.corrupt, "an audit event has no id or no time")
    }
    self.init(
      id: id, nanoseconds: at,
      actor: AccessContext.Actor(kind: parts.text(Tags.actorKind), id: parts.text(Tags.actor)),
      action: Action(rawValue: parts.text(Tags.action)), model: parts.text(Tags.model),
      fields: parts.texts[Tags.field] ?? [], filterFields: parts.texts[Tags.filterField] ?? [],
      count: parts.count, records: parts.records, outcome: parts.outcome,
      errorCode: parts.texts[Tags.error]?.first)
    role = parts.texts[Tags.role]?.first
    purpose = parts.texts[Tags.purpose]?.first
    region = parts.texts[Tags.region]?.first
    requestID = parts.texts[Tags.request]?.first
    sessionID = parts.texts[Tags.session]?.first
    traceID = parts.texts[Tags.trace]?.first
    legalBasis = parts.texts[Tags.basis]?.first
    if let kind = parts.texts[Tags.behalfKind]?.first {
      onBehalfOf = AccessContext.Actor(kind: kind, id: parts.text(Tags.behalf))
    }
    subjectOf = parts.texts[Tags.subjectOf]?.first
    rule = parts.texts[Tags.rule]?.first
  }

  private typealias Tags = AuditCoding.Tag
}

/// The contents of an event's tags as they are read.
private struct AuditParts {
  var id: AuditEventID?
  var nanoseconds: Int64?
  var count = 0
  var records: [RecordReference] = []
  var outcome = AuditEvent.Outcome.success
  var texts: [UInt8: [String]] = [:]

  func text(_ tag: UInt8) -> String { texts[tag]?.first ?? "" }

  mutating func add(_ tag: UInt8, _ content: [UInt8]) throws(PrivataError) {
    var reader = ByteReader(content)
    switch tag {
    case AuditCoding.Tag.id: id = AuditEventID(bytes: content)
    case AuditCoding.Tag.at: nanoseconds = try reader.fixed(Int64.self)
    case AuditCoding.Tag.count: count = Int(try reader.fixed(Int64.self))
    case AuditCoding.Tag.outcome: outcome = .init(rawValue: try reader.byte()) ?? .failed
    case AuditCoding.Tag.records:
      while !reader.isAtEnd {
        let low = try reader.fixed(UInt64.self)
        records.append(RecordReference(.init(low: low, high: try reader.fixed(UInt64.self))))
      }
    default: texts[tag, default: []].append(String(decoding: content, as: UTF8.self))
    }
  }
}
