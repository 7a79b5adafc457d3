public import PrivataCore

/// A request of a person about their rights, from receipt to answer.
public struct SubjectRequest: Sendable, Hashable {
  /// Which right.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case access, rectification, erasure, restriction, portability, objection
  }

  /// How far it is.
  public enum State: String, Sendable, Hashable, CaseIterable {
    case received, verifying, verified, inProgress, awaitingThirdParty
    case fulfilled, refused, withdrawn
    /// The person was erased before it was answered.
    case superseded

    /// True where nothing is to be done any more.
    public var isClosed: Bool {
      [.fulfilled, .refused, .withdrawn, .superseded].contains(self)
    }
  }

  /// Its number.
  public let id: String
  public let kind: Kind
  /// The model of the person, and a keyed mark in place of their id.
  public let model: String
  public let subjectMark: String
  public internal(set) var state: State
  public let receivedAt: DateTime
  /// Until when it is to be answered.
  public internal(set) var dueAt: DateTime
  /// True once the period was extended.
  public internal(set) var isExtended: Bool
  /// When a question about identity was sent and is not answered yet.
  public internal(set) var askedAt: DateTime?
  /// When it was closed.
  public internal(set) var closedAt: DateTime?
  /// Who works on it.
  public internal(set) var owner: String?
  /// How much of the period, in percent, was over when somebody was told last; 0 before.
  public internal(set) var escalatedAt: Int = 0

  /// How much of the period is over, 0 to 1 and beyond. It stands still while the person is asked who
  /// they are.
  public func elapsed(at now: DateTime = .now) -> Double {
    let whole = Double(dueAt.milliseconds - receivedAt.milliseconds)
    let moment = askedAt ?? now
    return whole <= 0 ? 1 : Double(moment.milliseconds - receivedAt.milliseconds) / whole
  }

  /// The step of escalation that the period has come to: 50, 75, 90 or 100 percent; 0 before.
  public func escalation(at now: DateTime = .now) -> Int {
    guard !state.isClosed else { return 0 }
    let percent = elapsed(at: now) * 100
    return Self.escalations.last { Double($0) <= percent } ?? 0
  }

  static let escalations = [50, 75, 90, 100]

  static let schema = ModelSchema(
    name: "SubjectRequest", collection: "privata_requests",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("kind", .string, isOptional: false),
      FieldSchema("model", .string, isOptional: false),
      FieldSchema("subject", .string, isOptional: false, isIndexed: true),
      FieldSchema("state", .string, isOptional: false, isIndexed: true),
      FieldSchema("receivedAt", .date, isOptional: false),
      FieldSchema("dueAt", .date, isOptional: false),
      FieldSchema("isExtended", .bool, isOptional: false),
      FieldSchema("askedAt", .date), FieldSchema("closedAt", .date),
      FieldSchema("owner", .string), FieldSchema("escalatedAt", .int32),
    ])

  init(
    id: String, kind: Kind, model: String, subjectMark: String, receivedAt: DateTime,
    dueAt: DateTime
  ) {
    self.id = id
    self.kind = kind
    self.model = model
    self.subjectMark = subjectMark
    state = .received
    self.receivedAt = receivedAt
    self.dueAt = dueAt
    isExtended = false
  }

  init?(_ rows: RowBatch, _ row: Int) {
    let text = { rows.value(row: row, column: $0)?.asString }
    let date = { (column: Int) -> DateTime? in
      if case .date(let date)? = rows.value(row: row, column: column) { date } else { nil }
    }
    guard let id = text(0), let kind = text(1).flatMap(Kind.init), let model = text(2),
      let mark = text(3), let state = text(4).flatMap(State.init), let receivedAt = date(5),
      let dueAt = date(6), let isExtended = rows.value(row: row, column: 7)?.asBool
    else { return nil }
    self.init(
      id: id, kind: kind, model: model, subjectMark: mark, receivedAt: receivedAt, dueAt: dueAt)
    self.state = state
    self.isExtended = isExtended
    askedAt = date(8)
    closedAt = date(9)
    owner = text(10)
    escalatedAt = rows.value(row: row, column: 11)?.asInt ?? 0
  }

  func append(to rows: inout RowBatch) {
    for text in [id, kind.rawValue, model, subjectMark, state.rawValue] { rows.append(text: text) }
    rows.append(date: receivedAt)
    rows.append(date: dueAt)
    rows.append(bool: isExtended)
    for date in [askedAt, closedAt] { rows.append(date.map { .date($0) } ?? .null) }
    rows.append(owner.map { .string($0) } ?? .null)
    rows.append(.int32(Int32(escalatedAt)))
  }
}
