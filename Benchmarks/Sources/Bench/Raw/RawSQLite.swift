import BenchKit
import CRawSQLite
import PrivataCore

/// SQLite on a file in WAL mode, one connection, prepared statements kept, values bound in place.
// Safe: each connection is used by one thread at a time.
final class RawSQLite: RawStore, @unchecked Sendable {
  private let path: String
  private var db: OpaquePointer?
  private var prepared: [OpaquePointer?] = []
  /// Statements with a list, by how they begin and by its length.
  private var lists: [String: [Int: OpaquePointer]] = [:]
  private var byIdTables: [OpaquePointer?] = []
  private static let columns =
    "_id, email, firstName, lastName, role, age, heightCm, active, createdAt"
  private lazy var byId = prepare("SELECT \(Self.columns) FROM users WHERE _id = ?1")
  private lazy var byRole = prepare("SELECT \(Self.columns) FROM users WHERE role = ?1 LIMIT ?2")
  private lazy var some = prepare("SELECT \(Self.columns) FROM users LIMIT ?1")
  private lazy var identityById = prepare(
    "SELECT _id, email, firstName, lastName, role, age FROM users WHERE _id = ?1")
  private lazy var identitiesByRole = prepare(
    "SELECT _id, email, firstName, lastName, role, age FROM users WHERE role = ?1 LIMIT ?2")
  private lazy var someSessions = prepare(
    "SELECT _id, user, minutes, startedAt FROM sessions LIMIT ?1")
  private lazy var join = prepare(
    """
    SELECT s._id, s.user, s.minutes, s.startedAt, u._id, email, firstName, lastName, role, age,
      heightCm, active, createdAt FROM sessions s JOIN users u ON s.user = u._id LIMIT ?1
    """)
  private lazy var insertOne = prepare("INSERT INTO users VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)")
  private lazy var insertSession = prepare("INSERT INTO sessions VALUES (?1,?2,?3,?4)")
  private lazy var setAge = prepare("UPDATE users SET age = ?2 WHERE _id = ?1")
  private lazy var setHeight = prepare("UPDATE users SET heightCm = ?2 WHERE _id = ?1")
  private lazy var deleteOne = prepare("DELETE FROM users WHERE _id = ?1")
  private lazy var countRole = prepare("SELECT count(*) FROM users WHERE role = ?1")
  private lazy var begin = prepare("BEGIN IMMEDIATE")
  private lazy var commit = prepare("COMMIT")

  /// The settings of ``PrivataSQLite`` with which a store opens: durable at each commit.
  static let pragmas = [
    "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON",
    "temp_store = MEMORY", "cache_size = -8000", "busy_timeout = 10000",
  ]

  init(path: String) throws(RawFailure) {
    self.path = path
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    guard sqlite3_open_v2(path, &db, flags, nil) == SQLITE_OK else {
      throw RawFailure(message: "cannot open the raw SQLite file")
    }
    for pragma in Self.pragmas { sqlite3_exec(db, "PRAGMA \(pragma)", nil, nil, nil) }
  }

  deinit {
    for statement in prepared { sqlite3_finalize(statement) }
    sqlite3_close_v2(db)
  }

  func another() throws -> RawSQLite { try RawSQLite(path: path) }

  private func prepare(_ sql: String) -> OpaquePointer? {
    var statement: OpaquePointer?
    sqlite3_prepare_v3(db, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    prepared.append(statement)
    return statement
  }

  private func run(_ sql: String) throws(RawFailure) {
    guard sqlite3_exec(db, sql, nil, nil, nil) == SQLITE_OK else {
      throw RawFailure(message: "raw SQLite: " + String(cString: sqlite3_errmsg(db)))
    }
  }

  func conditions() throws -> Conditions {
    var found: Conditions = [:]
    for name in SQLiteConditions.names {
      let statement = prepare("PRAGMA \(name)")
      defer { sqlite3_reset(statement) }
      guard sqlite3_step(statement) == SQLITE_ROW else { continue }
      found.values[name] = text(statement, 0)
    }
    return found
  }

  func fill(users: Int) throws {
    try run(
      """
      DROP TABLE IF EXISTS users; DROP TABLE IF EXISTS sessions;
      CREATE TABLE users (_id BLOB NOT NULL PRIMARY KEY, email TEXT NOT NULL,
        firstName TEXT NOT NULL, lastName TEXT NOT NULL, role TEXT NOT NULL, age INTEGER NOT NULL,
        heightCm REAL NOT NULL, active INTEGER NOT NULL, createdAt INTEGER NOT NULL);
      CREATE INDEX users_role ON users (role);
      CREATE TABLE sessions (_id BLOB NOT NULL PRIMARY KEY, user BLOB NOT NULL,
        minutes INTEGER NOT NULL, startedAt INTEGER NOT NULL);
      CREATE INDEX sessions_user ON sessions (user);
      """)
    for start in stride(from: 0, to: users, by: 1000) {
      try insertMany((start..<min(start + 1000, users)).map(BenchUser.sample))
    }
    try insertMany((0..<(2 * users)).map(BenchSession.sample))
  }

  func insertMany(_ sessions: [BenchSession]) throws {
    try step(begin)
    for session in sessions { try insert(session) }
    try step(commit)
  }

  private func insert(_ session: BenchSession) throws(RawFailure) {
    try session._id.withBytes { id throws(RawFailure) in
      try session.user.withBytes { user throws(RawFailure) in
        sqlite3_bind_blob(insertSession, 1, id, 12, nil)
        sqlite3_bind_blob(insertSession, 2, user, 12, nil)
        sqlite3_bind_int64(insertSession, 3, Int64(session.minutes))
        sqlite3_bind_int64(insertSession, 4, session.startedAt.milliseconds)
        try step(insertSession)
      }
    }
  }

  /// Tables of the same form, for the suite that asks many models in turn.
  func fillTables(_ count: Int, rows: Int) throws {
    for table in 0..<count {
      try run(
        "CREATE TABLE t\(table) (_id BLOB NOT NULL PRIMARY KEY, email TEXT, firstName TEXT, "
          + "lastName TEXT, role TEXT, age INTEGER, heightCm REAL, active INTEGER, "
          + "createdAt INTEGER); "
          + "INSERT INTO t\(table) SELECT \(Self.columns) FROM users LIMIT \(rows)")
      byIdTables.append(prepare("SELECT \(Self.columns) FROM t\(table) WHERE _id = ?1"))
    }
  }

  func findById(_ id: ObjectID, table: Int) throws -> BenchUser? { one(byIdTables[table], id) }
}

// MARK: - Operations

extension RawSQLite {
  func findById(_ id: ObjectID) throws -> BenchUser? { one(byId, id) }

