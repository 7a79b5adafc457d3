internal import PrivataCore

extension PostgresContext {
  /// A connection of one's own.
  func leased() async throws(PrivataError) -> PostgresLease {
    do throws(PostgresUnavailable) {
      let bound = PostgresSettings.bound(options.poolTimeout)
      return try await pool.lease(until: MonotonicTime.now.adding(milliseconds: bound))
    } catch {
      if Task.isCancelled { throw PostgresStop.cancelled.error(at: place) }
      throw error.error(at: place)
    }
  }

  /// A transaction on a connection of its own; nothing is sent yet. Without a word about isolation it
  /// sees the records as they were at its first statement, as on MongoDB and SQLite: who changes what
  /// another has changed meanwhile gets `writeConflict`.
  func transaction(
    _ options: TransactionOptions, _ tables: PostgresTables
  ) async throws(PrivataError) -> PostgresTransaction {
    var options = options
    options.isolation = options.isolation ?? .repeatableRead
    return PostgresTransaction(self, tables, try await leased(), options)
  }
}
