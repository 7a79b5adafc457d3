import PrivataCore
import PrivataTesting
import Testing

@testable import PrivataSQLite

@Suite struct ConformanceTests {
  @Test(arguments: StoreConformance.checks)
  func conformsInMemory(_ check: StoreConformance.Check) async throws {
    let store = try await SQLiteStore(path: ":memory:")
    try await StoreConformance(store).run(check)
    await store.close()
  }
}