  @inline(__always)
  private func one(_ statement: OpaquePointer?, _ id: ObjectID) -> BenchUser? {
    id.withBytes {
      sqlite3_bind_blob(statement, 1, $0, 12, nil)
      defer { sqlite3_reset(statement) }
      return sqlite3_step(statement) == SQLITE_ROW ? user(statement) : nil
    }
  }

  func find(role: String, limit: Int) throws -> [BenchUser] {
    list(byRole, role, limit) { user($0) }
  }

  func first(_ limit: Int) throws -> [BenchUser] {
    sqlite3_bind_int64(some, 1, Int64(limit))
    return rows(some, limit) { user($0) }
  }

  func findByIds(_ ids: [ObjectID]) throws -> [BenchUser] {
    let start = "SELECT \(Self.columns) FROM users WHERE _id IN"
    return rows(start, ids, ids.count) { user($0) }
  }

  func sessions(of users: [ObjectID]) throws -> [BenchSession] {
    let start = "SELECT _id, user, minutes, startedAt FROM sessions WHERE user IN"
    return rows(start, users, 10 * users.count) { session($0) }
  }

  @inline(__always)
  private func rows<Row>(
    _ start: String, _ ids: [ObjectID], _ expected: Int, _ row: (OpaquePointer?) -> Row
  ) -> [Row] {
    let statement = lists[start]?[ids.count] ?? prepareList(start, ids.count)
    let bytes = ids.flatMap(\.bytes)
    return bytes.withUnsafeBytes { bytes in
      for index in ids.indices {
        sqlite3_bind_blob(
          statement, Int32(index + 1), bytes.baseAddress.map { $0 + 12 * index }, 12, nil)
      }
      return rows(statement, expected, row)
    }
  }

  private func prepareList(_ start: String, _ count: Int) -> OpaquePointer? {
    let marks = Array(repeating: "?", count: count).joined(separator: ",")
    let statement = prepare("\(start) (\(marks))")
    lists[start, default: [:]][count] = statement
    return statement
  }

  func sessions(limit: Int) throws -> [BenchSession] {
    sqlite3_bind_int64(someSessions, 1, Int64(limit))
    return rows(someSessions, limit) { session($0) }
  }

  func joined(limit: Int) throws -> [SessionOfUser]? {
    sqlite3_bind_int64(join, 1, Int64(limit))
    return rows(join, limit) { SessionOfUser(session: session($0), user: user($0, from: 4)) }
  }

  func identity(_ id: ObjectID) throws -> BenchIdentity? {
    id.withBytes {
      sqlite3_bind_blob(identityById, 1, $0, 12, nil)
      defer { sqlite3_reset(identityById) }
      return sqlite3_step(identityById) == SQLITE_ROW ? identity(identityById) : nil
    }
  }

  func identities(role: String, limit: Int) throws -> [BenchIdentity] {
    list(identitiesByRole, role, limit) { identity($0) }
  }

  func insert(_ user: BenchUser) throws {
    try user._id.withBytes { id in
      try withTexts(user) {
        sqlite3_bind_blob(insertOne, 1, id, 12, nil)
        sqlite3_bind_int64(insertOne, 6, Int64(user.age))
        sqlite3_bind_double(insertOne, 7, user.heightCm)
        sqlite3_bind_int64(insertOne, 8, user.active ? 1 : 0)
        sqlite3_bind_int64(insertOne, 9, user.createdAt.milliseconds)
        try step(insertOne)
      }
    }
  }

