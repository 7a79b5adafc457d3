import Foundation
import PrivataCore
import PrivataSQLite
import PrivataTesting
import TestSupport
import Testing

@testable import PrivataCompliance

/// Duties of the covered entity that reach beyond one call.
@Suite struct SafeguardTests {
  /// A second vault over the same stores, as another process has it.
  private func another(
    _ clinic: KeyedClinic, _ change: (inout VaultOptions) -> Void = { _ in }
  ) async throws -> Vault {
    var options = Folders.options(clinic.directory + "/journal")
    change(&options)
    var shared = SQLiteOptions()
    shared.sharing = .shared
    let vault = try await Vault(
      identity: .sqlite(clinic.directory + "/identity.db", options: shared),
      clinical: .sqlite(clinic.directory + "/clinical.db", options: shared), options: options)
    try await vault.store.prepare(clinic.models.all)
    return vault
  }

  @Test func aRevocationReachesOtherProcesses() async throws {
    let clinic = try await KeyedClinic()
    let other = try await another(clinic)
    let here = clinic.vault.hipaa(for: clinic.models.patient)
    let there = other.hipaa(for: clinic.models.patient)
    let number = try await here.authorize(
      "p1",
      Authorization(
        description: "visits", discloser: "North Clinic", recipient: "Acme Life",
        purpose: "life insurance", expirationEvent: "end of the contract",
        signature: .init(signedBy: "Ada Canary", at: .now), fields: ["diagnosis", "Visit.summary"]))
    let request = DisclosureRequest(
      to: .init("Acme Life", kind: .other), purpose: .authorization, fields: [],
      related: ["Visit": ["summary"]], authorization: number)
    var sent: [Value] = []
    let start = ContinuousClock.now
    let found = await code {
      _ = try await there.disclose("p1", request, pageSize: 1) { _, page in
        sent += page.compactMap { $0["_id"] }
        // Revoked here, in the middle of what the other process sends.
        try await here.revokeAuthorization(number, by: "p1")
      }
    }
    #expect(found == .accessDenied && sent == ["v1"])
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(await code { _ = try await there.disclose("p1", request) } == .accessDenied)
    // What was sent before stays in the ledger, for both.
    try await Task.sleep(for: .milliseconds(100))
    for hipaa in [here, there] {
      let entries = try await hipaa.documentation.entries(.disclosure, model: "Patient")
      #expect(entries.count == 1)
    }
    await other.close()
    await clinic.vault.close()
  }

  /// A limited data set is in the ledger, and in no account that a person is given.
  @Test func limitedDataSetsAreNotAccountedFor() async throws {
    let clinic = try await KeyedClinic()
    let hipaa = clinic.vault.hipaa(for: clinic.models.patient)
    let kinds: [String: IdentifierKind] = [
      "_id": .otherUnique, "name": .name, "email": .email, "phone": .phone, "ward": .safe,
      "diagnosis": .safe, "weight": .safe, "zip": .zip, "seen": .date, "city": .city,
    ]
    try await clinic.insert(
      clinic.models.patient,
      [["_id": "p3", "name": "Cy", "zip": "10115", "city": "Berlin", "seen": "2025-03-04"]])
    let number = try await hipaa.fileAgreement(
      DataUseAgreement(recipient: "University", purposes: [.research]))
    let set = try await hipaa.limitedDataSet(kinds, agreement: number, purpose: .research)
    let third = try #require(set.records.first { $0["city"] == "Berlin" })
    #expect(third["zip"] == "10115" && third["seen"] == "2025-03-04")
    for record in set.records {
      for name in ["_id", "name", "email", "phone"] { #expect(!record.contains(name)) }
    }
    _ = try await hipaa.recordDisclosure(
      "p3", Disclosure(to: .init("Lab", kind: .authority), what: "test", for: .publicHealth))
    for id in ["p1", "p2", "p3"] {
      let told = try await hipaa.accountingOfDisclosures(id).entries.map(\.recipient.name)
      #expect(told == (id == "p3" ? ["Lab"] : []))
    }
    let ledger = try await hipaa.documentation.entries(.disclosure)
    let kept = try #require(ledger.first { $0.id == set.id })
    #expect(kept.body["recipient"] == "University" && kept.body["agreement"] == .string(number))
    #expect(kept.body["count"] == 3 && kept.subject.isEmpty)
    await clinic.vault.close()
  }

  /// The kinds of what is written down in a store.
  private func kinds(_ store: MemoryStore) async -> [String] {
    let rows = try? await Clinic.raw("privata_documentation", in: store)
    return (rows ?? []).compactMap { $0["kind"]?.asString }
  }

  private static let harbor = SafeHarbor([
    "_id": .otherUnique, "name": .name, "email": .email, "ward": .safe,
  ])

  /// Who is behind a code stands with the identities, whatever store keeps the log.
  @Test func codesStandWithTheIdentities() async throws {
    let stores = ["identity", "clinical", "audit"].map { MemoryStore(name: "\($0)-\(UUID())") }
    let vault = try await Vault(
      identity: .store(stores[0]), clinical: .store(stores[1]), audit: .store(stores[2]),
      options: Folders.options(Folders.temporary()))
    let patient = KeyedClinicModels().patient
    try await vault.store.prepare([patient])
    let ada: Document = ["_id": "p1", "name": "Ada", "email": "a@example.org", "ward": "n"]
    _ = try await vault.store.write(.insert(Insert(patient, .documents([ada]))))
    let set = try await vault.hipaa(for: patient).deidentify(
      .safeHarbor(Self.harbor), codes: true)
    let code = try #require(set.records[0][DeidentifiedSet.code]?.asString)
    #expect(await kinds(stores[0]) == ["reidentification"])
    #expect(await kinds(stores[1]) == [])
    #expect(await kinds(stores[2]) == ["dataSet"])
    let raw = try await Clinic.raw("patients", in: stores[0])
    let link = try #require(raw.first?["pseudonym"]?.asString)
    #expect(!code.contains(link) && !link.contains(code))
    for row in raw + ((try? await Clinic.raw("patients", in: stores[1])) ?? []) {
      #expect(!row.extendedJSON(.relaxed).contains(code))
    }
    let resolver = vault.acting(
      as: .init(actor: .user("r"), role: "officer", purpose: "reidentification")
    ).hipaa(for: patient)
    #expect(try await resolver.reidentify(code, in: set.id) == "p1")
    let action = AuditEvent.Action(rawValue: "hipaa.reidentify")
    #expect(try await vault.audit.count(matching: .init(action: action)) == 1)
    // An erasure takes the way back with it.
    _ = try await vault.gdpr(for: patient).rightToErasure(
      "p1", .init(requestedBy: "p1", reason: "r", legalBasis: .article17))
    #expect(
      await failure { _ = try await resolver.reidentify(code, in: set.id) }?.code == .notFound)
    await vault.close()
  }

