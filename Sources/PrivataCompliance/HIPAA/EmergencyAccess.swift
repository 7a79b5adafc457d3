public import PrivataCore

/// Why somebody breaks the glass, and for whom.
///
/// ```swift
/// let record = try await vault.breakGlass(
///   EmergencyRequest(subject: id, of: "Patient", reason: .lifeThreatening, note: "unconscious in the ER")
/// ) { try await User.findById(id).exec() }
/// ```
public struct EmergencyRequest: Sendable, Hashable {
  /// What happened.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    case lifeThreatening, unconscious, disaster, systemFailure, other
  }

  /// The person, by the key of their record, and the record's model.
  public var subject: Value
  public var model: String
  public var reason: Reason
  /// What happened, for the review. Sealed; it may name people.
  public var note: String

  /// A request for one person.
  public init(subject: some FieldValue, of model: String, reason: Reason, note: String) {
    self.subject = subject.value
    self.model = model
    self.reason = reason
    self.note = note
  }
}

/// An emergency access as it was written down.
public struct EmergencyRecord: Sendable, Hashable {
  /// How a review ended.
  public enum Verdict: String, Sendable, Hashable { case justified, unjustified }

  /// Its number, who, in which role, why, and for whom by a keyed mark.
  public let id: String
  public let actor: String
  public let role: String
  public let model: String
  public let subjectMark: String
  public let reason: EmergencyRequest.Reason
  public let note: String
  public let openedAt: DateTime
  /// Until when it lets through, and until when it is to be reviewed.
  public let endsAt: DateTime
  public let reviewDueAt: DateTime
  /// `nil` until it was reviewed.
  public let verdict: Verdict?

  init?(_ entry: DocumentationEntry) {
    let text = { entry.body[$0]?.asString }
    let date = { (name: String) -> DateTime? in
      if case .date(let date)? = entry.body[name] { date } else { nil }
    }
    guard let role = text("role"),
      let reason = text("reason").flatMap(
        EmergencyRequest.Reason.init), let note = text("note"), let ends = date("endsAt"),
      let due = date("reviewDueAt"), let actor = text("actor")
    else { return nil }
    id = entry.id
    self.actor = actor
    self.role = role
    model = entry.model
    subjectMark = entry.subject
    self.reason = reason
    self.note = note
    openedAt = entry.at
    endsAt = ends
    reviewDueAt = due
    verdict = text("verdict").flatMap(Verdict.init)
  }
}

/// An emergency access that is open: to the records of one person, for a while.
struct EmergencyAccess: Sendable, Hashable {
  let id: String
  let actor: AccessContext.Actor
  let model: String
  let subject: Value
  let endsAt: DateTime

  /// - Throws: `accessDenied` after its end, or for somebody else.
  func check(_ context: AccessContext, at now: DateTime) throws(PrivataError) {
    guard context.actor == actor, context.purpose == "emergency" else {
      throw PrivataError(.accessDenied, "the emergency access is somebody else's")
    }
    guard now < endsAt else {
      throw PrivataError(.accessDenied, "the emergency access is over: open another one")
    }
  }

  /// The records that it means: the person's own and those that refer to the person.
  func filter(_ separation: Separation) -> Filter {
    guard separation.isPersonal else { return .all }
    let schema = separation.model
    if schema.name == model { return .compare(schema.key.name, .equal, subject) }
    let references = schema.fields.filter { $0.reference?.model == model }
    let filters = references.map { field -> Filter in
      if case .array = field.type { return .document([field.name: subject]) }
      return .compare(field.name, .equal, subject)
    }
    return filters.isEmpty ? .none : filters.count == 1 ? filters[0] : .or(filters)
  }
}
