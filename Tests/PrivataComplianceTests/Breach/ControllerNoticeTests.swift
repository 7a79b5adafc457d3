import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

/// What a processor tells its controller.
@Suite struct ControllerNoticeTests {
  @Test func theControllerIsToldWithoutDelay() async throws {
    let clinic = try await FileClinic()
    let register = clinic.vault.breaches
    let aware = try #require(DateTime(iso8601: "2026-03-28T23:30:00Z"))
    func hours(_ count: Int64) -> DateTime {
      DateTime(milliseconds: aware.milliseconds + count * 3_600_000)
    }
    let breach = try await register.open(
      Breach(awareAt: aware, kinds: [.confidentiality], facts: "f"))
    let notice = ControllerNotice(
      to: "North Clinic", nature: "canary-laptop", categories: "patients", measures: "keys changed",
      contact: "dpo@example.org")
    try await register.informController(breach.id, notice, at: hours(24))
    #expect(
      await code { try await register.informController(breach.id, notice, at: hours(25)) }
        == .badArgument)
    var late = notice
    late.controller = "South Clinic"
    late.lateReasons = "found in the backup"
    try await register.informController(breach.id, late, at: hours(25))
    try await register.informController(breach.id, notice, withinHours: 48, at: hours(48))
    let kept = try await register.breach(breach.id)
    #expect(
      kept.controllerNotices.map(\.controller) == ["North Clinic", "South Clinic", "North Clinic"])
    #expect(kept.controllerNotices[1].lateReasons == "found in the backup")
    #expect(kept.controllerNotices[0].sentAt == hours(24))
    #expect(kept.controllerNotices[0].nature == "canary-laptop")
    // The controller's own clock begins with the notice, whatever the local time did meanwhile.
    let own = try await register.open(
      Breach(
        awareAt: kept.controllerNotices[0].sentAt, kinds: [.confidentiality], facts: "told"))
    #expect(own.authorityDueAt == hours(24 + 72))
    let events = try await clinic.vault.audit.count(
      matching: .init(action: .init(rawValue: "breach.controller")))
    #expect(events == 3)
    await clinic.vault.close()
    #expect(try !clinic.holds("canary-laptop"))
    await clinic.close()
  }

  @Test(arguments: ["controller", "nature", "contact"])
  func eachPartIsNeeded(_ part: String) async throws {
    let clinic = try await FileClinic()
    let register = clinic.vault.breaches
    let breach = try await register.open(
      Breach(awareAt: .now, kinds: [.integrity], facts: "f"))
    let text = { (name: String) in name == part ? "" : "x" }
    let notice = ControllerNotice(
      to: text("controller"), nature: text("nature"), contact: text("contact"))
    let error = await failure { try await register.informController(breach.id, notice) }
    #expect(error?.code == .badArgument && error?.fields == [part])
    #expect(try await register.breach(breach.id).controllerNotices.isEmpty)
    await clinic.close()
  }
}
