import PrivataCompliance
import PrivataCore
import Synchronization
import TestSupport
import Testing

/// A recipient that fails some times before it answers, and remembers what it heard.
private final class FakeRecipient: NoticeDelivery {
  private let failures: Mutex<Int>
  private let heard = Mutex<[RecipientNotice]>([])
  private let attempts = Mutex<[String]>([])

  init(failing count: Int) { failures = Mutex(count) }

  var notices: [RecipientNotice] { heard.withLock { $0 } }
  var keys: [String] { attempts.withLock { $0 } }

  func deliver(_ notice: RecipientNotice) async throws -> String {
    attempts.withLock { $0.append(notice.key) }
    let fails = failures.withLock { left in
      left -= 1
      return left >= 0
    }
    if fails { throw PrivataError(.connection, "not there") }
    heard.withLock { $0.append(notice) }
    return "ok-\(notice.kind.rawValue)"
  }
}

@Suite struct RecipientTests {
  private func clinic(_ change: (inout VaultOptions) -> Void = { _ in }) async throws -> FileClinic
  {
    let clinic = try await FileClinic(change)
    try await clinic.vault.recipients.register(Recipient("lab-9", name: "Laboratory"))
    try await clinic.vault.recipients.register(Recipient("press", name: "Printer"))
    try await clinic.gdpr.recordDisclosure(
      FileClinic.ada, to: "lab-9", fields: ["name", "email"], purpose: "care",
      reference: "order-canary-17")
    return clinic
  }

  private func later(_ seconds: Int64) -> DateTime {
    DateTime(milliseconds: DateTime.now.milliseconds + seconds * 1_000)
  }

  @Test func aRecipientHearsOfACorrectionUntilItAcknowledges() async throws {
    let clinic = try await clinic()
    let recipients = clinic.vault.recipients
    let changed = try await clinic.gdpr.rightToRectification(
      FileClinic.ada, ["name": "Ada Newname"])
    #expect(changed.recipients == ["lab-9"])
    let same = try await clinic.gdpr.rightToRectification(FileClinic.ada, ["name": "Ada Newname"])
    #expect(same.recipients.isEmpty)
    let lab = FakeRecipient(failing: 5)
    var now: Int64 = 0
    for attempt in 0..<5 {
      #expect(try await recipients.deliver(through: lab, now: later(now)) == 0)
      // Too early for the next attempt.
      #expect(try await recipients.deliver(through: lab, now: later(now)) == 0)
      #expect(lab.keys.count == attempt + 1)
      now += Int64(1 << attempt) + 1
    }
    #expect(try await recipients.deliver(through: lab, now: later(now)) == 1)
    #expect(try await recipients.deliver(through: lab, now: later(now + 60)) == 0)
    #expect(lab.notices.count == 1 && Set(lab.keys).count == 1)
    let notice = try #require(lab.notices.first)
    #expect(notice.reference == "order-canary-17" && notice.kind == .rectification)
    #expect(!notice.body.contains("Newname") && !notice.body.contains("\(FileClinic.ada)"))
    #expect(notice.isValid(publicKey: clinic.vault.audit.publicKey))
    let listed = try await clinic.gdpr.recipientNotices(FileClinic.ada)
    #expect(listed.map(\.state) == [.acknowledged] && listed.first?.attempts == 6)
    #expect(listed.first?.acknowledgement == "ok-rectification")
    #expect(try await clinic.gdpr.recipients(of: FileClinic.ada).map(\.id) == ["lab-9"])
    #expect(try await clinic.gdpr.recipientNotices(FileClinic.bob).isEmpty)
    await clinic.close()
  }

  @Test func erasureAndRestrictionAreToldToo() async throws {
    let clinic = try await clinic()
    try await clinic.gdpr.rightToRestriction(FileClinic.ada, ground: .unlawfulProcessing)
    try await clinic.gdpr.liftRestriction(
      FileClinic.ada, ground: .unlawfulProcessing, notifiedAt: .now)
    let proof = try await clinic.gdpr.rightToErasure(
      FileClinic.ada, .init(requestedBy: FileClinic.ada, reason: "r", legalBasis: .article17))
    #expect(proof.certificate.json.contains("recipients told"))
    let kinds = try await clinic.gdpr.recipientNotices(FileClinic.ada).map(\.kind)
    #expect(Set(kinds) == [.restriction, .restrictionLifted, .erasure] && kinds.count == 3)
    await clinic.vault.close()
    // The agreed reference is sealed, the person named by a mark.
    #expect(try !clinic.holds("order-canary-17"))
    await clinic.close()
  }

