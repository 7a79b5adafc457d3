import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport
import Testing

@Suite struct ConsentTests {
  private let text = NoticeText(
    Dictionary(uniqueKeysWithValues: NoticeText.Part.allCases.map { ($0, "about \($0.rawValue)") }))

  private func consent(_ version: Int = 1, purpose: String = "research") -> Consent {
    Consent(purpose: purpose, notice: "study", version: version, method: .checkbox)
  }

  private func clinic() async throws -> FileClinic {
    try await FileClinic {
      $0.consentPurposes = ["research"]
      $0.requiresPublishedNotices = true
    }
  }

  /// The acts as the ledger's table holds them.
  private func rows(_ clinic: FileClinic) async throws -> [Document] {
    let raw = try await StoreSource.sqlite(clinic.folder + "/identity.db").open()
    let model = ModelSchema(
      name: "Raw", collection: "privata_rights",
      fields: [
        FieldSchema("_id", .string), FieldSchema("subject", .string), FieldSchema("isOn", .bool),
        FieldSchema("at", .date), FieldSchema("evidence", .binary),
      ])
    let found = try await raw.rows(for: Query(model, sort: [SortKey("at")])).documents
    await (raw as? any AdministrableStore)?.close()
    return found
  }

  private func evidence(_ row: Document) throws -> Document {
    guard case .binary(let bytes)? = row["evidence"] else { return [:] }
    return try Document(bson: bytes.bytes)
  }

  @Test func aConsentNeedsAPublishedNoticeAndKeepsItsHash() async throws {
    let clinic = try await clinic()
    let gdpr = clinic.gdpr
    let bare = await code { try await gdpr.grantConsent(FileClinic.ada, consent()) }
    #expect(bare == .noticeRequired)
    let notice = try await clinic.vault.notices.publish("study", version: 1, text)
    var wrong = consent()
    wrong.noticeHash = [1, 2, 3]
    #expect(await code { try await gdpr.grantConsent(FileClinic.ada, wrong) } == .badArgument)
    try await gdpr.grantConsent(FileClinic.ada, consent())
    try await Task.sleep(for: .milliseconds(2))
    try await gdpr.withdrawConsent(FileClinic.ada, purpose: "research")
    try await Task.sleep(for: .milliseconds(2))
    try await gdpr.grantConsent(FileClinic.ada, consent())
    let rows = try await rows(clinic)
    #expect(rows.map { $0["isOn"] } == [true, false, true])
    #expect(Set(rows.compactMap { $0["_id"]?.asString }).count == 3)
    for row in [rows[0], rows[2]] {
      #expect(try evidence(row)["hash"] == .binary(Binary(notice.hash)))
    }
    #expect(try evidence(rows[1])["hash"] == nil)
    await clinic.close()
  }

  @Test func eachPurposeIsAConsentOfItsOwn() async throws {
    let clinic = try await FileClinic()
    let gdpr = clinic.gdpr
    for purpose in ["research", "teaching"] {
      try await gdpr.grantConsent(FileClinic.ada, consent(purpose: purpose))
    }
    try await gdpr.withdrawConsent(FileClinic.ada, purpose: "research")
    let states = try await gdpr.consents(FileClinic.ada)
    #expect(states.map(\.status) == [.withdrawn, .given])
    await clinic.close()
  }

  @Test func aConsentThatDoesNotHoldIsRefusedAndSaysWhy() async throws {
    let clinic = try await FileClinic { $0.consentPurposes = ["research"] }
    let gdpr = clinic.gdpr
    func refusal(explicit: Bool = false, now: DateTime = .now) async -> String? {
      await failure {
        try await gdpr.checkConsent(
          FileClinic.ada, purpose: "research", explicit: explicit, now: now)
      }?.message
    }
    #expect(await refusal()?.contains("never given") == true)
    var ending = consent()
    ending.until = DateTime(milliseconds: DateTime.now.milliseconds + 60_000)
    try await gdpr.grantConsent(FileClinic.ada, ending)
    #expect(await refusal() == nil)
    #expect(await refusal(explicit: true)?.contains("not explicit") == true)
    let later = DateTime(milliseconds: DateTime.now.milliseconds + 61_000)
    #expect(await refusal(now: later)?.contains("expired") == true)
    try await Task.sleep(for: .milliseconds(2))
    try await gdpr.withdrawConsent(FileClinic.ada, purpose: "research")
    #expect(await refusal()?.contains("withdrawn") == true)
    await clinic.close()
  }

