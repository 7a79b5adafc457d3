import PrivataTesting
import Testing

@testable import PrivataMongo

@Suite struct ConformanceTests {
  @Test(arguments: StoreConformance.checks)
  func conforms(_ check: StoreConformance.Check) async throws {
    let letters = check.name.map { $0.isLetter || $0.isNumber ? $0 : "_" }
    let store = try await MongoTests.store("conformance_" + String(letters).prefix(40))
    try await StoreConformance(store).run(check)
    try await store.dropDatabase()
    await store.close()
  }
}
