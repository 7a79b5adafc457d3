internal import CSQLite
internal import PrivataCore

/// A prepared statement; its connection owns it and outlives its use.
final class SQLiteStatement {
  let handle: OpaquePointer
  let columnCount: Int
  /// True for a statement that cannot change the database.
  let isReadOnly: Bool
  /// When the statement was last used, by its connection's count.
  var lastUse = 0

  init(_ sql: String, on db: OpaquePointer) throws(SQLiteFailure) {
    var handle: OpaquePointer?
    var sql = sql
    let result = sql.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text in
        sqlite3_prepare_v3(
          db, text.baseAddress, Int32(text.count), UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
      }
    }
    guard result == SQLITE_OK, let handle else {
      let code = result == SQLITE_OK ? SQLITE_MISUSE : result
      throw SQLiteFailure(
        code: SQLiteCode(rawValue: code), message: String(cString: sqlite3_errmsg(db)))
    }
    self.handle = handle
    columnCount = Int(sqlite3_column_count(handle))
    isReadOnly = sqlite3_stmt_readonly(handle) != 0
  }

  deinit { sqlite3_finalize(handle) }

  /// Steps to the next row.
  func step() -> Int32 { sqlite3_step(handle) }

  /// Ends the run, so that the statement can start again and holds no lock.
  func reset() { sqlite3_reset(handle) }

  /// The names of the result's columns.
  var columnNames: [String] {
    (0..<columnCount).map { index in
      sqlite3_column_name(handle, Int32(index)).map { String(cString: $0) } ?? ""
    }
  }
}
