import PrivataCompliance
import PrivataCore
import Synchronization
import TestSupport
import Testing

@Suite struct BreachTests {
  private func date(_ text: String) throws -> DateTime { try #require(DateTime(iso8601: text)) }

  private func breach(_ aware: String = "2026-03-28T22:30:00Z") throws -> Breach {
    Breach(awareAt: try date(aware), kinds: [.confidentiality], facts: "canary-facts")
  }

  private let whole = AuthorityNotice(
    nature: "n", categories: "c", approximateSubjects: 10, approximateRecords: 20, contact: "dpo",
    consequences: "q", measures: "m")

  private func failing(_ body: () async throws -> Void) async -> Bool {
    await code(body) == .badArgument
  }

  @Test func everyVersionStays() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let register = clinic.vault.breaches
    let opened = try await register.open(breach())
    #expect(opened.version == 1)
    let changed = try await register.update(opened.id) { $0.effects = "mails were read" }
    #expect(changed.version == 2)
    #expect(try await register.versions(of: opened.id).map(\.effects) == ["", "mails were read"])
    #expect(
      await failing {
        try await register.update(opened.id) { $0.awareAt.milliseconds += 1 }
      })
    #expect(
      await failing {
        _ = try await register.open(Breach(awareAt: .now, kinds: [], facts: "f"))
      })
    #expect(
      await failing {
        _ = try await register.open(Breach(awareAt: .now, kinds: [.integrity], facts: ""))
      })
    let future = DateTime(milliseconds: DateTime.now.milliseconds + 60_000)
    #expect(
      await failing {
        _ = try await register.open(Breach(awareAt: future, kinds: [.integrity], facts: "f"))
      })
    #expect(await code { _ = try await register.breach("none") } == .notFound)
    // Two who write at once: one of them hears of it.
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<4 {
        group.addTask {
          await code { try await register.update(opened.id) { $0.actions = "a\(number)" } } == nil
        }
      }
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    let written = outcomes.count { $0 }
    #expect(written >= 1)
    #expect(try await register.versions(of: opened.id).count == 2 + written)
    await clinic.vault.close()
    #expect(try !clinic.holds("canary-facts") && !clinic.holds("mails were read"))
    await clinic.close()
  }

  /// Known, due: elapsed hours, over the change of clocks, weekends and a leap day.
  @Test(arguments: [
    ("2026-03-28T22:30:00Z", "2026-03-31T22:30:00Z"),
    ("2024-02-27T12:00:00Z", "2024-03-01T12:00:00Z"),
    ("2026-12-31T23:59:59Z", "2027-01-03T23:59:59Z"),
    ("2026-10-24T22:30:00Z", "2026-10-27T22:30:00Z"),
  ])
  func theClockRunsFor72Hours(_ aware: String, _ due: String) throws {
    let breach = try breach(aware)
    #expect(try breach.authorityDueAt == date(due))
    #expect(breach.secondsLeft(at: breach.awareAt) == 72 * 3_600)
    #expect(breach.secondsLeft(at: breach.authorityDueAt) == 0)
  }

  @Test func theAuthorityIsToldInPhasesOrWhole() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let register = clinic.vault.breaches
    let id = try await register.open(breach()).id
    let inTime = try date("2026-03-29T12:00:00Z")
    #expect(try await register.due().map(\.id) == [id])
    #expect(
      await failing {
        try await register.notifyAuthority(id, AuthorityNotice(nature: "n"), at: inTime)
      })
    var first = AuthorityNotice(nature: "n", nextPhaseAt: try date("2026-04-02T12:00:00Z"))
    #expect(first.missing.count == 6)
    let begun = try await register.notifyAuthority(id, first, at: inTime)
    #expect(!begun.isSettledWithAuthority)
    first.nextPhaseAt = inTime
    #expect(await failing { try await register.notifyAuthority(id, first, at: inTime) })
    let done = try await register.notifyAuthority(
      id, whole, at: try date("2026-04-02T12:00:00Z"))
    #expect(done.isSettledWithAuthority && done.authorityNotices.count == 2)
    #expect(try await register.due().isEmpty)
    await clinic.close()
  }

  @Test func aLateNoticeSaysWhy() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let register = clinic.vault.breaches
    let opened = try await register.open(breach())
    let late = DateTime(milliseconds: opened.authorityDueAt.milliseconds + 1)
    #expect(await failing { try await register.notifyAuthority(opened.id, whole, at: late) })
    var reasoned = whole
    reasoned.lateReasons = "the provider answered late"
    #expect(
      try await register.notifyAuthority(opened.id, reasoned, at: late).isSettledWithAuthority)
    let other = try await register.open(breach())
    _ = try await register.notifyAuthority(other.id, whole, at: other.authorityDueAt)
    await clinic.close()
  }

  @Test func whoIsNotToldNeedsReasons() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let register = clinic.vault.breaches
    let id = try await register.open(breach()).id
    let bare = RiskDecision(likelihood: "low", severity: "", reasons: "r")
    #expect(await failing { try await register.decideNotToNotify(id, bare) })
    let decided = try await register.decideNotToNotify(
      id, RiskDecision(likelihood: "low", severity: "low", reasons: "encrypted"))
    #expect(decided.isSettledWithAuthority)
    // It is documented all the same.
    #expect(try await register.all().first?.noRisk?.reasons == "encrypted")
    await clinic.close()
  }

  // MARK: - HIPAA

  private func factors(_ low: [Bool], reasons: String = "r") -> BreachRiskFactors {
    BreachRiskFactors(
      nature: .init(isLow: low[0], reasons: reasons), recipient: .init(isLow: low[1], reasons: "r"),
      acquiredOrViewed: .init(isLow: low[2], reasons: "r"),
      mitigation: .init(isLow: low[3], reasons: "r"))
  }

  @Test(arguments: [
    ([true, true, true, true], BreachProbability.low), ([false, true, true, true], .breach),
    ([true, false, true, true], .breach), ([true, true, false, true], .breach),
    ([true, true, true, false], .breach),
  ])
  func allFourFactorsDecide(_ low: [Bool], _ wanted: BreachProbability) async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let register = clinic.vault.breaches
    let opened = try await register.open(breach())
    #expect(opened.isNotifiableUnderHIPAA)
    #expect(await failing { try await register.assess(opened.id, factors(low, reasons: "")) })
    let assessed = try await register.assess(opened.id, factors(low))
    #expect(assessed.probability == wanted)
    #expect(try await register.breach(opened.id).isNotifiableUnderHIPAA == (wanted == .breach))
    await clinic.close()
  }

  @Test func anExceptionNeedsAllItsFacts() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let register = clinic.vault.breaches
    let id = try await register.open(breach()).id
    for missing in 0..<4 {
      let exception = BreachException.unintentionalAcquisition(
        byWorkforce: missing != 0, goodFaith: missing != 1, inScope: missing != 2,
        noFurtherUse: missing != 3)
      #expect(await failing { try await register.except(id, exception) })
    }
    for missing in 0..<3 {
      let exception = BreachException.inadvertentDisclosure(
        bothAuthorised: missing != 0, sameEntity: missing != 1, noFurtherUse: missing != 2)
      #expect(await failing { try await register.except(id, exception) })
    }
    #expect(await failing { try await register.except(id, .notRetained(evidence: "")) })
    let excepted = try await register.except(id, .notRetained(evidence: "returned unopened"))
    #expect(excepted.probability == .excepted && !excepted.isNotifiableUnderHIPAA)
    await clinic.close()
  }

  /// Discovered, affected, told to individuals and to the Secretary by.
  @Test(arguments: [
    ("2026-05-10T10:00:00Z", 499, "2026-07-09T23:59:59.999Z", "2027-03-01T23:59:59.999Z"),
    ("2026-05-10T10:00:00Z", 500, "2026-07-09T23:59:59.999Z", "2026-07-09T23:59:59.999Z"),
    ("2027-12-31T23:00:00Z", 1, "2028-02-29T23:59:59.999Z", "2028-02-29T23:59:59.999Z"),
    ("2024-01-01T00:00:00Z", 501, "2024-03-01T23:59:59.999Z", "2024-03-01T23:59:59.999Z"),
  ])
  func individualsAndTheSecretaryAreToldInTime(
    _ discovered: String, _ affected: Int, _ individuals: String, _ secretary: String
  ) throws {
    var breach = try breach()
    breach.discoveredAt = try date(discovered)
    breach.affected = affected
    #expect(try breach.individualsDueAt() == date(individuals))
    #expect(try breach.secretaryDueAt() == date(secretary))
  }

  @Test func theYearIsThatOfTheControllersClock() throws {
    var breach = try breach()
    breach.discoveredAt = try date("2027-01-01T02:00:00Z")
    // Five hours behind UTC it is still 2026.
    let due = breach.secretaryDueAt(DeadlineCalendar(utcOffsetMinutes: -300))
    #expect(try due == date("2027-03-02T04:59:59.999Z"))
  }

  @Test func mediaAreToldOfMoreThan500InOneState() throws {
    var breach = try breach()
    breach.affectedByState = ["CA": 501, "NV": 500, "OR": 499]
    #expect(breach.mediaStates == ["CA"])
  }

  @Test func aNoticeToIndividualsHasFiveParts() throws {
    let notice = IndividualNotice(
      whatHappened: "a", kindsOfInformation: "b", stepsToTake: "c", whatWeDo: "d", contact: "e")
    try notice.check(.firstClassMail)
    try notice.check(.telephone)
    try notice.check(.email(isAgreed: true))
    #expect(throws: PrivataError.self) { try notice.check(.email(isAgreed: false)) }
    for path in [
      \IndividualNotice.whatHappened, \.kindsOfInformation, \.stepsToTake, \.whatWeDo, \.contact,
    ] {
      var less = notice
      less[keyPath: path] = ""
      #expect(throws: PrivataError.self) { try less.check(.firstClassMail) }
    }
    #expect(SubstituteNotice.needed(undeliverable: 0) == .none)
    #expect(SubstituteNotice.needed(undeliverable: 9) == .alternative)
    #expect(
      SubstituteNotice.needed(undeliverable: 10) == .publicNotice(days: 90, tollFreeNumber: true))
  }

  @Test func lawEnforcementSuspendsThePeriodsOfHIPAAAlone() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let register = clinic.vault.breaches
    var given = try breach("2026-05-10T10:00:00Z")
    given.affected = 600
    let opened = try await register.open(given)
    let due = opened.individualsDueAt()
    let from = try date("2026-05-20T00:00:00Z")
    #expect(
      await failing {
        try await register.delay(
          opened.id, .written(from: from, until: try date("2026-06-20T00:00:00Z"), reference: ""))
      })
    #expect(
      await failing {
        try await register.delay(opened.id, .written(from: from, until: from, reference: "F-1"))
      })
    var delayed = try await register.delay(opened.id, .oral(at: from))
    let day: Int64 = 86_400_000
    #expect(delayed.individualsDueAt().milliseconds == due.milliseconds + 30 * day)
    #expect(delayed.secretaryDueAt() == delayed.individualsDueAt())
    #expect(delayed.authorityDueAt == opened.authorityDueAt)
    let end = DateTime(milliseconds: from.milliseconds + 30 * day)
    #expect(delayed.isDelayed(at: from) && !delayed.isDelayed(at: end))
    #expect(delayed.isDelayed(at: DateTime(milliseconds: end.milliseconds - 1)))
    // In writing it lasts longer; the days that both cover count once.
    delayed = try await register.delay(
      opened.id,
      .written(
        from: from, until: DateTime(milliseconds: from.milliseconds + 45 * day), reference: "F-1"))
    #expect(delayed.individualsDueAt().milliseconds == due.milliseconds + 45 * day)
    #expect(try await register.breach(opened.id).delays == delayed.delays)
    await clinic.close()
  }
}
