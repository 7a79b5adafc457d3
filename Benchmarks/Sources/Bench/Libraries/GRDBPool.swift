import BenchKit
import Foundation
import GRDB
import PrivataCore

/// A file of GRDB's with the raw side's table, opened under the raw side's conditions.
struct GRDBPool: Sendable {
  let database: DatabasePool

  init(path: String) throws {
    var configuration = Configuration()
    configuration.maximumReaderCount = Place.connections
    configuration.prepareDatabase { db in
      for pragma in RawSQLite.pragmas where !pragma.hasPrefix("journal_mode") {
        try db.execute(sql: "PRAGMA \(pragma)")
      }
    }
    database = try DatabasePool(path: path, configuration: configuration)
    // The pool itself gives up the sync of each commit when it opens its writer.
    try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
  }

  func fill(users: Int) throws {
    try database.write { db in
      try db.execute(
        sql: """
          DROP TABLE IF EXISTS users;
          CREATE TABLE users (_id BLOB NOT NULL PRIMARY KEY, email TEXT NOT NULL,
            firstName TEXT NOT NULL, lastName TEXT NOT NULL, role TEXT NOT NULL,
            age INTEGER NOT NULL, heightCm REAL NOT NULL, active INTEGER NOT NULL,
            createdAt INTEGER NOT NULL);
          CREATE INDEX users_role ON users (role);
          """)
      for n in 0..<users { try BenchUser.sample(n).insertRow(db) }
    }
  }

  func conditions() throws -> Conditions {
    try database.writeWithoutTransaction { db in
      var found: Conditions = [:]
      for name in SQLiteConditions.names {
        found.values[name] = try String.fetchOne(db, sql: "PRAGMA \(name)")
      }
      return found
    }
  }

  // A method that does not suspend takes GRDB's synchronous calls, which wait on a dispatch queue.
  func read<R>(_ body: (GRDB.Database) throws -> R) throws -> R { try database.read(body) }
  func write<R>(_ body: (GRDB.Database) throws -> R) throws -> R { try database.write(body) }
}

/// The statements, kept prepared by GRDB.
enum GRDBStatements {
  static let columns = "_id, email, firstName, lastName, role, age, heightCm, active, createdAt"
  static let byId = "SELECT \(columns) FROM users WHERE _id = ?"
  static let byRole = "SELECT \(columns) FROM users WHERE role = ? LIMIT ?"
  static let count = "SELECT count(*) FROM users WHERE role = ?"
  static let insert = "INSERT INTO users VALUES (?,?,?,?,?,?,?,?,?)"
  static let age = "UPDATE users SET age = ? WHERE _id = ?"
  static let height = "UPDATE users SET heightCm = ? WHERE _id = ?"
  static let delete = "DELETE FROM users WHERE _id = ?"
}

extension ObjectID {
  var data: Data { Data(bytes) }

  init(_ data: Data) { self = data.withUnsafeBytes { ObjectID(reading: $0.baseAddress!) } }
}

extension BenchUser {
  /// Decoding by hand: values by position.
  init(_ row: Row) {
    self.init(
      _id: ObjectID(row[0] as Data), email: row[1], firstName: row[2], lastName: row[3],
      role: row[4], age: row[5], heightCm: row[6], active: row[7],
      createdAt: DateTime(milliseconds: row[8]))
  }

  func insertRow(_ db: GRDB.Database) throws {
    try db.cachedStatement(sql: GRDBStatements.insert).execute(arguments: [
      _id.data, email, firstName, lastName, role, age, heightCm, active, createdAt.milliseconds,
    ])
  }

  static func fetch(_ db: GRDB.Database, _ id: ObjectID) throws -> BenchUser? {
    let statement = try db.cachedStatement(sql: GRDBStatements.byId)
    return try Row.fetchOne(statement, arguments: [id.data]).map { BenchUser($0) }
  }

  static func fetch(_ db: GRDB.Database, role: String, _ limit: Int) throws -> [BenchUser] {
    let statement = try db.cachedStatement(sql: GRDBStatements.byRole)
    let rows = try Row.fetchCursor(statement, arguments: [role, limit])
    var found: [BenchUser] = []
    found.reserveCapacity(limit)
    while let row = try rows.next() { found.append(BenchUser(row)) }
    return found
  }

  static func count(_ db: GRDB.Database, role: String) throws -> Int {
    let statement = try db.cachedStatement(sql: GRDBStatements.count)
    return try Int.fetchOne(statement, arguments: [role]) ?? 0
  }
}
