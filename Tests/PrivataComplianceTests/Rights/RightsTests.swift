import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@Suite struct RightsTests {
  private func acting(_ clinic: Clinic, _ purpose: String) -> any Store {
    clinic.vault.acting(as: .init(actor: .user("dr-7"), role: "researcher", purpose: purpose)).store
  }

  private func names(
    _ store: any Store, _ model: ModelSchema, _ filter: Filter = .all, field: String = "name"
  ) async throws -> [Value] {
    try await store.rows(for: Query(model, where: filter, sort: [SortKey("_id")])).documents
      .compactMap { $0[field] }
  }

  private func count(_ store: any Store, _ model: ModelSchema) async throws -> Int? {
    try await store.rows(for: Query(model, answer: .count)).value(row: 0, column: 0)?.asInt
  }

  private let consent = Consent(
    purpose: "research", notice: "study-7", version: 3, method: .signature)

  @Test func withdrawalHoldsForTheNextQuery() async throws {
    let clinic = try await Clinic { $0.consentPurposes = ["research"] }
    let research = acting(clinic, "research")
    let models = clinic.models
    let gdpr = clinic.vault.gdpr(for: models.patient)
    #expect(try await count(research, models.patient) == 0)
    #expect(try await names(research, models.session, field: "summary").isEmpty)
    try await gdpr.grantConsent(Clinic.ada, consent)
    #expect(try await names(research, models.patient) == ["Ada Canary"])
    #expect(try await count(research, models.patient) == 1)
    #expect(try await names(research, models.session, field: "summary") == ["canary-note"])
    #expect(try await names(research, models.patient, .document(["level": 2])).isEmpty)
    let change = Update(
      models.patient, where: .all, .operators(["$set": ["ward": "west"]]), isMany: true)
    #expect(try await research.write(.update(change)).matched == 1)
    let states = try await gdpr.consents(Clinic.ada)
    #expect(states.first?.isGiven == true && states.first?.version == 3)
    try await gdpr.withdrawConsent(Clinic.ada, purpose: "research")
    #expect(try await count(research, models.patient) == 0)
    #expect(try await gdpr.consents(Clinic.ada).first?.isGiven == false)
    // Other purposes go on.
    #expect(try await count(clinic.store, models.patient) == 2)
  }

  @Test func theLaterActCountsAndTiesGoToWithdrawal() async throws {
    let clinic = try await Clinic { $0.consentPurposes = ["research"] }
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    let moment = DateTime(milliseconds: 1_700_000_000_000)
    var given = consent
    given.at = moment
    try await gdpr.withdrawConsent(Clinic.ada, purpose: "research", at: moment)
    try await gdpr.grantConsent(Clinic.ada, given)
    #expect(try await gdpr.consents(Clinic.ada).first?.isGiven == false)
    given.at = DateTime(milliseconds: moment.milliseconds - 1)
    try await gdpr.grantConsent(Clinic.ada, given)
    #expect(try await gdpr.consents(Clinic.ada).first?.isGiven == false)
    given.at = DateTime(milliseconds: moment.milliseconds + 1)
    given.until = DateTime(milliseconds: moment.milliseconds + 2)
    try await gdpr.grantConsent(Clinic.ada, given)
    let expired = try await gdpr.consents(Clinic.ada).first
    #expect(expired?.isGiven == false && expired?.until == given.until)
  }

  @Test func refusesActsThatProveNothing() async throws {
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    var future = consent
    future.at = DateTime(milliseconds: DateTime.now.milliseconds + 3_600_000)
    var silent = consent
    silent.notice = ""
    for bad in [future, silent] {
      let error = await #expect(throws: PrivataError.self) {
        try await gdpr.grantConsent(Clinic.ada, bad)
      }
      #expect(error?.code == .badArgument)
    }
    let nobody = await #expect(throws: PrivataError.self) {
      try await gdpr.grantConsent(ObjectID(), consent)
    }
    #expect(nobody?.code == .notFound)
    let noPerson = await #expect(throws: PrivataError.self) {
      try await clinic.vault.gdpr(for: clinic.models.clinic).consents(1)
    }
    #expect(noPerson?.code == .unsupported)
  }

  @Test func restrictedDataIsKeptAndNothingElse() async throws {
    let clinic = try await Clinic()
    let models = clinic.models
    let gdpr = clinic.vault.gdpr(for: models.patient)
    try await gdpr.rightToRestriction(Clinic.ada, ground: .accuracyContested)
    try await gdpr.rightToRestriction(Clinic.ada, ground: .neededForClaims)
    #expect(try await names(clinic.store, models.patient) == ["Bob Canary"])
    #expect(try await count(clinic.store, models.patient) == 1)
    #expect(try await names(clinic.store, models.session, field: "summary") == ["other"])
    let delete = Delete(models.patient, where: .all)
    #expect(try await clinic.store.write(.delete(delete)).deleted == 1)
    #expect(try await count(acting(clinic, "legalClaims"), models.patient) == 1)
    try await gdpr.liftRestriction(Clinic.ada, ground: .accuracyContested, notifiedAt: .now)
    #expect(try await count(clinic.store, models.patient) == 0)
    #expect(try await gdpr.restrictions(Clinic.ada) == [.neededForClaims])
    let unnoticed = await #expect(throws: PrivataError.self) {
      try await gdpr.liftRestriction(
        Clinic.ada, ground: .neededForClaims,
        notifiedAt: DateTime(milliseconds: DateTime.now.milliseconds + 60_000))
    }
    #expect(unnoticed?.code == .badArgument)
    try await gdpr.liftRestriction(Clinic.ada, ground: .neededForClaims, notifiedAt: .now)
    #expect(try await count(clinic.store, models.patient) == 1)
  }

  @Test func anObjectionBlocksItsPurpose() async throws {
    let clinic = try await Clinic { $0.consentPurposes = ["research"] }
    let models = clinic.models
    let gdpr = clinic.vault.gdpr(for: models.patient)
    try await gdpr.rightToObject(Clinic.bob, purpose: "marketing")
    #expect(try await names(acting(clinic, "marketing"), models.patient) == ["Ada Canary"])
    #expect(try await count(clinic.store, models.patient) == 2)
    #expect(try await gdpr.objections(Clinic.bob) == ["marketing"])
    try await gdpr.withdrawObjection(Clinic.bob, purpose: "marketing")
    #expect(try await count(acting(clinic, "marketing"), models.patient) == 2)
    let wrong = await #expect(throws: PrivataError.self) {
      try await gdpr.rightToObject(Clinic.bob, purpose: "research")
    }
    #expect(wrong?.code == .badArgument)
  }

  @Test func actsWithinAMillisecondKeepTheirOrder() async throws {
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    for _ in 0..<20 {
      try await gdpr.placeHold(Clinic.ada, matter: "M-12")
      #expect(try await gdpr.holds(Clinic.ada) == ["M-12"])
      try await gdpr.releaseHold(Clinic.ada, matter: "M-12", approvedBy: .user("counsel"))
      #expect(try await gdpr.holds(Clinic.ada).isEmpty)
    }
  }

  @Test func aHoldKeepsAPerson() async throws {
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    try await gdpr.placeHold(Clinic.ada, matter: "M-12")
    #expect(try await gdpr.holds(Clinic.ada) == ["M-12"])
    let request = ErasureRequest(requestedBy: Clinic.ada, reason: "r", legalBasis: .article17)
    let held = await #expect(throws: PrivataError.self) {
      try await gdpr.rightToErasure(Clinic.ada, request)
    }
    #expect(held?.code == .legalHold)
    // It is kept and nothing else, and erased when the hold ends.
    #expect(try await count(clinic.store, clinic.models.patient) == 1)
    let alone = await #expect(throws: PrivataError.self) {
      try await gdpr.releaseHold(Clinic.ada, matter: "M-12", approvedBy: .system)
    }
    #expect(alone?.code == .accessDenied)
    try await gdpr.releaseHold(Clinic.ada, matter: "M-12", approvedBy: .user("counsel"))
    #expect(try await gdpr.rightToErasure(Clinic.ada, request).success)
  }

  @Test func anErasureLeavesProofWithoutAName() async throws {
    let clinic = try await Clinic { $0.consentPurposes = ["research"] }
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    try await gdpr.grantConsent(Clinic.ada, consent)
    let before = try await Clinic.raw("privata_rights", in: clinic.memory.identity)
    let link = try #require(before.first?["subject"]?.asString)
    let request = ErasureRequest(requestedBy: Clinic.ada, reason: "r", legalBasis: .article17)
    _ = try await gdpr.rightToErasure(Clinic.ada, request)
    let after = try await Clinic.raw("privata_rights", in: clinic.memory.identity)
    #expect(after.count == 1 && after.first?["subject"] != .string(link))
    #expect(after.first?["about"] == "research")
  }

  /// The proof of what an erased person consented to ends with its period, and no other's.
  @Test func aProofEndsWithItsPeriod() async throws {
    let clinic = try await Clinic {
      $0.consentPurposes = ["research"]
      $0.consentProofYears = 3
    }
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    for id in [Clinic.ada, Clinic.bob] { try await gdpr.grantConsent(id, consent) }
    let request = ErasureRequest(requestedBy: Clinic.ada, reason: "r", legalBasis: .article17)
    _ = try await gdpr.rightToErasure(Clinic.ada, request)
    let acts = { () async throws -> Int in
      try await Clinic.raw("privata_rights", in: clinic.memory.identity).count
    }
    let year: Int64 = 365 * 86_400_000
    for (years, left) in [(Int64(0), 2), (2, 2), (4, 1), (40, 1)] {
      let now = DateTime(milliseconds: DateTime.now.milliseconds + years * year)
      _ = try await clinic.vault.retention.run(now: now)
      #expect(try await acts() == left, "after \(years) years")
    }
    #expect(try await gdpr.rightToAccess(Clinic.bob).metadata.consents.count == 1)
  }

  /// Reads under a consent that another process withdraws: the last one that is let through comes
  /// within a second.
  @Test func aWithdrawalHoldsElsewhereWithinASecond() async throws {
    let clinic = try await Clinic { $0.consentPurposes = ["research"] }
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    var options = Folders.options(Folders.temporary())
    options.journal.drainMilliseconds = 10_000
    options.consentPurposes = ["research"]
    let other = try await Vault(
      identity: .store(clinic.memory.identity), clinical: .store(clinic.memory.clinical),
      options: options)
    try await other.store.prepare(clinic.models.all)
    let reader = other.acting(as: .init(actor: .user("r"), role: "r", purpose: "research"))
    let reads = { () async throws -> Int? in try await count(reader.store, clinic.models.patient) }
    var best = Duration.seconds(100)
    for _ in 0..<3 {
      try await gdpr.grantConsent(Clinic.ada, consent)
      for _ in 0..<2_000 where try await reads() != 1 {
        try await Task.sleep(for: .milliseconds(5))
      }
      try await gdpr.withdrawConsent(Clinic.ada, purpose: "research")
      let withdrawn = ContinuousClock.now
      for _ in 0..<2_000 where try await reads() != 0 {
        try await Task.sleep(for: .milliseconds(2))
      }
      #expect(try await reads() == 0)
      best = min(best, withdrawn.duration(to: .now))
    }
    #expect(best < .seconds(1))
    await other.close()
  }

  /// What one process records holds in another within about a second.
  @Test func otherProcessesHearOfIt() async throws {
    let clinic = try await Clinic()
    var options = Folders.options(Folders.temporary())
    options.journal.drainMilliseconds = 10_000
    let other = try await Vault(
      identity: .store(clinic.memory.identity), clinical: .store(clinic.memory.clinical),
      options: options)
    try await other.store.prepare(clinic.models.all)
    #expect(try await count(other.store, clinic.models.patient) == 2)
    try await clinic.vault.gdpr(for: clinic.models.patient)
      .rightToRestriction(Clinic.ada, ground: .unlawfulProcessing)
    var seen: Int?
    for _ in 0..<100 where seen != 1 {
      try await Task.sleep(for: .milliseconds(100))
      seen = try await count(other.store, clinic.models.patient)
    }
    #expect(seen == 1)
    await other.close()
  }
}
