import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct ProcessingRecordsTests {
  private func clinic() async throws -> FileClinic {
    try await FileClinic {
      $0.controller = Controller("Clinic <North>", contact: "1 Main Street", officer: "dpo@clinic")
    }
  }

  @Test func aFieldAndARecipientAreInTheNextExport() async throws {
    let clinic = try await clinic()
    let vault = clinic.vault
    try await vault.purposes.register(
      Purpose("care", basis: .contract, ground: .healthCare, summary: "treating patients"))
    let before = try await vault.processingRecords()
    #expect(before.recipients.isEmpty && !before.json.contains("fingerprint"))
    var fields = clinic.models.patient.fields
    fields.append(FieldSchema("fingerprint", .binary, privacy: .phi))
    vault.register([
      ModelSchema(name: "Patient", collection: "patients", fields: fields, isOpen: true)
    ])
    try await vault.recipients.register(
      Recipient("lab-9", name: "Laboratory", country: "US", safeguard: "clauses of 2021"))
    let after = try await vault.processingRecords()
    let patient = try #require(after.activities.first { $0.model == "Patient" })
    #expect(patient.health.contains("fingerprint") && patient.measures.contains("separation"))
    #expect(after.recipients.map(\.id) == ["lab-9"])
    for part in [
      "Clinic <North>", "treating patients", "GDPR Article 6(1)(b)", "GDPR Article 9(2)(h)",
      "clauses of 2021", "fingerprint", "register of purposes",
    ] {
      #expect(after.json.contains(part), "\(part)")
    }
    #expect(after.csv.contains("fingerprint"))
    #expect(after.html.contains("Clinic &lt;North&gt;") && !after.html.contains("<North>"))
    #expect(!after.json.contains("Canary") && !after.html.contains("Canary"))
    await clinic.close()
  }

  @Test func saysHowLongDataIsKept() async throws {
    let clinic = try await FileClinic {
      $0.retention.rules = [
        .after("createdAt", .years(10), DataScope("Patient"), then: .erase),
        .obligation("at", .years(6), DataScope("Session"), ground: .hipaaSixYears),
      ]
    }
    let records = try await clinic.vault.processingRecords()
    let limits = Dictionary(
      uniqueKeysWithValues: records.activities.map { ($0.model, $0.timeLimits) })
    #expect(limits["Patient"] == ["Patient: 10 years from createdAt"])
    #expect(limits["Session"]?.first?.hasPrefix("Session: 6 years from at; kept by") == true)
    #expect(limits["Staff"] == [])
    for text in [records.json, records.csv, records.html] {
      #expect(text.contains("10 years from createdAt"))
    }
    #expect(records.json.contains("rules of retention"))
    await clinic.close()
  }

  @Test func useThatNoRegisterKnowsIsDrift() async throws {
    let clinic = try await clinic()
    let vault = clinic.vault
    try await vault.purposes.register(Purpose("care", basis: .contract))
    try await vault.purposes.register(Purpose("archive", basis: .publicTask))
    _ = try await clinic.count(clinic.acting("care"), clinic.models.patient)
    #expect(try await vault.processingRecords().drift == [.unusedPurpose("archive")])
    _ = try await clinic.count(clinic.acting("sales"), clinic.models.patient)
    _ = try await clinic.count(clinic.acting(nil), clinic.models.session)
    let drift = Set(try await vault.processingRecords().drift)
    #expect(
      drift == [
        .unusedPurpose("archive"), .unknownPurpose("sales", model: "Patient"),
        .noPurpose(model: "Session"),
      ])
    #expect(try await vault.processingRecords().json.contains("registered nowhere"))
    await clinic.close()
  }

  @Test func whatGoesOutUnderHIPAAIsDriftWhereNobodyRegisteredIt() async throws {
    let clinic = try await clinic()
    let context = AccessContext(actor: .user("dr-7"), role: "clinician", purpose: "treatment")
    let hipaa = clinic.vault.acting(as: context).hipaa(for: clinic.models.patient)
    let request = DisclosureRequest(
      to: DisclosureRecipient("county-lab", kind: .provider), purpose: .treatment,
      fields: ["name"])
    _ = try await hipaa.disclose(FileClinic.ada, request)
    let records = try await clinic.vault.processingRecords()
    #expect(records.drift.contains(.unknownRecipient("county-lab", model: "Patient")))
    try await clinic.vault.recipients.register(Recipient("county-lab", name: "County laboratory"))
    #expect(
      try await !clinic.vault.processingRecords().drift
        .contains(.unknownRecipient("county-lab", model: "Patient")))
    // And it hears of what happens to the data.
    try await clinic.gdpr.rightToRestriction(FileClinic.ada, ground: .accuracyContested)
    #expect(
      try await clinic.gdpr.recipientNotices(FileClinic.ada).map(\.recipient) == ["county-lab"])
    await clinic.close()
  }

  @Test func aProcessorHasRecordsOfItsOwn() async throws {
    let clinic = try await clinic()
    let vault = clinic.vault
    try await vault.processors.register(
      Processor(
        "print-shop", contract: "C-17", purposes: ["letters"], regions: ["EU"],
        subprocessors: ["ink-house"]))
    try await vault.recipients.register(
      Recipient("mail", name: "Mail house", processor: "print-shop"))
    let records = try await vault.processingRecords()
    let own = try #require(records.processorRecords(of: "print-shop"))
    #expect(own["contract"] == "C-17" && own["recipients"] == ["mail"])
    #expect(own["subprocessors"] == ["ink-house"] && own["controller"] != nil)
    #expect(records.processorRecords(of: "nobody") == nil)
    await clinic.close()
  }
}
