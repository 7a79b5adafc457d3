import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport
import Testing

/// What the registers add to a report of access.
@Suite struct AccessRegisterTests {
  private func moment(_ day: Int) throws -> DateTime {
    try #require(DateTime(iso8601: "2026-03-0\(day)T10:00:00Z"))
  }

  /// One of each: all nine blocks are filled, and the person's alone.
  @Test func theNineBlocksAreFilled() async throws {
    let clinic = try await FileClinic {
      $0.retention.rules = [.after("createdAt", .years(10), DataScope("Patient"), then: .erase)]
    }
    let (vault, gdpr) = (clinic.vault, clinic.gdpr)
    try await vault.recipients.register(
      Recipient("lab-9", name: "Laboratory", country: "CH", safeguard: "adequacy"))
    let rule = DecisionRule(
      "credit", version: "7", purpose: "credit", features: ["level"],
      logic: "points for the level", significance: "a credit is granted or not")
    _ = try await gdpr.decide(FileClinic.ada, rule, basis: .contract) { _ in
      DecisionOutcome("granted", reasons: ["level"])
    }
    try await gdpr.recordDisclosure(
      FileClinic.ada, to: "lab-9", fields: ["name"], purpose: "care")
    try await gdpr.recordSource([FileClinic.ada], .thirdParty("registry-x"))
    let metadata = try await gdpr.rightToAccess(FileClinic.ada).document["metadata"]?.asDocument
    let block = { (name: String) in metadata?[name]?.asArray ?? [] }
    for name in [
      "purposes", "categories", "recipients", "retention", "rights", "source",
      "automatedDecisions", "transfers",
    ] { #expect(!block(name).isEmpty, "\(name)") }
    #expect(block("source") == ["registry-x"])
    #expect(block("recipients").first?.asDocument?["name"] == "Laboratory")
    let decision = block("automatedDecisions").first?.asDocument
    #expect(decision?["logic"] == "points for the level" && decision?["outcome"] == "granted")
    #expect(decision?["significance"] == "a credit is granted or not")
    #expect(block("transfers").first?.asDocument?["country"] == "CH")
    #expect(block("transfers").first?.asDocument?["basis"] == "adequacy")
    let other = try await gdpr.rightToAccess(FileClinic.bob).metadata
    #expect(other.recipients.isEmpty && other.source.isEmpty && other.transfers.isEmpty)
    #expect(other.automatedDecisions.isEmpty)
    await clinic.close()
  }

  /// Twice to one recipient, once to another that is in no register any more; who works here is none.
  @Test func theActualRecipientsAreNamed() async throws {
    let clinic = try await FileClinic()
    let (vault, gdpr) = (clinic.vault, clinic.gdpr)
    try await vault.recipients.register(Recipient("lab-9", name: "Laboratory"))
    try await vault.recipients.register(Recipient("press", name: "Old Printer"))
    let days = try (1...3).map(moment)
    try await gdpr.recordDisclosure(
      FileClinic.ada, to: "lab-9", fields: ["name"], purpose: "care", at: days[0])
    try await gdpr.recordDisclosure(
      FileClinic.ada, to: "lab-9", fields: ["email", "name"], purpose: "billing", at: days[2])
    try await gdpr.recordDisclosure(
      FileClinic.ada, to: "press", fields: ["email"], purpose: "care", at: days[1])
    _ = try await clinic.find(clinic.acting("care", role: "nurse-role"), clinic.models.patient)
    await vault.close()
    try await remove("press", in: clinic.folder)
    let again = try await FileClinic(in: clinic.folder)
    #expect(again.vault.recipients.all.map(\.id) == ["lab-9"])
    let told = try await again.gdpr.rightToAccess(FileClinic.ada).metadata.recipients
    #expect(told.map(\.name) == ["Laboratory", "Old Printer"])
    #expect(told.map(\.firstAt) == [days[0], days[1]] && told.map(\.lastAt) == [days[2], days[1]])
    #expect(told.map(\.fields) == [["email", "name"], ["email"]])
    #expect(told.map(\.purposes) == [["billing", "care"], ["care"]])
    await again.close()
  }

  /// Takes a recipient out of the register, in the store itself.
  private func remove(_ recipient: String, in folder: String) async throws {
    let store = try await SQLiteStore(path: folder + "/identity.db")
    let rows = ModelSchema(
      name: "Raw", collection: "privata_registers",
      fields: [
        FieldSchema("_id", .string, isOptional: false), FieldSchema("register", .string),
        FieldSchema("name", .string),
      ])
    let own = Filter.and([
      .compare("register", .equal, "recipient"), .compare("name", .equal, .string(recipient)),
    ])
    let deleted = try await store.write(
      Write.delete(Delete(rows, where: own, layout: .cells))
    ).deleted
    #expect(deleted == 1)
    await store.close()
  }

  /// What the register of transfers says of a recipient comes before what it is registered with.
  @Test func transfersAreThoseOfTheRegister() async throws {
    let clinic = try await Clinic()
    let (vault, gdpr) = (clinic.vault, clinic.vault.gdpr(for: clinic.models.patient))
    try await vault.recipients.register(Recipient("lab-ch", name: "Lab", country: "CH"))
    try await gdpr.recordDisclosure(Clinic.ada, to: "lab-ch", fields: ["name"], purpose: "care")
    try await vault.transfers.authorise(Transfer(to: .init(country: "CH", recipient: "lab-ch")))
    try await vault.transfers.authorise(Transfer(to: .init(country: "NZ", recipient: "other")))
    let transfers = try await gdpr.rightToAccess(Clinic.ada).metadata.transfers
    #expect(transfers.map(\.country) == ["CH"] && transfers.map(\.basis) == ["adequacy"])
    #expect(transfers.first?.reference.isEmpty == false)
    #expect(try await gdpr.rightToAccess(Clinic.bob).metadata.transfers.isEmpty)
  }

  /// Who broke the glass is in the excerpt, as an emergency and without a name.
  @Test func anEmergencyIsInTheExcerpt() async throws {
    let secret = Array("secret of the login".utf8)
    let clinic = try await KeyedClinic(TestClock()) { options in
      var policy = FieldPolicy()
      policy.restrict("Patient")
      policy.emergencyRoles = ["clinician"]
      options.fieldPolicy = policy
      var hipaa = HIPAAOptions()
      hipaa.emergencyRoles = ["clinician"]
      hipaa.proofVerifier = SharedSecretVerifier(secret: secret)
      options.hipaa = hipaa
    }
    var details = AccessDetails()
    details.proof = AccessProof(
      actor: .user("dr-77"), method: .multiFactor, at: .now, signedWith: secret)
    let request = EmergencyRequest(
      subject: "p1", of: "Patient", reason: .unconscious, note: "canary-note")
    try await clinic.acting("dr-77", "clinician", "treatment", details).breakGlass(request) {
      let rows = try await clinic.vault.store.rows(
        for: Query(clinic.models.patient, where: .document(["_id": "p1"])))
      #expect(rows.count == 1)
    }
    let report = try await clinic.vault.gdpr(for: clinic.models.patient).rightToAccess("p1")
    let emergencies = report.accesses.filter(\.isEmergency)
    #expect(emergencies.count == 1 && emergencies.first?.fields.contains("diagnosis") == true)
    #expect(report.json.contains("\"isEmergency\":true") && !report.json.contains("dr-77"))
    let other = try await clinic.vault.gdpr(for: clinic.models.patient).rightToAccess("p2")
    #expect(other.accesses.filter(\.isEmergency).isEmpty)
    await clinic.vault.close()
  }
}