  /// In production a vault opens where all duties are met, and not before.
  @Test func productionOpensWhenAllDutiesAreMet() async throws {
    let clinic = try await KeyedClinic { $0.hipaa = HIPAAOptions() }
    func production() async throws -> Vault {
      try await another(clinic) {
        var hipaa = HIPAAOptions()
        hipaa.isProduction = true
        $0.hipaa = hipaa
      }
    }
    let program = clinic.vault.program
    #expect(await code { _ = try await production() } == .unsupported)
    try await program.assignOfficer(.security, person: "sue", deputy: "tom")
    try await program.assignOfficer(.privacy, person: "pat", deputy: "tom")
    try await clinic.acting("sue", "officer", "operations").program.signEvaluation("good")
    await (try await production()).close()
    try await program.removeOfficer(.security)
    let error = await failure { _ = try await production() }
    #expect(error?.message.contains("security officer") == true)
    // A start that was refused leaves nothing open: the next one is as good as the first.
    try await program.assignOfficer(.security, person: "sue", deputy: "tom")
    await (try await production()).close()
    await clinic.vault.close()
  }

  /// The log is kept for six years to the day.
  @Test func theLogIsKeptForSixYearsToTheDay() async throws {
    let clinic = try await Clinic()
    for _ in 0..<5 { _ = try await clinic.find(clinic.models.patient) }
    try await clinic.vault.audit.flush()
    let now = DateTime.now.parts
    let next = now.month == 12 ? (now.year + 1, 1) : (now.year, now.month + 1)
    let month = "\(next.0)-" + (next.1 < 10 ? "0" : "") + "\(next.1)"
    // The last event that goes is of the end of this month.
    let end = try #require(DateTime(.init(year: next.0 + 6, month: next.1, day: 1)))
    let dayBefore = DateTime(milliseconds: end.milliseconds - 86_400_000)
    let audit = clinic.vault.acting(as: .init(actor: .user("officer"), role: "compliance")).audit
    let early = await #expect(throws: PrivataError.self) {
      try await audit.removeEvents(before: month, approvedBy: .user("dpo"), now: dayBefore)
    }
    #expect(early?.code == .badArgument)
    let dayAfter = DateTime(milliseconds: end.milliseconds + 86_400_000)
    let removed = try await audit.removeEvents(
      before: month, approvedBy: .user("dpo"), now: dayAfter)
    #expect(removed.events >= 5)
    let report = try await clinic.vault.audit.verify()
    #expect(report.isValid && report.removed == removed.events)
    await clinic.vault.close()
  }
}
