/// Receives each statement that a driver sends, for tests, tools and `populate`'s report. Texts hold
/// placeholders and names, never values.
///
/// ```swift
/// let seen = StatementRecorder()
/// try await StatementLog.$observer.withValue(seen) { _ = try await User.find().exec() }
/// ```
public enum StatementLog {
  /// The observer of the current task; drivers call it once per statement sent.
  @TaskLocal public static var observer: (any StatementObserver)?
}

/// See ``StatementLog``.
public protocol StatementObserver: Sendable {
  /// Called on the caller's task, before the statement is sent.
  func willSend(_ statement: StatementRecord)
}

/// A statement without its values.
public struct StatementRecord: Sendable, Hashable {
  /// `find`, `insert`, `update`, `delete`, `aggregate`, `begin`, `commit`, `rollback`, `schema`.
  public var kind: String
  /// The table or collection that it concerns.
  public var collection: String
  /// SQL text with placeholders, or the command's shape.
  public var text: String

  /// A statement of a kind, on a table or collection.
  public init(kind: String, collection: String, text: String) {
    self.kind = kind
    self.collection = collection
    self.text = text
  }
}
