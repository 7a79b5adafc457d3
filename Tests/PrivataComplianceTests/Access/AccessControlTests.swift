import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import PrivataTesting
import TestSupport
import Testing

@Suite struct AccessControlTests {
  private static let secret = Array("secret of the login".utf8)

  private func clinic(
    _ change: @escaping (inout HIPAAOptions) -> Void = { _ in }
  ) async throws -> KeyedClinic {
    let clock = TestClock()
    return try await KeyedClinic(clock) { options in
      var hipaa = HIPAAOptions()
      hipaa.clock = { clock.now }
      change(&hipaa)
      options.hipaa = hipaa
    }
  }

  private func read(_ clinic: KeyedClinic, _ user: String, _ purpose: String) async
    -> PrivataError.Code?
  {
    await code {
      _ = try await clinic.acting(user, "clinician", purpose).store
        .rows(for: Query(clinic.models.patient))
    }
  }

  @Test func onlyPermittedPurposes() async throws {
    let clinic = try await clinic()
    for purpose in ["treatment", "payment", "operations", "individual", "publicHealth"] {
      #expect(await read(clinic, "dr-7", purpose) == nil)
    }
    for purpose in ["", "curiosity", "Treatment", "emergency"] {
      #expect(await read(clinic, "dr-7", purpose) == .accessDenied)
    }
    await clinic.vault.close()
  }

  @Test(arguments: ["admin", "Shared", "NURSE", "system", ""])
  func sharedNamesAreNobody(_ name: String) async throws {
    let clinic = try await clinic()
    #expect(await read(clinic, name, "treatment") == .accessDenied)
    #expect(await read(clinic, "dr-7", "treatment") == nil)
    let service = clinic.vault.acting(
      as: AccessContext(actor: .service("admin"), role: "import", purpose: "treatment"))
    _ = try await service.store.rows(for: Query(clinic.models.patient))
    await clinic.vault.close()
  }

  @Test func grantsBeginEndAndSleep() async throws {
    let clinic = try await clinic { $0.asksForGrants = true }
    #expect(await read(clinic, "dr-7", "treatment") == .accessDenied)
    let workforce = clinic.vault.workforce
    try await workforce.grant("clinician", to: "dr-7")
    #expect(await read(clinic, "dr-7", "treatment") == nil)
    clinic.clock.advance(minutes: 91 * 24 * 60)
    #expect(await read(clinic, "dr-7", "treatment") == .accessDenied)
    try await workforce.grant(
      "clinician", to: "dr-8",
      until: DateTime(milliseconds: clinic.clock.now.milliseconds + 3_600_000))
    #expect(await read(clinic, "dr-8", "treatment") == nil)
    clinic.clock.advance(minutes: 61)
    #expect(await read(clinic, "dr-8", "treatment") == .accessDenied)
    try await workforce.grant("clinician", to: "dr-9")
    #expect(await read(clinic, "dr-9", "treatment") == nil)
    try await workforce.terminate("dr-9")
    #expect(await read(clinic, "dr-9", "treatment") == .accessDenied)
    let own = clinic.acting("dr-9", "clinician", "treatment").workforce
    #expect(await code { try await own.grant("clinician", to: "dr-9") } == .accessDenied)
    await clinic.vault.close()
  }

  /// What one process ends is over in another within a second.
  @Test func aTerminationReachesOtherProcesses() async throws {
    let clinic = try await clinic { $0.asksForGrants = true }
    try await clinic.vault.workforce.grant("clinician", to: "dr-7")
    var options = Folders.options(Folders.temporary())
    var hipaa = HIPAAOptions()
    hipaa.asksForGrants = true
    options.hipaa = hipaa
    let other = try await Vault(
      identity: .sqlite(clinic.directory + "/identity.db"),
      clinical: .sqlite(clinic.directory + "/clinical.db"), options: options)
    try await other.store.prepare(clinic.models.all)
    let context = AccessContext(actor: .user("dr-7"), role: "clinician", purpose: "treatment")
    let store = other.acting(as: context).store
    #expect(try await store.rows(for: Query(clinic.models.patient)).count == 2)
    try await clinic.vault.workforce.terminate("dr-7")
    var isOver = false
    for _ in 0..<100 where !isOver {
      try await Task.sleep(for: .milliseconds(50))
      isOver =
        await code { _ = try await store.rows(for: Query(clinic.models.patient)) }
        == .accessDenied
    }
    #expect(isOver)
    await other.close()
    await clinic.vault.close()
  }

