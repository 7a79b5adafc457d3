import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestPlaces
import TestSupport
import Testing

/// The suite of all stores, with the fields divided between two real ones.
@Suite(.serialized) struct PairConformanceTests {
  @Test func onTwoFiles() async throws { try await conform(.sqlite, .sqlite, 1) }

  @Test func inOneFile() async throws { try await conform(.sqlite, .sqlite, 2, isOne: true) }

  @Test func onTwoSchemas() async throws { try await conform(.postgres, .postgres, 2) }

  @Test func onTwoDatabases() async throws { try await conform(.mongo, .mongo, 1) }

  @Test func onPostgresAndMongo() async throws { try await conform(.postgres, .mongo, 1) }

  @Test func onMongoAndSQLite() async throws { try await conform(.mongo, .sqlite, 2) }

  @Test func onSQLiteAndPostgres() async throws { try await conform(.sqlite, .postgres, 1) }

  @Test func onMemoryAndPostgres() async throws { try await conform(nil, .postgres, 2) }

  @Test func onMongoAndMemory() async throws { try await conform(.mongo, nil, 1) }

  @Test func onMemoryAndSQLite() async throws { try await conform(nil, .sqlite, 2) }

  /// A half without an engine is kept in memory.
  private func conform(
    _ identity: Place.Engine?, _ clinical: Place.Engine?, _ seed: Int, isOne: Bool = false
  ) async throws {
    let pair = Pair(identity: identity ?? .sqlite, clinical: clinical ?? .sqlite, isOne: isOne)
    let places = VaultPlaces(pair)
    try await places.removing {
      let vault = try await places.open(
        around: { place, source in
          let isMemory = place.name == places.identity.name ? identity == nil : clinical == nil
          return isMemory ? .store(MemoryStore(name: place.name)) : source
        })
      let base = try #require(
        vault.store as? any TransactionalStore & StreamingStore & AdministrableStore)
      let store = MarkedStore(base: base, marks: PrivacyMarks(seed: seed))
      for failure in await StoreConformance(store).runAll() {
        Issue.record("\(failure.check): \("\(failure.failure)".prefix(600))")
      }
      await vault.close()
    }
  }
}
