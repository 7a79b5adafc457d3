public import PrivataCore
internal import PrivataSQL

extension PostgresStore: StreamingStore {
  /// Opens a stream from a cursor in a transaction of its own, which sees the records as they are
  /// now.
  public func stream(
    _ query: Query, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    let plan = try await session.plan(of: query, in: tables)
    let options = TransactionOptions(isReadOnly: true)
    let scope = PostgresTransactionScope(try await context.leased(), options)
    let session = PostgresSession(context, scope: scope, deadline: .never)
    return try PostgresRowStream(
      session, scope, ownsScope: true, plan, query, batchSize: max(batchSize, 1))
  }
}

extension PostgresTransaction: StreamingStore {
  /// Opens a stream from a cursor in the transaction.
  public func stream(
    _ query: Query, batchSize: Int
  ) async throws(PrivataError) -> any RowStream {
    let plan = try await session.plan(of: query, in: tables)
    return try PostgresRowStream(
      session, scope, ownsScope: false, plan, query, batchSize: max(batchSize, 1))
  }
}
