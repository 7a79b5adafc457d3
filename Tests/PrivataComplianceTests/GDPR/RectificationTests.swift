import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@Suite struct RectificationTests {
  @Test func aCorrectionIsProvenWithoutItsValues() async throws {
    let dossier = try await DossierVault()
    let gdpr = dossier.gdpr
    #expect(try await gdpr.wasCorrected(Int64(2), "name", from: "anything") == nil)
    let old = "name \(DossierModels.canary(2))"
    let result = try await gdpr.rightToRectification(
      Int64(2), ["name": "corrected-value", "diagnosis": "corrected-health"])
    #expect(result.isChanged)
    #expect(try await gdpr.wasCorrected(Int64(2), "name", from: .string(old)) == true)
    #expect(try await gdpr.wasCorrected(Int64(2), "name", from: "corrected-value") == false)
    #expect(try await gdpr.wasCorrected(Int64(2), "email", from: .string(old)) == nil)
    #expect(try await gdpr.wasCorrected(Int64(3), "name", from: .string(old)) == nil)
    try await dossier.vault.audit.flush()
    var raw = try await dossier.raw()
    for store in [dossier.identity, dossier.clinical] {
      for row in try await Clinic.raw("privata_statements", in: store) {
        raw += row.extendedJSON(.canonical)
      }
    }
    for word in [old, "corrected-value", "corrected-health"] { #expect(!raw.contains(word)) }
    // The proof of a health field is beside it.
    #expect(try await Clinic.raw("privata_statements", in: dossier.identity).count == 1)
    #expect(try await Clinic.raw("privata_statements", in: dossier.clinical).count == 1)
    _ = try await gdpr.rightToErasure(Int64(2), DossierModels.request)
    #expect(try await gdpr.wasCorrected(Int64(2), "name", from: .string(old)) == nil)
    #expect(try await Clinic.raw("privata_statements", in: dossier.identity).isEmpty)
    #expect(try await Clinic.raw("privata_statements", in: dossier.clinical).isEmpty)
  }

  @Test func aStatementStandsBesideTheField() async throws {
    let dossier = try await DossierVault()
    let gdpr = dossier.gdpr
    let before = try await Clinic.raw("persons", in: dossier.clinical)
    try await gdpr.supplement(Int64(2), "diagnosis", statement: "statement-canary: ruled out")
    try await gdpr.supplement(Int64(2), "diagnosis", statement: "second")
    #expect(try await Clinic.raw("persons", in: dossier.clinical) == before)
    let rows = try await Clinic.raw("privata_statements", in: dossier.clinical)
    #expect(rows.count == 2)
    #expect(!rows.map { $0.extendedJSON(.canonical) }.joined().contains("statement-canary"))
    let statements = try await gdpr.statements(Int64(2))
    #expect(statements.map(\.text) == ["statement-canary: ruled out", "second"])
    #expect(try await gdpr.statements(Int64(3)).isEmpty)
    let report = try await gdpr.rightToAccess(Int64(2))
    #expect(report.statements == statements)
    #expect(
      report.records[0].records[0]["diagnosis"]
        == .string("diagnosis \(DossierModels.canary(2))"))
    #expect(report.json.contains("statement-canary"))
    for (field, text, code) in [
      ("nothing", "x", PrivataError.Code.unknownField), ("name", "", .badArgument),
    ] {
      let error = await #expect(throws: PrivataError.self) {
        try await gdpr.supplement(Int64(2), field, statement: text)
      }
      #expect(error?.code == code)
    }
    _ = try await gdpr.rightToErasure(Int64(2), DossierModels.request)
    #expect(try await Clinic.raw("privata_statements", in: dossier.clinical).isEmpty)
  }

  /// Without encryption it works the same way.
  @Test func aPlainVaultSealsStatementsToo() async throws {
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    try await gdpr.supplement(Clinic.ada, "diagnosis", statement: "statement-canary")
    _ = try await gdpr.rightToRectification(Clinic.ada, ["name": "Ada Byron"])
    #expect(try await gdpr.statements(Clinic.ada).map(\.text) == ["statement-canary"])
    #expect(try await gdpr.wasCorrected(Clinic.ada, "name", from: "Ada Canary") == true)
    let rows = try await Clinic.raw("privata_statements", in: clinic.memory.clinical)
    #expect(!rows.map { $0.extendedJSON(.canonical) }.joined().contains("statement-canary"))
  }
}
