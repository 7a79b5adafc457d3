import PrivataCore
import Testing

@testable import PrivataCompliance

@Suite struct AccessMonitorTests {
  private func event(
    _ number: Int, _ user: String, _ role: String, _ fields: [String], count: Int = 1,
    outcome: AuditEvent.Outcome = .success, record: RecordReference? = nil
  ) -> AuditEvent {
    var event = AuditEvent(
      id: AuditEventID(high: 0, low: UInt64(number)), nanoseconds: Int64(number) * 1_000_000_000,
      actor: .user(user), action: .read, model: "Patient", fields: fields, count: count,
      records: record.map { [$0] } ?? [], outcome: outcome)
    event.role = role
    return event
  }

  /// 20 planted accesses among 100,000 of daily work.
  @Test func plantedAccessesAreFound() {
    var source = SystemRandomNumberGenerator()
    var events: [AuditEvent] = []
    let vip = RecordReference(.init(low: 7, high: 7))
    let aunt = RecordReference(.init(low: 8, high: 8))
    for number in 0..<100_000 {
      let isDoctor = number.isMultiple(of: 3)
      let fields = isDoctor ? ["name", "diagnosis", "notes"] : ["name", "insuranceID", "dates"]
      let isRefused = Int.random(in: 0..<500, using: &source) == 0
      events.append(
        event(
          number, "u\(number % 50)", isDoctor ? "clinician" : "billing",
          [fields[0], fields[Int.random(in: 1...2, using: &source)]],
          count: Int.random(in: 1...5, using: &source), outcome: isRefused ? .refused : .success,
          record: RecordReference(.init(low: UInt64(100 + number % 3000), high: 0))))
    }
    var planted: Set<String> = []
    for index in 0..<5 {
      let base = 10_000 * (index + 1)
      events[base] = event(base, "spy\(index)", "billing", ["name", "diagnosis"])
      events[base + 1] = event(base + 1, "grab\(index)", "billing", ["name"], count: 5000)
      events[base + 2] = event(base + 2, "fan\(index)", "clinician", ["name"], record: vip)
      events[base + 3] = event(base + 3, "kin\(index)", "clinician", ["name"], record: aunt)
      planted.formUnion(["spy", "grab", "fan", "kin"].map { "\($0)\(index)" })
    }
    var monitor = AccessMonitor()
    monitor.watched = [vip]
    for index in 0..<5 { monitor.acquaintances["kin\(index)"] = [aunt] }
    let found = monitor.findings(in: events)
    let right = Set(found.map(\.actor)).intersection(planted)
    #expect(planted.count == 20 && right.count >= 18)
    #expect(found.count - found.filter { planted.contains($0.actor) }.count <= 1000)
    #expect(found.count { planted.contains($0.actor) && $0.kind == .watched } == 5)
  }

  @Test func manyRefusalsAreOneFinding() {
    var events = (0..<15).map { event($0, "u1", "billing", ["name"], outcome: .refused) }
    events += (0..<15).map {
      event($0 * 1000, "u2", "billing", ["name"], outcome: .refused)
    }
    let found = AccessMonitor().findings(in: events)
    #expect(found.map(\.actor) == ["u1"] && found.first?.kind == .refusals)
  }

  @Test func theLogOfAVaultIsLookedAt() async throws {
    let clinic = try await KeyedClinic()
    let store = clinic.acting("dr-7", "clinician", "treatment").store
    let from = DateTime(milliseconds: DateTime.now.milliseconds - 60_000)
    _ = try await store.rows(
      for: Query(clinic.models.patient, where: .document(["_id": "p1"])))
    let none = try await clinic.vault.minimumNecessaryFindings(from: from)
    #expect(none.isEmpty)
    let found = try await clinic.vault.minimumNecessaryFindings(
      from: from, acquaintances: ["dr-7": [("Patient", "p1")], "dr-8": [("Patient", "p1")]])
    #expect(found.map(\.actor) == ["dr-7"] && found.map(\.kind) == [.acquaintance])
    await clinic.vault.close()
  }
}
