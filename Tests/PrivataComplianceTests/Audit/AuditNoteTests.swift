import PrivataCompliance
import PrivataCore
import PrivataTesting
import Synchronization
import TestSupport
import Testing

@Suite struct AuditNoteTests {
  @Test func aProgramsOwnActIsAnEventLikeTheOthers() async throws {
    let clinic = try await Clinic()
    let note = AuditNote(
      "app.letter", model: "Patient", records: [.objectID(Clinic.ada)], fields: ["email"])
    try AccessContext.$current.withValue(.init(actor: .user("clerk-1"), purpose: "billing")) {
      try clinic.vault.audit.append(note)
    }
    var events: [AuditEvent] = []
    let mine = AuditSelection(
      model: "Patient", action: .init(rawValue: "app.letter"), record: .objectID(Clinic.ada))
    for try await event in clinic.vault.audit.events(matching: mine) { events.append(event) }
    #expect(events.count == 1)
    #expect(events.first?.actor == .user("clerk-1") && events.first?.purpose == "billing")
    #expect(events.first?.fields == ["email"] && events.first?.count == 1)
    #expect(try await clinic.vault.audit.verify().isValid)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let note: AuditNote
    let code: PrivataError.Code
    var testDescription: String { code.name }
  }

  static let refusals: [Row] = [
    Row(note: AuditNote("read", model: "Patient"), code: .badArgument),
    Row(note: AuditNote("app.x", model: "Nobody"), code: .unknownModel),
    Row(note: AuditNote("app.x", model: "Patient", fields: ["secret"]), code: .unknownField),
  ]

  @Test(arguments: refusals) func aWrongNoteIsRefusedWithAllOthers(_ row: Row) async throws {
    let clinic = try await Clinic()
    let before = try await clinic.vault.audit.count(matching: .init(model: "Patient"))
    let error = #expect(throws: PrivataError.self) {
      try clinic.vault.audit.append(
        contentsOf: [AuditNote("app.fine", model: "Patient"), row.note])
    }
    #expect(error?.code == row.code)
    #expect(try await clinic.vault.audit.count(matching: .init(model: "Patient")) == before)
  }

  @Test func aContextIsAskedForWhereTheVaultAsksForOne() async throws {
    let vault = try await MemoryVault { $0.contextPolicy = .required }.vault
    vault.register(ClinicModels().all)
    let error = #expect(throws: PrivataError.self) {
      try vault.audit.append(AuditNote("app.letter", model: "Patient"))
    }
    #expect(error?.code == .contextRequired)
  }

  /// A journal of 512 KiB whose store does not take its events.
  private func full(
    _ overflow: JournalOptions.Overflow
  ) async throws -> (vault: Vault, log: FailingStore) {
    let directory = Folders.temporary()
    var options = Folders.options(directory)
    options.journal.segmentBytes = 128 << 10
    options.journal.maximumBytes = 512 << 10
    options.journal.overflow = overflow
    let log = FailingStore(MemoryStore(name: "log-\(directory)"))
    let vault = try await Vault(
      identity: .store(MemoryStore(name: "identity-\(directory)")),
      clinical: .store(MemoryStore(name: "clinical-\(directory)")), audit: .store(log),
      options: options)
    vault.register(ClinicModels().all)
    return (vault, log)
  }

  private func notes(_ name: String, _ count: Int) -> [AuditNote] {
    (0..<count).map { AuditNote("app.\(name)\($0)", model: "Patient") }
  }

  /// The log takes notes while its store is away; they come in their order.
  @Test func theStoreIsNotWaitedForAndTheOrderStays() async throws {
    let (vault, log) = try await full(.failClosedForPHI)
    log.set(.refuse)
    let writer: some AuditLog<AuditNote> = vault.audit
    try writer.append(contentsOf: [])
    #expect(vault.audit.waiting == 0)
    try writer.append(contentsOf: notes("first", 50))
    try writer.append(AuditNote("app.second", model: "Patient"))
    #expect(vault.audit.waiting == 51)
    log.set(.none)
    var actions: [String] = []
    for try await event in vault.audit.events(matching: .init(model: "Patient")) {
      actions.append(event.action.rawValue)
    }
    #expect(actions == notes("first", 50).map(\.action.rawValue) + ["app.second"])
  }

  /// Where the journal is full, a batch is refused as a whole, whatever room single notes had.
  @Test func aBatchIsTakenWholeOrNotAtAll() async throws {
    let (vault, log) = try await full(.failClosedForPHI)
    log.set(.refuse)
    let batch = notes("batch", 300)
    var taken = 0
    var refusal: PrivataError?
    while refusal == nil, taken < 1_000 {
      do {
        try vault.audit.append(contentsOf: batch)
        taken += 1
      } catch { refusal = error }
    }
    #expect(refusal?.code == .auditUnavailable && taken > 2 && taken < 1_000)
    #expect(vault.audit.waiting == 300 * taken)
    log.set(.none)
    try await vault.audit.flush()
    try vault.audit.append(contentsOf: batch)
    #expect(try await vault.audit.count(matching: .init(model: "Patient")) == 300 * (taken + 1))
    #expect(try await vault.audit.verify().isValid)
  }

  /// A batch that is larger than a file of the journal gets one of its own size; where gaps are
  /// recorded, a batch that was not taken is counted in full.
  @Test func largeBatchesAndGaps() async throws {
    let (vault, log) = try await full(.keepServingRecordGaps)
    log.set(.refuse)
    try vault.audit.append(contentsOf: notes("large", 2_000))
    #expect(vault.audit.waiting == 2_000)
    for _ in 0..<4 { try vault.audit.append(contentsOf: notes("lost", 2_000)) }
    log.set(.none)
    try await vault.audit.flush()
    try vault.audit.append(AuditNote("app.after", model: "Patient"))
    var missing = 0
    for try await event in vault.audit.events(matching: .init(action: .gap)) {
      missing += event.count
    }
    let kept = try await vault.audit.count(matching: .init(model: "Patient")) - 1
    #expect(kept.isMultiple(of: 2_000) && kept < 10_000)
    #expect(missing == 10_000 - kept)
  }

  /// Count, events and export of one selection agree, while others write.
  @Test func countAndQueryAgreeWhileOthersWrite() async throws {
    let clinic = try await Clinic()
    try clinic.vault.audit.append(contentsOf: notes("before", 400))
    // The log is behind the clock by no more than its own events of one moment.
    try await Task.sleep(for: .milliseconds(20))
    let now = DateTime.now
    let fixed = AuditSelection(model: "Patient", to: now)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while DateTime.now <= now { try await Task.sleep(for: .milliseconds(1)) }
        for _ in 0..<200 { try clinic.vault.audit.append(contentsOf: notes("during", 5)) }
      }
      for _ in 0..<5 {
        let count = try await clinic.vault.audit.count(matching: fixed)
        var events = 0
        for try await _ in clinic.vault.audit.events(matching: fixed) { events += 1 }
        let lines = Mutex(0)
        _ = try await clinic.vault.audit.export(matching: fixed, as: .jsonLines) { bytes in
          lines.withLock { $0 += bytes.filter { $0 == 10 }.count }
        }
        #expect(count >= 400 && count == events && count == lines.withLock { $0 })
      }
      try await group.waitForAll()
    }
  }
}
