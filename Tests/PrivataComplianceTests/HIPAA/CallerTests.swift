import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

/// What `.hipaa` of a model says to its caller.
@Suite struct CallerTests {
  private func clinic() async throws -> KeyedClinic {
    try await KeyedClinic { options in
      var policy = FieldPolicy()
      policy.allow(
        role: "billing", purpose: "payment", on: "Patient", fields: ["name", "phone", "email"])
      policy.mask("phone", on: "Patient", role: "billing", with: .last(4))
      policy.allow(role: "auditor", purpose: "operations", on: "Patient")
      policy.emergencyRoles = ["clinician"]
      options.fieldPolicy = policy
      var hipaa = HIPAAOptions()
      hipaa.emergencyRoles = ["clinician"]
      options.hipaa = hipaa
    }
  }

  @Test func theMinimumNecessaryIsSaid() async throws {
    let clinic = try await clinic()
    func allowed(_ role: String, _ purpose: String) -> MinimumNecessary {
      clinic.acting("u1", role, purpose).hipaa(for: clinic.models.patient).minimumNecessary
    }
    let billing = allowed("billing", "payment")
    #expect(billing.fields == ["name", "email"] && billing.masked == ["phone": .last(4)])
    #expect(billing.denied == ["diagnosis", "weight"] && billing.rule == "v1 minimum")
    #expect(allowed("auditor", "operations").needsReason)
    #expect(allowed("reception", "operations").fields.isEmpty)
    // What is said is what is done.
    let rows = try await clinic.acting("u1", "billing", "payment").store.rows(
      for: Query(clinic.models.patient, where: .document(["_id": "p1"])))
    let keys = Set(rows.documents.first?.keys ?? [])
    #expect(keys == ["_id", "name", "email", "phone", "ward"])
    let free = try await KeyedClinic()
    let all = free.vault.hipaa(for: free.models.patient).minimumNecessary
    #expect(all.fields == ["name", "email", "phone", "diagnosis", "weight"] && all.rule == nil)
    await free.vault.close()
    await clinic.vault.close()
  }

  @Test func theGlassIsBrokenForOneOfTheModel() async throws {
    let clinic = try await clinic()
    let doctor = clinic.acting("dr-7", "clinician", "treatment").hipaa(for: clinic.models.patient)
    let query = Query(clinic.models.patient, sort: [SortKey("_id")])
    let seen = try await doctor.breakGlass("p1", reason: .unconscious, note: "no pulse") {
      try await clinic.vault.store.rows(for: query).documents.compactMap { $0["_id"] }
    }
    #expect(seen == ["p1"])
    #expect(try await clinic.vault.emergencies().map(\.note) == ["no pulse"])
    let billing = clinic.acting("b1", "billing", "payment").hipaa(for: clinic.models.patient)
    #expect(
      await code {
        try await billing.breakGlass("p1", reason: .other, note: "curious") {}
      } == .accessDenied)
    await clinic.vault.close()
  }

  /// HIPAA goes on for fifty years; what the GDPR gives is for the country's law to say.
  @Test func theDeadHaveTheRightsOfTheirCountry() async throws {
    let clinic = try await KeyedClinic {
      $0.deceasedRights = ["DE": .ended, "DK": .continued]
      $0.hipaa = HIPAAOptions()
    }
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    try await clinic.insert(clinic.models.patient, [["_id": "p3", "name": "Cy"]])
    try await hipaa.markDeceased("p1", at: .now, country: "de")
    try await hipaa.markDeceased("p2", at: .now, country: "DK")
    let executor = RecordAccessRequest(requester: .representative("Eva", authority: "executor"))
    for id in ["p1", "p2", "p3"] {
      #expect(try await hipaa.rightOfAccess(id, executor).records["Patient"]?.count == 1)
      let found = await code { _ = try await gdpr.rightToAccess(id) }
      #expect(found == (id == "p1" ? .accessDenied : nil), "\(id)")
    }
    let erasure = ErasureRequest(requestedBy: "Eva", reason: "r", legalBasis: .article17)
    #expect(await code { _ = try await gdpr.rightToErasure("p1", erasure) } == .accessDenied)
    #expect(await code { _ = try await gdpr.rightToErasure("p2", erasure) } == nil)
    #expect(await code { _ = try await gdpr.rightToPortability("p1") } == .accessDenied)
    await clinic.vault.close()
  }
}
