import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct AuditTests {
  @Test func recordsWhoDidWhatToWhichFields() async throws {
    let clinic = try await Clinic()
    var details = AccessDetails()
    details.session = AccessSession(idleSeconds: 60)
    details.traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    details.onBehalfOf = .user("dr-1")
    details.legalBasis = "GDPR Article 9(2)(h)"
    let context = AccessContext(
      actor: .user("dr-7"), role: "clinician", purpose: "treatment", region: "eu",
      requestID: "req-1", details: details)
    let store = clinic.vault.acting(as: context).store
    _ = try await store.rows(
      for: Query(
        clinic.models.patient, where: .document(["diagnosis": "J45"]),
        projection: .document(["name": 1])))
    var events: [AuditEvent] = []
    for try await event in clinic.vault.audit.events(matching: .init(actor: "dr-7")) {
      events.append(event)
    }
    let event = try #require(events.first)
    #expect(events.count == 1)
    #expect(event.action == .read && event.model == "Patient" && event.count == 1)
    #expect(event.fields == ["_id", "name"] && event.filterFields == ["diagnosis"])
    #expect(event.role == "clinician" && event.purpose == "treatment" && event.region == "eu")
    #expect(event.requestID == "req-1" && event.outcome == .success)
    #expect(event.records.count == 1)
    #expect(event.sessionID == details.session?.id && event.traceID == details.traceID)
    #expect(event.onBehalfOf == .user("dr-1") && event.legalBasis == "GDPR Article 9(2)(h)")
    // Every format names them, as far as it has a place.
    for format in [AuditExportFormat.jsonLines, .fhir, .ocsf] {
      var text = ""
      _ = try await clinic.vault.audit.export(matching: .init(actor: "dr-7"), as: format) {
        text += String(decoding: $0, as: UTF8.self)
      }
      #expect(text.contains("dr-1"), "\(format)")
    }
  }

  @Test func takesTheContextOfTheTask() async throws {
    let clinic = try await Clinic()
    try await AccessContext.$current.withValue(.init(actor: .user("nurse-1"))) {
      _ = try await clinic.find(clinic.models.patient)
    }
    #expect(try await clinic.vault.audit.count(matching: .init(actor: "nurse-1")) == 1)
  }

  @Test func findsTheEventsOfARecord() async throws {
    let clinic = try await Clinic()
    _ = try await clinic.find(clinic.models.patient, ["_id": .objectID(Clinic.ada)])
    _ = try await clinic.find(clinic.models.patient, ["_id": .objectID(Clinic.bob)])
    _ = try await clinic.find(clinic.models.patient)
    let mine = AuditSelection(model: "Patient", action: .read, record: .objectID(Clinic.ada))
    #expect(try await clinic.vault.audit.count(matching: mine) == 2)
    let nobody = AuditSelection(model: "Patient", record: .objectID(ObjectID()))
    #expect(try await clinic.vault.audit.count(matching: nobody) == 0)
  }

  @Test func recordsFailuresAndRefusals() async throws {
    let clinic = try await Clinic { $0.contextPolicy = .service }
    await #expect(throws: PrivataError.self) {
      try await clinic.insert(
        clinic.models.patient, [["_id": .objectID(Clinic.ada), "email": "x@example.org"]])
    }
    let failed = AuditSelection(model: "Patient", action: .insert, outcome: .failed)
    #expect(try await clinic.vault.audit.count(matching: failed) == 1)
    for try await event in clinic.vault.audit.events(matching: failed) {
      #expect(event.errorCode == "duplicateKey")
    }
  }

  @Test func refusesPersonalDataWithoutAContext() async throws {
    let memory = try await MemoryVault { $0.contextPolicy = .required }
    let models = ClinicModels()
    try await memory.vault.store.prepare(models.all)
    let error = await #expect(throws: PrivataError.self) {
      try await memory.vault.store.rows(for: Query(models.patient))
    }
    #expect(error?.code == .contextRequired)
    // A model without personal data needs nobody.
    _ = try await memory.vault.store.rows(for: Query(models.clinic))
    _ = try await memory.vault.acting(as: .init(actor: .user("u"))).store
      .rows(for: Query(models.patient))
    #expect(try await memory.vault.audit.count(matching: .init(outcome: .refused)) == 1)
  }

  @Test func holdsNoValue() async throws {
    let clinic = try await Clinic()
    _ = try await clinic.find(clinic.models.patient, ["email": "ada.canary@example.org"])
    try await clinic.vault.audit.flush()
    let rows = try await Clinic.raw("privata_audit_events", in: clinic.memory.identity)
    #expect(rows.count > 2)
    for row in rows {
      let bytes = String(decoding: row.bson, as: UTF8.self)
      for canary in ["Canary", "canary", Clinic.ada.description, "pseu_"] {
        #expect(!bytes.contains(canary))
      }
    }
  }

  @Test func concurrentEventsAreAllThere() async throws {
    let clinic = try await Clinic()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<200 {
        group.addTask { _ = try await clinic.find(clinic.models.clinic) }
      }
      for _ in 0..<5 { group.addTask { try await clinic.vault.audit.flush() } }
      try await group.waitForAll()
    }
    #expect(try await clinic.vault.audit.count(matching: .init(model: "Clinic")) == 200)
    #expect(try await clinic.vault.audit.verify().isValid)
  }
}
