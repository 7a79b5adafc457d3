/// Takes audit events. Holds nothing that reads them, so that who writes the log cannot search it.
///
/// ```swift
/// try log.append(event)
/// ```
public protocol AuditLog<Event>: Sendable {
  /// What an event is.
  associatedtype Event: Sendable

  /// Records the events in order, all or none; returns once they survive the end of the process.
  ///
  /// - Throws: `auditUnavailable` where no place is left and the policy is to refuse.
  func append(contentsOf events: [Event]) throws(PrivataError)
}

extension AuditLog {
  /// Records one event.
  public func append(_ event: Event) throws(PrivataError) { try append(contentsOf: [event]) }
}
