import BenchKit
import CRawPostgres
import PrivataCore

/// libpq, one connection, named prepared statements, binary parameters and results.
// Safe: each connection is used by one thread at a time.
final class RawPostgres: RawStore, @unchecked Sendable {
  private let url: String
  private let connection: OpaquePointer
  private static let columns =
    "_id, email, firstname, lastname, role, age, heightcm, active, createdat"

  private static let identity = "_id, email, firstname, lastname, role, age"

  init(url: String) throws(RawFailure) {
    guard let made = PQconnectdb(url), PQstatus(made) == CONNECTION_OK else {
      throw RawFailure(message: "cannot connect to Postgres")
    }
    self.url = url
    connection = made
    try command("SET client_min_messages = warning; SET search_path = bench_raw")
    try command("SET timezone = 'UTC'")
  }

  deinit { PQfinish(connection) }

  func another() throws -> RawPostgres {
    let other = try RawPostgres(url: url)
    try other.prepareAll()
    return other
  }

  func conditions() throws -> Conditions {
    var found: Conditions = [:]
    for name in PostgresConditions.names {
      let result = PQexec(connection, "SHOW \(name)")
      defer { PQclear(result) }
      if let value = PQgetvalue(result, 0, 0) { found.values[name] = String(cString: value) }
    }
    return found
  }

  func fill(users: Int) throws {
    try command("DROP SCHEMA IF EXISTS bench_raw CASCADE; CREATE SCHEMA bench_raw")
    try command(
      """
      CREATE TABLE users (_id bytea NOT NULL PRIMARY KEY, email text COLLATE "C" NOT NULL,
        firstName text COLLATE "C" NOT NULL, lastName text COLLATE "C" NOT NULL,
        role text COLLATE "C" NOT NULL, age bigint NOT NULL, heightCm double precision NOT NULL,
        active boolean NOT NULL, createdAt timestamptz NOT NULL);
      CREATE INDEX users_role ON users (role);
      CREATE TABLE sessions (_id bytea NOT NULL PRIMARY KEY, "user" bytea NOT NULL,
        minutes bigint NOT NULL, startedAt timestamptz NOT NULL);
      CREATE INDEX sessions_user ON sessions ("user"); DEALLOCATE ALL
      """)
    try prepareAll()
    for start in stride(from: 0, to: users, by: 1000) {
      try insertMany((start..<min(start + 1000, users)).map(BenchUser.sample))
    }
    try insertMany((0..<(2 * users)).map(BenchSession.sample))
  }

  func insertMany(_ sessions: [BenchSession]) throws {
    try command("BEGIN")
    for session in sessions {
      var parameters = Parameters()
      parameters.append(session._id)
      parameters.append(session.user)
      parameters.append(Int64(session.minutes))
      parameters.append(session.startedAt)
      PQclear(try run("session", parameters, PGRES_COMMAND_OK))
    }
    try command("COMMIT; ANALYZE users; ANALYZE sessions")
  }

  private func prepareAll() throws(RawFailure) {
    let columns = Self.columns
    let identity = Self.identity
    for (name, sql) in [
      ("byId", "SELECT \(columns) FROM users WHERE _id = $1::bytea"),
      ("byRole", "SELECT \(columns) FROM users WHERE role = $1::text LIMIT $2::int8"),
      ("some", "SELECT \(columns) FROM users LIMIT $1::int8"),
      ("byIds", "SELECT \(columns) FROM users WHERE _id = ANY($1::bytea[])"),
      ("identity", "SELECT \(identity) FROM users WHERE _id = $1::bytea"),
      ("identities", "SELECT \(identity) FROM users WHERE role = $1::text LIMIT $2::int8"),
      ("sessions", "SELECT _id, \"user\", minutes, startedAt FROM sessions LIMIT $1::int8"),
      (
        "sessionsOf",
        "SELECT _id, \"user\", minutes, startedAt FROM sessions "
          + "WHERE \"user\" = ANY($1::bytea[])"
      ),
      (
        "joined",
        "SELECT s._id, \"user\", minutes, startedAt, u.* FROM sessions s "
          + "JOIN users u ON s.\"user\" = u._id LIMIT $1::int8"
      ),
      ("insert", "INSERT INTO users VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)"),
      ("session", "INSERT INTO sessions VALUES ($1,$2,$3,$4)"),
      ("age", "UPDATE users SET age = $2::int8 WHERE _id = $1::bytea"),
      ("height", "UPDATE users SET heightcm = $2::float8 WHERE _id = $1::bytea"),
      ("delete", "DELETE FROM users WHERE _id = $1::bytea"),
      ("count", "SELECT count(*) FROM users WHERE role = $1::text"),
    ] { try prepare(name, sql) }
  }

