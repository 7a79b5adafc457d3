/// Groups of changes that others see whole or not at all.
public protocol Transactional<Scope>: Sendable {
  /// What the changes of a group are made on.
  associatedtype Scope: Sendable
  /// Runs the body as one transaction: returning commits, throwing rolls back and rethrows, so that a
  /// forgotten or a second commit cannot be written.
  func withTransaction<R>(_ body: (Scope) async throws -> R) async throws -> R
}
