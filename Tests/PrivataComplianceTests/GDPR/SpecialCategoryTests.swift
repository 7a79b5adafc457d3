import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct SpecialCategoryTests {
  private func clinic(_ ground: SpecialGround?) async throws -> FileClinic {
    let clinic = try await FileClinic {
      $0.purposes = .registered
      var rules = ProcessingRules()
      rules.mark("diagnosis", of: "Patient", as: .health)
      rules.mark("role", of: "Patient", as: .criminal(authority: "court registry"))
      rules.mark("ward", of: "Patient", as: .criminal(authority: ""))
      rules.secrecyRoles = ["clinician"]
      rules.criminalRoles = ["officer"]
      $0.processing = rules
    }
    try await clinic.vault.purposes.register(
      Purpose("care", basis: .contract, ground: ground))
    return clinic
  }

  private func reading(_ vault: Vault, _ field: String, _ model: ModelSchema) async -> PrivataError?
  {
    await failure {
      _ = try await vault.store.rows(
        for: Query(model, projection: .fields([field]), layout: .cells))
    }
  }

  /// Ground, role, reason, and whether the diagnosis may be read.
  @Test(arguments: [
    (SpecialGround?.none, "clinician", String?.none, false), (.healthCare, "clinician", nil, true),
    (.healthCare, "billing", nil, false), (.vitalInterests, "clinician", nil, false),
    (.vitalInterests, "clinician", "unconscious", true), (.legalClaims, "billing", nil, true),
    (.publicHealth(reference: "Act 3"), "billing", nil, true),
    (.explicitConsent, "billing", nil, true),
  ])
  func healthDataNeedsAGround(
    _ ground: SpecialGround?, _ role: String, _ reason: String?, _ isAllowed: Bool
  ) async throws {
    let clinic = try await clinic(ground)
    let vault = clinic.acting("care", role: role, reason: reason)
    let error = await reading(vault, "diagnosis", clinic.models.patient)
    #expect(error?.code == (isAllowed ? nil : .specialCategoryGround))
    #expect(isAllowed || error?.fields == ["diagnosis"])
    // What is asked for as a whole comes without it.
    let whole = try await clinic.find(vault, clinic.models.patient)
    #expect(whole.allSatisfy { $0.contains("diagnosis") == isAllowed })
    #expect(whole.isEmpty == (ground == .explicitConsent))
    await clinic.close()
  }

  @Test func savingALifeIsRecordedBeforeTheData() async throws {
    let clinic = try await clinic(.vitalInterests)
    _ = try await clinic.find(
      clinic.acting("care", reason: "unconscious"), clinic.models.patient)
    let action = AuditEvent.Action(rawValue: "gdpr.vitalInterests")
    #expect(try await clinic.vault.audit.count(matching: .init(action: action)) == 1)
    await clinic.close()
  }

  @Test func explicitConsentIsAnActOfItsOwn() async throws {
    let clinic = try await clinic(.explicitConsent)
    let care = clinic.acting("care")
    var consent = Consent(purpose: "care", notice: "n", version: 1, method: .checkbox)
    #expect(!consent.isExplicit)
    try await clinic.gdpr.grantConsent(FileClinic.ada, consent)
    #expect(try await clinic.count(care, clinic.models.patient) == 0)
    consent.method = .signature
    consent.isExplicit = true
    try await Task.sleep(for: .milliseconds(2))
    try await clinic.gdpr.grantConsent(FileClinic.ada, consent)
    #expect(try await clinic.count(care, clinic.models.patient) == 1)
    await clinic.close()
  }

  @Test func convictionsNeedAnAuthorityAndARole() async throws {
    let clinic = try await clinic(.legalClaims)
    let patient = clinic.models.patient
    let clinician = await reading(clinic.acting("care"), "role", patient)
    #expect(clinician?.code == .specialCategoryGround)
    let officer = clinic.acting("care", role: "officer")
    #expect(await reading(officer, "role", patient) == nil)
    // Without an authority nobody may, whatever their role.
    #expect(await reading(officer, "ward", patient)?.code == .specialCategoryGround)
    await clinic.close()
  }
}