  func findById(_ id: ObjectID) throws -> BenchUser? {
    try users("byId") { $0.append(id) }.first
  }

  func find(role: String, limit: Int) throws -> [BenchUser] {
    try users("byRole") {
      $0.append(role)
      $0.append(Int64(limit))
    }
  }

  func findByIds(_ ids: [ObjectID]) throws -> [BenchUser] {
    try users("byIds") { $0.append(ids) }
  }

  func sessions(limit: Int) throws -> [BenchSession] {
    var parameters = Parameters()
    parameters.append(Int64(limit))
    return try rows("sessions", parameters) { session($0, $1) }
  }

  func sessions(of users: [ObjectID]) throws -> [BenchSession] {
    var parameters = Parameters()
    parameters.append(users)
    return try rows("sessionsOf", parameters) { session($0, $1) }
  }

  func joined(limit: Int) throws -> [SessionOfUser]? {
    var parameters = Parameters()
    parameters.append(Int64(limit))
    return try rows("joined", parameters) {
      SessionOfUser(session: session($0, $1), user: user($0, $1, from: 4))
    }
  }

  func first(_ limit: Int) throws -> [BenchUser] { try users("some") { $0.append(Int64(limit)) } }

  func identity(_ id: ObjectID) throws -> BenchIdentity? {
    var parameters = Parameters()
    parameters.append(id)
    return try rows("identity", parameters) { identity($0, $1) }.first
  }

  func identities(role: String, limit: Int) throws -> [BenchIdentity] {
    var parameters = Parameters()
    parameters.append(role)
    parameters.append(Int64(limit))
    return try rows("identities", parameters) { identity($0, $1) }
  }

  func insert(_ user: BenchUser) throws {
    PQclear(try run("insert", parameters(user), PGRES_COMMAND_OK))
  }

  /// One round trip in pipeline mode, one transaction.
  func insertMany(_ users: [BenchUser]) throws {
    PQenterPipelineMode(connection)
    PQsendQueryParams(connection, "BEGIN", 0, nil, nil, nil, nil, 1)
    for user in users { parameters(user).send("insert", on: connection) }
    PQsendQueryParams(connection, "COMMIT", 0, nil, nil, nil, nil, 1)
    PQpipelineSync(connection)
    var failed = false
    for _ in 0..<(users.count + 2) {
      while let result = PQgetResult(connection) {
        failed = failed || PQresultStatus(result) != PGRES_COMMAND_OK
        PQclear(result)
      }
    }
    if let sync = PQgetResult(connection) { PQclear(sync) }
    PQexitPipelineMode(connection)
    if failed { throw RawFailure(message: "raw insertMany failed") }
  }

  func updateAge(_ id: ObjectID, _ age: Int) throws {
    var parameters = Parameters()
    parameters.append(id)
    parameters.append(Int64(age))
    PQclear(try run("age", parameters, PGRES_COMMAND_OK))
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) throws {
    var parameters = Parameters()
    parameters.append(id)
    parameters.append(heightCm)
    PQclear(try run("height", parameters, PGRES_COMMAND_OK))
  }

  func delete(_ id: ObjectID) throws {
    var parameters = Parameters()
    parameters.append(id)
    PQclear(try run("delete", parameters, PGRES_COMMAND_OK))
  }

  func count(role: String) throws -> Int {
    var parameters = Parameters()
    parameters.append(role)
    let result = try run("count", parameters, PGRES_TUPLES_OK)
    defer { PQclear(result) }
    return Int(integer(result, 0, 0))
  }
}

// MARK: - Sending and decoding

extension RawPostgres {
  private func command(_ sql: String) throws(RawFailure) {
    let result = PQexec(connection, sql)
    defer { PQclear(result) }
    guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else {
      throw RawFailure(message: "raw Postgres: " + String(cString: PQerrorMessage(connection)))
    }
  }

