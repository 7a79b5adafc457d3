import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct ReceiptTests {
  private func clinic() async throws -> Clinic {
    try await Clinic { $0.linkageRoles = ["linkage"] }
  }

  private func acting(_ clinic: Clinic, _ role: String) -> Vault {
    clinic.vault.acting(as: .init(actor: .user("u-\(role)"), role: role, purpose: "treatment"))
  }

  @Test func aCreatedRecordHasAnEvent() async throws {
    let clinic = try await clinic()
    let vault = acting(clinic, "clinician")
    let key = ObjectID(high: 9, low: 9)
    let (outcome, receipt) = try await vault.withReceipt {
      try await clinic.vault.store.write(
        .insert(
          Insert(
            clinic.models.patient,
            .documents([["_id": .objectID(key), "name": "Cy", "email": "cy@example.org"]]))))
    }
    #expect(outcome.inserted == 1 && receipt.auditIDs.count == 1)
    let id = try #require(receipt.auditID)
    let event = try #require(try await clinic.vault.audit.event(id))
    #expect(event.action == .insert && event.model == "Patient" && event.count == 1)
    #expect(event.actor == .user("u-clinician"))
    // The id goes through a header and back.
    #expect(AuditEventID(id.description) == id)
    var found = 0
    for try await one in clinic.vault.audit.events() where one.id == id { found += 1 }
    #expect(found == 1)
    let other = try #require(AuditEventID("0198f3c2-0000-7000-8000-000000000001"))
    #expect(try await clinic.vault.audit.event(other) == nil)
    await clinic.vault.close()
  }

  @Test func aReceiptHoldsEveryAccess() async throws {
    let clinic = try await clinic()
    let receipt = AccessReceipt()
    #expect(receipt.auditID == nil)
    var details = AccessDetails()
    details.receipt = receipt
    let store = clinic.vault.acting(
      as: .init(actor: .user("dr-7"), role: "c", purpose: "t", details: details)
    ).store
    for _ in 0..<3 { _ = try await store.rows(for: Query(clinic.models.patient)) }
    #expect(Set(receipt.auditIDs).count == 3)
    let error = await #expect(throws: PrivataError.self) {
      _ = try await clinic.vault.withReceipt {}
    }
    #expect(error?.code == .contextRequired)
    await clinic.vault.close()
  }

  /// Whom nobody allowed to link sees no pseudonym, and the question is in the log.
  @Test func onlyLinkageSeesThePseudonym() async throws {
    let clinic = try await clinic()
    let patient = clinic.models.patient
    let seen = try await acting(clinic, "linkage").pseudonym(of: Clinic.ada, in: patient)
    let raw = try await Clinic.raw("patients", in: clinic.memory.identity)
    let link = raw.first { $0["_id"] == .objectID(Clinic.ada) }?["pseudonym"]?.asString
    #expect(seen?.text == link && link != nil)
    #expect(try await acting(clinic, "reception").pseudonym(of: Clinic.ada, in: patient) == nil)
    #expect(try await clinic.vault.pseudonym(of: Clinic.ada, in: patient) == nil)
    let audit = clinic.vault.audit
    #expect(try await audit.count(matching: .init(action: .linkage, outcome: .success)) == 1)
    #expect(try await audit.count(matching: .init(action: .linkage, outcome: .refused)) == 2)
    let nobody = await #expect(throws: PrivataError.self) {
      _ = try await acting(clinic, "linkage").pseudonym(
        of: ObjectID(high: 7, low: 7), in: patient)
    }
    #expect(nobody?.code == .notFound)
    await clinic.vault.close()
  }
}
