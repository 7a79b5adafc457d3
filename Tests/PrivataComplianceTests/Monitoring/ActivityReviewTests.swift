import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct ActivityReviewTests {
  private static let day: Int64 = 86_400_000
  private static let officer = AccessContext(actor: .user("officer"), role: "compliance")

  private func daysAgo(_ days: Int64) -> DateTime {
    DateTime(milliseconds: DateTime.now.milliseconds - days * Self.day)
  }

  private func scheduled() async throws -> Clinic {
    let clinic = try await Clinic()
    let now = DateTime.now.milliseconds
    // One piece has ended a week ago, the second ends in a moment: the events are in it.
    try await clinic.vault.reviews.schedule(
      everyDays: 7, from: DateTime(milliseconds: now - 14 * Self.day + 500), graceDays: 3)
    try await Task.sleep(for: .milliseconds(600))
    return clinic
  }

  @Test func everyPieceIsSignedOverItsOwnHash() async throws {
    let clinic = try await scheduled()
    let reviews = clinic.vault.acting(as: Self.officer).reviews
    let due = try await reviews.due()
    #expect(due.count == 2)
    let signed = try await reviews.sign(try #require(due.last).id)
    let signature = try #require(signed.signature)
    #expect(signature.by == "officer" && signature.events >= 2 && signature.hash.count == 32)
    #expect(try await reviews.hash(of: signed) == signature.hash)
    #expect(try await reviews.due().count == 1)
    let events = AuditSelection(action: .init(rawValue: "review.sign"))
    for try await event in clinic.vault.audit.events(matching: events) {
      #expect(event.subjectOf == Hexadecimal.text(signature.hash))
      #expect(event.actor == .user("officer") && event.count == signature.events)
    }
    #expect(try await clinic.vault.audit.count(matching: events) == 1)
  }

  @Test func aChangedLogHasAnotherHash() async throws {
    let clinic = try await scheduled()
    let reviews = clinic.vault.acting(as: Self.officer).reviews
    let signed = try await reviews.sign(try #require(try await reviews.due().last).id)
    _ = try await clinic.memory.identity.write(
      .delete(
        Delete(
          AuditModels.events, where: .compare("sequence", .equal, .int64(0)), layout: .cells)))
    #expect(try await reviews.hash(of: signed) != signed.signature?.hash)
  }

  @Test func whatIsNotSignedInTimeIsOverdue() async throws {
    let clinic = try await scheduled()
    #expect(try await clinic.vault.reviews.overdue().count == 1)
    let later = DateTime(milliseconds: DateTime.now.milliseconds + 4 * Self.day)
    #expect(try await clinic.vault.reviews.overdue(now: later).count == 2)
  }

  @Test func aPersonSignsOnceAndNotAhead() async throws {
    let clinic = try await scheduled()
    let reviews = clinic.vault.acting(as: Self.officer).reviews
    let id = try #require(try await reviews.due().first).id
    let nobody = await #expect(throws: PrivataError.self) {
      try await clinic.vault.reviews.sign(id)
    }
    #expect(nobody?.code == .contextRequired)
    try await reviews.sign(id)
    let again = await #expect(throws: PrivataError.self) { try await reviews.sign(id) }
    #expect(again?.code == .badArgument)
    let unknown = await #expect(throws: PrivataError.self) { try await reviews.sign("nothing") }
    #expect(unknown?.code == .notFound)
    let short = await #expect(throws: PrivataError.self) {
      try await reviews.schedule(everyDays: 0)
    }
    #expect(short?.code == .badArgument)
  }
}
