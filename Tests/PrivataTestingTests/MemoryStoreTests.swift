import PrivataCore
import PrivataTesting
import Testing

@Suite struct MemoryStoreTests {
  @Test(arguments: StoreConformance.checks)
  func conforms(_ check: StoreConformance.Check) async throws {
    try await StoreConformance(MemoryStore()).run(check)
  }
}
