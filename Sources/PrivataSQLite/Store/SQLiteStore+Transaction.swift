public import PrivataCore

extension SQLiteStore: TransactionalStore {
  /// Opens a transaction. One that writes has the store's writer until it ends; other writes wait for
  /// it, reads outside go on and see the records as they were.
  ///
  /// - Throws: `busy` where another transaction does not end within the store's patience.
  public func begin(
    _ options: TransactionOptions
  ) async throws(PrivataError) -> any StoreTransaction {
    StatementLog.observer?.willSend(
      StatementRecord(
        kind: "begin", collection: "", text: options.isReadOnly ? "BEGIN" : "BEGIN IMMEDIATE"))
    return SQLiteTransaction(try await database.begin(options))
  }
}

extension SQLiteDatabase {
  func begin(_ options: TransactionOptions) async throws(PrivataError) -> TransactionCore {
    if options.isReadOnly {
      let session = try await reader()
      do throws(PrivataError) {
        try session.hold()
      } catch {
        giveBack(session)
        throw error
      }
      return TransactionCore(self, session, options)
    }
    let session = try await writer.own()
    var delays = LockDelays(patience: self.options.waitMilliseconds)
    while true {
      do throws(PrivataError) {
        try session.begin()
        if isShared { try compare(session) }
        return TransactionCore(self, session, options)
      } catch {
        session.rollback()
        if error.code == .busy, await delays.next() { continue }
        writer.release(session)
        throw error
      }
    }
  }
}
