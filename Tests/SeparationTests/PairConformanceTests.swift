import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

/// The suite of all stores, with the fields divided between two real ones.
@Suite(.serialized) struct PairConformanceTests {
  @Test(arguments: Pair.all)
  func conforms(_ pair: Pair) async throws {
    for seed in [1, 2] {
      try await pair.withVault { vault, _ in
        let base = try #require(
          vault.store as? any TransactionalStore & StreamingStore & AdministrableStore)
        let store = MarkedStore(base: base, marks: PrivacyMarks(seed: seed))
        let failures = await StoreConformance(store).runAll()
        for failure in failures {
          Issue.record("\(failure.check) with marks \(seed): \("\(failure.failure)".prefix(600))")
        }
      }
    }
  }
}
