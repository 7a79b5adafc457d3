public import PrivataCore
internal import Synchronization

/// Keeps the statements that a task sends, for tests that count them.
///
/// ```swift
/// let seen = RecordedStatements()
/// try await StatementLog.$observer.withValue(seen) { _ = try await store.rows(for: query) }
/// seen.statements.count
/// ```
public final class RecordedStatements: StatementObserver {
  private let all = Mutex<[StatementRecord]>([])

  /// No statements yet.
  public init() {}

  /// The statements so far, in the order of sending.
  public var statements: [StatementRecord] { all.withLock { $0 } }

  public func willSend(_ statement: StatementRecord) {
    all.withLock { $0.append(statement) }
  }
}
