import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct AccountingTests {
  private static let day: Int64 = 86_400_000

  private func ledger(_ clinic: Clinic) -> HIPAA {
    clinic.vault.acting(as: .init(actor: .user("clerk"), role: "records"))
      .hipaa(for: clinic.models.patient)
  }

  private func disclosure(
    _ purpose: DisclosurePurpose?, to recipient: String = "Canary Office", on at: DateTime = .now
  ) -> Disclosure {
    Disclosure(
      to: .init(recipient, kind: .authority, address: "1 Canary St"), what: "canary-notes",
      for: purpose, statement: "as asked", on: at, by: "Billing Ltd")
  }

  @Test(arguments: DisclosurePurpose.allCases)
  func anAccountIsGivenOfWhatTheRuleNames(_ purpose: DisclosurePurpose) async throws {
    let clinic = try await Clinic()
    let ledger = ledger(clinic)
    try await ledger.recordDisclosure(Clinic.ada, disclosure(purpose))
    let entries = try await ledger.accountingOfDisclosures(Clinic.ada).entries
    let excepted: Set<DisclosurePurpose> = [
      .treatment, .payment, .operations, .individual, .authorization, .marketing, .sale,
      .incident, .directory, .involvedInCare, .nationalSecurity, .correctional, .limitedDataSet,
    ]
    #expect(entries.count == (excepted.contains(purpose) ? 0 : 1))
    if let entry = entries.first {
      #expect(entry.recipient.name == "Canary Office")
      #expect(entry.recipient.address == "1 Canary St")
      #expect(entry.description == "canary-notes" && entry.associate == "Billing Ltd")
      #expect(entry.purpose == purpose && entry.count == 1)
    }
    #expect(try await ledger.accountingOfDisclosures(Clinic.bob).entries.isEmpty)
  }

  @Test func sixYearsAreAccountedForAndNotADayMore() async throws {
    let clinic = try await Clinic()
    let ledger = ledger(clinic)
    let asked = DateTime.now
    let sixYears = asked.yearsBefore(6).milliseconds
    for (name, moment) in [("old", sixYears - Self.day), ("young", sixYears + Self.day)] {
      try await ledger.recordDisclosure(
        Clinic.ada, disclosure(.research, to: name, on: DateTime(milliseconds: moment)))
    }
    let whole = try await ledger.accountingOfDisclosures(Clinic.ada, requestedAt: asked)
    #expect(whole.entries.map(\.recipient.name) == ["young"])
    // Nobody gets more by asking for it.
    let more = try await ledger.accountingOfDisclosures(
      Clinic.ada, from: DateTime(milliseconds: 0), requestedAt: asked)
    #expect(more.entries.map(\.recipient.name) == ["young"])
    let less = try await ledger.accountingOfDisclosures(
      Clinic.ada, from: DateTime(milliseconds: sixYears + 2 * Self.day), requestedAt: asked)
    #expect(less.entries.isEmpty)
  }

  @Test func aThousandEqualOnesAreOneEntry() async throws {
    let clinic = try await Clinic()
    let ledger = ledger(clinic)
    let start = DateTime.now.milliseconds - 2_000_000
    for number in 0..<1_000 {
      let at = DateTime(milliseconds: start + Int64(number) * 1_000)
      try await ledger.recordDisclosure(Clinic.ada, disclosure(.publicHealth, on: at))
    }
    try await ledger.recordDisclosure(Clinic.ada, disclosure(.research))
    let entries = try await ledger.accountingOfDisclosures(Clinic.ada).entries
    #expect(entries.map(\.count) == [1_000, 1])
    #expect(entries[0].first.milliseconds == start)
    #expect(entries[0].last.milliseconds == start + 999_000)
  }

  @Test func theFirstInTwelveMonthsIsFree() async throws {
    let clinic = try await Clinic()
    let ledger = ledger(clinic)
    let start = DateTime(iso8601: "2025-03-10T10:00:00Z") ?? .now
    func asked(_ days: Int64) async throws -> DisclosureAccounting {
      try await ledger.accountingOfDisclosures(
        Clinic.ada,
        requestedAt: DateTime(milliseconds: start.milliseconds + days * Self.day))
    }
    #expect(try await asked(0).isFree)
    #expect(try await asked(1).isFree == false)
    #expect(try await asked(300).isFree == false)
    #expect(try await asked(300 + 366).isFree)
    #expect(try await ledger.accountingOfDisclosures(Clinic.bob, requestedAt: start).isFree)
  }

  @Test func sixtyDaysAndThirtyMore() async throws {
    let clinic = try await Clinic()
    let asked = DateTime(iso8601: "2026-01-15T10:00:00Z") ?? .now
    let accounting = try await ledger(clinic).accountingOfDisclosures(
      Clinic.ada, requestedAt: asked)
    #expect(accounting.dueAt.iso8601 == "2026-03-16T23:59:59.999Z")
    #expect(accounting.extendedDueAt.iso8601 == "2026-04-15T23:59:59.999Z")
  }

  @Test func lawEnforcementSuspendsForATime() async throws {
    let clinic = try await Clinic()
    let ledger = ledger(clinic)
    let now = DateTime.now
    try await ledger.recordDisclosure(Clinic.ada, disclosure(.lawEnforcement, to: "Police"))
    try await ledger.recordDisclosure(Clinic.ada, disclosure(.research, to: "Lab"))
    let end = DateTime(milliseconds: now.milliseconds + 90 * Self.day)
    let error = await #expect(throws: PrivataError.self) {
      try await ledger.suspendAccounting(
        Clinic.ada, agency: "Police", until: end, isWritten: false)
    }
    #expect(error?.code == .badArgument && error?.fields == ["until"])
    try await ledger.suspendAccounting(
      Clinic.ada, agency: "Police", until: end, isWritten: true)
    let during = try await ledger.accountingOfDisclosures(Clinic.ada)
    #expect(during.entries.map(\.recipient.name) == ["Lab"])
    let after = try await ledger.accountingOfDisclosures(
      Clinic.ada, requestedAt: DateTime(milliseconds: end.milliseconds + 1))
    #expect(Set(after.entries.map(\.recipient.name)) == ["Lab", "Police"])
  }

  @Test func theStoreHoldsNoValueAndNoChangeIsBelieved() async throws {
    let clinic = try await Clinic()
    let ledger = ledger(clinic)
    try await ledger.recordDisclosure(Clinic.ada, disclosure(.research))
    let rows = try await Clinic.raw("privata_documentation", in: clinic.memory.identity)
    #expect(rows.count == 1)
    for row in rows {
      let text = String(decoding: row.bson, as: UTF8.self)
      for canary in ["Canary", "canary", Clinic.ada.description, "Billing"] {
        #expect(!text.contains(canary))
      }
    }
    let moved = Assignment("at", .date(DateTime(milliseconds: DateTime.now.milliseconds - 9)))
    _ = try await clinic.memory.identity.write(
      .update(Update(DocumentationEntry.schema, where: .all, .assign([moved]), layout: .cells)))
    let error = await #expect(throws: PrivataError.self) {
      try await ledger.accountingOfDisclosures(Clinic.ada)
    }
    #expect(error?.code == .tampered)
  }

  /// What `disclose` read and wrote down is accounted for beside what was noted by hand, and so is
  /// what no rule permits.
  @Test func disclosedRecordsAndMistakesAreAccountedFor() async throws {
    let clinic = try await Clinic()
    let ledger = ledger(clinic)
    _ = try await ledger.disclose(
      Clinic.ada,
      DisclosureRequest(
        to: .init("Court", kind: .authority), purpose: .judicial, fields: ["name"],
        reference: "order 7"))
    _ = try await ledger.disclose(
      Clinic.ada,
      DisclosureRequest(
        to: .init("Dr Eve", kind: .provider), purpose: .treatment, fields: ["name"]))
    try await ledger.recordDisclosure(Clinic.ada, disclosure(nil, to: "Wrong number"))
    let entries = try await ledger.accountingOfDisclosures(Clinic.ada).entries
    #expect(entries.map(\.recipient.name) == ["Court", "Wrong number"])
    #expect(entries.first?.purpose == .judicial && entries.first?.description == "name")
    #expect(entries.first?.statement == "order 7" && entries.last?.purpose == nil)
  }

  @Test func allOfItIsAudited() async throws {
    let clinic = try await Clinic()
    let ledger = ledger(clinic)
    try await ledger.recordDisclosure(Clinic.ada, disclosure(.research))
    _ = try await ledger.accountingOfDisclosures(Clinic.ada)
    var actions: [String] = []
    let mine = AuditSelection(model: "Patient", actor: "clerk", record: .objectID(Clinic.ada))
    for try await event in clinic.vault.audit.events(matching: mine) {
      actions.append(event.action.rawValue)
    }
    #expect(actions == ["hipaa.disclosure", "hipaa.accounting"])
  }

  @Test func aDisclosureHasARecipientADescriptionAndAPast() async throws {
    let clinic = try await Clinic()
    let future = DateTime(milliseconds: DateTime.now.milliseconds + Self.day)
    let error = await #expect(throws: PrivataError.self) {
      try await ledger(clinic).recordDisclosure(
        Clinic.ada,
        Disclosure(to: .init("", kind: .other), what: "", for: .research, on: future))
    }
    #expect(error?.fields == ["recipient", "description", "at"])
  }

  @Test func theAccessReportNamesRolesOrActors() async throws {
    let clinic = try await Clinic()
    let doctor = AccessContext(actor: .user("dr-7"), role: "clinician", purpose: "treatment")
    for _ in 0..<3 {
      _ = try await clinic.vault.acting(as: doctor).store.rows(
        for: Query(
          clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]),
          projection: .document(["name": 1])))
    }
    let report = try await ledger(clinic).accessReport(Clinic.ada)
    let reads = report.accesses.filter { $0.action == "read" }
    #expect(reads.count == 3 && reads.allSatisfy { $0.who == "clinician" })
    #expect(reads.first?.purpose == "treatment" && reads.first?.fields == ["_id", "name"])
    let named = try await ledger(clinic).accessReport(Clinic.ada, naming: .actors)
    #expect(named.accesses.contains { $0.who == "dr-7" })
    let early = DateTime(milliseconds: 1_000)
    let none = try await ledger(clinic).accessReport(
      Clinic.ada, from: DateTime(milliseconds: 0), to: early)
    #expect(none.accesses.isEmpty)
  }
}
