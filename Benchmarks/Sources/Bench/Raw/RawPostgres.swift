import CRawPostgres
import PrivataCore

/// libpq, one connection, named prepared statements, binary parameters and results.
final class RawPostgres: RawStore {
  private let connection: OpaquePointer
  private static let columns =
    "_id, email, firstname, lastname, role, age, heightcm, active, createdat"

  init(url: String) throws(RawFailure) {
    guard let made = PQconnectdb(url), PQstatus(made) == CONNECTION_OK else {
      throw RawFailure(message: "cannot connect to Postgres")
    }
    connection = made
  }

  deinit { PQfinish(connection) }

  func fill(users: Int) throws(RawFailure) {
    try command("DROP SCHEMA IF EXISTS bench_raw CASCADE; CREATE SCHEMA bench_raw")
    try command("SET search_path = bench_raw; SET timezone = 'UTC'")
    try command(
      """
      CREATE TABLE users (_id bytea PRIMARY KEY, email text, firstName text, lastName text,
        role text, age bigint, heightCm double precision, active boolean, createdAt timestamptz);
      CREATE INDEX users_role ON users (role);
      CREATE TABLE sessions (_id bytea PRIMARY KEY, "user" bytea, minutes bigint,
        startedAt timestamptz)
      """)
    try prepare("byId", "SELECT \(Self.columns) FROM users WHERE _id = $1::bytea")
    try prepare("byRole", "SELECT \(Self.columns) FROM users WHERE role = $1::text LIMIT $2::int8")
    try prepare("byIds", "SELECT \(Self.columns) FROM users WHERE _id = ANY($1::bytea[])")
    try prepare("sessions", "SELECT _id, \"user\", minutes, startedAt FROM sessions LIMIT $1::int8")
    try prepare("insert", "INSERT INTO users VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)")
    try prepare("session", "INSERT INTO sessions VALUES ($1,$2,$3,$4)")
    try prepare("age", "UPDATE users SET age = $2::int8 WHERE _id = $1::bytea")
    try prepare("delete", "DELETE FROM users WHERE _id = $1::bytea")
    try prepare("count", "SELECT count(*) FROM users WHERE role = $1::text")
    for start in stride(from: 0, to: users, by: 1000) {
      try insertMany((start..<min(start + 1000, users)).map(BenchUser.sample))
    }
    try command("BEGIN")
    for n in 0..<(2 * users) {
      let session = BenchSession.sample(n)
      var parameters = Parameters()
      parameters.append(session._id)
      parameters.append(session.user)
      parameters.append(Int64(session.minutes))
      parameters.append(session.startedAt)
      PQclear(try run("session", parameters, PGRES_COMMAND_OK))
    }
    try command("COMMIT; ANALYZE")
  }

  func findById(_ id: ObjectID) throws(RawFailure) -> BenchUser? {
    try users("byId") { $0.append(id) }.first
  }

  func find(role: String, limit: Int) throws(RawFailure) -> [BenchUser] {
    try users("byRole") {
      $0.append(role)
      $0.append(Int64(limit))
    }
  }

  func findByIds(_ ids: [ObjectID]) throws(RawFailure) -> [BenchUser] {
    try users("byIds") { $0.append(ids) }
  }

  func sessions(limit: Int) throws(RawFailure) -> [BenchSession] {
    var parameters = Parameters()
    parameters.append(Int64(limit))
    let result = try run("sessions", parameters, PGRES_TUPLES_OK)
    defer { PQclear(result) }
    return (0..<PQntuples(result)).map { row in
      BenchSession(
        _id: id(result, row, 0), user: id(result, row, 1), minutes: Int(integer(result, row, 2)),
        startedAt: date(result, row, 3))
    }
  }

  func insert(_ user: BenchUser) throws(RawFailure) {
    PQclear(try run("insert", parameters(user), PGRES_COMMAND_OK))
  }

  /// One round trip in pipeline mode, one transaction.
  func insertMany(_ users: [BenchUser]) throws(RawFailure) {
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

  func updateAge(_ id: ObjectID, _ age: Int) throws(RawFailure) {
    var parameters = Parameters()
    parameters.append(id)
    parameters.append(Int64(age))
    PQclear(try run("age", parameters, PGRES_COMMAND_OK))
  }

  func delete(_ id: ObjectID) throws(RawFailure) {
    var parameters = Parameters()
    parameters.append(id)
    PQclear(try run("delete", parameters, PGRES_COMMAND_OK))
  }

  func count(role: String) throws(RawFailure) -> Int {
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
    let result = try run(name, parameters, PGRES_TUPLES_OK)
    defer { PQclear(result) }
    let count = PQntuples(result)
    var found: [BenchUser] = []
    found.reserveCapacity(Int(count))
    for row in 0..<count { found.append(user(result, row)) }
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

  private func user(_ result: OpaquePointer?, _ row: Int32) -> BenchUser {
    BenchUser(
      _id: id(result, row, 0), email: text(result, row, 1), firstName: text(result, row, 2),
      lastName: text(result, row, 3), role: text(result, row, 4),
      age: Int(integer(result, row, 5)),
      heightCm: Double(bitPattern: UInt64(bitPattern: integer(result, row, 6))),
      active: PQgetvalue(result, row, 7)![0] != 0, createdAt: date(result, row, 8))
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
    let bytes = UnsafeRawPointer(PQgetvalue(result, row, column)!)
    return ObjectID(
      high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
      low: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
  }

  private func text(_ result: OpaquePointer?, _ row: Int32, _ column: Int32) -> String {
    let bytes = UnsafeRawPointer(PQgetvalue(result, row, column)!)
    let count = Int(PQgetlength(result, row, column))
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
}
