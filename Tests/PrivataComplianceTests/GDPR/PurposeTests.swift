import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport
import Testing

@Suite struct PurposeTests {
  private func strict(_ options: inout VaultOptions) { options.purposes = .registered }

  @Test func anUnknownPurposeIsRefusedByName() async throws {
    let clinic = try await FileClinic(strict)
    try await clinic.vault.purposes.register(Purpose("treatment", basis: .contract))
    let models = clinic.models
    #expect(try await clinic.count(clinic.acting("treatment"), models.patient) == 2)
    let unknown = await failure {
      _ = try await clinic.count(clinic.acting("sales"), models.patient)
    }
    #expect(unknown?.code == .unknownPurpose && unknown?.message.contains("'sales'") == true)
    let none = await failure { _ = try await clinic.count(clinic.acting(nil), models.patient) }
    #expect(none?.code == .contextRequired)
    let write = await code {
      try await clinic.insertAs(clinic.acting("sales"), models.patient, [["name": "Eve"]])
    }
    #expect(write == .unknownPurpose)
    // Models without personal data and the vault's own context go on.
    #expect(try await clinic.count(clinic.acting("sales"), models.clinic) == 0)
    #expect(try await clinic.count(clinic.vault, models.patient) == 2)
    let refused = try await clinic.vault.audit.count(matching: .init(outcome: .refused))
    #expect(refused == 3)
    await clinic.close()
  }

  @Test func withoutConfigurationEveryPurposeRuns() async throws {
    let clinic = try await FileClinic()
    #expect(try await clinic.count(clinic.acting("anything"), clinic.models.patient) == 2)
    #expect(clinic.vault.purposes.all.isEmpty)
    await clinic.close()
  }

  @Test(arguments: [
    Purpose("", basis: .contract), Purpose("service", basis: .contract),
    Purpose("tax", basis: .legalObligation(reference: "")),
    Purpose("rescue", basis: .vitalInterests(reference: "")),
    Purpose("study", basis: .consent, ground: .research(reference: "")),
  ])
  func aPurposeSaysWhatItRestsOn(_ purpose: Purpose) async throws {
    let clinic = try await FileClinic(isEmpty: true)
    #expect(await code { try await clinic.vault.purposes.register(purpose) } == .badArgument)
    await clinic.close()
  }

  @Test func eventsStayTiedToTheBasisOfTheirTime() async throws {
    let clinic = try await FileClinic(strict)
    let purposes = clinic.vault.purposes
    let first = try await purposes.register(Purpose("care", basis: .contract))
    #expect(try await purposes.register(Purpose("care", basis: .contract)) == first)
    _ = try await clinic.count(clinic.acting("care"), clinic.models.patient)
    try await Task.sleep(for: .milliseconds(5))
    let second = try await purposes.register(
      Purpose("care", basis: .legalObligation(reference: "Act 12")))
    #expect(second.number == 2)
    try await Task.sleep(for: .milliseconds(5))
    _ = try await clinic.count(clinic.acting("care"), clinic.models.patient)
    var numbers: [Int?] = []
    for try await event in clinic.vault.audit.events(matching: .init(actor: "dr-7")) {
      numbers.append(purposes.version(for: event)?.number)
    }
    #expect(numbers == [1, 2])
    #expect(purposes.versions(of: "care").map(\.purpose.basis.letter) == ["b", "c"])
    await clinic.close()
  }

  @Test func aWithdrawnConsentIsNotReplacedByAnInterest() async throws {
    let clinic = try await FileClinic(strict)
    let purposes = clinic.vault.purposes
    try await purposes.register(Purpose("newsletter", basis: .consent))
    let consent = Consent(purpose: "newsletter", notice: "n", version: 1, method: .checkbox)
    try await clinic.gdpr.grantConsent(FileClinic.ada, consent)
    // Under a purpose that rests on consent, queries mean only who consented.
    #expect(try await clinic.count(clinic.acting("newsletter"), clinic.models.patient) == 1)
    try await clinic.gdpr.withdrawConsent(FileClinic.ada, purpose: "newsletter")
    let refused = await code {
      try await purposes.register(Purpose("newsletter", basis: .legitimateInterests))
    }
    #expect(refused == .badArgument)
    #expect(purposes.purpose("newsletter")?.basis == .consent)
    await clinic.close()
  }

