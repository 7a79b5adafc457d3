import PrivataCore
import PrivataTesting
import Synchronization
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct MonitoringTests {
  /// Who is told.
  private final class Pager: AlarmReceiver {
    private let told = Mutex<[Alarm]>([])

    func alerts(_ kind: Alarm.Kind) -> [Alarm] {
      told.withLock { $0.filter { $0.kind == kind } }
    }
    func raise(_ alarm: Alarm) async { told.withLock { $0.append(alarm) } }
  }

  private func clinic(_ pager: Pager) async throws -> Clinic {
    try await Clinic { $0.alarms = AlarmOptions(pager) }
  }

  @Test func tenFailedLogInsAreOneFinding() async throws {
    let pager = Pager()
    let clinic = try await clinic(pager)
    for number in 0..<9 {
      try clinic.vault.logIns.record(.failed, actor: "dr-canary", address: "203.0.113.\(number)")
    }
    try clinic.vault.logIns.record(.failed, actor: "somebody", address: "198.51.100.7")
    try clinic.vault.logIns.record(.succeeded, actor: "dr-canary")
    try await clinic.vault.audit.flush()
    #expect(pager.alerts(.failedLogIns).isEmpty)
    try clinic.vault.logIns.record(.failed, actor: "dr-canary", address: "2001:db8:1:2::3")
    try await clinic.vault.audit.flush()
    #expect(
      pager.alerts(.failedLogIns).map(\.actor)
        == [clinic.vault.logIns.reference(to: "dr-canary")])
    let failed = AuditSelection(action: .loginFailed)
    #expect(try await clinic.vault.audit.count(matching: failed) == 11)
    for row in try await Clinic.raw("privata_audit_events", in: clinic.memory.identity) {
      let text = String(decoding: row.bson, as: UTF8.self)
      for value in ["203.0", "198.51", "2001:db8", "dr-canary", "somebody"] {
        #expect(!text.contains(value))
      }
    }
    #expect(throws: PrivataError.self) { try clinic.vault.logIns.record(.failed, actor: "") }
  }

  @Test func oneNetworkThatTriesManyNamesIsAFinding() async throws {
    let pager = Pager()
    let clinic = try await clinic(pager)
    for number in 0..<10 {
      try clinic.vault.logIns.record(
        .failed, actor: "user-\(number)", address: "203.0.113.\(number)")
    }
    try await clinic.vault.audit.flush()
    #expect(pager.alerts(.failedLogIns).count == 1)
  }

  @Test func aChangedLogRaisesAnAlarm() async throws {
    let pager = Pager()
    let clinic = try await clinic(pager)
    try await clinic.vault.audit.flush()
    #expect(try await clinic.vault.audit.verify().isValid)
    #expect(pager.alerts(.chainBreak).isEmpty)
    _ = try await clinic.memory.identity.write(
      .delete(
        Delete(
          AuditModels.events, where: .compare("sequence", .equal, .int64(1)), layout: .cells)))
    #expect(try await clinic.vault.audit.verify().isValid == false)
    #expect(pager.alerts(.chainBreak).count == 1)
  }

  @Test func aReviewThatNobodySignsRaisesAnAlarm() async throws {
    let pager = Pager()
    let clinic = try await clinic(pager)
    let start = DateTime(milliseconds: DateTime.now.milliseconds - 9 * 86_400_000)
    try await clinic.vault.reviews.schedule(everyDays: 7, from: start, graceDays: 1)
    #expect(try await clinic.vault.reviews.overdue().count == 1)
    #expect(pager.alerts(.reviewOverdue).count == 1)
  }

  /// The audit store takes nothing: there is an alarm at half of the bound and one near its end.
  @Test func aJournalThatFillsRaisesAlarms() async throws {
    let pager = Pager()
    let directory = Folders.temporary()
    var options = Folders.options(directory)
    options.alarms = AlarmOptions(pager)
    options.journal.segmentBytes = 64 << 10
    options.journal.maximumBytes = 640 << 10
    let log = FailingStore(MemoryStore(name: "log-\(directory)"))
    let vault = try await Vault(
      identity: .store(MemoryStore(name: "identity-\(directory)")),
      clinical: .store(MemoryStore(name: "clinical-\(directory)")), audit: .store(log),
      options: options)
    let models = ClinicModels()
    vault.register(models.all)
    log.set(.refuse)
    var first: (half: Int?, near: Int?) = (nil, nil)
    for number in 0..<4_500 {
      _ = try? await vault.store.rows(for: Query(models.patient, answer: .count))
      guard number.isMultiple(of: 50) else { continue }
      try? await vault.audit.flush()
      if first.half == nil, !pager.alerts(.journalHalfFull).isEmpty { first.half = number }
      if first.near == nil, !pager.alerts(.journalNearlyFull).isEmpty { first.near = number }
    }
    let half = try #require(first.half), near = try #require(first.near)
    #expect(half > 500 && half < near)
    #expect(pager.alerts(.journalHalfFull).first.map { (50..<80).contains($0.count) } == true)
  }

}
