import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@Suite struct RequestTests {
  private func date(_ text: String) throws -> DateTime {
    try #require(DateTime(iso8601: text))
  }

  /// Received, controller's offset, months, holidays, the last day in the controller's time.
  @Test(arguments: [
    ("2026-01-15T10:00:00.000Z", 0, 1, [String](), "2026-02-16T23:59:59.999Z"),
    ("2026-01-31T10:00:00.000Z", 0, 1, [], "2026-03-02T23:59:59.999Z"),
    ("2024-01-31T10:00:00.000Z", 0, 1, [], "2024-02-29T23:59:59.999Z"),
    ("2023-01-30T10:00:00.000Z", 0, 1, [], "2023-02-28T23:59:59.999Z"),
    ("2026-03-31T10:00:00.000Z", 0, 1, [], "2026-04-30T23:59:59.999Z"),
    ("2026-11-25T10:00:00.000Z", 0, 1, ["2026-12-25"], "2026-12-28T23:59:59.999Z"),
    ("2026-11-30T23:30:00.000Z", 60, 1, [], "2027-01-01T22:59:59.999Z"),
    ("2026-11-30T23:30:00.000Z", 60, 1, ["2027-01-01"], "2027-01-04T22:59:59.999Z"),
    ("2026-12-15T10:00:00.000Z", 0, 1, [], "2027-01-15T23:59:59.999Z"),
    ("2026-06-10T10:00:00.000Z", 0, 3, [], "2026-09-10T23:59:59.999Z"),
    ("2026-06-10T10:00:00.000Z", -300, 1, [], "2026-07-11T04:59:59.999Z"),
    ("1969-11-01T10:00:00.000Z", 0, 1, [], "1969-12-01T23:59:59.999Z"),
  ])
  func periodsEnd(
    _ received: String, _ offset: Int, _ months: Int, _ holidays: [String], _ wanted: String
  ) throws {
    let calendar = DeadlineCalendar(utcOffsetMinutes: offset, holidays: Set(holidays))
    #expect(try calendar.end(of: months, monthsAfter: date(received)) == date(wanted))
  }

  @Test func daysDoNotMove() throws {
    let end = DeadlineCalendar().end(of: 30, daysAfter: try date("2026-01-01T10:00:00.000Z"))
    #expect(try end == date("2026-01-31T23:59:59.999Z"))
  }

  @Test func goesFromReceiptToAnswer() async throws {
    let clinic = try await Clinic()
    let register = clinic.vault.requests
    let received = try date("2026-01-15T10:00:00.000Z")
    let request = try await register.open(
      .access, of: clinic.models.patient, subject: Clinic.ada, receivedAt: received)
    #expect(request.state == .received)
    #expect(try request.dueAt == date("2026-02-16T23:59:59.999Z"))
    #expect(abs(request.elapsed(at: received)) < 0.001)
    let again = try await register.open(
      .access, of: clinic.models.patient, subject: Clinic.ada, receivedAt: received)
    #expect(again.id == request.id)
    let asked = try await register.askForIdentity(
      request.id, at: date("2026-01-16T10:00:00.000Z"))
    #expect(asked.state == .verifying)
    let early = await #expect(throws: PrivataError.self) { try await register.fulfil(request.id) }
    #expect(early?.code == .badArgument)
    let verified = try await register.confirmIdentity(
      request.id, at: date("2026-01-18T10:00:00.000Z"))
    #expect(try verified.dueAt == date("2026-02-18T23:59:59.999Z"))
    let extended = try await register.extend(
      request.id, reason: "twelve systems", notifiedAt: date("2026-02-01T10:00:00.000Z"))
    #expect(try extended.dueAt == date("2026-04-17T23:59:59.999Z"))
    for late in ["2026-02-01T10:00:00.000Z", "2027-01-01T10:00:00.000Z"] {
      let error = await #expect(throws: PrivataError.self) {
        try await register.extend(request.id, reason: "again", notifiedAt: date(late))
      }
      #expect(error?.code == .badArgument)
    }
    #expect(try await register.begin(request.id).state == .inProgress)
    #expect(try await register.open().map(\.id) == [request.id])
    #expect(try await register.fulfil(request.id).closedAt != nil)
    #expect(try await register.open().isEmpty)
    let rows = try await Clinic.raw("privata_requests", in: clinic.memory.identity)
    #expect(rows.allSatisfy { !$0.extendedJSON(.canonical).contains(Clinic.ada.description) })
    let events = try await clinic.vault.audit.count(
      matching: .init(action: .init(rawValue: "request.fulfil")))
    #expect(events == 1)
  }

  /// Each step of a period is told once, also where several look at the same time.
  @Test func whoIsLateIsToldOf() async throws {
    let clinic = try await Clinic()
    let register = clinic.vault.requests
    let received = try date("2026-01-15T10:00:00.000Z")
    let open = { (kind: SubjectRequest.Kind) async throws -> SubjectRequest in
      try await register.open(
        kind, of: clinic.models.patient, subject: Clinic.ada, receivedAt: received)
    }
    let request = try await open(.access)
    let other = try await open(.objection)
    _ = try await register.assign(request.id, to: "clerk-3")
    _ = try await register.withdraw(other.id)
    #expect(try await register.escalate(now: date("2026-01-20T10:00:00.000Z")).isEmpty)
    let half = try date("2026-02-01T10:00:00.000Z")
    let found = try await withThrowingTaskGroup(of: [SubjectRequest].self) { group in
      for _ in 0..<8 { group.addTask { try await register.escalate(now: half) } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(found.map(\.id) == [request.id] && found.first?.owner == "clerk-3")
    #expect(found.first?.escalatedAt == 50)
    #expect(try await register.escalate(now: half).isEmpty)
    let late = try await register.escalate(now: date("2026-02-17T10:00:00.000Z"))
    #expect(late.map(\.escalatedAt) == [100])
    #expect(
      try await clinic.vault.audit.count(
        matching: .init(action: .init(rawValue: "request.escalate"))) == 2)
    for owner in ["", "x"] {
      let id = owner.isEmpty ? request.id : other.id
      #expect(await code { _ = try await register.assign(id, to: owner) } == .badArgument)
    }
  }

  /// With the person their other requests end; what waits for somebody else goes on afterwards.
  @Test func anErasureEndsTheOthers() async throws {
    let clinic = try await Clinic()
    let register = clinic.vault.requests
    let open = { (kind: SubjectRequest.Kind, id: ObjectID) async throws -> String in
      try await register.open(kind, of: clinic.models.patient, subject: id).id
    }
    let access = try await open(.access, Clinic.ada)
    let erasure = try await open(.erasure, Clinic.ada)
    let bobs = try await open(.access, Clinic.bob)
    #expect(await code { _ = try await register.awaitThirdParty(access) } == .badArgument)
    _ = try await register.begin(access)
    #expect(try await register.awaitThirdParty(access).state == .awaitingThirdParty)
    #expect(try await register.begin(access).state == .inProgress)
    _ = try await register.fulfil(erasure)
    #expect(try await register.request(access).state == .superseded)
    #expect(try await register.request(access).closedAt != nil)
    #expect(try await register.open().map(\.id) == [bobs])
    #expect(await code { _ = try await register.begin(access) } == .badArgument)
  }

  @Test func aRefusalExplainsItself() async throws {
    let clinic = try await Clinic()
    let register = clinic.vault.requests
    let request = try await register.open(
      .erasure, of: clinic.models.patient, subject: Clinic.bob)
    let silent = await #expect(throws: PrivataError.self) {
      try await register.refuse(request.id, explanation: "", authority: "de_be")
    }
    #expect(silent?.code == .badArgument)
    let refused = try await register.refuse(
      request.id, explanation: "manifestly unfounded", authority: "de_be")
    #expect(refused.state == .refused)
    let other = try await register.open(.objection, of: clinic.models.patient, subject: Clinic.bob)
    #expect(try await register.withdraw(other.id).state == .withdrawn)
    let unknown = await #expect(throws: PrivataError.self) { try await register.request("none") }
    #expect(unknown?.code == .notFound)
    let future = await #expect(throws: PrivataError.self) {
      try await register.open(
        .access, of: clinic.models.patient, subject: Clinic.bob,
        receivedAt: DateTime(milliseconds: DateTime.now.milliseconds + 3_600_000))
    }
    #expect(future?.code == .badArgument)
  }

  @Test func correctsBothHalvesAlsoWhileRestricted() async throws {
    let clinic = try await Clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    try await gdpr.rightToRestriction(Clinic.ada, ground: .accuracyContested)
    let result = try await gdpr.rightToRectification(
      Clinic.ada, ["name": "Ada Byron", "diagnosis": "none"])
    #expect(result.isChanged && result.fields == ["name", "diagnosis"])
    let claims = clinic.vault.acting(
      as: .init(actor: .user("counsel"), role: "legal", purpose: "legalClaims"))
    let query = Query(
      clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]))
    let ada = try await claims.store.rows(for: query).documents.first
    #expect(ada?["name"] == "Ada Byron" && ada?["diagnosis"] == "none")
    let bad: [(Document, PrivataError.Code)] = [
      ([:], .badArgument), (["_id": 1], .badArgument), (["nothing": 1], .unknownField),
    ]
    for (fields, code) in bad {
      let error = await #expect(throws: PrivataError.self) {
        try await gdpr.rightToRectification(Clinic.ada, fields)
      }
      #expect(error?.code == code)
    }
    let nobody = await #expect(throws: PrivataError.self) {
      try await gdpr.rightToRectification(ObjectID(), ["name": "x"])
    }
    #expect(nobody?.code == .notFound)
  }

  @Test func handsDataOverInBothForms() async throws {
    let clinic = try await Clinic()
    let change = Update(
      clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]),
      .operators([
        "$set": [
          "name": "=cmd()", "role": "a \"quoted\", line\nbreak", "weight": 61.5, "level": .null,
          "tags": ["x"],
        ]
      ]))
    _ = try await clinic.store.write(.update(change))
    let data = try await clinic.vault.gdpr(for: clinic.models.patient)
      .rightToPortability(Clinic.ada)
    let csv = try #require(data.csv["Patient"])
    #expect(csv.contains("'=cmd()"))
    #expect(csv.contains("\"a \"\"quoted\"\", line\nbreak\""))
    #expect(csv.contains("61.5") && csv.hasSuffix("\r\n"))
    #expect(data.csv["Session"]?.contains("canary-note") == true)
    let whole = try Document(extendedJSON: data.json)
    #expect(whole["version"] == 1)
    let records = whole["records"]?.asDocument
    #expect(records?["Patient"]?.asArray?.count == 1)
    #expect(records?["Session"]?.asArray?.isEmpty == false)
  }
}