  private func prepare(_ name: String, _ sql: String) throws(RawFailure) {
    let result = PQprepare(connection, name, sql, 0, nil)
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else {
      throw RawFailure(message: "raw Postgres: " + String(cString: PQerrorMessage(connection)))
    }
  }

  private func run(
    _ name: String, _ parameters: Parameters, _ wanted: ExecStatusType
  ) throws(RawFailure) -> OpaquePointer? {
    let result = parameters.execute(name, on: connection)
    guard PQresultStatus(result) == wanted else {
      PQclear(result)
      throw RawFailure(message: "raw Postgres \(name) failed")
    }
    return result
  }

  private func users(
    _ name: String, _ fill: (inout Parameters) -> Void
  ) throws(RawFailure) -> [BenchUser] {
    var parameters = Parameters()
    fill(&parameters)
    return try rows(name, parameters) { user($0, $1) }
  }

  @inline(__always)
  private func rows<Row>(
    _ name: String, _ parameters: Parameters, _ row: (OpaquePointer?, Int32) -> Row
  ) throws(RawFailure) -> [Row] {
    let result = try run(name, parameters, PGRES_TUPLES_OK)
    defer { PQclear(result) }
    let count = PQntuples(result)
    var found: [Row] = []
    found.reserveCapacity(Int(count))
    for index in 0..<count { found.append(row(result, index)) }
    return found
  }

  private func parameters(_ user: BenchUser) -> Parameters {
    var parameters = Parameters()
    parameters.append(user._id)
    parameters.append(user.email)
    parameters.append(user.firstName)
    parameters.append(user.lastName)
    parameters.append(user.role)
    parameters.append(Int64(user.age))
    parameters.append(user.heightCm)
    parameters.append(user.active)
    parameters.append(user.createdAt)
    return parameters
  }

  @inline(__always)
  private func user(_ result: OpaquePointer?, _ row: Int32, from first: Int32 = 0) -> BenchUser {
    BenchUser(
      _id: id(result, row, first), email: text(result, row, first + 1),
      firstName: text(result, row, first + 2), lastName: text(result, row, first + 3),
      role: text(result, row, first + 4), age: Int(integer(result, row, first + 5)),
      heightCm: Double(bitPattern: UInt64(bitPattern: integer(result, row, first + 6))),
      active: PQgetvalue(result, row, first + 7)![0] != 0,
      createdAt: date(result, row, first + 8))
  }

  private func identity(_ result: OpaquePointer?, _ row: Int32) -> BenchIdentity {
    BenchIdentity(
      _id: id(result, row, 0), email: text(result, row, 1), firstName: text(result, row, 2),
      lastName: text(result, row, 3), role: text(result, row, 4),
      age: Int(integer(result, row, 5)))
  }

  private func session(_ result: OpaquePointer?, _ row: Int32) -> BenchSession {
    BenchSession(
      _id: id(result, row, 0), user: id(result, row, 1), minutes: Int(integer(result, row, 2)),
      startedAt: date(result, row, 3))
  }

  private func integer(_ result: OpaquePointer?, _ row: Int32, _ column: Int32) -> Int64 {
    Int64(
      bigEndian: UnsafeRawPointer(PQgetvalue(result, row, column)!).loadUnaligned(as: Int64.self))
  }

  private func date(_ result: OpaquePointer?, _ row: Int32, _ column: Int32) -> DateTime {
    // Microseconds since 2000-01-01 on the wire.
    DateTime(milliseconds: integer(result, row, column) / 1000 + 946_684_800_000)
  }

  private func id(_ result: OpaquePointer?, _ row: Int32, _ column: Int32) -> ObjectID {
    ObjectID(reading: UnsafeRawPointer(PQgetvalue(result, row, column)!))
  }

  private func text(_ result: OpaquePointer?, _ row: Int32, _ column: Int32) -> String {
    let bytes = UnsafeRawPointer(PQgetvalue(result, row, column)!)
    let count = Int(PQgetlength(result, row, column))
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
}

/// What has to be the same on both sides' connections.
enum PostgresConditions {
  static let names = ["synchronous_commit", "fsync", "work_mem", "jit", "plan_cache_mode"]
}
