import DrizzleStyle
import Foundation
import PrivataCore
import PrivataPostgres
import PrivataSQL
import ReplayKit

/// A database of its own on the server, made anew for each replay.
enum PostgresBench {
  private static let name = "privata_replay_drizzle"

  static func open(_ fixture: Fixture) async throws -> Database {
    guard let url = ProcessInfo.processInfo.environment["PRIVATA_POSTGRES_URL"] else {
      throw ReplayFailure("PRIVATA_POSTGRES_URL says where the server is: make services")
    }
    let server = try await DrizzleStyle.connect(.postgres(url))
    _ = try await server.execute(SQL(unsafeRaw: "drop database if exists \(name) with (force)"))
    _ = try await server.execute(SQL(unsafeRaw: "create database \(name)"))
    guard var address = URLComponents(string: url) else { throw ReplayFailure("a bad URL") }
    address.path = "/" + name
    let db = try await DrizzleStyle.connect(
      .postgres(address.string ?? url), relations: fixture.relations)
    for statement in fixture.statements { _ = try await db.execute(SQL(unsafeRaw: statement)) }
    try await fixture.plant(db)
    return db
  }

  static func restore(_ db: Database, _ fixture: Fixture) async throws {
    _ = try await db.execute(SQL(unsafeRaw: fixture.truncation))
    try await fixture.plant(db)
  }
}
