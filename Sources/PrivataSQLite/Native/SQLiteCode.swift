internal import CSQLite

/// SQLite's result codes, as far as they are told apart. The numbers are stable by SQLite's promise.
///
/// Source: https://www.sqlite.org/rescode.html
struct SQLiteCode: RawRepresentable, Sendable, Hashable {
  let rawValue: Int32

  static let ok = Self(rawValue: SQLITE_OK)
  static let row = Self(rawValue: SQLITE_ROW)
  static let done = Self(rawValue: SQLITE_DONE)

  static let permission = Self(rawValue: SQLITE_PERM)
  static let busy = Self(rawValue: SQLITE_BUSY)
  static let locked = Self(rawValue: SQLITE_LOCKED)
  static let readOnly = Self(rawValue: SQLITE_READONLY)
  static let interrupted = Self(rawValue: SQLITE_INTERRUPT)
  static let inputOutput = Self(rawValue: SQLITE_IOERR)
  static let corrupt = Self(rawValue: SQLITE_CORRUPT)
  static let full = Self(rawValue: SQLITE_FULL)
  static let cannotOpen = Self(rawValue: SQLITE_CANTOPEN)
  static let tooBig = Self(rawValue: SQLITE_TOOBIG)
  static let constraint = Self(rawValue: SQLITE_CONSTRAINT)
  static let mismatch = Self(rawValue: SQLITE_MISMATCH)
  static let notADatabase = Self(rawValue: SQLITE_NOTADB)

  static let busySnapshot = Self(rawValue: SQLITE_BUSY | 2 << 8)
  static let unique = Self(rawValue: SQLITE_CONSTRAINT | 8 << 8)
  static let primaryKey = Self(rawValue: SQLITE_CONSTRAINT | 6 << 8)
  static let rowID = Self(rawValue: SQLITE_CONSTRAINT | 10 << 8)
  static let foreignKey = Self(rawValue: SQLITE_CONSTRAINT | 3 << 8)
  /// What `ON DELETE RESTRICT` answers; triggers that raise answer the same.
  static let restricted = Self(rawValue: SQLITE_CONSTRAINT | 7 << 8)
  static let notNull = Self(rawValue: SQLITE_CONSTRAINT | 5 << 8)
  static let check = Self(rawValue: SQLITE_CONSTRAINT | 1 << 8)

  /// The name in SQLite's header, as errors tell it.
  var name: String {
    switch self {
    case .unique: "SQLITE_CONSTRAINT_UNIQUE"
    case .primaryKey: "SQLITE_CONSTRAINT_PRIMARYKEY"
    case .rowID: "SQLITE_CONSTRAINT_ROWID"
    case .foreignKey: "SQLITE_CONSTRAINT_FOREIGNKEY"
    case .notNull: "SQLITE_CONSTRAINT_NOTNULL"
    case .check: "SQLITE_CONSTRAINT_CHECK"
    case .busySnapshot: "SQLITE_BUSY_SNAPSHOT"
    default: Self.names[primary.rawValue] ?? "SQLITE_\(rawValue)"
    }
  }

  private static let names: [Int32: String] = [
    SQLITE_ERROR: "SQLITE_ERROR", SQLITE_PERM: "SQLITE_PERM", SQLITE_BUSY: "SQLITE_BUSY",
    SQLITE_LOCKED: "SQLITE_LOCKED", SQLITE_READONLY: "SQLITE_READONLY",
    SQLITE_INTERRUPT: "SQLITE_INTERRUPT", SQLITE_IOERR: "SQLITE_IOERR",
    SQLITE_CORRUPT: "SQLITE_CORRUPT", SQLITE_FULL: "SQLITE_FULL",
    SQLITE_CANTOPEN: "SQLITE_CANTOPEN", SQLITE_TOOBIG: "SQLITE_TOOBIG",
    SQLITE_CONSTRAINT: "SQLITE_CONSTRAINT", SQLITE_MISMATCH: "SQLITE_MISMATCH",
    SQLITE_RANGE: "SQLITE_RANGE", SQLITE_NOTADB: "SQLITE_NOTADB",
  ]

  /// The code without what extends it.
  var primary: SQLiteCode { Self(rawValue: rawValue & 0xFF) }
}

/// A failure as SQLite reports it. The message can hold names and pieces of SQL, so it stays here.
struct SQLiteFailure: Error, Sendable {
  let code: SQLiteCode
  let message: String
}
