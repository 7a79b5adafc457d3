import DrizzleStyle
import Foundation
import PrivataCompliance
import PrivataCore
import PrivataPostgres
import PrivataSQLite
import Testing

/// Where the typed queries run: the same tests on each.
enum Place: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case sqlite, postgres, vault

  static let speakingSQL: [Place] = [.sqlite, .postgres]

  var testDescription: String { rawValue }

  /// A database with the sample, and what to do when the test is over.
  func open() async throws -> OpenPlace {
    let place = try await empty()
    try await place.db.prepare(User.self, Session.self)
    try await place.db.insert(User.self).values(Sample.users).run()
    try await place.db.insert(Session.self).values(Sample.sessions).run()
    return place
  }

  func empty() async throws -> OpenPlace {
    switch self {
    case .sqlite: return OpenPlace(db: try await connect(.sqlite(":memory:")), end: {})
    case .postgres:
      let url = ProcessInfo.processInfo.environment["PRIVATA_POSTGRES_URL"] ?? ""
      let schema = "drizzle_\(UInt32.random(in: 0 ... .max))"
      let admin = try await connect(.postgres(url))
      _ = try await admin.execute(SQL(unsafeRaw: "create schema \(schema)"))
      let db = try await connect(.postgres(url, schema: schema))
      return OpenPlace(db: db) {
        _ = try? await admin.execute(SQL(unsafeRaw: "drop schema \(schema) cascade"))
      }
    case .vault:
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("drizzle-\(UInt64.random(in: 0 ... .max))")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      var options = VaultOptions()
      options.journal.directory = folder.path
      let vault = try await Vault(
        identity: .sqlite(":memory:"), clinical: .sqlite(":memory:"), options: options)
      return OpenPlace(db: connect(vault, User.self, Session.self)) {
        await vault.close()
        try? FileManager.default.removeItem(at: folder)
      }
    }
  }
}

struct OpenPlace: Sendable {
  let db: Database
  let end: @Sendable () async -> Void
}

/// Runs a test on a database with the sample.
func with(
  _ place: Place, _ test: (Database) async throws -> Void
) async throws {
  let open = try await place.open()
  do {
    try await test(open.db)
  } catch {
    await open.end()
    throw error
  }
  await open.end()
}
