import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

/// Registers, recipients, objections, decisions and breaches, with the halves on real servers.
@Suite(.serialized) struct RightsOnPairsTests {
  @Test(arguments: [
    Pair(identity: .postgres, clinical: .mongo), Pair(identity: .mongo, clinical: .postgres),
  ])
  func theRegistersHoldOnServers(_ pair: Pair) async throws {
    let places = VaultPlaces(pair)
    try await places.removing {
      let first = try await places.open { $0.purposes = .registered }
      let models = ClinicModels()
      let ada = ObjectID(high: 1, low: 1)
      let bob = ObjectID(high: 1, low: 2)
      try await first.store.prepare(models.all)
      try await fill(first, models.patient, [ada, bob])
      try await exercise(first, models, ada, bob)
      await first.close()
      // Another process knows all of it.
      let second = try await places.open { $0.purposes = .registered }
      try await second.store.prepare(models.all)
      #expect(second.purposes.all.map(\.name) == ["care", "newsletter"])
      #expect(try await second.breaches.all().first?.facts == "a laptop was stolen")
      #expect(
        try await second.gdpr(for: models.patient).decisions(bob).map(\.outcome) == ["granted"])
      let notices = try await second.recipients.notices()
      #expect(notices.map(\.kind) == [.rectification] && notices.first?.reference == "order-17")
      struct Lab: NoticeDelivery {
        func deliver(_ notice: RecipientNotice) async throws -> String { "ok" }
      }
      #expect(try await second.recipients.deliver(through: Lab()) == 1)
      #expect(try await second.recipients.notices(.acknowledged).count == 1)
      let scope = try await second.breaches.affected(
        .access(actor: "mallory", from: DateTime(milliseconds: 0), to: later))
      #expect(scope.persons.count == 2 && scope.refused == 1)
      // Who wanted no marketing and was erased is known again.
      _ = try await second.gdpr(for: models.patient).rightToErasure(
        ada, .init(requestedBy: ada, reason: "r", legalBasis: .article17))
      try await fill(second, models.patient, [ObjectID(high: 1, low: 3)], "p0@example.org")
      let newsletter = acting(second, "newsletter", "dr-7")
      let rows = try await newsletter.store.rows(for: Query(models.patient)).documents
      #expect(rows.map { $0["_id"] } == [.objectID(bob)])
      await second.close()
    }
  }

  private var later: DateTime { DateTime(milliseconds: DateTime.now.milliseconds + 60_000) }

  private func acting(_ vault: Vault, _ purpose: String, _ actor: String) -> Vault {
    vault.acting(as: .init(actor: .user(actor), role: "clinician", purpose: purpose))
  }

  private func fill(
    _ vault: Vault, _ model: ModelSchema, _ ids: [ObjectID], _ email: String? = nil
  ) async throws {
    let records = ids.enumerated().map { number, id -> Document in
      [
        "_id": .objectID(id), "name": .string("p\(number)"), "level": .int(number),
        "email": .string(email ?? "p\(number)@example.org"), "diagnosis": "J45",
      ]
    }
    _ = try await vault.store.write(.insert(Insert(model, .documents(records))))
  }

  private func exercise(
    _ vault: Vault, _ models: ClinicModels, _ ada: ObjectID, _ bob: ObjectID
  ) async throws {
    let gdpr = vault.gdpr(for: models.patient)
    try await vault.purposes.register(Purpose("care", basis: .contract, ground: .healthCare))
    try await vault.purposes.register(
      Purpose("newsletter", basis: .legitimateInterests, isDirectMarketing: true))
    _ = try await acting(vault, "care", "mallory").store.rows(for: Query(models.patient))
    await #expect(throws: PrivataError.self) {
      try await acting(vault, "sales", "mallory").store.rows(for: Query(models.patient))
    }
    try await vault.recipients.register(Recipient("lab-9", name: "Laboratory"))
    try await gdpr.recordDisclosure(
      bob, to: "lab-9", fields: ["name"], purpose: "care", reference: "order-17")
    #expect(try await gdpr.rightToRectification(bob, ["name": "Bob"]).recipients == ["lab-9"])
    let rule = DecisionRule(
      "r", version: "1", purpose: "care", features: ["level"], logic: "l", significance: "s")
    let decided = try await gdpr.decide(bob, rule, basis: .contract) { features in
      DecisionOutcome(features["level"] == 1 ? "granted" : "refused", reasons: ["level"])
    }
    #expect(decided.outcome == "granted")
    _ = try await vault.breaches.open(
      Breach(awareAt: .now, kinds: [.confidentiality], facts: "a laptop was stolen"))
    try await gdpr.objectToMarketing(ada, keeping: ["email"])
    let newsletter = acting(vault, "newsletter", "dr-7").store
    #expect(try await newsletter.rows(for: Query(models.patient)).count == 1)
  }
}
