import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

/// Somebody who may write to the audit store changes it; the check names the first bad event.
@Suite struct AuditVerificationTests {
  private func filled() async throws -> Clinic {
    let clinic = try await Clinic()
    for _ in 0..<10 { _ = try await clinic.find(clinic.models.patient) }
    try await clinic.vault.audit.flush()
    return clinic
  }

  private func row(_ clinic: Clinic, _ sequence: Int) -> Filter {
    .compare("sequence", .equal, .int64(Int64(sequence)))
  }

  @Test func anUntouchedLogIsValid() async throws {
    let report = try await filled().vault.audit.verify()
    #expect(report.isValid)
    #expect(report.events == 12)
    #expect(report.checkpoints >= 1)
  }

  @Test(arguments: ["actor", "action", "model"])
  func aChangedColumn(_ column: String) async throws {
    let clinic = try await filled()
    _ = try await clinic.memory.identity.write(
      .update(
        Update(
          AuditModels.events, where: row(clinic, 4), .assign([Assignment(column, "x")]),
          layout: .cells)))
    let problem = try await clinic.vault.audit.verify().problem
    #expect(problem?.sequence == 4)
  }

  @Test func changedBytes() async throws {
    let clinic = try await filled()
    _ = try await clinic.memory.identity.write(
      .update(
        Update(
          AuditModels.events, where: row(clinic, 5),
          .assign([Assignment("raw", .binary(Binary([1, 2, 3])))]), layout: .cells)))
    #expect(try await clinic.vault.audit.verify().problem?.sequence == 5)
  }

  @Test(arguments: [0, 6, 11])
  func aRemovedEvent(_ sequence: Int) async throws {
    let clinic = try await filled()
    _ = try await clinic.memory.identity.write(
      .delete(Delete(AuditModels.events, where: row(clinic, sequence), layout: .cells)))
    #expect(try await clinic.vault.audit.verify().problem?.sequence == UInt64(sequence))
  }

  @Test func twoSwappedEvents() async throws {
    let clinic = try await filled()
    for (from, to) in [(3, 100), (7, 3), (100, 7)] {
      _ = try await clinic.memory.identity.write(
        .update(
          Update(
            AuditModels.events, where: row(clinic, from),
            .assign([Assignment("sequence", .int64(Int64(to)))]), layout: .cells)))
    }
    #expect(try await clinic.vault.audit.verify().problem?.sequence == 3)
  }

  @Test func aLogSetBackToYesterday() async throws {
    let clinic = try await filled()
    for _ in 0..<5 { _ = try await clinic.find(clinic.models.patient) }
    try await clinic.vault.audit.flush()
    _ = try await clinic.memory.identity.write(
      .delete(
        Delete(
          AuditModels.events, where: .compare("sequence", .greaterOrEqual, .int64(12)),
          layout: .cells)))
    _ = try await clinic.memory.identity.write(
      .delete(
        Delete(
          AuditModels.checkpoints, where: .compare("size", .greater, .int64(12)), layout: .cells)))
    let problem = try await clinic.vault.audit.verify().problem
    #expect(problem?.sequence == 12)
  }

  @Test func aForgedCheckpoint() async throws {
    let clinic = try await filled()
    _ = try await clinic.memory.identity.write(
      .update(
        Update(
          AuditModels.checkpoints, where: .all,
          .assign([Assignment("signature", .binary(Binary(Array(repeating: 1, count: 64))))]),
          isMany: true, layout: .cells)))
    #expect(try await clinic.vault.audit.verify().problem?.reason.contains("signature") == true)
  }
}
