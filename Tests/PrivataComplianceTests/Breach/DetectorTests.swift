import PrivataCore
import PrivataTesting
import Synchronization
import TestSupport
import Testing

@testable import PrivataCompliance

private final class Silence: AlarmReceiver {
  func raise(_ alarm: Alarm) async {}
}

/// The signs that events give, over many events.
@Suite struct DetectorTests {
  private static func event(
    _ number: Int, at second: Double, _ actor: AccessContext.Actor,
    _ action: AuditEvent.Action, count: Int = 1, records: [RecordReference] = [],
    outcome: AuditEvent.Outcome = .success
  ) -> AuditEvent {
    AuditEvent(
      id: AuditEventID(high: UInt64(number), low: 1), nanoseconds: Int64(second * 1e9),
      actor: actor, action: action, model: "Patient", count: count, records: records,
      outcome: outcome)
  }

  /// A week of a busy house, a million events: no alarm.
  @Test func aMillionNormalEventsRaiseNothing() {
    var watch = AlarmWatch(AlarmOptions(Silence()), canaries: [])
    var source = SeededSource(41)
    let actors = (0..<200).map { AccessContext.Actor.user("dr-\($0)") }
    var alarms = 0
    for number in 0..<1_000_000 {
      // 1.65 events a second over all actors; lists of up to 50, a slip now and then.
      let second = Double(number) * 0.605
      let isSlip = source.chance(1)
      let event = Self.event(
        number, at: second, source.pick(actors),
        isSlip ? .read : source.pick([.read, .read, .read, .update, .count]),
        count: isSlip ? 0 : source.int(1...50), outcome: isSlip ? .refused : .success)
      alarms += watch.loud(event).count
    }
    #expect(alarms == 0)
    // The same watch hears what is no slip.
    for number in 0..<25 {
      let event = Self.event(
        2_000_000 + number, at: 700_000 + Double(number), actors[0], .read, outcome: .refused)
      alarms += watch.loud(event).count
    }
    #expect(alarms == 1)
  }

  private func references(_ clinic: Clinic, _ actor: String, _ address: String) -> [RecordReference]
  {
    [
      clinic.vault.core.references.reference(to: .string(actor), of: "privata.actor"),
      clinic.vault.core.references.reference(
        to: .string(LogIns.network(address)), of: "privata.address"),
    ]
  }

  /// One user on two hosts at once is two people, or a thief.
  @Test func oneActorOnTwoHostsIsASign() async throws {
    let clinic = try await Clinic()
    var watch = AlarmWatch(AlarmOptions(Silence()), canaries: [])
    var number = 0
    func logIn(
      _ action: AuditEvent.Action, _ actor: String, _ address: String, _ hour: Double
    ) -> [Alarm.Kind] {
      number += 1
      let event = Self.event(
        number, at: hour * 3_600, .system, action, records: references(clinic, actor, address))
      return watch.loud(event).map(\.kind)
    }
    #expect(logIn(.login, "dr-7", "10.1.1.5", 1) == [])
    // The same network again, and somebody else.
    #expect(logIn(.login, "dr-7", "10.1.1.9", 1.1) == [])
    #expect(logIn(.login, "dr-8", "192.168.7.1", 1.2) == [])
    #expect(logIn(.login, "dr-7", "192.168.7.1", 1.3) == [.concurrentHosts])
    // Who logs out first is one person on the way.
    #expect(logIn(.login, "dr-9", "10.1.1.5", 2) == [])
    #expect(logIn(.logout, "dr-9", "10.1.1.5", 3) == [])
    #expect(logIn(.login, "dr-9", "192.168.7.1", 3.1) == [])
    // A log-in that nobody ended is over some time.
    #expect(logIn(.login, "dr-4", "10.1.1.5", 5) == [])
    #expect(logIn(.login, "dr-4", "192.168.7.1", 18) == [])
    await clinic.vault.close()
  }

  private final class Siren: AlarmReceiver {
    let heard = Mutex<[Alarm]>([])
    func raise(_ alarm: Alarm) async { heard.withLock { $0.append(alarm) } }
  }

  /// From the log-in that a program records to the ear of the officer.
  @Test func theOfficerHearsOfTwoHosts() async throws {
    let siren = Siren()
    let clinic = try await FileClinic {
      $0.alarms = AlarmOptions(siren)
      $0.journal.drainMilliseconds = 50
    }
    let logIns = clinic.vault.logIns
    try logIns.record(.succeeded, actor: "dr-7", address: "10.1.1.5")
    try logIns.record(.succeeded, actor: "dr-7", address: "172.16.0.9")
    for _ in 0..<200 where siren.heard.withLock(\.isEmpty) {
      try await Task.sleep(for: .milliseconds(25))
    }
    let alarms = siren.heard.withLock { $0 }
    #expect(alarms.map(\.kind) == [.concurrentHosts] && alarms.first?.count == 2)
    #expect(alarms.first?.actor == logIns.reference(to: "dr-7"))
    let events = try await clinic.vault.audit.count(
      matching: .init(action: .init(rawValue: "alarm.concurrentHosts")))
    #expect(events == 1)
    await clinic.close()
  }
}