  @Test func aNewTextMakesConsentsOutdatedWhereItIsMaterial() async throws {
    let clinic = try await clinic()
    let (gdpr, patient) = (clinic.gdpr, clinic.models.patient)
    let research = clinic.acting("research")
    try await clinic.vault.notices.publish("study", version: 1, text)
    try await gdpr.grantConsent(FileClinic.ada, consent())
    #expect(try await clinic.count(research, patient) == 1)
    var newer = text
    newer.parts[.retention] = "two years"
    try await clinic.vault.notices.publish("study", version: 2, newer)
    #expect(try await clinic.count(research, patient) == 1)
    newer.parts[.purposes] = "another study"
    try await clinic.vault.notices.publish("study", version: 3, newer, isMaterial: true)
    #expect(try await clinic.count(research, patient) == 0)
    #expect(try await gdpr.consents(FileClinic.ada).first?.status == .outdated)
    try await Task.sleep(for: .milliseconds(2))
    try await gdpr.grantConsent(FileClinic.ada, consent(3))
    #expect(try await clinic.count(research, patient) == 1)
    await clinic.close()
  }

  @Test func anExpiryIsRecordedOnceByAllProcesses() async throws {
    let clinic = try await FileClinic { $0.consentPurposes = ["research"] }
    var ending = consent()
    ending.until = DateTime(milliseconds: DateTime.now.milliseconds + 60_000)
    for id in [FileClinic.ada, FileClinic.bob] {
      try await clinic.gdpr.grantConsent(id, ending)
    }
    let later = DateTime(milliseconds: DateTime.now.milliseconds + 61_000)
    #expect(try await clinic.gdpr.sweepConsents() == 0)
    let gdpr = clinic.gdpr
    let counts = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<3 { group.addTask { try await gdpr.sweepConsents(now: later) } }
      return try await group.reduce(0, +)
    }
    #expect(counts == 2)
    #expect(try await gdpr.sweepConsents(now: later) == 0)
    let action = AuditEvent.Action(rawValue: "consent.expired")
    #expect(try await clinic.vault.audit.count(matching: .init(action: action)) == 2)
    await clinic.close()
  }

  @Test func pagesAndCountsLeaveOutWhoWithdrew() async throws {
    let clinic = try await FileClinic(isEmpty: true) { $0.consentPurposes = ["research"] }
    let patient = clinic.models.patient
    let ids = (0..<100).map { ObjectID(high: 9, low: UInt32($0)) }
    try await clinic.insert(
      patient,
      ids.enumerated().map { number, id -> Document in
        [
          "_id": .objectID(id), "name": .string("p\(number)"),
          "email": .string("p\(number)@example.org"), "level": .int(number),
        ]
      })
    for id in ids { try await clinic.gdpr.grantConsent(id, consent()) }
    try await Task.sleep(for: .milliseconds(2))
    for id in ids[..<40] { try await clinic.gdpr.withdrawConsent(id, purpose: "research") }
    let research = clinic.acting("research").store
    #expect(try await clinic.count(clinic.acting("research"), patient) == 60)
    func page(_ skip: Int) async throws -> [Int?] {
      try await research.rows(
        for: Query(patient, sort: [SortKey("level")], skip: skip, limit: 25)
      ).documents.map { $0["level"]?.asInt }
    }
    #expect(try await page(0) == Array(40..<65))
    // Who withdraws between two pages is on none of those that follow.
    try await clinic.gdpr.withdrawConsent(ids[70], purpose: "research")
    #expect(try await page(25) == Array(65..<91).filter { $0 != 70 })
    await clinic.close()
  }

  /// All orders in which six acts can arrive end in the same state.
  @Test func actsOfSeveralDevicesEndInOneState() async throws {
    let start = DateTime.now.milliseconds - 60_000
    func at(_ offset: Int64) -> DateTime { DateTime(milliseconds: start + offset) }
    func given(_ offset: Int64) -> ConsentAct {
      var consent = consent()
      consent.at = at(offset)
      return .granted(consent)
    }
    let acts: [ConsentAct] = [
      given(0), .withdrawn(purpose: "research", at: at(1)), given(2), given(3),
      .withdrawn(purpose: "research", at: at(3)), .withdrawn(purpose: "research", at: at(2)),
    ]
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    var states: Set<ConsentState.Status> = []
    for (number, order) in permutations(acts).enumerated() {
      let id = ObjectID(high: 7, low: UInt32(number))
      try await clinic.insert(
        clinic.models.patient,
        [["_id": .objectID(id), "name": "n", "email": .string("e\(number)@example.org")]])
      try await gdpr.recordConsents(id, order)
      states.insert(try #require(try await gdpr.consents(id).first).status)
    }
    #expect(states == [.withdrawn])
  }

  private func permutations<T>(_ items: [T]) -> [[T]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index -> [[T]] in
      var rest = items
      let first = rest.remove(at: index)
      return permutations(rest).map { [first] + $0 }
    }
  }
}
