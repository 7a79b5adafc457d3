import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport
import Testing

@Suite struct ProgramTests {
  private func clinic() async throws -> KeyedClinic {
    let clock = TestClock()
    return try await KeyedClinic(clock) { options in
      var hipaa = HIPAAOptions()
      hipaa.clock = { clock.now }
      options.hipaa = hipaa
      options.fieldPolicy = FieldPolicy()
    }
  }

  @Test func productionNeedsOfficersAndAnEvaluation() async throws {
    let clinic = try await clinic()
    let program = clinic.vault.program
    #expect(await code { try await program.checkReadiness() } == .unsupported)
    try await program.assignOfficer(.security, person: "sue", deputy: "tom")
    try await program.assignOfficer(.privacy, person: "pat", deputy: "tom")
    #expect(
      await code { try await program.assignOfficer(.privacy, person: "pat", deputy: "pat") }
        == .badArgument)
    let sue = clinic.acting("sue", "officer", "operations")
    #expect(await code { try await program.signEvaluation("good") } == .accessDenied)
    try await sue.program.signEvaluation("good")
    try await program.checkReadiness()
    let incident = try await program.openIncident("canary laptop lost")
    #expect(try await program.findings() == ["the incident \(incident) is open"])
    try await program.closeIncident(incident, outcome: "found", breach: nil)
    try await program.checkReadiness()
    #expect(try await program.incidents().map(\.outcome) == ["found"])
    #expect(
      await code { try await program.closeIncident(incident, outcome: "x") } == .badArgument)
    var policy = FieldPolicy()
    policy.version = 2
    try await clinic.vault.load(clinic.vault.sign(policy))
    #expect(
      try await program.findings() == ["the safeguards changed since the last evaluation"])
    try await sue.program.signEvaluation("good again")
    clinic.clock.advance(minutes: 366 * 24 * 60)
    #expect(try await program.findings() == ["the last evaluation is older than a year"])
    try await program.removeOfficer(.security)
    #expect(try await program.findings().count == 2)
    #expect(try await program.officer(.security) == nil)
    await clinic.vault.close()
    #expect(try !clinic.holds("canary laptop"))
  }

  @Test func documentationIsKeptForSixYears() async throws {
    let clinic = try await clinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let program = clinic.vault.program
    let begin = try #require(DateTime(iso8601: "2026-03-10T12:00:00Z"))
    clinic.clock.set(begin)
    _ = try await hipaa.disclose(
      "p1",
      DisclosureRequest(
        to: .init("Dr Who", kind: .provider), purpose: .treatment, fields: ["name"]))
    _ = try await hipaa.requestRestriction("p1", RestrictionRequest(fields: ["phone"]))
    #expect(
      await code { _ = try await program.purgeDocumentation(keepingYears: 5) } == .badArgument)
    clinic.clock.set(try #require(DateTime(iso8601: "2032-03-09T12:00:00Z")))
    #expect(try await program.purgeDocumentation() == 0)
    clinic.clock.set(try #require(DateTime(iso8601: "2032-03-11T12:00:00Z")))
    #expect(try await program.purgeDocumentation(keepingYears: 7) == 0)
    #expect(try await program.purgeDocumentation() == 1)
    #expect(try await program.purgeDocumentation() == 0)
    #expect(try await hipaa.restrictions("p1").count == 1)
    await clinic.vault.close()
  }

  /// What is written down cannot be changed unseen.
  @Test func changedDocumentationIsFound() async throws {
    let clinic = try await clinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    _ = try await hipaa.requestRestriction("p1", RestrictionRequest(fields: ["phone"]))
    let raw = try await StoreSource.sqlite(clinic.directory + "/identity.db").open()
    let model = ModelSchema(
      name: "Raw", collection: "privata_documentation",
      fields: [FieldSchema("_id", .string, isOptional: false), FieldSchema("state", .string)])
    _ = try await raw.write(
      .update(
        Update(
          model, where: .all, .assign([Assignment("state", "ended")]), isMany: true,
          layout: .cells)))
    await (raw as? any AdministrableStore)?.close()
    #expect(await code { _ = try await hipaa.restrictions("p1") } == .tampered)
    await clinic.vault.close()
  }

  @Test func anErasureEmptiesWhatIsWrittenDown() async throws {
    let clinic = try await clinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    try await hipaa.setCommunication("p1", .alternative(address: "PO Box", channel: .letter))
    _ = try await hipaa.requestAmendment("p1", "diagnosis", proposed: "x", reason: "y")
    let request = ErasureRequest(requestedBy: "p1", reason: "r", legalBasis: .article17)
    _ = try await clinic.vault.gdpr(for: clinic.models.patient).rightToErasure("p1", request)
    #expect(try await hipaa.communication("p1") == nil)
    #expect(try await hipaa.amendments("p1").isEmpty)
    await clinic.vault.close()
  }

  private func reception(_ version: Int, _ fields: Set<String>) -> FieldPolicy {
    var policy = FieldPolicy()
    policy.version = version
    policy.allow(role: "reception", purpose: "operations", on: "Patient", fields: fields)
    return policy
  }

  private func guarded() async throws -> KeyedClinic {
    let clock = TestClock()
    let first = reception(1, ["name"])
    let clinic = try await KeyedClinic(clock) { options in
      var hipaa = HIPAAOptions()
      hipaa.clock = { clock.now }
      hipaa.asksForGrants = true
      options.hipaa = hipaa
      options.fieldPolicy = first
    }
    for user in ["sue", "tom"] { try await clinic.vault.workforce.grant("officer", to: user) }
    return clinic
  }

  @Test func looseningNeedsASecondPerson() async throws {
    let clinic = try await guarded()
    let sue = clinic.acting("sue", "officer", "operations")
    let tom = clinic.acting("tom", "officer", "operations")
    var tighter = reception(2, ["name"])
    tighter.deny(on: "Patient", fields: ["email"])
    try await sue.load(sue.sign(tighter))
    let signed = try sue.sign(reception(3, ["name", "phone"]))
    #expect(await code { try await sue.load(signed) } == .approvalRequired)
    let number = try await sue.approvals.request(.policyLoosening, why: "calls")
    #expect(await code { try await sue.load(signed, approval: number) } == .approvalRequired)
    #expect(await code { try await sue.approvals.approve(number) } == .accessDenied)
    try await tom.approvals.approve(number)
    #expect(await code { try await tom.load(signed, approval: number) } == .accessDenied)
    try await sue.load(signed, approval: number)
    let again = try sue.sign(reception(4, ["name", "phone", "email"]))
    #expect(await code { try await sue.load(again, approval: number) } == .approvalRequired)
    await clinic.vault.close()
  }

  @Test func anAgreementHoldsForADayAndFromTheActive() async throws {
    let clinic = try await guarded()
    let sue = clinic.acting("sue", "officer", "operations")
    let tom = clinic.acting("tom", "officer", "operations")
    let signed = try sue.sign(reception(2, ["name", "phone"]))
    let late = try await sue.approvals.request(.policyLoosening, why: "calls")
    try await tom.approvals.approve(late)
    clinic.clock.advance(minutes: 25 * 60)
    #expect(await code { try await sue.load(signed, approval: late) } == .accessDenied)
    let revoked = try await sue.approvals.request(.policyLoosening, why: "calls")
    try await tom.approvals.approve(revoked)
    try await clinic.vault.workforce.terminate("tom")
    #expect(await code { try await sue.load(signed, approval: revoked) } == .accessDenied)
    await clinic.vault.close()
  }
}
