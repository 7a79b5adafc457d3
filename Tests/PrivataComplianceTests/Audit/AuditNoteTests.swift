import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct AuditNoteTests {
  @Test func aProgramsOwnActIsAnEventLikeTheOthers() async throws {
    let clinic = try await Clinic()
    let note = AuditNote(
      "app.letter", model: "Patient", records: [.objectID(Clinic.ada)], fields: ["email"])
    try AccessContext.$current.withValue(.init(actor: .user("clerk-1"), purpose: "billing")) {
      try clinic.vault.audit.append(note)
    }
    var events: [AuditEvent] = []
    let mine = AuditSelection(
      model: "Patient", action: .init(rawValue: "app.letter"), record: .objectID(Clinic.ada))
    for try await event in clinic.vault.audit.events(matching: mine) { events.append(event) }
    #expect(events.count == 1)
    #expect(events.first?.actor == .user("clerk-1") && events.first?.purpose == "billing")
    #expect(events.first?.fields == ["email"] && events.first?.count == 1)
    #expect(try await clinic.vault.audit.verify().isValid)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let note: AuditNote
    let code: PrivataError.Code
    var testDescription: String { code.name }
  }

  static let refusals: [Row] = [
    Row(note: AuditNote("read", model: "Patient"), code: .badArgument),
    Row(note: AuditNote("app.x", model: "Nobody"), code: .unknownModel),
    Row(note: AuditNote("app.x", model: "Patient", fields: ["secret"]), code: .unknownField),
  ]

  @Test(arguments: refusals) func aWrongNoteIsRefusedWithAllOthers(_ row: Row) async throws {
    let clinic = try await Clinic()
    let before = try await clinic.vault.audit.count(matching: .init(model: "Patient"))
    let error = #expect(throws: PrivataError.self) {
      try clinic.vault.audit.append(
        contentsOf: [AuditNote("app.fine", model: "Patient"), row.note])
    }
    #expect(error?.code == row.code)
    #expect(try await clinic.vault.audit.count(matching: .init(model: "Patient")) == before)
  }

  @Test func aContextIsAskedForWhereTheVaultAsksForOne() async throws {
    let vault = try await MemoryVault { $0.contextPolicy = .required }.vault
    vault.register(ClinicModels().all)
    let error = #expect(throws: PrivataError.self) {
      try vault.audit.append(AuditNote("app.letter", model: "Patient"))
    }
    #expect(error?.code == .contextRequired)
  }
}
