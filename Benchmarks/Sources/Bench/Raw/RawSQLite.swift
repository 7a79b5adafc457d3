import CRawSQLite
import PrivataCore

/// SQLite on a file in WAL mode, one connection, prepared statements kept.
final class RawSQLite: RawStore {
  private var db: OpaquePointer?
  private var statements: [String: OpaquePointer] = [:]
  private static let columns =
    "_id, email, firstName, lastName, role, age, heightCm, active, createdAt"
  private lazy var byId = prepare("SELECT \(Self.columns) FROM users WHERE _id = ?1")
  private lazy var byRole = prepare("SELECT \(Self.columns) FROM users WHERE role = ?1 LIMIT ?2")
  private lazy var someSessions = prepare(
    "SELECT _id, user, minutes, startedAt FROM sessions LIMIT ?1")
  private lazy var insertOne = prepare("INSERT INTO users VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)")
  private lazy var insertSession = prepare("INSERT INTO sessions VALUES (?1,?2,?3,?4)")
  private lazy var setAge = prepare("UPDATE users SET age = ?2 WHERE _id = ?1")
  private lazy var deleteOne = prepare("DELETE FROM users WHERE _id = ?1")
  private lazy var countRole = prepare("SELECT count(*) FROM users WHERE role = ?1")
  private lazy var begin = prepare("BEGIN IMMEDIATE")
  private lazy var commit = prepare("COMMIT")

