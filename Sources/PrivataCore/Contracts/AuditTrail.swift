/// Reads what an ``AuditLog`` recorded.
///
/// ```swift
/// for try await event in vault.audit.events(matching: .init(model: "User")) { print(event.action) }
/// ```
public protocol AuditTrail<Events>: Sendable {
  /// What events are asked for.
  associatedtype Selection: Sendable
  /// The events, in the order in which they happened.
  associatedtype Events: AsyncSequence & Sendable where Events.Failure == PrivataError

  /// The events that a selection means.
  func events(matching selection: Selection) -> Events

  /// How many events a selection means.
  func count(matching selection: Selection) async throws(PrivataError) -> Int
}
