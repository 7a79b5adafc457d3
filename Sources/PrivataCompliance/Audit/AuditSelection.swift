public import PrivataCore

/// Which audit events are asked for; what is `nil` is not asked.
///
/// ```swift
/// let reads = try await vault.audit.count(matching: .init(model: "User", action: .read))
/// ```
public struct AuditSelection: Sendable, Hashable {
  /// The model concerned.
  public var model: String?
  public var action: AuditEvent.Action?
  /// The actor's id.
  public var actor: String?
  public var outcome: AuditEvent.Outcome?
  /// Events from this moment on.
  public var from: DateTime?
  /// Events before this moment.
  public var to: DateTime?
  /// Events that concern this record: the id of a record of ``model``.
  public var record: Value?
  /// The caller's role, purpose and request.
  public var role: String?
  public var purpose: String?
  public var requestID: String?
  /// Events behind this one, in the order in which they are answered: the last of the page before.
  public var after: AuditEventID?

  /// Events with all of these properties.
  public init(
    model: String? = nil, action: AuditEvent.Action? = nil, actor: String? = nil,
    outcome: AuditEvent.Outcome? = nil, from: DateTime? = nil, to: DateTime? = nil,
    record: Value? = nil, role: String? = nil, purpose: String? = nil, requestID: String? = nil,
    after: AuditEventID? = nil
  ) {
    self.model = model
    self.action = action
    self.actor = actor
    self.outcome = outcome
    self.from = from
    self.to = to
    self.record = record
    self.role = role
    self.purpose = purpose
    self.requestID = requestID
    self.after = after
  }
}

extension AuditSelection {
  /// What the store can check; ``admits(_:_:)`` checks the rest.
  func filter(_ reference: RecordReference?) -> Filter {
    var parts: [Filter] = []
    if let model { parts.append(.compare("model", .equal, .string(model))) }
    if let action { parts.append(.compare("action", .equal, .string(action.rawValue))) }
    if let actor { parts.append(.compare("actor", .equal, .string(actor))) }
    if let outcome { parts.append(.compare("outcome", .equal, .int32(Int32(outcome.rawValue)))) }
    if let from { parts.append(.compare("at", .greaterOrEqual, .date(from))) }
    if let to { parts.append(.compare("at", .less, .date(to))) }
    if let after { parts.append(AuditPages.behind(.date(after.at), after.value)) }
    if let reference {
      // An event of several records names the others in its bytes.
      let first = Filter.compare("reference", .equal, .binary(Binary(reference.bytes)))
      parts.append(.or([first, .compare("isBulk", .equal, .bool(true))]))
    }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .all : .and(parts)
  }

  /// True where the store's filter leaves nothing to check.
  var isDecidedByTheStore: Bool {
    record == nil && role == nil && purpose == nil && requestID == nil
  }

  /// True where an event that the store answered really is meant.
  func admits(_ event: AuditEvent, _ reference: RecordReference?) -> Bool {
    guard role == nil || event.role == role, purpose == nil || event.purpose == purpose,
      requestID == nil || event.requestID == requestID
    else { return false }
    return reference.map { event.records.contains($0) } ?? true
  }
}