  @Test func theRegisterIsSealedAndOutlivesTheVault() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    try await clinic.vault.purposes.register(
      Purpose("care", basis: .legalObligation(reference: "canary-law"), summary: "canary-summary"))
    await clinic.vault.close()
    #expect(try !clinic.holds("canary-law") && !clinic.holds("canary-summary"))
    let again = try await FileClinic(in: clinic.folder)
    #expect(
      again.vault.purposes.purpose("care")?.basis == .legalObligation(reference: "canary-law"))
    await again.vault.close()
    // A register that was changed is refused, and the error says which entry.
    let raw = try await StoreSource.sqlite(clinic.folder + "/identity.db").open()
    let model = ModelSchema(
      name: "Raw", collection: "privata_registers",
      fields: [FieldSchema("_id", .string), FieldSchema("actor", .string)])
    _ = try await raw.write(
      .update(
        Update(
          model, where: .compare("_id", .equal, "purpose/care/1"),
          .assign([Assignment("actor", "somebody-else")]), layout: .cells)))
    await (raw as? any AdministrableStore)?.close()
    let tampered = await failure { _ = try await FileClinic(in: clinic.folder) }
    #expect(tampered?.code == .tampered && tampered?.message.contains("purpose/care/1") == true)
    await clinic.close()
  }

  @Test func otherProcessesHearOfAPurpose() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let other = try await FileClinic(in: clinic.folder) {
      strict(&$0)
      $0.journal.directory = Folders.temporary()
    }
    try await clinic.vault.purposes.register(Purpose("care", basis: .contract))
    var seen: Purpose?
    for _ in 0..<100 where seen == nil {
      try await Task.sleep(for: .milliseconds(100))
      seen = other.vault.purposes.purpose("care")
    }
    #expect(seen?.basis == .contract)
    await other.vault.close()
    await clinic.close()
  }

  // MARK: - Fields

  private func limited(_ options: inout VaultOptions) {
    strict(&options)
    var rules = ProcessingRules()
    rules.limit("email", of: "Patient", to: ["care", "billing"])
    options.processing = rules
  }

  private func register(_ clinic: FileClinic, _ names: [String]) async throws {
    for name in names {
      try await clinic.vault.purposes.register(Purpose(name, basis: .contract))
    }
  }

  @Test func aFieldIsForThePurposesThatItWasCollectedFor() async throws {
    let clinic = try await FileClinic(limited)
    try await register(clinic, ["care", "mailing"])
    let patient = clinic.models.patient
    let care = try await clinic.find(clinic.acting("care"), patient)
    #expect(care.first?["email"] == "ada.canary@example.org")
    let mailing = clinic.acting("mailing")
    let left = try await clinic.find(mailing, patient)
    #expect(left.count == 2 && left.allSatisfy { !$0.contains("email") && $0.contains("name") })
    for query in [
      Query(patient, where: .compare("email", .equal, "x")),
      Query(patient, sort: [SortKey("email")]),
      Query(patient, projection: .fields(["email"]), layout: .cells),
      Query(patient, answer: .distinct("email")),
    ] {
      let refused = await failure { _ = try await mailing.store.rows(for: query) }
      #expect(refused?.code == .purposeDenied && refused?.fields == ["email"])
    }
    let added = await code {
      try await clinic.insertAs(mailing, patient, [["name": "Eve", "email": "eve@example.org"]])
    }
    #expect(added == .purposeDenied)
    let changed = await code {
      _ = try await mailing.store.write(
        .update(Update(patient, where: .all, .operators(["$set": ["email": "x"]]), isMany: true)))
    }
    #expect(changed == .purposeDenied)
    #expect(try await clinic.count(clinic.vault, patient) == 2)
    await clinic.close()
  }

  private func assessment(_ factors: [String], isSensitive: Bool = false) -> CompatibilityAssessment
  {
    CompatibilityAssessment(
      from: "care", to: "mailing", link: factors[0], context: factors[1], nature: factors[2],
      consequences: factors[3], safeguards: factors[4], isSensitive: isSensitive)
  }

  @Test func furtherProcessingNeedsAllFiveFactors() async throws {
    let clinic = try await FileClinic(limited)
    try await register(clinic, ["care", "mailing"])
    let purposes = clinic.vault.purposes
    for missing in 0..<5 {
      var factors = ["a", "b", "c", "d", "e"]
      factors[missing] = ""
      let four = assessment(factors)
      let refused = await failure { try await purposes.allowFurther(four) }
      #expect(refused?.code == .badArgument && refused?.fields.count == 1)
    }
    var sensitive = assessment(["a", "b", "c", "d", "e"], isSensitive: true)
    #expect(await code { try await purposes.allowFurther(sensitive) } == .badArgument)
    sensitive.reviewer = .system
    #expect(await code { try await purposes.allowFurther(sensitive) } == .badArgument)
    let denied = try await clinic.find(clinic.acting("mailing"), clinic.models.patient)
    #expect(denied.first?.contains("email") == false)
    sensitive.reviewer = .user("dpo-1")
    try await purposes.allowFurther(sensitive)
    #expect(purposes.compatibilities == [sensitive])
    let allowed = try await clinic.find(clinic.acting("mailing"), clinic.models.patient)
    #expect(allowed.first?["email"] == "ada.canary@example.org")
    let nowhere = await code {
      var other = sensitive
      other.to = "nowhere"
      try await purposes.allowFurther(other)
    }
    #expect(nowhere == .unknownPurpose)
    await clinic.close()
  }

  @Test func theLastBasisDecidesWhetherAFieldStays() async throws {
    let clinic = try await FileClinic {
      strict(&$0)
      var rules = ProcessingRules()
      rules.limit("email", of: "Patient", to: ["mailing", "orders"])
      rules.limit("tags", of: "Patient", to: ["mailing"])
      $0.processing = rules
    }
    let (patient, gdpr) = (clinic.models.patient, clinic.gdpr)
    try await clinic.vault.purposes.register(Purpose("mailing", basis: .consent))
    try await clinic.vault.purposes.register(Purpose("orders", basis: .contract))
    _ = try await clinic.store.write(
      .update(
        Update(patient, where: .all, .operators(["$set": ["tags": ["canary-tag"]]]), isMany: true)))
    try await gdpr.grantConsent(
      FileClinic.ada, Consent(purpose: "mailing", notice: "n", version: 1, method: .checkbox))
    #expect(try await gdpr.bases(for: "email", of: FileClinic.ada).map(\.isLive) == [true, true])
    let withdrawn = try await gdpr.withdrawConsent(FileClinic.ada, purpose: "mailing")
    #expect(withdrawn.erased == ["tags"] && withdrawn.kept == ["email"])
    let states = try await gdpr.bases(for: "email", of: FileClinic.ada)
    #expect(states.map(\.isLive) == [false, true] && states.map(\.basis) == [.consent, .contract])
    #expect(try await clinic.find(clinic.acting("mailing"), patient).isEmpty)
    let orders = try await clinic.find(clinic.acting("orders"), patient)
    #expect(orders.first?["email"] == "ada.canary@example.org")
    let ended = try await gdpr.endProcessing(FileClinic.ada, purpose: "orders")
    #expect(ended.erased == ["email"])
    #expect(try await clinic.count(clinic.acting("orders"), patient) == 1)
    let left = try await clinic.find(clinic.vault, patient, ["_id": .objectID(FileClinic.ada)])
    #expect(left.first?.contains("email") == false && left.first?.contains("tags") == false)
    #expect(left.first?["name"] == "Ada Canary")
    let other = try await clinic.find(clinic.vault, patient, ["_id": .objectID(FileClinic.bob)])
    #expect(other.first?["email"] == "bob@example.org")
    await clinic.close()
  }

  // MARK: - Undeclared fields

  @Test(arguments: [ProcessingRules.Undeclared.reject, .drop])
  func undeclaredFieldsDoNotGetIn(_ mode: ProcessingRules.Undeclared) async throws {
    let clinic = try await FileClinic {
      var rules = ProcessingRules()
      rules.undeclared = mode
      $0.processing = rules
    }
    let patient = clinic.models.patient
    let eve: Document = ["name": "Eve", "canaryExtra": "canary-value"]
    let set = Update(
      patient, where: .document(["name": "Ada Canary"]),
      .operators(["$set": ["canaryExtra.deep": "canary-value", "role": "other"]]))
    let added = await failure { try await clinic.insert(patient, [eve]) }
    let changed = await failure { _ = try await clinic.store.write(.update(set)) }
    if mode == .reject {
      #expect(added?.code == .undeclaredField && added?.fields == ["canaryExtra"])
      #expect(changed?.code == .undeclaredField && changed?.fields == ["canaryExtra.deep"])
      #expect(try await clinic.count(clinic.vault, patient) == 2)
    } else {
      #expect(added == nil && changed == nil)
      let found = try await clinic.find(clinic.vault, patient, ["name": "Ada Canary"])
      #expect(found.first?["role"] == "other")
      #expect(try await clinic.count(clinic.vault, patient) == 3)
    }
    await clinic.vault.close()
    #expect(try !clinic.holds("canary-value"))
    await clinic.close()
  }
}

extension FileClinic {
  func insertAs(_ vault: Vault, _ model: ModelSchema, _ documents: [Document]) async throws {
    _ = try await vault.store.write(.insert(Insert(model, .documents(documents))))
  }
}
