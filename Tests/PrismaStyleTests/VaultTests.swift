import PrismaStyle
import PrivataCompliance
import PrivataCore
import PrivataTesting
import Testing

@Suite struct VaultTests {
  private let identity = MemoryStore()
  private let clinical = MemoryStore()

  private func client() async throws -> PrismaClient {
    let vault = try await Vault(identity: .store(identity), clinical: .store(clinical))
    return try await Clinic.filled(try await PrismaClient.connect(vault, try Clinic.schema()))
  }

  @Test(arguments: FindTests.filters) func findsWhatAPlainClientFinds(
    _ row: FindTests.Row
  ) async throws {
    let found = try await client()["User"].findMany([
      "where": .document(row.filter), "orderBy": ["id": "asc"], "select": ["id": true],
    ])
    #expect(found.map { $0["id"]?.asString } == row.ids)
  }

  @Test func relationsAreLoadedAcrossTheHalves() async throws {
    let found = try await client()["User"].findMany([
      "where": ["profile": ["is": ["bio": "runner"]]],
      "select": ["email": true, "profile": ["select": ["bio": true]]],
    ])
    #expect(found == [["email": "ada@example.org", "profile": ["bio": "runner"]]])
  }

  @Test func rawSQLIsRefused() async throws {
    let db = try await client()
    let error = await #expect(throws: PrivataError.self) { try await db.queryRaw("SELECT 1") }
    #expect(error?.prisma?.code == "ValidationError")
  }
}
