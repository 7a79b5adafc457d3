import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct DisclosureTests {
  private func disclose(
    _ vault: Vault, _ clinic: KeyedClinic, _ request: DisclosureRequest
  ) async -> PrivataError.Code? {
    await code { _ = try await vault.hipaa(for: clinic.models.patient).disclose("p1", request) }
  }

  /// What each purpose asks for before anything is read.
  @Test(arguments: DisclosurePurpose.allCases)
  func eachPurposeAsksForWhatItNeeds(_ purpose: DisclosurePurpose) async throws {
    let clinic = try await KeyedClinic()
    var request = DisclosureRequest(
      to: .init("Somebody", kind: .other), purpose: purpose, fields: ["name"])
    let isFree =
      !purpose.needsReference && !purpose.needsAuthorization && purpose != .limitedDataSet
    var sent: [String] = []
    sent = await SentStatements.during {
      #expect(await disclose(clinic.vault, clinic, request) == (isFree ? nil : .accessDenied))
    }
    #expect(sent.contains { $0.contains("\"name\"") && $0.contains("SELECT") } == isFree)
    if purpose.needsReference {
      request.reference = "court order 17"
      #expect(await disclose(clinic.vault, clinic, request) == nil)
    }
    await clinic.vault.close()
  }

  @Test func wholeRecordsNeedAJustification() async throws {
    let clinic = try await KeyedClinic()
    let all: Set<String> = ["name", "email", "phone", "diagnosis", "weight"]
    var request = DisclosureRequest(
      to: .init("Plan", kind: .healthPlan), purpose: .payment, fields: all)
    #expect(await disclose(clinic.vault, clinic, request) == .accessDenied)
    request.justification = "audit of the claim"
    #expect(await disclose(clinic.vault, clinic, request) == nil)
    request.justification = nil
    request.purpose = .treatment
    #expect(await disclose(clinic.vault, clinic, request) == nil)
    request.fields = ["nothing"]
    #expect(await disclose(clinic.vault, clinic, request) == .unknownField)
    await clinic.vault.close()
  }

  @Test func protocolsBoundTheFields() async throws {
    let clinic = try await KeyedClinic()
    try await clinic.vault.program.defineProtocol(
      "claim", of: "Patient", purpose: .payment, fields: ["name", "weight"])
    var request = DisclosureRequest(
      to: .init("Plan", kind: .healthPlan), purpose: .payment, fields: ["name"], protocol: "claim")
    #expect(await disclose(clinic.vault, clinic, request) == nil)
    request.fields = ["name", "phone"]
    #expect(await disclose(clinic.vault, clinic, request) == .accessDenied)
    request.fields = ["name"]
    request.purpose = .operations
    #expect(await disclose(clinic.vault, clinic, request) == .accessDenied)
    request.protocolName = "other"
    #expect(await disclose(clinic.vault, clinic, request) == .accessDenied)
    await clinic.vault.close()
  }

  @Test func whatIsNotRoutineWaitsForASecondPerson() async throws {
    let clock = TestClock()
    let clinic = try await KeyedClinic(clock) { options in
      var hipaa = HIPAAOptions()
      hipaa.reviewsDisclosures = true
      hipaa.clock = { clock.now }
      options.hipaa = hipaa
    }
    let asker = clinic.acting("u1", "billing", "payment")
    let other = clinic.acting("u2", "billing", "payment")
    var request = DisclosureRequest(
      to: .init("Plan", kind: .healthPlan), purpose: .payment, fields: ["name"])
    #expect(await disclose(asker, clinic, request) == .approvalRequired)
    let number = try #require(try await clinic.vault.program.pendingReviews().first)
    request.review = number
    #expect(await disclose(asker, clinic, request) == .approvalRequired)
    #expect(await code { try await asker.program.approveReview(number) } == .accessDenied)
    try await other.program.approveReview(number)
    var wider = request
    wider.fields = ["name", "phone"]
    #expect(await disclose(asker, clinic, wider) == .accessDenied)
    #expect(await disclose(other, clinic, request) == .accessDenied)
    #expect(await disclose(asker, clinic, request) == nil)
    #expect(await disclose(asker, clinic, request) == .approvalRequired)
    request.review = nil
    #expect(await disclose(asker, clinic, request) == .approvalRequired)
    let late = try #require(try await clinic.vault.program.pendingReviews().last)
    try await other.program.approveReview(late)
    clock.advance(minutes: 25 * 60)
    request.review = late
    #expect(await disclose(asker, clinic, request) == .accessDenied)
    await clinic.vault.close()
  }

  @Test func associatesNeedAnAgreement() async throws {
    let clinic = try await KeyedClinic()
    let program = clinic.vault.program
    let request = DisclosureRequest(
      to: .init("Acme Billing", kind: .businessAssociate), purpose: .payment, fields: ["name"])
    #expect(await disclose(clinic.vault, clinic, request) == .accessDenied)
    try await program.registerAssociate("Acme Billing", agreement: "BAA-4", isAgent: false)
    try await program.registerAssociate("Acme Agent", agreement: "BAA-5", isAgent: true)
    #expect(await disclose(clinic.vault, clinic, request) == nil)
    try await program.endAgreement("Acme Billing")
    #expect(await disclose(clinic.vault, clinic, request) == .accessDenied)
    #expect(
      await code { try await program.registerAssociate("X", agreement: "", isAgent: false) }
        == .badArgument)
    let known = try #require(DateTime(iso8601: "2026-03-01T10:00:00Z"))
    let reported = try #require(DateTime(iso8601: "2026-03-11T10:00:00Z"))
    let agent = try await program.breachDeadline(
      reportedBy: "Acme Agent", discoveredAt: known, reportedAt: reported)
    let independent = try await program.breachDeadline(
      reportedBy: "Acme Billing", discoveredAt: known, reportedAt: reported)
    #expect(agent.iso8601 == "2026-04-30T23:59:59.999Z")
    #expect(independent.iso8601 == "2026-05-10T23:59:59.999Z")
    await clinic.vault.close()
  }
}
