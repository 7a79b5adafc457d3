import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct ImpactAssessmentTests {
  private func officer(_ clinic: FileClinic) -> Vault {
    clinic.acting(nil, role: "dpo", actor: "dpo-1")
  }

  @Test func aDraftHasTheFourPartsOfTheLaw() async throws {
    let clinic = try await FileClinic { $0.largeScale = 2 }
    try await clinic.vault.purposes.register(Purpose("care", basis: .contract))
    _ = try await clinic.count(clinic.acting("care"), clinic.models.patient)
    _ = try await clinic.count(clinic.acting("sales"), clinic.models.patient)
    let draft = try await clinic.vault.impactAssessment(of: "Patient")
    #expect(draft.people == 2 && draft.triggers == [.specialCategories, .largeScale])
    #expect(draft.isNeeded)
    #expect(draft.description["health"]?.asArray?.contains("diagnosis") == true)
    #expect(draft.necessity["purposesWithoutBasis"] == ["sales"])
    #expect(draft.necessity["bases"]?.asDocument?["care"] == "GDPR Article 6(1)(b)")
    #expect(draft.risks.contains { $0.hasPrefix("email") })
    #expect(draft.measures["controls"]?.asDocument?["separation"] == "on")
    #expect(!draft.json.contains("Canary"))
    #expect(await code { _ = try await clinic.vault.impactAssessment(of: "X") } == .unknownModel)
    await clinic.close()
  }

  @Test func aReleaseWaitsForAnApprovalOfWhatTheModelIsNow() async throws {
    let clinic = try await FileClinic { $0.largeScale = 2 }
    let vault = clinic.vault
    let open = await failure { try await vault.checkImpactAssessments() }
    #expect(open?.code == .validation && open?.fields == ["Patient", "Session"])
    for name in ["Patient", "Session"] {
      let draft = try await vault.impactAssessment(of: name)
      #expect(await code { try await vault.approve(draft, advice: "good") } == .accessDenied)
      #expect(await code { try await officer(clinic).approve(draft, advice: "") } == .badArgument)
      try await officer(clinic).approve(draft, advice: "good")
    }
    try await vault.checkImpactAssessments()
    // Another field is another processing.
    var fields = clinic.models.patient.fields
    fields.append(FieldSchema("fingerprint", .binary, privacy: .phi))
    vault.register([
      ModelSchema(name: "Patient", collection: "patients", fields: fields, isOpen: true)
    ])
    let changed = await failure { try await vault.checkImpactAssessments() }
    #expect(changed?.fields == ["Patient"])
    await clinic.close()
  }

  @Test func theAuthorityHasEightWeeksAndSixMore() async throws {
    let clinic = try await FileClinic()
    let asked = try #require(DateTime(iso8601: "2026-01-01T00:00:00Z"))
    let draft = try await clinic.vault.impactAssessment(of: "Patient")
    try await officer(clinic).approve(draft, advice: "ask", consultedAt: asked)
    let ends = try #require(clinic.vault.approval(of: "Patient")?.consultationEnds)
    #expect(ends.usual == DateTime(iso8601: "2026-02-26T00:00:00Z"))
    #expect(ends.extended == DateTime(iso8601: "2026-04-09T00:00:00Z"))
    await clinic.close()
  }

  @Test func thePostureFollowsTheMeasures() async throws {
    let plain = try await FileClinic()
    let posture = try #require(plain.vault.posture().first { $0.model == "Patient" })
    #expect(posture.controls[.encryption] == .off && posture.controls[.separation] == .on)
    #expect(posture.plainFields.contains("email") && posture.controls[.audit] == .on)
    let refused = await failure { try plain.vault.require([.encryption]) }
    #expect(refused?.code == .validation && refused?.message.contains("Patient") == true)
    try plain.vault.require([.separation, .audit])
    await plain.close()
    let strict = try await FileClinic(isEmpty: true) {
      $0.purposes = .registered
      $0.contextPolicy = .required
      var rules = ProcessingRules()
      rules.undeclared = .reject
      rules.limit("email", of: "Patient", to: ["care"])
      $0.processing = rules
      var policy = FieldPolicy()
      policy.restrict("Patient")
      $0.fieldPolicy = policy
    }
    let better = try #require(strict.vault.posture().first { $0.model == "Patient" })
    #expect(better.controls[.purposeRegister] == .on && better.controls[.callerContext] == .on)
    #expect(better.controls[.fieldPurposes] == .partly && better.controls[.accessPolicy] == .on)
    #expect(better.weaknesses == [.encryption, .fieldPurposes])
    await strict.close()
  }

  @Test func protectiveOptionsDenyEveryRole() async throws {
    let clinic = try await FileClinic(isEmpty: true) { options in
      var strict = VaultOptions.protective
      strict.journal = options.journal
      strict.masterKey = options.masterKey
      options = strict
    }
    let patient = clinic.models.patient
    let record: Document = [
      "_id": .objectID(FileClinic.ada), "name": "Ada Canary", "email": "a@example.org",
      "role": "patient", "diagnosis": "J45",
    ]
    let bare = await code { try await clinic.insertAs(clinic.vault, patient, [record]) }
    #expect(bare == .contextRequired)
    let service = clinic.vault.acting(as: .service)
    try await clinic.insertAs(service, patient, [record])
    try await clinic.vault.purposes.register(Purpose("care", basis: .contract))
    for role in ["clinician", "nurse", "billing", "receptionist", "researcher", "dpo", "admin"] {
      let vault = clinic.acting("care", role: role)
      for field in patient.fields where field.privacy != .open {
        let query = Query(patient, projection: .fields([field.name]), layout: .cells)
        let refused = await code { _ = try await vault.store.rows(for: query) }
        #expect(
          refused == .accessDenied || refused == .specialCategoryGround, "\(role) \(field.name)")
      }
      let whole = try await clinic.find(vault, patient)
      #expect(whole.first?.keys.sorted() == ["_id", "role"])
    }
    #expect(try await clinic.find(service, patient).first?["name"] == "Ada Canary")
    await clinic.close()
  }
}