  /// Where data was made public, who shows it is asked to remove it; one that does not answer does not
  /// keep the erasure from its end, and the effort is shown.
  @Test func whatWasMadePublicIsAskedBack() async throws {
    let clinic = try await clinic()
    let recipients = clinic.vault.recipients
    try await recipients.register(Recipient("search", name: "Search", isPublic: true))
    try await recipients.register(Recipient("mirror", name: "Mirror", isPublic: true))
    for recipient in ["search", "mirror"] {
      try await clinic.gdpr.recordDisclosure(
        FileClinic.ada, to: recipient, fields: ["name"], purpose: "publication",
        reference: "https://example.org/\(recipient)/17")
    }
    let proof = try await clinic.gdpr.rightToErasure(
      FileClinic.ada, .init(requestedBy: FileClinic.ada, reason: "r", legalBasis: .article17))
    #expect(proof.state == .attested && proof.publicNotices == ["mirror", "search"])
    let told = try await clinic.gdpr.recipientNotices(FileClinic.ada)
    #expect(
      Dictionary(uniqueKeysWithValues: told.map { ($0.recipient, $0.kind) })
        == ["lab-9": .erasure, "mirror": .removal, "search": .removal])
    let search = try #require(told.first { $0.recipient == "search" })
    #expect(search.body.contains("17(2)") && search.body.contains("/search/17"))
    let silent = FakeRecipient(failing: .max)
    for days in 0...31 {
      _ = try await recipients.deliver(
        through: silent, now: later(Int64(days) * 86_400 + Int64(days)))
    }
    let left = try await recipients.notices(.unreachable)
    #expect(left.count == 3 && left.allSatisfy { $0.attempts > 5 })
    let restricted = try await clinic.gdpr.rightToErasure(
      FileClinic.bob, .init(requestedBy: FileClinic.bob, reason: "r", legalBasis: .article17))
    #expect(restricted.publicNotices.isEmpty)
    await clinic.close()
  }

  @Test func aRecipientThatNeverAnswersIsShownWithTheEffort() async throws {
    let clinic = try await clinic()
    try await clinic.gdpr.rightToRestriction(FileClinic.ada, ground: .accuracyContested)
    let silent = FakeRecipient(failing: .max)
    for days in 0...31 {
      _ = try await clinic.vault.recipients.deliver(
        through: silent, now: later(Int64(days) * 86_400 + Int64(days)))
    }
    let left = try await clinic.vault.recipients.notices(.unreachable)
    #expect(left.count == 1 && left.first?.attempts == silent.keys.count)
    #expect(try await clinic.vault.recipients.notices(.waiting).isEmpty)
    await clinic.close()
  }

  @Test func twoProcessesDeliverOnce() async throws {
    let clinic = try await clinic()
    for _ in 0..<10 {
      try await clinic.gdpr.rightToRestriction(FileClinic.ada, ground: .accuracyContested)
    }
    let lab = FakeRecipient(failing: 0)
    let recipients = clinic.vault.recipients
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 { group.addTask { try await recipients.deliver(through: lab) } }
      return try await group.reduce(0, +)
    }
    #expect(count == 10 && lab.notices.count == 10 && Set(lab.keys).count == 10)
    await clinic.close()
  }

  @Test func aVaultDeliversByItself() async throws {
    let lab = FakeRecipient(failing: 1)
    let clinic = try await clinic { $0.noticeDelivery = lab }
    try await clinic.gdpr.rightToRestriction(FileClinic.ada, ground: .accuracyContested)
    for _ in 0..<100 where lab.notices.isEmpty { try await Task.sleep(for: .milliseconds(100)) }
    #expect(lab.notices.count == 1 && lab.keys.count == 2)
    await clinic.close()
  }

  @Test func nothingGoesToWhoIsNotRegistered() async throws {
    let clinic = try await clinic()
    func disclose(_ recipient: String, _ fields: [String], _ id: ObjectID = FileClinic.ada) async
      -> PrivataError.Code?
    {
      await code {
        try await clinic.gdpr.recordDisclosure(id, to: recipient, fields: fields, purpose: "care")
      }
    }
    #expect(await disclose("nobody", ["name"]) == .notFound)
    #expect(await disclose("lab-9", ["shoeSize"]) == .unknownField)
    #expect(await disclose("lab-9", ["name"], ObjectID()) == .notFound)
    let bad = await code { try await clinic.vault.recipients.register(Recipient("x", name: "")) }
    #expect(bad == .badArgument)
    try await clinic.vault.recipients.register(
      Recipient("tax-office", name: "Tax", purposes: ["tax"]))
    #expect(await disclose("tax-office", ["name"]) == .purposeDenied)
    await clinic.close()
  }

  @Test func aProcessorNeedsAContract() async throws {
    let clinic = try await clinic()
    let (vault, gdpr) = (clinic.vault, clinic.gdpr)
    let printer = Recipient("mail", name: "Mail house", processor: "print-shop")
    #expect(await code { try await vault.recipients.register(printer) } == .processorContract)
    let end = DateTime(milliseconds: DateTime.now.milliseconds + 3_600_000)
    try await vault.processors.register(
      Processor("print-shop", contract: "C-17", endsAt: end, purposes: ["letters"]))
    try await vault.recipients.register(printer)
    func disclose(_ purpose: String, at moment: DateTime = .now) async -> PrivataError.Code? {
      await code {
        try await gdpr.recordDisclosure(
          FileClinic.ada, to: "mail", fields: ["name"], purpose: purpose, at: moment)
      }
    }
    #expect(await disclose("letters") == nil)
    #expect(await disclose("other") == .processorContract)
    #expect(vault.processors.returnsDue().isEmpty)
    let over = DateTime(milliseconds: end.milliseconds + 1)
    #expect(await disclose("letters", at: over) == .processorContract)
    #expect(vault.processors.returnsDue(at: over).map(\.id) == ["print-shop"])
    try await vault.processors.confirmReturn("print-shop")
    #expect(vault.processors.returnsDue(at: over).isEmpty)
    #expect(await code { try await vault.processors.confirmReturn("x") } == .notFound)
    let bare = await code { try await vault.processors.register(Processor("y", contract: "")) }
    #expect(bare == .badArgument)
    await clinic.close()
  }
}
