import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import Testing

/// A vault over regions that would mix them does not start.
@Suite struct RegionalStartTests {
  private func stores(_ region: Region, country: String? = nil) -> RegionStores {
    RegionStores(
      region, identity: .store(MemoryStore(name: UUID().uuidString)),
      clinical: .store(MemoryStore(name: UUID().uuidString)), country: country)
  }

  private func refusal(
    _ regions: [RegionStores], policy: RegionPolicy? = nil,
    _ change: (inout VaultOptions) -> Void = { _ in }
  ) async -> PrivataError? {
    var options = Folders.options(Folders.temporary())
    change(&options)
    let given = options
    return await #expect(throws: PrivataError.self) {
      _ = try await Vault(regions: regions, policy: policy, options: given)
    }
  }

  @Test func aStartThatWouldMixRegionsIsRefused() async throws {
    #expect(await refusal([])?.code == .badArgument)
    #expect(await refusal([stores(.eu), stores(.eu)])?.code == .badArgument)
    #expect(
      await refusal([stores(.eu)], policy: RegionPolicy(strictness: [.eu, .us]))?.code
        == .badArgument)
    #expect(await refusal([stores(.eu, country: "US")])?.code == .residencyViolation)
    #expect(await refusal([stores(.us, country: "IN")])?.code == .residencyViolation)
    let shared = stores(.eu)
    var other = stores(.us)
    other.clinical = shared.identity
    #expect(await refusal([shared, other])?.code == .residencyViolation)
    let withoutKeys = await refusal([stores(.eu)]) {
      $0.encryption = EncryptionOptions(keyStore: .store(MemoryStore(name: "k")))
    }
    #expect(withoutKeys?.code == .badArgument)
    let plain = try await Clinic()
    #expect(throws: PrivataError.self) { _ = try plain.vault.region(.eu) }
    #expect(plain.vault.regionNames.isEmpty)
  }

  @Test func theRegionsAreOrderedByStrictness() async throws {
    let options = Folders.options(Folders.temporary())
    let vault = try await Vault(
      regions: [stores(Region("jp")), stores(.us), stores(.eu)],
      policy: RegionPolicy(strictness: [.eu, .us]), options: options)
    #expect(vault.regionNames == [.eu, .us, Region("jp")])
    #expect(vault.store.traits.kind == .vault)
    await vault.close()
  }
}
