import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct ChildConsentTests {
  /// The ages of the member states, as their laws are today.
  @Test(arguments: [
    ("AT", 14), ("BE", 13), ("BG", 14), ("CY", 14), ("CZ", 15), ("DE", 16), ("DK", 15), ("EE", 13),
    ("ES", 14), ("FI", 13), ("FR", 15), ("GR", 15), ("HR", 16), ("HU", 16), ("IE", 16), ("IT", 14),
    ("LT", 14), ("LU", 16), ("LV", 13), ("MT", 13), ("NL", 16), ("PL", 16), ("PT", 13), ("RO", 16),
    ("SE", 13), ("SI", 15), ("SK", 16), ("XX", 16),
  ])
  func theAgeDecidesToTheDay(_ country: String, _ age: Int) async throws {
    #expect(ConsentAge.age(in: country, at: .now) == age)
    let clinic = try await clinic()
    let now = DateTime.now.parts
    let today = try #require(
      DateTime(.init(year: now.year, month: now.month, day: now.day, hour: 12)))
    // Who has their birthday tomorrow is a child, who has it today or had it yesterday is none.
    for (offset, isAllowed) in [(1, false), (0, true), (-1, true)] {
      let day = DateTime(milliseconds: today.milliseconds + Int64(offset) * 86_400_000).parts
      guard !(day.month == 2 && day.day == 29) else { continue }
      var consent = Consent(purpose: "app", notice: "n", version: 1, method: .checkbox)
      consent.age = .born(
        year: day.year - age, month: day.month, day: day.day, country: country)
      let refused = await code { try await clinic.gdpr.grantConsent(FileClinic.ada, consent) }
      #expect(refused == (isAllowed ? nil : .consentRequired), "\(country) \(offset)")
    }
    await clinic.close()
  }

  private func clinic() async throws -> FileClinic {
    let clinic = try await FileClinic { $0.purposes = .registered }
    try await clinic.vault.purposes.register(
      Purpose("app", basis: .consent, isOfferedToChildren: true))
    return clinic
  }

  @Test func agesFollowTheLawOfTheirTime() throws {
    let before = try #require(DateTime(iso8601: "2022-12-31T12:00:00Z"))
    #expect(
      ConsentAge.age(in: "SI", at: before) == 16 && ConsentAge.age(in: "DK", at: before) == 13)
    #expect(ConsentAge.countries.count >= 27)
  }

  @Test func anUnknownAgeIsRefusedUnlessItIsAssured() async throws {
    let clinic = try await clinic()
    var consent = Consent(purpose: "app", notice: "n", version: 1, method: .checkbox)
    #expect(
      await code { try await clinic.gdpr.grantConsent(FileClinic.ada, consent) } == .badArgument)
    consent.age = .assured(reference: "")
    #expect(
      await code { try await clinic.gdpr.grantConsent(FileClinic.ada, consent) } == .badArgument)
    consent.age = .born(year: 2000, month: 13, day: 1, country: "DE")
    #expect(
      await code { try await clinic.gdpr.grantConsent(FileClinic.ada, consent) } == .badArgument)
    consent.age = .assured(reference: "check-17")
    try await clinic.gdpr.grantConsent(FileClinic.ada, consent)
    #expect(try await clinic.gdpr.consents(FileClinic.ada).first?.status == .given)
    await clinic.close()
  }

  @Test func aBirthdayOnALeapDayCountsOnTheFirstOfMarch() async throws {
    let clinic = try await clinic()
    func granted(_ text: String) async throws -> Bool {
      var consent = Consent(purpose: "app", notice: "n", version: 1, method: .checkbox)
      // 16 years after 2008-02-29 is a leap day again, 15 years after it is not.
      consent.age = .born(year: 2008, month: 2, day: 29, country: "FR")
      consent.at = DateTime(iso8601: text)
      return await code { try await clinic.gdpr.grantConsent(FileClinic.ada, consent) } == nil
    }
    #expect(try await !granted("2023-02-28T23:59:59Z"))
    #expect(try await granted("2023-03-01T00:00:00Z"))
    await clinic.close()
  }

  @Test func aGuardianConsentsUntilTheChildDecides() async throws {
    let clinic = try await clinic()
    let gdpr = clinic.gdpr
    let now = DateTime.now.parts
    var consent = Consent(purpose: "app", notice: "n", version: 1, method: .signature)
    consent.age = .born(year: now.year - 10, month: 6, day: 15, country: "DE")
    consent.guardian = Guardian("Patient", FileClinic.bob, evidence: "")
    #expect(await code { try await gdpr.grantConsent(FileClinic.ada, consent) } == .consentRequired)
    consent.guardian = Guardian("Patient", FileClinic.bob, evidence: "form-4")
    try await gdpr.grantConsent(FileClinic.ada, consent)
    let app = clinic.acting("app")
    #expect(try await clinic.count(app, clinic.models.patient) == 1)
    let state = try #require(try await gdpr.consents(FileClinic.ada).first)
    let comesOfAge = try #require(state.until)
    #expect(comesOfAge.parts.month == 6 && comesOfAge.parts.day == 15)
    #expect(comesOfAge.year == now.year + 6)
    let after = DateTime(milliseconds: comesOfAge.milliseconds + 1)
    let refused = await failure {
      try await gdpr.checkConsent(FileClinic.ada, purpose: "app", now: after)
    }
    #expect(refused?.message.contains("needsReconfirmation") == true)
    // Nothing of the guardian is in the rows but a mark, so that their erasure leaves it as it is.
    let erased = try await gdpr.rightToErasure(
      FileClinic.bob, .init(requestedBy: FileClinic.bob, reason: "r", legalBasis: .article17))
    #expect(erased.success)
    #expect(try await clinic.count(app, clinic.models.patient) == 1)
    await clinic.vault.close()
    #expect(try !clinic.holds("\(FileClinic.bob)") && !clinic.holds("\(now.year - 10)-06-15"))
    await clinic.close()
  }
}
