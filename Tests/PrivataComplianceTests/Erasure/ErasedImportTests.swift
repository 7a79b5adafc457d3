import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

/// Files from before an erasure do not bring a person back.
@Suite struct ErasedImportTests {
  private func row(_ number: UInt32, _ email: String) -> Document {
    [
      "_id": .objectID(ObjectID(high: 8, low: number)), "name": .string("name \(number)"),
      "email": .string(email),
    ]
  }

  private func erased(_ policy: VaultOptions.ErasedImports) async throws -> Clinic {
    let clinic = try await Clinic { $0.erasedImports = policy }
    _ = try await clinic.vault.gdpr(for: clinic.models.patient).rightToErasure(
      Clinic.ada, .init(requestedBy: Clinic.ada, reason: "r", legalBasis: .article17))
    return clinic
  }

  private func count(_ clinic: Clinic) async throws -> Int {
    try await clinic.find(clinic.models.patient).count
  }

  private func noted(_ clinic: Clinic) async throws -> Int {
    try await clinic.vault.audit.count(
      matching: .init(action: .init(rawValue: "gdpr.import.erased")))
  }

  /// By the key, and by an address under another key: nothing of the file gets in.
  @Test func aBulkImportIsRefused() async throws {
    let clinic = try await erased(.reject)
    let key: Document = ["_id": .objectID(Clinic.ada), "email": "new@example.org"]
    for known in [key, row(7, "ada.canary@example.org")] {
      let error = await failure {
        try await clinic.insert(clinic.models.patient, [row(1, "one@example.org"), known])
      }
      #expect(error?.code == .subjectErased)
      #expect(error?.message.contains("ada") == false)
    }
    #expect(try await count(clinic) == 1)
    #expect(try await noted(clinic) == 2)
    try await clinic.insert(
      clinic.models.patient, [row(1, "one@example.org"), row(2, "two@example.org")])
    #expect(try await count(clinic) == 3)
    // The marks say nothing to who has the store alone.
    let raw = try await Clinic.raw("privata_registers", in: clinic.memory.identity)
      .map { $0.extendedJSON(.canonical) }.joined()
    #expect(!raw.contains("ada.canary") && !raw.contains(Clinic.ada.description))
  }

  /// Who comes back by themselves is somebody new, under another pseudonym.
  @Test func whoRegistersAgainIsNew() async throws {
    let clinic = try await erased(.reject)
    try await clinic.insert(clinic.models.patient, [row(7, "ada.canary@example.org")])
    #expect(try await count(clinic) == 2)
    let report = try await clinic.vault.gdpr(for: clinic.models.patient).rightToAccess(
      ObjectID(high: 8, low: 7))
    #expect(report.records.count == 1 && report.records[0].records[0]["diagnosis"] == nil)
  }

  @Test func anImportCanBeReportedOnly() async throws {
    for (policy, events) in [(VaultOptions.ErasedImports.report, 1), (.allow, 0)] {
      let clinic = try await erased(policy)
      try await clinic.insert(
        clinic.models.patient,
        [row(1, "one@example.org"), row(2, "ada.canary@example.org")])
      #expect(try await count(clinic) == 3)
      #expect(try await noted(clinic) == events)
    }
  }
}
