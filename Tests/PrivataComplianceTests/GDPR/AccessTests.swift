import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct AccessTests {
  @Test func collectsAllModelsAndStores() async throws {
    let clinic = try await Clinic()
    let report = try await clinic.vault.gdpr(for: clinic.models.patient).rightToAccess(Clinic.ada)
    #expect(report.records.map(\.model) == ["Patient", "Session", "Session"])
    #expect(report.records.map(\.through) == [nil, "patient", "team"])
    let own = try #require(report.records.first?.records.first)
    #expect(own["name"] == "Ada Canary" && own["diagnosis"] == "canary-disease")
    #expect(report.records[1].records.map { $0["_id"] } == [1])
    #expect(report.records[2].records.map { $0["_id"] } == [2])
    #expect(!report.json.contains("Bob Canary"))
    #expect(!report.json.contains("pseu_"))
  }

  @Test func namesWhyAndByWhomEachFieldWasUsed() async throws {
    let clinic = try await Clinic()
    let context = AccessContext(actor: .user("dr-7"), role: "clinician", purpose: "treatment")
    _ = try await clinic.vault.acting(as: context).store.rows(
      for: Query(
        clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]),
        projection: .document(["diagnosis": 1])))
    let report = try await clinic.vault.gdpr(for: clinic.models.patient).rightToAccess(Clinic.ada)
    let diagnosis = try #require(report.fields.first { $0.field == "diagnosis" })
    #expect(diagnosis.privacy == .phi)
    #expect(diagnosis.purposes == ["service", "treatment"])
    #expect(diagnosis.recipients == ["clinician", "service"])
    let email = try #require(report.fields.first { $0.field == "email" })
    #expect(email.purposes == ["service"])
    #expect(report.accesses.contains { $0.role == "clinician" && $0.action == "read" })
    #expect(!report.json.contains("dr-7"))
  }

  @Test func anUnknownPersonIsAnError() async throws {
    let clinic = try await Clinic()
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.vault.gdpr(for: clinic.models.patient).rightToAccess(ObjectID())
    }
    #expect(error?.code == .notFound)
  }
}
