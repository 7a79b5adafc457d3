import PrivataTesting
import Testing

@testable import PrivataMongo

@Suite struct ConformanceTests {
  @Test(arguments: StoreConformance.checks)
  func conforms(_ check: StoreConformance.Check) async throws {
    let store = try await MongoTests.store("mongo_conformance")
    try await StoreConformance(store).run(check)
    await store.close()
  }
}
