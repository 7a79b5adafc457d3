import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestPlaces
import TestSupport
import Testing

/// The suite of all stores, with the fields divided between two real ones.
@Suite(.serialized) struct PairConformanceTests {
  @Test func onTwoFiles() async throws { try await conform(Pair(identity: .sqlite, clinical: .sqlite), 1) }

  @Test func inOneFile() async throws { try await conform(Pair.one[0], 2) }

  @Test func onTwoSchemas() async throws { try await conform(Pair(identity: .postgres, clinical: .postgres), 2) }

  @Test func onTwoDatabases() async throws { try await conform(Pair(identity: .mongo, clinical: .mongo), 1) }

  @Test func onPostgresAndMongo() async throws { try await conform(Pair(identity: .postgres, clinical: .mongo), 1) }

  @Test func onMongoAndSQLite() async throws { try await conform(Pair(identity: .mongo, clinical: .sqlite), 2) }

  private func conform(_ pair: Pair, _ seed: Int) async throws {
    try await pair.withVault { vault, _ in
      let base = try #require(
        vault.store as? any TransactionalStore & StreamingStore & AdministrableStore)
      let store = MarkedStore(base: base, marks: PrivacyMarks(seed: seed))
      for failure in await StoreConformance(store).runAll() {
        Issue.record("\(failure.check): \("\(failure.failure)".prefix(600))")
      }
    }
  }
}
