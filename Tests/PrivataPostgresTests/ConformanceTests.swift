import PrivataTesting
import Testing

@testable import PrivataPostgres

@Suite(.serialized) struct ConformanceTests {
  @Test(arguments: StoreConformance.checks)
  func conforms(_ check: StoreConformance.Check) async throws {
    try await TestServer.withStore("conformance") { store in
      try await StoreConformance(store).run(check)
    }
  }
}
