import Foundation
import MongoStyle
import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataSQL
import PrivataSQLite
import Synchronization

/// A connection over a fresh SQLite database in memory, or one on Postgres: see ``DocumentStore``.
func sqlite(_ profile: Profile = .mongoose) async throws -> MongoConnection {
  if DocumentStore.isPostgres {
    return MongoConnection(store: PostgresOnDemand(), profile: profile)
  }
  return try await MongoStyle.connect(.sqlite(":memory:"), profile: profile)
}

/// Runs the body on a MongoDB database of its own, which is dropped afterwards.
func onMongoDB(
  _ profile: Profile = .mongoose, _ body: (MongoConnection) async throws -> Void
) async throws {
  guard let url = ProcessInfo.processInfo.environment["PRIVATA_MONGO_URL"] else {
    throw PrivataError(.badURL, "set PRIVATA_MONGO_URL (make services)")
  }
  let name = "mongostyle_\(UInt32.random(in: 0 ... .max))"
  let mongo = try await MongoStyle.connect(.mongo(url, database: name), profile: profile)
  do {
    try await body(mongo)
  } catch {
    _ = try? await mongo.runCommand(["dropDatabase": 1])
    await mongo.close()
    throw error
  }
  _ = try await mongo.runCommand(["dropDatabase": 1])
  await mongo.close()
}

/// Runs the body on a Postgres schema of its own, which is dropped afterwards.
func onPostgres(
  _ profile: Profile = .mongoose, _ body: (MongoConnection) async throws -> Void
) async throws {
  guard let url = ProcessInfo.processInfo.environment["PRIVATA_POSTGRES_URL"] else {
    throw PrivataError(.badURL, "set PRIVATA_POSTGRES_URL (make services)")
  }
  let schema = "mongostyle_\(UInt32.random(in: 0 ... .max))"
  let admin = try await PostgresStore(url)
  let mongo = try await MongoStyle.connect(.postgres(url, schema: schema), profile: profile)
  let result = await thrown { try await body(mongo) }
  await mongo.close()
  _ = try await admin.execute(SQLStatement(sql: "DROP SCHEMA \(schema) CASCADE"))
  await admin.close()
  if let result { throw result }
}

/// Counts the statements of the body by kind and collection: `find users`.
func statements(_ body: () async throws -> Void) async throws -> [String] {
  let seen = StatementCount()
  try await StatementLog.$observer.withValue(seen) { try await body() }
  return seen.all
}

/// Counts the statements that a store is sent.
final class StatementCount: StatementObserver {
  private let kinds = Mutex<[String]>([])
  var all: [String] { kinds.withLock { $0 } }
  func willSend(_ statement: StatementRecord) {
    kinds.withLock { $0.append("\(statement.kind) \(statement.collection)") }
  }
}

extension Error {
  /// The error of the style's vocabulary that this one carries.
  func style<E: MongoStyleError>(_ type: E.Type = E.self) -> E? {
    (self as? PrivataError)?.mongoStyle as? E
  }

  /// The stable code.
  var privataCode: PrivataError.Code? {
    guard let error = self as? PrivataError else { return nil }
    return error.code
  }
}
