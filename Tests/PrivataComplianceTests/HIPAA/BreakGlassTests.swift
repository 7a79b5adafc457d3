import PrivataCompliance
import PrivataCore
import Synchronization
import TestSupport
import Testing

@Suite struct BreakGlassTests {
  private static let secret = Array("secret of the login".utf8)

  private final class Told: Sendable {
    let ids = Mutex<[String]>([])
  }

  private func clinic(
    _ told: Told = Told(), _ change: @escaping (inout HIPAAOptions) -> Void = { _ in }
  ) async throws -> KeyedClinic {
    let clock = TestClock()
    return try await KeyedClinic(clock) { options in
      var policy = FieldPolicy()
      policy.restrict("Patient")
      policy.restrict("Visit")
      policy.emergencyRoles = ["clinician"]
      options.fieldPolicy = policy
      var hipaa = HIPAAOptions()
      hipaa.clock = { clock.now }
      hipaa.emergencyRoles = ["clinician"]
      hipaa.proofVerifier = SharedSecretVerifier(secret: Self.secret)
      hipaa.notifiesOfficer = { record in told.ids.withLock { $0.append(record.id) } }
      change(&hipaa)
      options.hipaa = hipaa
    }
  }

  private func vault(
    _ clinic: KeyedClinic, _ user: String = "dr-7", role: String = "clinician",
    hasProof: Bool = true
  ) -> Vault {
    var details = AccessDetails()
    if hasProof {
      details.proof = AccessProof(
        actor: .user(user), method: .multiFactor, at: clinic.clock.now, signedWith: Self.secret)
    }
    return clinic.acting(user, role, "treatment", details)
  }

  private func request(_ id: String = "p1", note: String = "canary-note-in-the-er")
    -> EmergencyRequest
  {
    EmergencyRequest(subject: id, of: "Patient", reason: .unconscious, note: note)
  }

  private func read(_ clinic: KeyedClinic, _ model: ModelSchema, _ id: String) async throws
    -> Document?
  {
    try await clinic.vault.store.rows(
      for: Query(model, where: .document(["_id": .string(id)]))
    ).documents.first
  }

  @Test func oneSubjectForAnHour() async throws {
    let told = Told()
    let clinic = try await clinic(told)
    let models = clinic.models
    try await vault(clinic).breakGlass(request()) {
      let ada = try await read(clinic, models.patient, "p1")
      #expect(ada?["diagnosis"] == "canary-disease")
      #expect(told.ids.withLock(\.count) == 1)
      #expect(try await read(clinic, models.patient, "p2") == nil)
      #expect(try await read(clinic, models.visit, "v1")?["summary"] == "canary-visit-one")
      #expect(try await read(clinic, models.visit, "v3") == nil)
      let all = try await clinic.vault.store.rows(for: Query(models.patient, answer: .count))
      #expect(all.value(row: 0, column: 0)?.asInt == 1)
      clinic.clock.advance(minutes: 61)
      #expect(await code { _ = try await read(clinic, models.patient, "p1") } == .accessDenied)
    }
    let open = try await clinic.vault.emergencies()
    #expect(open.count == 1 && open.first?.note == "canary-note-in-the-er")
    #expect(open.first?.verdict == nil && open.first?.id == told.ids.withLock(\.first))
    #expect(try await clinic.vault.audit.count(matching: .init(action: .breakGlass)) >= 1)
    await clinic.vault.close()
    #expect(try !clinic.holds("canary-note-in-the-er"))
    #expect(try clinic.holds("canary-disease"))
  }

  @Test func whatItIsNotFor() async throws {
    let clinic = try await clinic()
    let models = clinic.models
    try await vault(clinic).breakGlass(request()) {
      let store = clinic.vault.store
      let one = Filter.document(["_id": "p1"])
      #expect(
        await code { _ = try await store.write(.delete(Delete(models.patient, where: one))) }
          == .accessDenied)
      let many = Update(
        models.patient, where: .all, .operators(["$set": ["ward": "x"]]), isMany: true)
      #expect(await code { _ = try await store.write(.update(many)) } == .accessDenied)
      let gdpr = clinic.vault.gdpr(for: models.patient)
      #expect(await code { _ = try await gdpr.rightToAccess("p1") } == .accessDenied)
      let erasure = ErasureRequest(requestedBy: "p1", reason: "r", legalBasis: .article17)
      #expect(await code { _ = try await gdpr.rightToErasure("p1", erasure) } == .accessDenied)
    }
    #expect(try await read(clinic, models.patient, "p1") != nil)
    await clinic.vault.close()
  }

  @Test func whoMayNotIsRefused() async throws {
    let clinic = try await clinic()
    let refused: [(Vault, EmergencyRequest, PrivataError.Code)] = [
      (vault(clinic, hasProof: false), request(), .proofRequired),
      (vault(clinic, role: "billing"), request(), .accessDenied),
      (vault(clinic), request(note: ""), .accessDenied),
      (clinic.vault, request(), .contextRequired),
    ]
    for (vault, request, wanted) in refused {
      let found = await code {
        try await vault.breakGlass(request) {
          _ = Issue.record("the body ran")
        }
      }
      #expect(found == wanted)
    }
    // The purpose alone opens nothing.
    let bare = clinic.acting("dr-7", "clinician", "emergency", reason: "because").store
    #expect(
      await code { _ = try await bare.rows(for: Query(clinic.models.patient)) } == .accessDenied)
    #expect(try await clinic.vault.emergencies().isEmpty)
    let plain = try await KeyedClinic()
    #expect(
      await code {
        try await plain.acting("dr-7", "clinician", "treatment").breakGlass(request()) {}
      } == .unsupported)
    await plain.vault.close()
    await clinic.vault.close()
  }

  @Test func anOverdueReviewBlocksTheNext() async throws {
    let clinic = try await clinic()
    try await vault(clinic).breakGlass(request()) {}
    clinic.clock.advance(minutes: 73 * 60)
    #expect(await code { try await vault(clinic).breakGlass(request()) {} } == .accessDenied)
    try await vault(clinic, "dr-8").breakGlass(request()) {}
    let first = try #require(try await clinic.vault.emergencies().first)
    #expect(
      await code { _ = try await vault(clinic).reviewEmergency(first.id, .justified) }
        == .accessDenied)
    let officer = clinic.acting("officer", "officer", "operations")
    let reviewed = try await officer.reviewEmergency(first.id, .justified)
    #expect(reviewed.verdict == .justified)
    #expect(
      await code { _ = try await officer.reviewEmergency(first.id, .justified) } == .badArgument)
    try await vault(clinic).breakGlass(request()) {}
    await clinic.vault.close()
  }
}
