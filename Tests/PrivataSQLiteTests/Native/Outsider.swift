import CSQLite

/// A connection of the sqlite3 library alone, as another program has one.
final class Outsider {
  private var db: OpaquePointer?

  init(_ path: String) {
    sqlite3_open(path, &db)
    sqlite3_busy_timeout(db, 5000)
  }

  deinit { sqlite3_close(db) }

  /// Runs SQL; answers a column of its rows as text.
  @discardableResult
  func run(_ sql: String, column: Int32 = 0) throws -> [String] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(db, sql, -1, &statement, nil) == SQLITE_OK else {
      throw OutsiderFailure(text: String(cString: sqlite3_errmsg(db)))
    }
    defer { sqlite3_finalize(statement) }
    var rows: [String] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        rows.append(sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL")
      case SQLITE_DONE: return rows
      default: throw OutsiderFailure(text: String(cString: sqlite3_errmsg(db)))
      }
    }
  }
}

struct OutsiderFailure: Error { let text: String }
