import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@testable import PrivataCompliance

/// Old events are removed by two persons, and the rest goes on proving itself.
@Suite struct AuditRetentionTests {
  private static let officer = AccessContext(actor: .user("officer"), role: "compliance")
  private static let approver = AccessContext.Actor.user("dpo")

  /// A log whose events all are of now; in seven years they are old.
  private func filled() async throws -> Clinic {
    let clinic = try await Clinic()
    for _ in 0..<9 { _ = try await clinic.find(clinic.models.patient) }
    try await clinic.vault.audit.flush()
    return clinic
  }

  private var inSevenYears: DateTime {
    let now = DateTime.now.parts
    return DateTime(.init(year: now.year + 7, month: now.month, day: 1)) ?? .now
  }

  private var nextMonth: String {
    let now = DateTime.now.parts
    let next = now.month == 12 ? (now.year + 1, 1) : (now.year, now.month + 1)
    return "\(next.0)-" + (next.1 < 10 ? "0" : "") + "\(next.1)"
  }

  private func remove(_ clinic: Clinic) async throws -> AuditRemovalResult {
    try await clinic.vault.acting(as: Self.officer).audit.removeEvents(
      before: nextMonth, approvedBy: Self.approver, now: inSevenYears)
  }

  @Test func whatIsLeftVerifiesAndSaysWhatIsGone() async throws {
    let clinic = try await filled()
    let heads = try await clinic.vault.audit.checkpoints()
    let result = try await remove(clinic)
    #expect(result.events == 11 && result.writers == 1)
    for _ in 0..<5 { _ = try await clinic.find(clinic.models.patient) }
    let report = try await clinic.vault.audit.verify()
    #expect(report.isValid, "\(String(describing: report.problem))")
    #expect(report.removed == 11 && report.events >= 6)
    #expect(report.checkpoints > heads.count)
    #expect(try await clinic.vault.audit.count(matching: .init(action: .read)) == 5)
    #expect(try await clinic.vault.audit.count(matching: .init(action: .auditRemoval)) == 1)
    // What is left is proven, also against heads from before.
    for try await event in clinic.vault.audit.events(matching: .init(action: .read)) {
      let proof = try await clinic.vault.audit.proof(of: event.id)
      #expect(try proof.verified(by: clinic.vault.audit.publicKey) == event)
    }
    let all = try await clinic.vault.audit.checkpoints()
    let proof = try await clinic.vault.audit.consistencyProof(
      from: try #require(heads.last), to: try #require(all.last))
    try proof.verify(by: clinic.vault.audit.publicKey)
  }

  @Test func aSecondRemovalGoesOn() async throws {
    let clinic = try await filled()
    _ = try await remove(clinic)
    for _ in 0..<5 { _ = try await clinic.find(clinic.models.patient) }
    #expect(try await remove(clinic).events == 6)
    let report = try await clinic.vault.audit.verify()
    #expect(report.isValid && report.removed == 17)
  }

  @Test func onePersonIsNotEnough() async throws {
    let clinic = try await filled()
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.vault.acting(as: Self.officer).audit.removeEvents(
        before: nextMonth, approvedBy: Self.officer.actor, now: inSevenYears)
    }
    #expect(error?.code == .accessDenied)
    let refused = AuditSelection(action: .auditRemoval, outcome: .refused)
    #expect(try await clinic.vault.audit.count(matching: refused) == 1)
  }

  @Test(arguments: ["2999-01", "2020", "soon", "2020-13"])
  func aYoungOrUnknownMonthIsRefused(_ month: String) async throws {
    let clinic = try await filled()
    let error = await #expect(throws: PrivataError.self) {
      try await clinic.vault.acting(as: Self.officer).audit.removeEvents(
        before: month, approvedBy: Self.approver)
    }
    #expect(error?.code == .badArgument && error?.fields == ["before"])
  }

  @Test func aHoldKeepsTheLog() async throws {
    let clinic = try await filled()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    try await gdpr.placeHold(Clinic.ada, matter: "M-1")
    let error = await #expect(throws: PrivataError.self) { try await remove(clinic) }
    #expect(error?.code == .legalHold)
  }

  @Test func aChangedLogIsNotRemovedFrom() async throws {
    let clinic = try await filled()
    _ = try await clinic.memory.identity.write(
      .delete(
        Delete(
          AuditModels.events, where: .compare("sequence", .equal, .int64(3)), layout: .cells)))
    let error = await #expect(throws: PrivataError.self) { try await remove(clinic) }
    #expect(error?.code == .tampered)
  }

  @Test(arguments: ["size", "signature", "before"])
  func aForgedRemovalIsFound(_ column: String) async throws {
    let clinic = try await filled()
    _ = try await remove(clinic)
    let value: Value =
      switch column {
      case "size": .int64(12)
      case "before": .date(DateTime(milliseconds: 0))
      default: .binary(Binary(Array(repeating: 1, count: 64)))
      }
    _ = try await clinic.memory.identity.write(
      .update(
        Update(
          AuditModels.removals, where: .all, .assign([Assignment(column, value)]), layout: .cells)))
    #expect(try await clinic.vault.audit.verify().problem?.reason.contains("removal") == true)
  }

  @Test func eventsRemovedWithoutANoteAreFound() async throws {
    let clinic = try await filled()
    _ = try await remove(clinic)
    for _ in 0..<5 { _ = try await clinic.find(clinic.models.patient) }
    try await clinic.vault.audit.flush()
    _ = try await clinic.memory.identity.write(
      .delete(Delete(AuditModels.removals, where: .all, layout: .cells)))
    #expect(try await clinic.vault.audit.verify().isValid == false)
  }
}
