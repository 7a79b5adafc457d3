import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

/// A vault does what every store does, however the fields of the models are divided.
@Suite struct VaultConformanceTests {
  @Test(arguments: StoreConformance.checks)
  func conformsUndivided(_ check: StoreConformance.Check) async throws {
    try await StoreConformance(try await MemoryVault().vault.store).run(check)
  }

  @Test(arguments: StoreConformance.checks, [1, 2, 3, 4].map(PrivacyMarks.init(seed:)))
  func conformsDivided(_ check: StoreConformance.Check, _ marks: PrivacyMarks) async throws {
    let vault = try await MemoryVault().vault
    let base = try #require(
      vault.store as? any TransactionalStore & StreamingStore & AdministrableStore)
    try await StoreConformance(MarkedStore(base: base, marks: marks)).run(check)
  }
}
