import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport
import Testing

@Suite struct ObjectionTests {
  private let weighed = ObjectionAssessment(
    grounds: "canary-grounds", weighing: "little harm", toldAt: .now)

  @Test func anObjectionHoldsUntilAnOfficerOverridesItInWriting() async throws {
    let clinic = try await FileClinic()
    let patient = clinic.models.patient
    let analytics = clinic.acting("analytics")
    try await clinic.gdpr.rightToObject(FileClinic.ada, purpose: "analytics")
    #expect(try await clinic.count(analytics, patient) == 1)
    let officer = clinic.acting(nil, role: "dpo", actor: "dpo-1").gdpr(for: patient)
    func override(
      _ gdpr: GDPR, _ assessment: ObjectionAssessment, purpose: String = "analytics"
    ) async -> PrivataError.Code? {
      await code { try await gdpr.overrideObjection(FileClinic.ada, purpose: purpose, assessment) }
    }
    #expect(await override(clinic.gdpr, weighed) == .accessDenied)
    var bare = weighed
    bare.grounds = ""
    #expect(await override(officer, bare) == .badArgument)
    var untold = weighed
    untold.toldAt = DateTime(milliseconds: DateTime.now.milliseconds + 60_000)
    #expect(await override(officer, untold) == .badArgument)
    #expect(await override(officer, weighed, purpose: "other") == .notFound)
    #expect(try await clinic.count(analytics, patient) == 1)
    #expect(await override(officer, weighed) == nil)
    #expect(try await clinic.count(analytics, patient) == 2)
    let action = AuditEvent.Action(rawValue: "gdpr.objection.override")
    #expect(
      try await clinic.vault.audit.count(matching: .init(action: action, actor: "dpo-1")) == 1)
    await clinic.vault.close()
    #expect(try !clinic.holds("canary-grounds"))
    await clinic.close()
  }

  /// Bases to which the law gives an objection, and others.
  @Test(arguments: [
    (Purpose.Basis.legitimateInterests, true), (.publicTask, true), (.contract, false),
    (.consent, false), (.legalObligation(reference: "Act 1"), false),
  ])
  func theBasisDecidesWhetherOneMayObject(_ basis: Purpose.Basis, _ mayObject: Bool) async throws {
    let clinic = try await FileClinic()
    try await clinic.vault.purposes.register(Purpose("p", basis: basis))
    let refused = await code { try await clinic.gdpr.rightToObject(FileClinic.ada, purpose: "p") }
    #expect(refused == (mayObject ? nil : .badArgument))
    await clinic.close()
  }

  @Test(arguments: [true, false])
  func theDataIsRestrictedUntilTheObjectionIsDecided(_ isOverridden: Bool) async throws {
    let clinic = try await FileClinic()
    let (patient, gdpr) = (clinic.models.patient, clinic.gdpr)
    try await gdpr.rightToObject(FileClinic.ada, purpose: "analytics", restricting: true)
    try await gdpr.rightToObject(FileClinic.ada, purpose: "profiling")
    #expect(try await gdpr.restrictions(FileClinic.ada) == [.objectionPending])
    #expect(try await clinic.count(clinic.vault, patient) == 1)
    let officer = clinic.acting(nil, role: "dpo", actor: "dpo-1").gdpr(for: patient)
    for purpose in ["analytics", "profiling"] {
      // As long as one is left the data stays restricted.
      #expect(try await clinic.count(clinic.vault, patient) == 1)
      if isOverridden {
        try await officer.overrideObjection(FileClinic.ada, purpose: purpose, weighed)
      } else {
        try await gdpr.withdrawObjection(FileClinic.ada, purpose: purpose)
      }
    }
    #expect(try await gdpr.restrictions(FileClinic.ada).isEmpty)
    #expect(try await clinic.count(clinic.vault, patient) == 2)
    await clinic.close()
  }

  @Test func anotherProcessHearsOfAnObjection() async throws {
    let clinic = try await FileClinic()
    let other = try await FileClinic(in: clinic.folder) {
      $0.journal.directory = Folders.temporary()
    }
    try await clinic.gdpr.rightToObject(FileClinic.ada, purpose: "analytics")
    var seen: Int?
    for _ in 0..<100 where seen != 1 {
      try await Task.sleep(for: .milliseconds(100))
      seen = try await other.count(other.acting("analytics"), other.models.patient)
    }
    #expect(seen == 1)
    await other.vault.close()
    await clinic.close()
  }

  @Test func noMarketingOutlivesErasure() async throws {
    let clinic = try await FileClinic()
    let (patient, gdpr) = (clinic.models.patient, clinic.gdpr)
    try await clinic.vault.purposes.register(
      Purpose("newsletter", basis: .legitimateInterests, isDirectMarketing: true))
    try await gdpr.objectToMarketing(FileClinic.ada, keeping: ["email"])
    let newsletter = clinic.acting("newsletter")
    #expect(try await clinic.count(newsletter, patient) == 1)
    let officer = clinic.acting(nil, role: "dpo", actor: "dpo-1").gdpr(for: patient)
    let override = await code {
      try await officer.overrideObjection(FileClinic.ada, purpose: "newsletter", weighed)
    }
    #expect(override == .badArgument)
    _ = try await gdpr.rightToErasure(
      FileClinic.ada,
      .init(requestedBy: FileClinic.ada, reason: "r", legalBasis: .article17))
    #expect(try await clinic.count(newsletter, patient) == 1)
    // The address comes back from a list, written otherwise.
    try await clinic.insert(patient, [["name": "A. C.", "email": " ADA.canary@example.org"]])
    try await clinic.insert(patient, [["name": "Eve", "email": "eve@example.org"]])
    #expect(try await clinic.count(newsletter, patient) == 2)
    #expect(try await clinic.count(clinic.vault, patient) == 3)
    // And by a change of somebody's address.
    _ = try await clinic.store.write(
      .update(
        Update(
          patient, where: .document(["name": "A. C."]), .operators(["$set": ["email": "x@y.z"]]))))
    _ = try await clinic.store.write(
      .update(
        Update(
          patient, where: .document(["name": "Eve"]),
          .operators(["$set": ["email": "ada.canary@example.org"]]))))
    #expect(try await clinic.count(newsletter, patient) == 1)
    let rows = try await clinic.find(newsletter, patient)
    #expect(rows.map { $0["name"] } == ["Bob Canary"])
    await clinic.close()
  }

  @Test func theSuppressionHoldsNoAddress() async throws {
    let clinic = try await FileClinic()
    try await clinic.gdpr.objectToMarketing(FileClinic.ada, keeping: ["email"])
    _ = try await clinic.gdpr.rightToErasure(
      FileClinic.ada,
      .init(
        requestedBy: FileClinic.ada, reason: "r", legalBasis: .article17, clinical: .erase))
    await clinic.vault.close()
    // Free pages of the file may still hold what was deleted; the tables hold none of it.
    let raw = try await StoreSource.sqlite(clinic.folder + "/identity.db").open()
    let model = ModelSchema(
      name: "Raw", collection: "privata_registers", fields: [FieldSchema("_id", .string)],
      isOpen: false)
    let ids = try await raw.rows(for: Query(model)).documents.compactMap { $0["_id"]?.asString }
    #expect(ids.contains { $0.hasPrefix("suppression/") })
    #expect(!ids.contains { $0.contains("canary") })
    await (raw as? any AdministrableStore)?.close()
    // A vault that is opened later knows it too.
    let again = try await FileClinic(in: clinic.folder)
    try await again.insert(
      again.models.patient, [["name": "A", "email": "ada.canary@example.org"]])
    #expect(try await again.count(again.acting("marketing"), again.models.patient) == 1)
    await again.vault.close()
    await clinic.close()
  }

  @Test func signalAndConsentCountByTheirTime() async throws {
    let clinic = try await FileClinic()
    let (patient, gdpr) = (clinic.models.patient, clinic.gdpr)
    let marketing = clinic.acting("marketing")
    var counts: [Int?] = []
    try await gdpr.applySignal(FileClinic.ada, .globalPrivacyControl(true))
    counts.append(try await clinic.count(marketing, patient))
    try await Task.sleep(for: .milliseconds(2))
    let consent = Consent(purpose: "marketing", notice: "n", version: 1, method: .signature)
    try await gdpr.grantConsent(FileClinic.ada, consent)
    counts.append(try await clinic.count(marketing, patient))
    try await Task.sleep(for: .milliseconds(2))
    try await gdpr.applySignal(FileClinic.ada, .globalPrivacyControl(true))
    counts.append(try await clinic.count(marketing, patient))
    #expect(counts == [1, 2, 1])
    await clinic.close()
  }
}
