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
    for (person, wanted) in [(2, PrivataError.Code.notIdentifiable), (99, .notFound)] {
      let refused = await code {
        _ = try await gdpr.rightToRectification(Int64(person), ["name": "x"])
      }
      #expect(refused == wanted)
    }
    #expect(try await Clinic.raw("privata_statements", in: dossier.identity).isEmpty)
    #expect(try await Clinic.raw("privata_statements", in: dossier.clinical).isEmpty)
  }

  /// A corrected value is nowhere any more: not in a row, not as a mark to search by, not in memory,
  /// not in what a recipient believes.
  @Test func everyCopyFollowsACorrection() async throws {
    let dossier = try await DossierVault { $0.cache = CacheOptions() }
    let (gdpr, person) = (dossier.gdpr, dossier.models.person)
    try await dossier.vault.recipients.register(Recipient("lab-9", name: "Laboratory"))
    try await gdpr.recordDisclosure(Int64(2), to: "lab-9", fields: ["email"], purpose: "care")
    let old = "\(DossierModels.canary(2))@example.org"
    let byEmail = { (email: String) async throws -> [Document] in
      try await dossier.find(person, .compare("email", .equal, .string(email)))
    }
    #expect(try await byEmail(old).count == 1)
    let before = try #require(try await indexed(dossier))
    try await gdpr.recordVerification(Int64(2), ["email", "name"], source: "passport")
    let result = try await gdpr.rightToRectification(Int64(2), ["email": "right@example.org"])
    #expect(result.recipients == ["lab-9"])
    #expect(try await byEmail(old).isEmpty)
    #expect(try await byEmail("right@example.org").count == 1)
    let after = try #require(try await indexed(dossier))
    #expect(after != before)
    let rows = try await Clinic.raw("persons", in: dossier.identity)
      .map { $0.extendedJSON(.canonical) }.joined()
    #expect(!rows.contains(before) && rows.contains(after))
    let kinds = try await gdpr.recipientNotices(Int64(2)).map(\.kind)
    #expect(kinds == [.rectification])
    // What was verified is to be looked at again; the other field is as it was.
    #expect(try await gdpr.verifications(Int64(2)).map(\.field) == ["name"])
  }

  /// The mark by which the address of person 2 is found, as the store has it.
  private func indexed(_ dossier: DossierVault) async throws -> String? {
    let row = try await Clinic.raw("persons", in: dossier.identity)
      .first { $0["_id"] == 2 || $0["_id"] == .int64(2) }
    return row?.elements.first { $0.key.contains("tag") }
      .map { Document([$0]).extendedJSON(.canonical) }
      .map { String($0.drop { $0 != ":" }.dropFirst().dropLast()) }
  }

  @Test func whatWasVerifiedLongAgoIsReported() async throws {
    let dossier = try await DossierVault()
    let gdpr = dossier.gdpr
    let day = { (text: String) throws in try #require(DateTime(iso8601: text)) }
    try await gdpr.recordVerification(
      Int64(1), ["name"], source: "passport", at: day("2024-01-01"))
    try await gdpr.recordVerification(
      Int64(2), ["name", "email"], source: "letter", at: day("2025-06-01"))
    try await gdpr.recordVerification(
      Int64(3), ["name"], source: "passport", at: day("2023-01-01"))
    let now = try day("2026-05-31")
    let stale = { () async throws -> [String] in
      try await gdpr.staleVerifications(after: .years(1), now: now)
        .map { "\($0.field) \($0.source)" }
    }
    #expect(try await stale() == ["name passport", "name passport"])
    // Checked again, and erased: neither is to be looked at.
    try await gdpr.recordVerification(Int64(1), ["name"], source: "passport", at: now)
    #expect(try await stale().count == 1)
    _ = try await gdpr.rightToErasure(Int64(3), DossierModels.request)
    #expect(try await stale().isEmpty)
    #expect(
      try await gdpr.staleVerifications(after: .years(1), now: day("2026-06-01")).count == 2)
    for (fields, source, code) in [
      (["name"], "", PrivataError.Code.badArgument), ([], "x", .badArgument),
      (["shoe"], "x", .unknownField),
    ] {
      let error = await failure {
        try await gdpr.recordVerification(Int64(1), fields, source: source)
      }
      #expect(error?.code == code)
    }
    #expect(
      await failure { try await gdpr.recordVerification(Int64(9), ["name"], source: "x") }?.code
        == .notFound)
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
