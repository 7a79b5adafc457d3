import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct NoticeTests {
  private func text(_ retention: String = "ten years") -> NoticeText {
    var text = NoticeText(
      Dictionary(
        uniqueKeysWithValues: NoticeText.Part.allCases.map { ($0, "about \($0.rawValue)") }))
    text.parts[.retention] = retention
    return text
  }

  @Test(arguments: NoticeText.Part.allCases)
  func aNoticeSaysAllThatTheLawAsks(_ part: NoticeText.Part) async throws {
    let clinic = try await FileClinic(isEmpty: true)
    var less = text()
    less.parts[part] = nil
    let refused = await failure {
      try await clinic.vault.notices.publish("privacy", version: 1, less)
    }
    #expect(refused?.code == .badArgument && refused?.fields == [part.rawValue])
    await clinic.close()
  }

  @Test func aPublishedTextNeverChanges() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let notices = clinic.vault.notices
    let first = try await notices.publish("privacy", version: 1, locale: "fr", text())
    #expect(try await notices.publish("privacy", version: 1, locale: "fr", text()) == first)
    let changed = await code {
      try await notices.publish("privacy", version: 1, locale: "fr", text("one year"))
    }
    #expect(changed == .badArgument)
    let second = try await notices.publish("privacy", version: 2, locale: "fr", text("one year"))
    #expect(first.hash != second.hash && notices.current == [second])
    #expect(notices.notice("privacy", version: 1) == first)
    await clinic.close()
  }

  @Test func aChangeOfTheRegistersMakesItOutdated() async throws {
    let clinic = try await FileClinic(isEmpty: true)
    let vault = clinic.vault
    try await vault.purposes.register(Purpose("care", basis: .contract))
    try await vault.notices.publish("privacy", version: 1, text())
    #expect(vault.notices.outdated.isEmpty)
    try await vault.recipients.register(Recipient("lab-9", name: "Laboratory"))
    #expect(vault.notices.outdated == ["privacy"])
    try await vault.notices.publish("privacy", version: 2, text())
    #expect(vault.notices.outdated.isEmpty)
    try await vault.purposes.register(Purpose("care", basis: .publicTask))
    #expect(vault.notices.outdated == ["privacy"])
    await clinic.close()
  }

  /// Another rule of retention is another text; a tool without rules says nothing of them.
  @Test func aChangeOfARetentionRuleMakesItOutdated() async throws {
    let rule = { (years: Int) -> [RetentionRule] in
      [.after("createdAt", .years(years), DataScope("Patient"), then: .review)]
    }
    let first = try await FileClinic { $0.retention.rules = rule(10) }
    try await first.vault.notices.publish("privacy", version: 1, text())
    #expect(first.vault.notices.outdated.isEmpty)
    await first.vault.close()
    let second = try await FileClinic(in: first.folder) { $0.retention.rules = rule(5) }
    #expect(second.vault.notices.outdated == ["privacy"])
    #expect(second.vault.notices.outdated(comparingRetention: false).isEmpty)
    try await second.vault.notices.publish("privacy", version: 2, text("five years"))
    #expect(second.vault.notices.outdated.isEmpty)
    await second.close()
  }

  /// A thousand people of a register: one is disclosed too early, the others wait with their dates;
  /// who is written to is told with it.
  @Test func aThousandAreStillToBeTold() async throws {
    let clinic = try await Clinic()
    let (vault, patient) = (clinic.vault, clinic.models.patient)
    let ids = (0..<1_000).map { ObjectID(high: 7, low: UInt32($0)) }
    try await clinic.insert(
      patient,
      ids.enumerated().map { number, id in
        [
          "_id": .objectID(id), "name": .string("name \(number)"),
          "email": .string("\(number)@example.org"),
        ]
      })
    let gdpr = vault.gdpr(for: patient)
    let moment = try #require(DateTime(iso8601: "2026-01-15T10:00:00Z"))
    try await gdpr.recordSource(ids, .thirdParty("registry-x", obtainedAt: moment))
    try await vault.recipients.register(Recipient("lab-9", name: "Laboratory"))
    let early = await code {
      try await gdpr.recordDisclosure(ids[0], to: "lab-9", fields: ["name"], purpose: "care")
    }
    #expect(early == .noticeRequired)
    let notice = try await vault.notices.publish("privacy", version: 1, text())
    try await gdpr.recordInformed(ids[0], by: notice)
    try await gdpr.recordDisclosure(ids[0], to: "lab-9", fields: ["name"], purpose: "care")
    let due = try #require(DateTime(iso8601: "2026-02-16T23:59:59.999Z"))
    let open = try await vault.notices.duties()
    #expect(open.count == 999 && open.allSatisfy { $0.dueAt == due })
    // The first contact comes before the month is over.
    let contact = try #require(DateTime(iso8601: "2026-01-20T08:00:00Z"))
    #expect(try await gdpr.recordContact(ids[5], at: contact)?.dueAt == contact)
    let later = try #require(DateTime(iso8601: "2026-03-01T08:00:00Z"))
    #expect(try await gdpr.recordContact(ids[5], at: later)?.dueAt == contact)
    #expect(try await vault.notices.duties().first?.dueAt == contact)
    #expect(try await gdpr.recordContact(ids[0], at: contact) == nil)
    #expect(try await gdpr.rightToAccess(ids[5]).metadata.source == ["registry-x"])
  }

  @Test func dataIsCollectedOnceTheNoticeWasShown() async throws {
    let clinic = try await FileClinic(isEmpty: true) { $0.purposes = .registered }
    let (vault, patient) = (clinic.vault, clinic.models.patient)
    try await vault.purposes.register(
      Purpose("signup", basis: .contract, notice: "privacy"))
    let signup = clinic.acting("signup")
    let id = ObjectID(high: 4, low: 4)
    let eve: Document = ["_id": .objectID(id), "name": "Eve", "email": "eve@example.org"]
    let unseen = await code { try await clinic.insertAs(signup, patient, [eve]) }
    #expect(unseen == .noticeRequired)
    #expect(try await clinic.count(vault, patient) == 0)
    let notice = try await vault.notices.publish("privacy", version: 4, text())
    let other = try await vault.notices.publish("other", version: 1, text())
    let wrong = await code {
      try await Notice.$shown.withValue(other) {
        try await clinic.insertAs(signup, patient, [eve])
      }
    }
    #expect(wrong == .noticeRequired)
    try await Notice.$shown.withValue(notice) {
      try await clinic.insertAs(signup, patient, [eve])
    }
    let informed = try #require(try await clinic.gdpr.informing(id))
    #expect(informed.noticeHash == notice.hash && !informed.isOpen)
    #expect(informed.notice == "privacy 4 en")
    await clinic.close()
  }

  @Test func whoGaveNoDataThemselvesIsToldBeforeItIsDisclosed() async throws {
    let clinic = try await FileClinic()
    let (vault, gdpr) = (clinic.vault, clinic.gdpr)
    try await vault.recipients.register(Recipient("lab-9", name: "Laboratory"))
    let moment = try #require(DateTime(iso8601: "2026-01-15T10:00:00Z"))
    let unnamed = await code {
      try await gdpr.recordSource([FileClinic.ada], .thirdParty(""))
    }
    #expect(unnamed == .badArgument)
    try await gdpr.recordSource(
      [FileClinic.ada, FileClinic.bob], .thirdParty("registry-x", obtainedAt: moment))
    let due = try #require(DateTime(iso8601: "2026-02-16T23:59:59.999Z"))
    #expect(try await vault.notices.duties().map(\.dueAt) == [due, due])
    func disclose(_ id: ObjectID) async -> PrivataError.Code? {
      await code {
        try await gdpr.recordDisclosure(id, to: "lab-9", fields: ["name"], purpose: "care")
      }
    }
    #expect(await disclose(FileClinic.ada) == .noticeRequired)
    let notice = try await vault.notices.publish("privacy", version: 1, text())
    try await gdpr.recordInformed(FileClinic.ada, by: notice)
    #expect(await disclose(FileClinic.ada) == nil)
    #expect(try await gdpr.informing(FileClinic.ada)?.source == "registry-x")
    #expect(try await vault.notices.duties().count == 1)
    #expect(await disclose(FileClinic.bob) == .noticeRequired)
    try await gdpr.recordExemption(FileClinic.bob, .professionalSecrecy)
    #expect(await disclose(FileClinic.bob) == nil)
    #expect(try await vault.notices.duties().isEmpty)
    await clinic.close()
  }
}
