internal import Synchronization

/// Remembers that a query ran, where the profile lets each query run but once. Copies of a query
/// share it, as Mongoose's chain methods answer the same query; `clone()` makes a new one.
final class ExecutionMark: Sendable {
  private let hasRun = Mutex(false)

  /// - Throws: ``UsageError`` the second time.
  func begin() throws {
    let isFirst = hasRun.withLock { hasRun in
      defer { hasRun = true }
      return !hasRun
    }
    guard isFirst else {
      throw UsageError("Query was already executed; clone() it to run it again")
    }
  }
}
