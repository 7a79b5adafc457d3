import PrivataCompliance
import PrivataCore
import Synchronization
import TestSupport
import Testing

@Suite struct DecisionTests {
  private func rule(_ features: [String] = ["level"], birthField: String? = nil) -> DecisionRule {
    DecisionRule(
      "credit", version: "7", purpose: "credit", features: features,
      logic: "points for the level", significance: "a credit is granted or not",
      birthField: birthField)
  }

  private let consent = Consent(purpose: "credit", notice: "n", version: 1, method: .signature)

  /// Basis, features, and whether the rule runs; the person consented explicitly.
  @Test(arguments: [
    (DecisionBasis.contract, ["level"], true), (.contract, ["diagnosis"], false),
    (.law(reference: "Act 5"), ["level"], true), (.law(reference: ""), ["level"], false),
    (.law(reference: "Act 5"), ["diagnosis"], false), (.explicitConsent, ["diagnosis"], true),
    (.substantialPublicInterest(reference: "Act 6"), ["diagnosis"], true),
  ])
  func theBasisDecidesWhatAProgramMayDecide(
    _ basis: DecisionBasis, _ features: [String], _ runs: Bool
  ) async throws {
    let clinic = try await FileClinic()
    try await clinic.gdpr.grantConsent(FileClinic.ada, consent)
    let ran = Mutex(false)
    let refused = await code {
      _ = try await clinic.gdpr.decide(FileClinic.ada, rule(features), basis: basis) { found in
        ran.withLock { $0 = found.keys == features && found[features[0]]?.isNull == false }
        return DecisionOutcome("granted", reasons: ["level"])
      }
    }
    #expect(refused == (runs ? nil : .automatedDecisionNotAllowed))
    #expect(ran.withLock { $0 } == runs)
    await clinic.close()
  }

  private func decide(_ clinic: FileClinic, _ rule: DecisionRule, _ basis: DecisionBasis) async
    -> PrivataError.Code?
  {
    await code {
      _ = try await clinic.gdpr.decide(FileClinic.ada, rule, basis: basis) { _ in
        Issue.record("the rule ran")
        return DecisionOutcome("x", reasons: [])
      }
    }
  }

  @Test func consentHasToBeExplicitAndLive() async throws {
    let clinic = try await FileClinic()
    #expect(await decide(clinic, rule(), .explicitConsent) == .consentRequired)
    var loose = consent
    loose.isExplicit = false
    try await clinic.gdpr.grantConsent(FileClinic.ada, loose)
    #expect(await decide(clinic, rule(), .explicitConsent) == .consentRequired)
    await clinic.close()
  }

  @Test func aWithdrawalMeanwhileCancels() async throws {
    let clinic = try await FileClinic()
    let gdpr = clinic.gdpr
    try await gdpr.grantConsent(FileClinic.ada, consent)
    let cancelled = await code {
      _ = try await gdpr.decide(FileClinic.ada, rule(), basis: .explicitConsent) { _ in
        try await Task.sleep(for: .milliseconds(2))
        try await gdpr.withdrawConsent(FileClinic.ada, purpose: "credit")
        return DecisionOutcome("granted", reasons: ["level"])
      }
    }
    #expect(cancelled == .consentRequired)
    #expect(try await gdpr.decisions(FileClinic.ada).isEmpty)
    await clinic.close()
  }

  @Test func whatMayNotBeUsedIsNotPassedIn() async throws {
    let clinic = try await FileClinic()
    try await clinic.gdpr.rightToObject(FileClinic.ada, purpose: "credit")
    #expect(await decide(clinic, rule(), .contract) == .subjectFrozen)
    try await clinic.gdpr.withdrawObjection(FileClinic.ada, purpose: "credit")
    try await clinic.gdpr.rightToRestriction(FileClinic.ada, ground: .accuracyContested)
    #expect(await decide(clinic, rule(), .contract) == .subjectFrozen)
    let nobody = await code {
      _ = try await clinic.gdpr.decide(ObjectID(), rule(), basis: .contract) { _ in
        DecisionOutcome("x", reasons: [])
      }
    }
    #expect(nobody == .notFound)
    let fails = await code {
      _ = try await clinic.gdpr.decide(FileClinic.bob, rule(), basis: .contract) { _ in
        throw PrivataError(.validation, "the rule failed")
      }
    }
    #expect(fails == .validation)
    await clinic.close()
  }