  init(path: String) throws(RawFailure) {
    guard
      sqlite3_open_v2(
        path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        == SQLITE_OK
    else { throw RawFailure(message: "cannot open the raw SQLite file") }
    for pragma in ["journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"] {
      sqlite3_exec(db, "PRAGMA \(pragma)", nil, nil, nil)
    }
  }

  deinit {
    for statement in [
      byId, byRole, someSessions, insertOne, insertSession, setAge, deleteOne, countRole, begin,
      commit,
    ] { sqlite3_finalize(statement) }
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(db)
  }

  private func prepare(_ sql: String) -> OpaquePointer? {
    var statement: OpaquePointer?
    sqlite3_prepare_v3(db, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    return statement
  }

  func fill(users: Int) throws(RawFailure) {
    let made = sqlite3_exec(
      db,
      """
      CREATE TABLE users (_id BLOB PRIMARY KEY, email TEXT, firstName TEXT, lastName TEXT,
        role TEXT, age INTEGER, heightCm REAL, active INTEGER, createdAt INTEGER);
      CREATE INDEX users_role ON users (role);
      CREATE TABLE sessions (_id BLOB PRIMARY KEY, user BLOB, minutes INTEGER, startedAt INTEGER);
      """, nil, nil, nil)
    guard made == SQLITE_OK else { throw RawFailure(message: "cannot make the raw tables") }
    try insertMany((0..<users).map(BenchUser.sample))
    try step(begin)
    for n in 0..<(2 * users) {
      let session = BenchSession.sample(n)
      bind(insertSession, 1, session._id)
      bind(insertSession, 2, session.user)
      sqlite3_bind_int64(insertSession, 3, Int64(session.minutes))
      sqlite3_bind_int64(insertSession, 4, session.startedAt.milliseconds)
      try step(insertSession)
    }
    try step(commit)
  }

  func findById(_ id: ObjectID) throws(RawFailure) -> BenchUser? {
    bind(byId, 1, id)
    defer { sqlite3_reset(byId) }
    return sqlite3_step(byId) == SQLITE_ROW ? user(byId) : nil
  }

  func find(role: String, limit: Int) throws(RawFailure) -> [BenchUser] {
    bind(byRole, 1, role)
    sqlite3_bind_int64(byRole, 2, Int64(limit))
    return rows(byRole, limit)
  }

  func findByIds(_ ids: [ObjectID]) throws(RawFailure) -> [BenchUser] {
    let marks = Array(repeating: "?", count: ids.count).joined(separator: ",")
    let sql = "SELECT \(Self.columns) FROM users WHERE _id IN (\(marks))"
    let statement = statements[sql] ?? prepare(sql)
    statements[sql] = statement
    for (index, id) in ids.enumerated() { bind(statement, Int32(index + 1), id) }
    return rows(statement, ids.count)
  }

  func sessions(limit: Int) throws(RawFailure) -> [BenchSession] {
    sqlite3_bind_int64(someSessions, 1, Int64(limit))
    defer { sqlite3_reset(someSessions) }
    var found: [BenchSession] = []
    found.reserveCapacity(limit)
    while sqlite3_step(someSessions) == SQLITE_ROW {
      found.append(
        BenchSession(
          _id: id(someSessions, 0), user: id(someSessions, 1),
          minutes: Int(sqlite3_column_int64(someSessions, 2)),
          startedAt: DateTime(milliseconds: sqlite3_column_int64(someSessions, 3))))
    }
    return found
  }

  func insert(_ user: BenchUser) throws(RawFailure) {
    bind(user)
    try step(insertOne)
  }

  func insertMany(_ users: [BenchUser]) throws(RawFailure) {
    try step(begin)
    for user in users { try insert(user) }
    try step(commit)
  }

  func updateAge(_ id: ObjectID, _ age: Int) throws(RawFailure) {
    bind(setAge, 1, id)
    sqlite3_bind_int64(setAge, 2, Int64(age))
    try step(setAge)
  }

  func delete(_ id: ObjectID) throws(RawFailure) {
    bind(deleteOne, 1, id)
    try step(deleteOne)
  }

  func count(role: String) throws(RawFailure) -> Int {
    bind(countRole, 1, role)
    defer { sqlite3_reset(countRole) }
    guard sqlite3_step(countRole) == SQLITE_ROW else { throw RawFailure(message: "count failed") }
    return Int(sqlite3_column_int64(countRole, 0))
  }
}

// MARK: - Binding and decoding

extension RawSQLite {
  private func step(_ statement: OpaquePointer?) throws(RawFailure) {
    let code = sqlite3_step(statement)
    sqlite3_reset(statement)
    guard code == SQLITE_DONE else { throw RawFailure(message: "raw SQLite step: \(code)") }
  }

  private func rows(_ statement: OpaquePointer?, _ limit: Int) -> [BenchUser] {
    defer { sqlite3_reset(statement) }
    var found: [BenchUser] = []
    found.reserveCapacity(limit)
    while sqlite3_step(statement) == SQLITE_ROW { found.append(user(statement)) }
    return found
  }

  private func bind(_ user: BenchUser) {
    bind(insertOne, 1, user._id)
    bind(insertOne, 2, user.email)
    bind(insertOne, 3, user.firstName)
    bind(insertOne, 4, user.lastName)
    bind(insertOne, 5, user.role)
    sqlite3_bind_int64(insertOne, 6, Int64(user.age))
    sqlite3_bind_double(insertOne, 7, user.heightCm)
    sqlite3_bind_int64(insertOne, 8, user.active ? 1 : 0)
    sqlite3_bind_int64(insertOne, 9, user.createdAt.milliseconds)
  }

  private func bind(_ statement: OpaquePointer?, _ index: Int32, _ text: String) {
    var text = text
    text.withUTF8 { bytes in
      // SQLITE_TRANSIENT: SQLite copies, as the string's bytes end with this call.
      _ = bytes.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(
          statement, index, $0.baseAddress, Int32($0.count),
          unsafeBitCast(-1, to: sqlite3_destructor_type.self))
      }
    }
  }

  private func bind(_ statement: OpaquePointer?, _ index: Int32, _ id: ObjectID) {
    var words = (id.high.bigEndian, id.low.bigEndian)
    withUnsafeBytes(of: &words) {
      _ = sqlite3_bind_blob(
        statement, index, $0.baseAddress, 12, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }
  }

  private func user(_ statement: OpaquePointer?) -> BenchUser {
    BenchUser(
      _id: id(statement, 0), email: text(statement, 1), firstName: text(statement, 2),
      lastName: text(statement, 3), role: text(statement, 4),
      age: Int(sqlite3_column_int64(statement, 5)), heightCm: sqlite3_column_double(statement, 6),
      active: sqlite3_column_int64(statement, 7) != 0,
      createdAt: DateTime(milliseconds: sqlite3_column_int64(statement, 8)))
  }

  private func id(_ statement: OpaquePointer?, _ column: Int32) -> ObjectID {
    let bytes = UnsafeRawPointer(sqlite3_column_blob(statement, column)!)
    return ObjectID(
      high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
      low: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
  }

  private func text(_ statement: OpaquePointer?, _ column: Int32) -> String {
    let bytes = sqlite3_column_text(statement, column)
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
}
