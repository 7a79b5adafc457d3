internal import PrivataCore

/// Something that HIPAA wants written down: an authorization, a disclosure, a decision about a
/// request, a grant, a review.
///
/// Source: 45 CFR 164.316(b) and 164.530(j).
struct DocumentationEntry: Sendable, Hashable {
  enum Kind: String, Sendable, Hashable, CaseIterable {
    case authorization, disclosure, restriction, communication, access, amendment, deceased
    case `protocol`, review, associate, agreement, emergency, grant, termination, officer, incident
    case evaluation, reidentification, dataSet, approval, purge, policy, finding, suspension
    case accounting, order, disposal
  }

  var id: String
  var kind: Kind
  var model: String
  /// The person, as a keyed mark; empty where the entry is about nobody.
  var subject: String
  /// How far it is, in the words of its kind.
  var state: String
  var at: DateTime
  /// When it last counted; `nil` while it does.
  var effectiveUntil: DateTime?
  /// What it says; sealed in the store.
  var body: Document
  var actor: String
  /// Counts changes, so that two cannot happen at once.
  var revision = 1

  init(
    _ kind: Kind, model: String = "", subject: String = "", state: String = "open", at: DateTime,
    effectiveUntil: DateTime? = nil, body: Document = [:], actor: String
  ) {
    id = Hexadecimal.text(SecureBytes.random(12))
    self.kind = kind
    self.model = model
    self.subject = subject
    self.state = state
    self.at = at
    self.effectiveUntil = effectiveUntil
    self.body = body
    self.actor = actor
  }

  static let schema = ModelSchema(
    name: "Documentation", collection: "privata_documentation",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("kind", .string, isOptional: false, isIndexed: true),
      FieldSchema("model", .string, isOptional: false),
      FieldSchema("subject", .string, isOptional: false, isIndexed: true),
      FieldSchema("state", .string, isOptional: false),
      FieldSchema("at", .date, isOptional: false),
      FieldSchema("effectiveUntil", .date),
      FieldSchema("actor", .string, isOptional: false),
      FieldSchema("revision", .int64, isOptional: false),
      FieldSchema("sealed", .binary, isOptional: false),
    ])

  /// What is in the clear beside the sealed body, so that none of it can be changed unseen.
  var authenticated: [UInt8] {
    var writer = ByteWriter()
    for text in [id, kind.rawValue, model, state, actor] { writer.append(text: text) }
    writer.append(fixed: at.milliseconds)
    writer.append(fixed: effectiveUntil?.milliseconds ?? Int64.min)
    writer.append(fixed: Int64(revision))
    return writer.bytes
  }

  func append(to rows: inout RowBatch, sealed: [UInt8]) {
    for text in [id, kind.rawValue, model, subject, state] { rows.append(text: text) }
    rows.append(date: at)
    rows.append(effectiveUntil.map { .date($0) } ?? .null)
    rows.append(text: actor)
    rows.append(int64: Int64(revision))
    rows.append(.bytes, bytes: sealed)
  }

  /// The entry of a row, with the body still sealed.
  static func read(_ rows: RowBatch, _ row: Int) -> (entry: DocumentationEntry, sealed: [UInt8])? {
    let text = { rows.value(row: row, column: $0)?.asString }
    guard let id = text(0), let kind = text(1).flatMap(Kind.init), let model = text(2),
      let subject = text(3), let state = text(4), let actor = text(7),
      case .date(let at)? = rows.value(row: row, column: 5),
      let revision = rows.value(row: row, column: 8)?.asInt
    else { return nil }
    var entry = DocumentationEntry(
      kind, model: model, subject: subject, state: state, at: at, actor: actor)
    entry.id = id
    entry.revision = revision
    if case .date(let until)? = rows.value(row: row, column: 6) { entry.effectiveUntil = until }
    return (entry, rows.value(row: row, column: 9)?.asBytes ?? [])
  }
}