  @Test(arguments: [(0, false), (17, false), (18, true), (40, true)])
  func noProgramDecidesAboutAChild(_ years: Int, _ runs: Bool) async throws {
    let clinic = try await FileClinic()
    let now = DateTime.now.parts
    if years > 0 {
      let born = try #require(DateTime(.init(year: now.year - years, month: 1, day: 1)))
      _ = try await clinic.store.write(
        .update(
          Update(
            clinic.models.patient, where: .document(["_id": .objectID(FileClinic.ada)]),
            .operators(["$set": ["createdAt": .date(born)]]))))
    }
    let refused = await code {
      _ = try await clinic.gdpr.decide(
        FileClinic.ada, rule(birthField: "createdAt"), basis: .contract
      ) { features in
        #expect(features.keys == ["level"])
        return DecisionOutcome("granted", reasons: ["level"])
      }
    }
    #expect(refused == (runs ? nil : .automatedDecisionNotAllowed))
    await clinic.close()
  }

  @Test(arguments: [
    DecisionRule("r", version: "1", purpose: "p", features: [], logic: "l", significance: "s"),
    DecisionRule(
      "r", version: "1", purpose: "p", features: ["level"], logic: "", significance: "s"),
    DecisionRule(
      "r", version: "1", purpose: "p", features: ["level"], logic: "l", significance: ""),
  ])
  func aRuleExplainsItself(_ rule: DecisionRule) async throws {
    let clinic = try await FileClinic()
    #expect(await decide(clinic, rule, .contract) == .badArgument)
    #expect(await decide(clinic, self.rule(["shoeSize"]), .contract) == .unknownField)
    await clinic.close()
  }

  @Test func aContestedDecisionIsLookedAtByAnotherHuman() async throws {
    let clinic = try await FileClinic()
    let decided = try await clinic.gdpr.decide(FileClinic.ada, rule(), basis: .contract) { _ in
      DecisionOutcome("refused", reasons: ["level"])
    }
    #expect(decided.state == .effective && decided.outcome == "refused")
    #expect(decided.document.extendedJSON(.relaxed).contains("points for the level"))
    let agent = clinic.acting(nil, role: "agent", actor: "agent-3").decisions
    let contested = try await agent.contest(decided.id, view: "canary-view")
    #expect(contested.state == .suspended && contested.dueAt != nil)
    #expect(try await agent.contested().map(\.id) == [decided.id])
    #expect(await code { try await agent.contest(decided.id, view: "again") } == .badArgument)
    func review(
      _ register: DecisionRegister, _ outcome: AutomatedDecision.State, _ reasons: [String]
    ) async -> PrivataError.Code? {
      await code { try await register.review(decided.id, outcome, reasons: reasons) }
    }
    #expect(await review(agent, .overturned, ["income"]) == .accessDenied)
    #expect(await review(clinic.vault.decisions, .overturned, ["income"]) == .accessDenied)
    let human = clinic.acting(nil, role: "agent", actor: "agent-4").decisions
    #expect(await review(human, .suspended, ["income"]) == .badArgument)
    #expect(await review(human, .overturned, []) == .badArgument)
    #expect(await review(human, .overturned, ["income"]) == nil)
    #expect(await review(human, .upheld, ["income"]) == .badArgument)
    let last = try #require(try await clinic.gdpr.decisions(FileClinic.ada).first)
    #expect(last.state == .overturned && last.reviewer == "agent-4" && last.logic == rule().logic)
    #expect(try await human.contested().isEmpty)
    #expect(await code { _ = try await human.decision("none") } == .notFound)
    await clinic.vault.close()
    #expect(try !clinic.holds("canary-view"))
    await clinic.close()
  }
}
