import Foundation
import PrismaStyle
import PrivataCore
import PrivataMongo
import PrivataPostgres
import PrivataSQLite
import ReplayKit

/// The store that cases run on, brought back to the seed before each.
struct Bench {
  let client: PrismaClient
  private let store: any Store
  private let stored: [ModelSchema]
  private let seed: Seed

  init(
    store name: String, _ schema: PrismaSchema, _ recorded: RecordedSchema, _ seed: JSON?
  ) async throws {
    store = try await Self.source(name).open()
    stored = schema.tables
    self.seed = try Seed(seed, recorded, schema)
    client = PrismaClient(store: store, schema)
    if let admin = store as? any AdministrableStore { try? await admin.drop(stored.reversed()) }
    try await store.prepare(stored)
  }

  private static func source(_ name: String) throws -> StoreSource {
    let environment = ProcessInfo.processInfo.environment
    func url(_ variable: String) throws -> String {
      guard let url = environment[variable] else { throw ReplayFailure("set \(variable)") }
      return url
    }
    switch name {
    case "postgres": return .postgres(try url("PRIVATA_POSTGRES_URL"), schema: "replay_prisma")
    case "mongo": return .mongo(try url("PRIVATA_MONGO_URL"), database: "replay_prisma")
    default:
      let name = "replay-prisma-\(ProcessInfo.processInfo.processIdentifier).db"
      return .sqlite(NSTemporaryDirectory() + name)
    }
  }

  /// Empties the tables and fills in the recorded rows.
  func reset() async throws {
    for model in stored.reversed() {
      _ = try await store.write(.delete(Delete(model, where: .all)))
    }
    for (model, rows) in seed.rows where !rows.isEmpty {
      _ = try await store.write(
        .insert(Insert(model, .cells(fields: rows[0].keys, Seed.batch(rows)))))
    }
  }

  func close() async {
    guard let admin = store as? any AdministrableStore else { return }
    try? await admin.drop(stored.reversed())
    await admin.close()
  }
}
