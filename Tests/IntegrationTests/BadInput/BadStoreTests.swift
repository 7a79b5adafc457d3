import Foundation
import MongoStyle
import PrivataCompliance
import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataSQLite
import TestPlaces
import Testing

/// Stores that cannot be opened: each is told by code and place, never with its password, plain and
/// as each half of a vault.
@Suite(.serialized) struct BadStoreTests {
  /// A source that cannot be opened, and what is to be told.
  struct BadSource: Sendable, CustomTestStringConvertible {
    let name: String
    let code: PrivataError.Code
    let place: String
    let source: StoreSource

    var testDescription: String { name }
  }

  static let down: [BadSource] = [
    BadSource(
      name: "no folder", code: .connection, place: "clinic.db",
      source: .sqlite("/no-such-folder/clinic.db")),
    BadSource(
      name: "no Postgres server", code: .connection, place: "127.0.0.1:1",
      source: .postgres("postgres://ada:canary-secret@127.0.0.1:1/clinic")),
    BadSource(
      name: "no MongoDB server", code: .connection, place: "127.0.0.1:1",
      source: .mongo(
        "mongodb://ada:canary-secret@127.0.0.1:1/clinic?serverSelectionTimeoutMS=300")),
  ]

  static func wrongPasswords() throws -> [BadSource] {
    let postgres = try wrong("PRIVATA_POSTGRES_PASSWORD_URL")
    let mongo = try wrong("PRIVATA_MONGO_PASSWORD_URL")
    return [
      BadSource(
        name: "Postgres", code: .authentication, place: "127.0.0.1", source: .postgres(postgres)),
      BadSource(
        name: "MongoDB", code: .authentication, place: "127.0.0.1", source: .mongo(mongo)),
    ]
  }

  /// The URL of a variable with another password.
  private static func wrong(_ variable: String) throws -> String {
    let url = try Place.environment(variable)
    let parts = try #require(url.wholeMatch(of: /([a-z]+:\/\/[^:]+:)[^@]+(@.*)/)?.output)
    return "\(parts.1)canary-wrong\(parts.2)"
  }

  @Test func aStoreThatIsDown() async throws {
    for bad in Self.down { try await isTold(bad) }
  }

  @Test func aWrongPassword() async throws {
    for bad in try Self.wrongPasswords() { try await isTold(bad) }
  }

  private func isTold(_ bad: BadSource) async throws {
    let plain = await #expect(throws: PrivataError.self) {
      _ = try await MongoStyle.connect(bad.source)
    }
    check(plain, bad, "plain")
    for half in ["identity", "clinical", "audit"] {
      let places = VaultPlaces(Pair(identity: .sqlite, clinical: .sqlite))
      try await places.removing {
        let error = await #expect(throws: PrivataError.self) {
          _ = try await places.open(
            audit: half == "audit" ? bad.source : nil,
            around: { place, source in
              let isIdentity = place.name == places.identity.name
              return half == (isIdentity ? "identity" : "clinical") ? bad.source : source
            })
        }
        check(error, bad, half)
      }
    }
  }

  private func check(_ error: PrivataError?, _ bad: BadSource, _ what: String) {
    expectTold(error, bad.code, [], "\(bad.name), \(what)")
    #expect(error?.message.contains(bad.place) == true, "\(bad.name), \(what)")
  }
}
