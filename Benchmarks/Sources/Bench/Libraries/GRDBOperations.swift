import Foundation
import GRDB
import PrivataCore

/// The operations that are measured of other libraries: those of the table of users.
protocol UserOperations: StyleOperations {}

extension UserOperations {
  static var loading: Loading? { nil }
  func first(_ limit: Int) async throws -> [BenchUser] {
    try await find(role: "patient", limit: limit)
  }
  func sessionsWithUsers(limit: Int) async throws -> [SessionOfUser] { [] }
  func identity(_ id: ObjectID) async throws -> BenchIdentity? { nil }
  func identities(role: String, limit: Int) async throws -> [BenchIdentity] { [] }
  func insertMany(_ sessions: [BenchSession]) async throws {}
}

/// GRDB as fast as it goes: cached statements, values read by position, synchronous calls.
struct GRDBStatementOperations: UserOperations {
  let pool: GRDBPool

  func findById(_ id: ObjectID) async throws -> BenchUser? {
    try pool.read { try BenchUser.fetch($0, id) }
  }

  func find(role: String, limit: Int) async throws -> [BenchUser] {
    try pool.read { try BenchUser.fetch($0, role: role, limit) }
  }

  func insert(_ user: BenchUser) async throws { try pool.write { try user.insertRow($0) } }

  func insertMany(_ users: [BenchUser]) async throws {
    try pool.write { db in for user in users { try user.insertRow(db) } }
  }

  func updateAge(_ id: ObjectID, _ age: Int) async throws {
    try pool.write {
      try $0.cachedStatement(sql: GRDBStatements.age).execute(arguments: [age, id.data])
    }
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) async throws {
    try pool.write {
      try $0.cachedStatement(sql: GRDBStatements.height).execute(arguments: [heightCm, id.data])
    }
  }

  func delete(_ id: ObjectID) async throws {
    try pool.write {
      try $0.cachedStatement(sql: GRDBStatements.delete).execute(arguments: [id.data])
    }
  }

  func count(role: String) async throws -> Int {
    try pool.read { try BenchUser.count($0, role: role) }
  }
}

/// The same statements and decoding through GRDB's asynchronous pool, as a server calls it.
struct GRDBAsyncOperations: UserOperations {
  let pool: GRDBPool

  func findById(_ id: ObjectID) async throws -> BenchUser? {
    try await pool.database.read { try BenchUser.fetch($0, id) }
  }

  func find(role: String, limit: Int) async throws -> [BenchUser] {
    try await pool.database.read { try BenchUser.fetch($0, role: role, limit) }
  }

  func insert(_ user: BenchUser) async throws {
    try await pool.database.write { try user.insertRow($0) }
  }

  func insertMany(_ users: [BenchUser]) async throws {
    try await pool.database.write { db in for user in users { try user.insertRow(db) } }
  }

  func updateAge(_ id: ObjectID, _ age: Int) async throws {
    try await pool.database.write {
      try $0.cachedStatement(sql: GRDBStatements.age).execute(arguments: [age, id.data])
    }
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) async throws {
    try await pool.database.write {
      try $0.cachedStatement(sql: GRDBStatements.height).execute(arguments: [heightCm, id.data])
    }
  }

  func delete(_ id: ObjectID) async throws {
    try await pool.database.write {
      try $0.cachedStatement(sql: GRDBStatements.delete).execute(arguments: [id.data])
    }
  }

  func count(role: String) async throws -> Int {
    try await pool.database.read { try BenchUser.count($0, role: role) }
  }
}

/// GRDB as its guide recommends it: records that are `Codable`, the query interface, synchronous
/// calls.
struct GRDBCodableOperations: UserOperations {
  let pool: GRDBPool

  func findById(_ id: ObjectID) async throws -> BenchUser? {
    try pool.read {
      try GRDBUser.filter(Column("_id") == id.data).fetchOne($0).map { BenchUser($0) }
    }
  }

  func find(role: String, limit: Int) async throws -> [BenchUser] {
    try pool.read {
      try GRDBUser.filter(Column("role") == role).limit(limit).fetchAll($0).map { BenchUser($0) }
    }
  }

  func insert(_ user: BenchUser) async throws { try pool.write { try GRDBUser(user).insert($0) } }

  func insertMany(_ users: [BenchUser]) async throws {
    try pool.write { db in for user in users { try GRDBUser(user).insert(db) } }
  }

  func updateAge(_ id: ObjectID, _ age: Int) async throws {
    _ = try pool.write {
      try GRDBUser.filter(Column("_id") == id.data).updateAll($0, Column("age").set(to: age))
    }
  }

  func updateHeight(_ id: ObjectID, _ heightCm: Double) async throws {
    _ = try pool.write {
      try GRDBUser.filter(Column("_id") == id.data)
        .updateAll($0, Column("heightCm").set(to: heightCm))
    }
  }

  func delete(_ id: ObjectID) async throws {
    _ = try pool.write { try GRDBUser.filter(Column("_id") == id.data).deleteAll($0) }
  }

  func count(role: String) async throws -> Int {
    try pool.read { try GRDBUser.filter(Column("role") == role).fetchCount($0) }
  }
}

/// The record as GRDB codes it.
private struct GRDBUser: Codable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "users"

  var _id: Data
  var email: String
  var firstName: String
  var lastName: String
  var role: String
  var age: Int
  var heightCm: Double
  var active: Bool
  var createdAt: Int64

  init(_ user: BenchUser) {
    _id = user._id.data
    email = user.email
    firstName = user.firstName
    lastName = user.lastName
    role = user.role
    age = user.age
    heightCm = user.heightCm
    active = user.active
    createdAt = user.createdAt.milliseconds
  }
}

extension BenchUser {
  fileprivate init(_ user: GRDBUser) {
    self.init(
      _id: ObjectID(user._id), email: user.email, firstName: user.firstName,
      lastName: user.lastName, role: user.role, age: user.age, heightCm: user.heightCm,
      active: user.active, createdAt: DateTime(milliseconds: user.createdAt))
  }
}
