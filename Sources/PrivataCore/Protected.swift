/// A value that cannot print itself: string interpolation, `print`, `dump`, mirrors and debug
/// descriptions all show `‹protected›`.
///
/// ```swift
/// let email = Protected("ada@example.org")
/// print(email)                    // ‹protected›
/// send(to: email.revealed)        // the one way in, easy to find in a review
/// ```
///
/// Privacy: keeps personal data out of errors, logs and metrics by construction.
public struct Protected<Wrapped> {
  /// The value itself.
  public var revealed: Wrapped

  /// Protects a value.
  public init(_ value: Wrapped) { revealed = value }
}

extension Protected: Sendable where Wrapped: Sendable {}
extension Protected: Equatable where Wrapped: Equatable {}
extension Protected: Hashable where Wrapped: Hashable {}

extension Protected: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "‹protected›" }
  public var debugDescription: String { "‹protected›" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