  @Test func dangerousActsAskForProof() async throws {
    let clinic = try await clinic {
      $0.proofVerifier = SharedSecretVerifier(secret: Self.secret)
    }
    let actor = AccessContext.Actor.user("dr-7")
    func export(_ proof: AccessProof?) async -> PrivataError.Code? {
      var details = AccessDetails()
      details.proof = proof
      let vault = clinic.acting("dr-7", "clinician", "individual", details)
      return await code {
        _ = try await vault.gdpr(for: clinic.models.patient).rightToAccess("p1")
      }
    }
    let now = clinic.clock.now
    let old = DateTime(milliseconds: now.milliseconds - 16 * 60_000)
    #expect(await export(nil) == .proofRequired)
    #expect(
      await export(
        AccessProof(actor: actor, method: .multiFactor, at: old, signedWith: Self.secret))
        == .proofRequired)
    #expect(
      await export(AccessProof(actor: actor, method: .password, at: now, signedWith: Self.secret))
        == .proofRequired)
    #expect(
      await export(AccessProof(actor: actor, method: .multiFactor, at: now, signedWith: [1, 2]))
        == .proofRequired)
    let other = AccessProof(
      actor: .user("dr-8"), method: .multiFactor, at: now, signedWith: Self.secret)
    #expect(await export(other) == .proofRequired)
    let good = AccessProof(
      actor: actor, method: .multiFactor, at: now, signedWith: Self.secret)
    #expect(await export(good) == nil)
    let moved = AccessProof(
      actor: actor, method: .multiFactor, at: DateTime(milliseconds: now.milliseconds + 1),
      signature: good.signature)
    #expect(await export(moved) == .proofRequired)
    await clinic.vault.close()
  }

  @Test func fieldsInTheClearAreRefused() async throws {
    let clinic = try await clinic {
      $0.requiresEncryption = true
      $0.unencrypted = ["Visit": "test data"]
    }
    #expect(await read(clinic, "dr-7", "treatment") == .unsupported)
    let visits = clinic.acting("dr-7", "clinician", "treatment").store
    #expect(try await visits.rows(for: Query(clinic.models.visit)).count == 3)
    await clinic.vault.close()
  }

  /// A store on another machine is reached with verified TLS, or not at all.
  @Test(arguments: [StoreTraits.Transport.inside, .verified, .plain])
  func whatLeavesTheMachineIsEncrypted(_ transport: StoreTraits.Transport) async throws {
    var options = Folders.options(Folders.temporary())
    options.hipaa = HIPAAOptions()
    let given = options
    func open(_ options: VaultOptions) async -> PrivataError.Code? {
      await code {
        let vault = try await Vault(
          identity: .store(DistantStore(transport)),
          clinical: .store(MemoryStore(name: UUID().uuidString)), options: options)
        await vault.close()
      }
    }
    #expect(await open(given) == (transport == .plain ? .badArgument : nil))
    options.hipaa?.requiresTransportEncryption = false
    let without = options
    #expect(await open(without) == nil)
  }
}

/// A store that says how it is reached.
private struct DistantStore: Store {
  let memory = MemoryStore(name: UUID().uuidString)
  let transport: StoreTraits.Transport

  init(_ transport: StoreTraits.Transport) { self.transport = transport }

  var traits: StoreTraits {
    var traits = memory.traits
    traits.transport = transport
    return traits
  }

  func prepare(_ models: [ModelSchema]) async throws(PrivataError) {
    try await memory.prepare(models)
  }

  func rows(for query: Query) async throws(PrivataError) -> RowBatch {
    try await memory.rows(for: query)
  }

  func write(_ write: Write) async throws(PrivataError) -> WriteOutcome {
    try await memory.write(write)
  }
}