  func insertMany(_ users: [BenchUser]) throws {
    try step(begin)
    for user in users { try insert(user) }
    try step(commit)
  }

  func updateAge(_ id: ObjectID, _ age: Int) throws {
    try id.withBytes { id throws(RawFailure) in
      sqlite3_bind_blob(setAge, 1, id, 12, nil)
      sqlite3_bind_int64(setAge, 2, Int64(age))
      try step(setAge)
    }
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) throws {
    try id.withBytes { id throws(RawFailure) in
      sqlite3_bind_blob(setHeight, 1, id, 12, nil)
      sqlite3_bind_double(setHeight, 2, heightCm)
      try step(setHeight)
    }
  }

  func delete(_ id: ObjectID) throws {
    try id.withBytes { id throws(RawFailure) in
      sqlite3_bind_blob(deleteOne, 1, id, 12, nil)
      try step(deleteOne)
    }
  }

  func count(role: String) throws -> Int {
    var role = role
    return try role.withUTF8 { role throws(RawFailure) in
      bind(countRole, 1, role)
      defer { sqlite3_reset(countRole) }
      guard sqlite3_step(countRole) == SQLITE_ROW else { throw RawFailure(message: "no count") }
      return Int(sqlite3_column_int64(countRole, 0))
    }
  }
}

// MARK: - Binding and decoding

extension RawSQLite {
  private func step(_ statement: OpaquePointer?) throws(RawFailure) {
    let code = sqlite3_step(statement)
    sqlite3_reset(statement)
    guard code == SQLITE_DONE else { throw RawFailure(message: "raw SQLite step: \(code)") }
  }

  @inline(__always)
  private func list<Row>(
    _ statement: OpaquePointer?, _ role: String, _ limit: Int, _ row: (OpaquePointer?) -> Row
  ) -> [Row] {
    var role = role
    return role.withUTF8 {
      bind(statement, 1, $0)
      sqlite3_bind_int64(statement, 2, Int64(limit))
      return rows(statement, limit, row)
    }
  }

  @inline(__always)
  private func rows<Row>(
    _ statement: OpaquePointer?, _ limit: Int, _ row: (OpaquePointer?) -> Row
  ) -> [Row] {
    defer { sqlite3_reset(statement) }
    var found: [Row] = []
    found.reserveCapacity(limit)
    while sqlite3_step(statement) == SQLITE_ROW { found.append(row(statement)) }
    return found
  }

  /// Lends a text that outlives the statement's run.
  @inline(__always)
  private func bind(
    _ statement: OpaquePointer?, _ index: Int32, _ text: UnsafeBufferPointer<UInt8>
  ) {
    _ = text.withMemoryRebound(to: CChar.self) {
      sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), nil)
    }
  }

  private func withTexts(_ user: BenchUser, _ body: () throws -> Void) throws {
    var user = user
    try user.email.withUTF8 { email in
      bind(insertOne, 2, email)
      try user.firstName.withUTF8 { first in
        bind(insertOne, 3, first)
        try user.lastName.withUTF8 { last in
          bind(insertOne, 4, last)
          try user.role.withUTF8 { role in
            bind(insertOne, 5, role)
            try body()
          }
        }
      }
    }
  }

  @inline(__always)
  private func user(_ statement: OpaquePointer?, from first: Int32 = 0) -> BenchUser {
    BenchUser(
      _id: id(statement, first), email: text(statement, first + 1),
      firstName: text(statement, first + 2), lastName: text(statement, first + 3),
      role: text(statement, first + 4), age: Int(sqlite3_column_int64(statement, first + 5)),
      heightCm: sqlite3_column_double(statement, first + 6),
      active: sqlite3_column_int64(statement, first + 7) != 0,
      createdAt: DateTime(milliseconds: sqlite3_column_int64(statement, first + 8)))
  }

  private func identity(_ statement: OpaquePointer?) -> BenchIdentity {
    BenchIdentity(
      _id: id(statement, 0), email: text(statement, 1), firstName: text(statement, 2),
      lastName: text(statement, 3), role: text(statement, 4),
      age: Int(sqlite3_column_int64(statement, 5)))
  }

  private func session(_ statement: OpaquePointer?) -> BenchSession {
    BenchSession(
      _id: id(statement, 0), user: id(statement, 1),
      minutes: Int(sqlite3_column_int64(statement, 2)),
      startedAt: DateTime(milliseconds: sqlite3_column_int64(statement, 3)))
  }

  private func id(_ statement: OpaquePointer?, _ column: Int32) -> ObjectID {
    ObjectID(reading: UnsafeRawPointer(sqlite3_column_blob(statement, column)!))
  }

  private func text(_ statement: OpaquePointer?, _ column: Int32) -> String {
    let bytes = sqlite3_column_text(statement, column)
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
}

/// What has to be the same on both sides' files.
enum SQLiteConditions {
  static let names = [
    "journal_mode", "synchronous", "foreign_keys", "secure_delete", "cache_size", "page_size",
    "temp_store",
  ]
}
