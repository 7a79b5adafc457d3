import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct PatientRightsTests {
  private func claim(_ recipient: DisclosureRecipient.Kind = .healthPlan) -> DisclosureRequest {
    DisclosureRequest(
      to: .init("Plan", kind: recipient), purpose: .payment, fields: ["name"],
      related: ["Visit": ["summary"]])
  }

  @Test func whatWasPaidInFullIsKeptFromThePlan() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let restriction = try await hipaa.requestRestriction(
      "p1", .init(recipients: [.healthPlan], items: [.init("Visit", "v1")], paidInFull: true))
    #expect(restriction.state == .agreed && restriction.isMandatory)
    let toPlan = try await hipaa.disclose("p1", claim())
    #expect(toPlan.related["Visit"]?.map { $0["_id"] } == ["v2"])
    let toProvider = try await hipaa.disclose("p1", claim(.provider))
    #expect(toProvider.related["Visit"]?.count == 2)
    #expect(
      await code {
        _ = try await hipaa.decideRestriction(restriction.id, agreed: false, toldAt: .now)
      } == .badArgument)
    #expect(
      await code {
        _ = try await hipaa.endRestriction(restriction.id, personAgrees: false, toldAt: .now)
      } == .accessDenied)
    _ = try await hipaa.endRestriction(restriction.id, personAgrees: true, toldAt: .now)
    #expect(try await hipaa.disclose("p1", claim()).related["Visit"]?.count == 2)
    await clinic.vault.close()
  }

  @Test func otherRestrictionsAreDecided() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let wish = RestrictionRequest(fields: ["diagnosis"])
    let first = try await hipaa.requestRestriction("p1", wish)
    #expect(first.state == .requested && !first.isMandatory)
    let request = DisclosureRequest(
      to: .init("Dr Who", kind: .provider), purpose: .treatment, fields: ["diagnosis"])
    _ = try await hipaa.disclose("p1", request)
    _ = try await hipaa.decideRestriction(first.id, agreed: true, toldAt: .now)
    #expect(await code { _ = try await hipaa.disclose("p1", request) } == .accessDenied)
    let second = try await hipaa.requestRestriction("p2", wish)
    let denied = try await hipaa.decideRestriction(second.id, agreed: false, toldAt: .now)
    #expect(denied.state == .denied)
    _ = try await hipaa.disclose("p2", request)
    await clinic.vault.close()
  }

  /// In an emergency a restriction of treatment gives way, and that is written down.
  @Test func anEmergencyOverridesARestriction() async throws {
    let clinic = try await KeyedClinic { options in
      var hipaa = HIPAAOptions()
      hipaa.emergencyRoles = ["clinician"]
      options.hipaa = hipaa
    }
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let wish = try await hipaa.requestRestriction("p1", RestrictionRequest(fields: ["diagnosis"]))
    _ = try await hipaa.decideRestriction(wish.id, agreed: true, toldAt: .now)
    let request = DisclosureRequest(
      to: .init("ER", kind: .provider), purpose: .treatment, fields: ["diagnosis"])
    let doctor = clinic.acting("dr-7", "clinician", "treatment")
    let own = doctor.hipaa(for: clinic.models.patient)
    #expect(await code { _ = try await own.disclose("p1", request) } == .accessDenied)
    let emergency = EmergencyRequest(
      subject: "p1", of: "Patient", reason: .unconscious, note: "no pulse")
    var disclosed: Document = [:]
    try await doctor.breakGlass(emergency) {
      disclosed = try await hipaa.disclose("p1", request).record
    }
    #expect(disclosed["diagnosis"] == "canary-disease")
    let events = try await clinic.vault.audit.count(
      matching: .init(action: .init(rawValue: "hipaa.restriction.override")))
    #expect(events == 1)
    await clinic.vault.close()
  }

  @Test func letterGoWhereThePersonWants() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    #expect(try await hipaa.communication("p1") == nil)
    try await hipaa.setCommunication(
      "p1", .alternative(address: "PO Box canary-box", channel: .letter))
    try await hipaa.setCommunication(
      "p1", .alternative(address: "canary-work-phone", channel: .phone))
    #expect(
      try await hipaa.communication("p1")
        == .alternative(address: "canary-work-phone", channel: .phone))
    #expect(try await hipaa.communication("p2") == nil)
    try await hipaa.clearCommunication("p1")
    #expect(try await hipaa.communication("p1") == nil)
    await clinic.vault.close()
    #expect(try !clinic.holds("canary-box") && !clinic.holds("canary-work-phone"))
  }

  @Test func accessAnswersTheRecordSet() async throws {
    let clinic = try await KeyedClinic { options in
      var hipaa = HIPAAOptions()
      hipaa.outsideRecordSet = ["Visit": ["process"]]
      options.hipaa = hipaa
    }
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let copy = try await hipaa.rightOfAccess("p1")
    #expect(copy.records["Patient"]?.first?["name"] == "Ada Canary")
    #expect(copy.records["Visit"]?.count == 2)
    #expect(!copy.text.contains("canary-process") && !copy.text.contains("Bob"))
    let csv = try await hipaa.rightOfAccess("p1", .init(format: .csv)).text
    #expect(csv.contains("Patient,p1,Ada Canary") && csv.contains("Visit,v1"))
    #expect(await code { _ = try await hipaa.rightOfAccess("nobody") } == .notFound)
    let without = RecordAccessRequest(requester: .representative("Eva", authority: ""))
    #expect(await code { _ = try await hipaa.rightOfAccess("p1", without) } == .accessDenied)
    let with = RecordAccessRequest(requester: .representative("Eva", authority: "guardian"))
    #expect(try await hipaa.rightOfAccess("p1", with).records.count == 2)
    let denial = try await clinic.acting("dr-7", "c", "treatment")
      .hipaa(for: clinic.models.patient).denyAccess("p1", .endangersLife)
    let same = clinic.acting("dr-7", "c", "treatment").hipaa(for: clinic.models.patient)
    #expect(await code { try await same.reviewDenial(denial, upheld: true) } == .accessDenied)
    try await clinic.acting("dr-8", "c", "treatment").hipaa(for: clinic.models.patient)
      .reviewDenial(denial, upheld: false)
    let final = try await hipaa.denyAccess("p1", .inmate)
    #expect(await code { try await hipaa.reviewDenial(final, upheld: true) } == .badArgument)
    await clinic.vault.close()
  }

  @Test(arguments: [
    ("2026-01-31T12:00:00Z", "2026-03-02", "2026-03-02", "2026-04-01"),
    ("2026-02-28T00:00:00Z", "2026-03-30", "2026-03-30", "2026-04-29"),
    ("2028-02-01T23:59:00Z", "2028-03-02", "2028-03-01", "2028-04-01"),
    ("2026-11-30T08:00:00Z", "2026-12-30", "2026-12-30", "2027-01-29"),
  ])
  func deadlines(_ received: String, _ access: String, _ both: String, _ amend: String) throws {
    let received = try #require(DateTime(iso8601: received))
    func day(_ date: DateTime) -> String { String(date.iso8601.prefix(10)) }
    #expect(day(HIPAADeadline.access(receivedAt: received)) == access)
    #expect(day(HIPAADeadline.access(receivedAt: received, underGDPR: true)) == both)
    #expect(day(HIPAADeadline.amendment(receivedAt: received)) == amend)
    let longer = HIPAADeadline.access(receivedAt: received, isExtended: true)
    #expect(longer == DeadlineCalendar().end(of: 60, daysAfter: received))
  }

  @Test func amendmentsAreLinkedAndPassedOn() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let request = DisclosureRequest(
      to: .init("Dr Who", kind: .provider), purpose: .treatment, fields: ["diagnosis"])
    _ = try await hipaa.disclose("p1", request)
    let asked = try await hipaa.requestAmendment(
      "p1", "diagnosis", proposed: "J45.1", reason: "mild")
    #expect(asked.original == "canary-disease" && asked.state == .requested)
    let done = try await hipaa.acceptAmendment(asked.id, of: "p1", notify: ["Aunt"])
    #expect(done.state == .accepted && done.notified == ["Aunt", "Dr Who"])
    let after = try await hipaa.disclose("p1", request)
    #expect(after.record["diagnosis"] == "J45.1")
    #expect(after.statements.first?.replaced == "canary-disease")
    #expect(try await hipaa.amendments("p1").first?.original == "canary-disease")

    let second = try await hipaa.requestAmendment("p2", "diagnosis", proposed: "x", reason: "y")
    #expect(
      await code { _ = try await hipaa.disagree(withAmendment: second.id, statement: "no") }
        == .badArgument)
    _ = try await hipaa.denyAmendment(second.id, .accurateAndComplete)
    #expect(try await hipaa.disclose("p2", request).statements.isEmpty)
    _ = try await hipaa.disagree(withAmendment: second.id, statement: "I know better")
    _ = try await hipaa.rebut(amendment: second.id, statement: "the laboratory agrees")
    let statement = try await hipaa.disclose("p2", request).statements.first
    #expect(statement?.disagreement == "I know better" && statement?.replaced == nil)
    #expect(statement?.rebuttal == "the laboratory agrees")
    #expect(
      await code { _ = try await hipaa.acceptAmendment(second.id, of: "p2") } == .badArgument)
    await clinic.vault.close()
    #expect(try !clinic.holds("I know better"))
  }

  @Test func aPeriodIsExtendedOnce() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let received = DateTime.now
    let asked = try await hipaa.requestAmendment(
      "p1", "diagnosis", proposed: "x", reason: "y", receivedAt: received)
    #expect(asked.dueAt == DeadlineCalendar().end(of: 60, daysAfter: asked.receivedAt))
    let longer = try await hipaa.extendAmendment(asked.id, reason: "records abroad", toldAt: .now)
    #expect(longer.dueAt == DeadlineCalendar().end(of: 90, daysAfter: asked.receivedAt))
    #expect(
      await code { _ = try await hipaa.extendAmendment(asked.id, reason: "x", toldAt: .now) }
        == .badArgument)
    await clinic.vault.close()
  }

  @Test func theDeadAreProtectedForFiftyYears() async throws {
    let clock = TestClock()
    let clinic = try await KeyedClinic(clock) { options in
      var hipaa = HIPAAOptions()
      hipaa.clock = { clock.now }
      options.hipaa = hipaa
    }
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let died = try #require(DateTime(iso8601: "2024-02-29T10:00:00Z"))
    try await hipaa.markDeceased("p1", at: died)
    let end = try #require(try await hipaa.protectionEnds("p1"))
    #expect(end.iso8601 == "2074-03-01T10:00:00.000Z")
    #expect(try await hipaa.isProtected("p1"))
    #expect(try await hipaa.protectionEnds("p2") == nil)
    let executor = RecordAccessRequest(requester: .representative("Eva", authority: "executor"))
    #expect(try await !hipaa.rightOfAccess("p1", executor).records.isEmpty)
    clock.set(end)
    #expect(try await !hipaa.isProtected("p1"))
    #expect(try await hipaa.endedProtections() == [end])
    let future = DateTime(milliseconds: end.milliseconds + 1000)
    #expect(await code { try await hipaa.markDeceased("p2", at: future) } == .badArgument)
    await clinic.vault.close()
  }
}
