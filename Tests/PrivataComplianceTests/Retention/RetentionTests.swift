import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@Suite struct RetentionTests {
  private static let now = DateTime(milliseconds: 1_800_000_000_000)

  private func date(_ text: String) throws -> DateTime {
    try #require(DateTime(iso8601: text))
  }

  private static let member = ModelSchema(
    name: "Member", collection: "members",
    fields: [
      FieldSchema("_id", .int64, isOptional: false), FieldSchema("name", .string, privacy: .pii),
      FieldSchema("resetCode", .string, privacy: .pii), FieldSchema("resetUntil", .date),
      FieldSchema("lastVisit", .date), FieldSchema("year", .int32),
      FieldSchema("expiresAt", .date), FieldSchema("illness", .string, privacy: .phi),
    ], isOpen: true)
  private static let note = ModelSchema(
    name: "Note", collection: "notes",
    fields: [
      FieldSchema("_id", .int64, isOptional: false),
      FieldSchema("member", .int64, reference: Reference("Member")),
      FieldSchema("writtenAt", .date), FieldSchema("text", .string, privacy: .phi),
    ], isOpen: true)

  private func vault(
    _ rules: [RetentionRule], _ members: [Document], _ notes: [Document] = []
  ) async throws -> MemoryVault {
    let memory = try await MemoryVault { $0.retention = RetentionPolicy(rules) }
    try await memory.vault.store.prepare([Self.member, Self.note])
    for (model, rows) in [(Self.member, members), (Self.note, notes)] where !rows.isEmpty {
      let outcome = try await memory.vault.store.write(.insert(Insert(model, .documents(rows))))
      #expect(outcome.failures.isEmpty)
    }
    return memory
  }

  private func ids(_ vault: Vault, _ model: ModelSchema) async throws -> [Int] {
    let query = Query(model, sort: [SortKey("_id")])
    return try await vault.store.rows(for: query).documents.compactMap { $0["_id"]?.asInt }
  }

  private func count(_ vault: Vault, _ filter: Filter) async throws -> Int? {
    let query = Query(Self.member, where: filter, answer: .count)
    return try await vault.store.rows(for: query).value(row: 0, column: 0)?.asInt
  }

  // MARK: - Periods

  /// Start, period, end: years and months of the calendar, days of 24 hours.
  @Test(arguments: [
    ("2024-02-29T10:00:00.000Z", RetentionRule.Period.years(1), "2025-02-28T10:00:00.000Z"),
    ("2024-02-29T10:00:00.000Z", .years(4), "2028-02-29T10:00:00.000Z"),
    ("2023-02-28T10:00:00.000Z", .years(1), "2024-02-28T10:00:00.000Z"),
    ("2026-01-31T00:00:00.000Z", .months(1), "2026-02-28T00:00:00.000Z"),
    ("2026-08-31T00:00:00.000Z", .months(6), "2027-02-28T00:00:00.000Z"),
    ("2026-12-31T23:59:59.999Z", .days(1), "2027-01-01T23:59:59.999Z"),
    ("2016-03-01T00:00:00.000Z", .years(10), "2026-03-01T00:00:00.000Z"),
  ])
  func periodsFollowTheCalendar(
    _ start: String, _ period: RetentionRule.Period, _ end: String
  ) async throws {
    let (start, end) = (try date(start), try date(end))
    let rules = [RetentionRule.after("lastVisit", period, DataScope("Member"), then: .erase)]
    let memory = try await vault(rules, [["_id": 1, "name": "a", "lastVisit": .date(start)]])
    let before = DateTime(milliseconds: end.milliseconds - 1)
    #expect(try await memory.vault.retention.run(now: before).entries[0].due == 0)
    #expect(try await memory.vault.retention.run(now: end).entries[0].due == 1)
    #expect(try await ids(memory.vault, Self.member).isEmpty)
  }

  @Test func refusesRulesThatCannotBeCarriedOut() async throws {
    let whole = DataScope("Member")
    let cases: [(RetentionRule, PrivataError.Code)] = [
      (.after("nothing", .years(1), whole, then: .erase), .unknownField),
      (
        .after("lastVisit", .years(1), DataScope("Member", ["nothing"]), then: .erase),
        .unknownField
      ),
      (.after("lastVisit", .years(1), DataScope("Member", ["_id"]), then: .erase), .badArgument),
      (.after(nil, .years(1), whole, then: .erase), .badArgument),
      (.after("lastVisit", .years(1), whole, then: .anonymise(keep: ["name"], k: 5)), .badArgument),
      (.after("lastVisit", .years(1), whole, then: .anonymise(keep: ["_id"], k: 5)), .badArgument),
      (.after("lastVisit", .years(1), whole, then: .anonymise(keep: ["year"], k: 1)), .badArgument),
    ]
    for (rule, code) in cases {
      let memory = try await MemoryVault { $0.retention = RetentionPolicy([rule]) }
      let error = await #expect(throws: PrivataError.self) {
        try await memory.vault.store.prepare([Self.member])
      }
      #expect(error?.code == code, "\(rule)")
    }
    let strict = try await MemoryVault { $0.retention = RetentionPolicy([], isRequired: true) }
    let error = await #expect(throws: PrivataError.self) {
      try await strict.vault.store.prepare([Self.member])
    }
    #expect(error?.code == .badArgument)
    try await strict.vault.store.prepare([ClinicModels().clinic])
  }

  // MARK: - The sweep

  @Test func erasesWhatIsOverAndNothingElse() async throws {
    let year: Int64 = 365 * 86_400_000
    let rules = [
      RetentionRule.after("lastVisit", .years(10), DataScope("Member"), then: .erase),
      .after("writtenAt", .years(2), DataScope("Note"), then: .erase),
      .after("resetUntil", .days(7), DataScope("Member", ["resetCode"]), then: .erase),
    ]
    let ago = { (years: Int64) -> Value in
      .date(DateTime(milliseconds: Self.now.milliseconds - years * year))
    }
    let memory = try await vault(
      rules,
      [
        ["_id": 1, "name": "a", "illness": "x", "lastVisit": ago(11)],
        ["_id": 2, "name": "b", "lastVisit": ago(9), "resetCode": "c-2", "resetUntil": ago(1)],
        ["_id": 3, "name": "c", "resetCode": "c-3", "resetUntil": ago(0)],
      ],
      [
        ["_id": 1, "member": 2, "writtenAt": ago(3), "text": "old"],
        ["_id": 2, "member": 2, "writtenAt": ago(1), "text": "new"],
      ])
    let preview = try await memory.vault.retention.preview(within: .days(0), now: Self.now)
    let report = try await memory.vault.retention.run(batch: 1, now: Self.now)
    #expect(report.isLeader && !report.isPartial)
    #expect(report.entries.map(\.due) == [1, 1, 1])
    #expect(report.entries.map(\.review) == [1, 0, 0])
    // What the preview said is what was done.
    #expect(preview.map(\.due) == report.entries.map(\.due))
    #expect(try await ids(memory.vault, Self.member) == [2, 3])
    #expect(try await ids(memory.vault, Self.note) == [2])
    let raw = try await Clinic.raw("members", in: memory.identity)
    let text = raw.map { $0.extendedJSON(.canonical) }.joined()
    #expect(!text.contains("c-2") && text.contains("c-3"))
    let again = try await memory.vault.retention.run(now: Self.now)
    #expect(again.entries.map(\.due) == [0, 0, 0])
    // The person went by the saga of Article 17, and everything is in the log.
    let erasures = AuditSelection(model: "Member", action: .erase)
    #expect(try await memory.vault.audit.count(matching: erasures) == 1)
    let sweeps = AuditSelection(model: "Note", action: .init(rawValue: "retention.erase"))
    #expect(try await memory.vault.audit.count(matching: sweeps) == 1)
  }

  /// Also where the clock goes back nothing is erased early.
  @Test func nothingGoesEarly() async throws {
    let rules = [RetentionRule.after("lastVisit", .days(1), DataScope("Member"), then: .erase)]
    let memory = try await vault(
      rules, [["_id": 1, "name": "a", "lastVisit": .date(Self.now)]])
    for offset in [-86_400_000, 0, 86_399_999] as [Int64] {
      let moment = DateTime(milliseconds: Self.now.milliseconds + offset)
      #expect(try await memory.vault.retention.run(now: moment).entries[0].due == 0)
    }
    let end = DateTime(milliseconds: Self.now.milliseconds + 86_400_000)
    #expect(try await memory.vault.retention.run(now: end).entries[0].due == 1)
  }

  @Test func holdsRestrictionsAndObligationsKeep() async throws {
    let old = Value.date(DateTime(milliseconds: 1_000_000_000_000))
    let rules = [
      RetentionRule.after("lastVisit", .years(1), DataScope("Member"), then: .erase),
      .after("writtenAt", .years(1), DataScope("Note"), then: .erase),
    ]
    let members = (1...4).map { number -> Document in
      ["_id": .int(number), "name": .string("n\(number)"), "lastVisit": old]
    }
    let notes = (1...4).map { number -> Document in
      ["_id": .int(number), "member": .int(number), "writtenAt": old, "text": "t"]
    }
    let memory = try await vault(rules, members, notes)
    let gdpr = memory.vault.gdpr(for: Self.member)
    try await gdpr.placeHold(Int64(1), matter: "M-1")
    try await gdpr.rightToRestriction(Int64(2), ground: .neededForClaims)
    try await gdpr.placeHold(Int64(3), matter: "M-2", scope: [DataScope("Note")])
    let report = try await memory.vault.retention.run(now: Self.now)
    #expect(report.entries[0].kept == 2 && report.entries[0].due == 2)
    let raw = try await Clinic.raw("members", in: memory.identity).compactMap { $0["_id"]?.asInt }
    #expect(Set(raw) == [1, 2])
    let held = try await Clinic.raw("privata_retained", in: memory.clinical)
    #expect(held.count == 1)
    try await gdpr.releaseHold(Int64(1), matter: "M-1", approvedBy: .user("judge"))
    #expect(try await memory.vault.retention.run(now: Self.now).entries[0].due == 1)
    #expect(try await memory.vault.erasures.open().isEmpty)
  }

  @Test func theLongestObligationKeeps() async throws {
    let start = Value.date(Self.now)
    let rules = [
      RetentionRule.after("lastVisit", .years(1), DataScope("Member"), then: .erase),
      .obligation("lastVisit", .years(3), DataScope("Member"), ground: .legalObligation("a law")),
    ]
    let memory = try await vault(rules, [["_id": 1, "name": "a", "lastVisit": start]])
    let second = RetentionRule.Period.years(2).after(Self.now)
    let report = try await memory.vault.retention.run(now: second)
    #expect(report.entries.map(\.due) == [0, 0] && report.entries[0].kept == 1)
    let third = RetentionRule.Period.years(3).after(Self.now)
    #expect(try await memory.vault.retention.run(now: third).entries.map(\.due) == [1, 0])
    #expect(try await ids(memory.vault, Self.member).isEmpty)
  }

  // MARK: - Expiry

  /// From its own end on a record is no part of any query, swept or not.
  @Test func whatExpiredIsNotThere() async throws {
    let soon = DateTime(milliseconds: DateTime.now.milliseconds + 700)
    let rules = [RetentionRule.expires("expiresAt", DataScope("Member"))]
    let memory = try await vault(
      rules,
      [
        ["_id": 1, "name": "a", "expiresAt": .date(soon)], ["_id": 2, "name": "b"],
        ["_id": 3, "name": "c", "expiresAt": .date(DateTime(milliseconds: 1))],
      ])
    #expect(try await ids(memory.vault, Self.member) == [1, 2])
    #expect(try await count(memory.vault, .document(["name": "c"])) == 0)
    try await Task.sleep(for: .milliseconds(800))
    #expect(try await ids(memory.vault, Self.member) == [2])
    #expect(try await count(memory.vault, .all) == 1)
    #expect(try await Clinic.raw("members", in: memory.identity).count == 3)
    #expect(try await memory.vault.retention.run().entries[0].due == 2)
    #expect(try await Clinic.raw("members", in: memory.identity).count == 1)
  }

  // MARK: - One process at a time

  @Test func anotherProcessTakesOverWhenTheLeaseEnds() async throws {
    let rules = [RetentionRule.after("lastVisit", .days(1), DataScope("Member"), then: .erase)]
    let memory = try await vault(rules, [])
    var options = Folders.options(memory.directory)
    options.retention = RetentionPolicy(rules)
    let other = try await Vault(
      identity: .store(memory.identity), clinical: .store(memory.clinical), options: options)
    try await other.store.prepare([Self.member, Self.note])
    #expect(try await memory.vault.retention.run().isLeader)
    #expect(try await other.retention.run().isLeader)
    // A process that was killed while it swept has given nothing back.
    let leases = ModelSchema(
      name: "Raw", collection: "privata_leases", fields: [FieldSchema("_id", .any)], isOpen: true)
    let hold = { (milliseconds: Int64) in
      let until = DateTime(milliseconds: DateTime.now.milliseconds + milliseconds)
      _ = try await memory.identity.write(
        .update(
          Update(
            leases, where: .all, .operators(["$set": ["holder": 1, "until": .date(until)]]),
            isMany: true)))
    }
    try await hold(600)
    #expect(try await !other.retention.run().isLeader)
    try await Task.sleep(for: .milliseconds(700))
    let reports = try await withThrowingTaskGroup(of: Retention.Report.self) { group in
      for vault in [memory.vault, other] { group.addTask { try await vault.retention.run() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(reports.contains { $0.isLeader })
    await other.close()
  }

  @Test func sweepsByItselfUntilTheVaultIsClosed() async throws {
    let rules = [RetentionRule.after("lastVisit", .days(1), DataScope("Member"), then: .erase)]
    let memory = try await vault(rules, [["_id": 1, "name": "a", "lastVisit": .date(Self.now)]])
    let insert = Insert(
      Self.member,
      .documents([["_id": 2, "name": "b", "lastVisit": .date(DateTime(milliseconds: 0))]]))
    _ = try await memory.vault.store.write(.insert(insert))
    memory.vault.retention.start(every: .milliseconds(20))
    var left = 2
    for _ in 0..<200 where left > 1 {
      try await Task.sleep(for: .milliseconds(20))
      left = try await Clinic.raw("members", in: memory.identity).count
    }
    #expect(left == 1)
    await memory.vault.close()
  }

  @Test func aBudgetEndsASweep() async throws {
    let members = (1...20).map { number -> Document in
      ["_id": .int(number), "name": "n", "lastVisit": .date(DateTime(milliseconds: 0))]
    }
    let rules = [RetentionRule.after("lastVisit", .days(1), DataScope("Member"), then: .erase)]
    let memory = try await vault(rules, members)
    let report = try await memory.vault.retention.run(batch: 5, budget: .zero)
    #expect(report.isPartial && report.entries[0].due == 5)
    let rest = try await memory.vault.retention.run(batch: 5)
    #expect(!rest.isPartial && rest.entries[0].due == 15)
  }

  // MARK: - Without a person

  /// Chosen fields of what enough records share stay, under ids that lead nowhere.
  @Test func whatStaysIsNobodys() async throws {
    let members = (1...9).map { number -> Document in
      [
        "_id": .int(number), "name": .string("Canary \(number)"),
        "year": .int(number <= 6 ? 2001 : 2002 + number), "illness": .string("J45"),
        "lastVisit": .date(DateTime(milliseconds: 0)),
      ]
    }
    let rules = [
      RetentionRule.after(
        "lastVisit", .years(1), DataScope("Member"),
        then: .anonymise(keep: ["year", "illness"], k: 5))
    ]
    let memory = try await vault(rules, members)
    let before = try await Clinic.raw("members", in: memory.identity)
      .compactMap { $0["pseudonym"]?.asString }
    let report = try await memory.vault.retention.run(now: Self.now)
    #expect(report.entries[0].due == 9 && report.entries[0].anonymous == 6)
    let rows = try await Clinic.raw("members_anonymous", in: memory.clinical)
    #expect(rows.count == 6)
    #expect(rows.allSatisfy { Set($0.keys) == ["_id", "year", "illness"] && $0["year"] == 2001 })
    let text = rows.map { $0.extendedJSON(.canonical) }.joined()
    #expect(!text.contains("Canary") && before.allSatisfy { !text.contains($0) })
    #expect(try await ids(memory.vault, Self.member).isEmpty)
  }
}
