import PrivataCompliance
import PrivataCore
import Synchronization
import TestSupport
import Testing

/// Remembers the alarms that it heard.
private final class Siren: AlarmReceiver {
  private let heard = Mutex<[Alarm]>([])

  var alarms: [Alarm] { heard.withLock { $0 } }

  func raise(_ alarm: Alarm) async { heard.withLock { $0.append(alarm) } }
}

@Suite struct AlarmTests {
  private func clinic(
    _ siren: Siren, _ change: @escaping (inout AlarmOptions) -> Void = { _ in }
  ) async throws -> FileClinic {
    try await FileClinic {
      var alarms = AlarmOptions(siren)
      change(&alarms)
      $0.alarms = alarms
      $0.purposes = .registered
    }
  }

  /// What is heard, with time for a busy machine.
  private func heard(_ siren: Siren, _ kind: Alarm.Kind) async throws -> [Alarm] {
    for _ in 0..<200 where !siren.alarms.contains(where: { $0.kind == kind }) {
      try await Task.sleep(for: .milliseconds(50))
    }
    return siren.alarms.filter { $0.kind == kind }
  }

  @Test func aCanaryRaisesAnAlarmHoweverItIsRead() async throws {
    let siren = Siren()
    let clinic = try await clinic(siren) {
      $0.canaries = [.init(model: "Patient", key: .objectID(FileClinic.bob))]
    }
    try await clinic.vault.purposes.register(Purpose("care", basis: .contract))
    let (care, patient) = (clinic.acting("care", actor: "eve"), clinic.models.patient)
    _ = try await clinic.find(care, patient, ["name": "Ada Canary"])
    try await Task.sleep(for: .milliseconds(1_500))
    #expect(siren.alarms.isEmpty)
    _ = try await clinic.find(care, patient, ["name": "Bob Canary"])
    let alarms = try await heard(siren, .canaryRecord)
    #expect(alarms.map(\.actor) == ["eve"] && alarms.first?.model == "Patient")
    // Again within a short while it is quiet.
    _ = try await clinic.find(care, patient)
    try await Task.sleep(for: .milliseconds(1_500))
    #expect(siren.alarms.count == 1)
    let action = AuditEvent.Action(rawValue: "alarm.canaryRecord")
    #expect(try await clinic.vault.audit.count(matching: .init(action: action)) == 1)
    await clinic.close()
  }

  @Test func manyReadsAndManyRefusalsAreSigns() async throws {
    let siren = Siren()
    let clinic = try await clinic(siren) {
      $0.bulkRecords = 10
      $0.refusals = 3
    }
    try await clinic.vault.purposes.register(Purpose("care", basis: .contract))
    for _ in 0..<5 {
      _ = try await clinic.find(clinic.acting("care", actor: "eve"), clinic.models.patient)
    }
    for _ in 0..<3 {
      _ = await code {
        _ = try await clinic.count(clinic.acting("sales", actor: "mallory"), clinic.models.patient)
      }
    }
    let bulk = try await heard(siren, .bulkRead)
    #expect(bulk.map(\.actor) == ["eve"] && bulk.first?.count == 10)
    let burst = try await heard(siren, .deniedBurst)
    #expect(burst.map(\.actor) == ["mallory"] && burst.first?.count == 3)
    #expect(siren.alarms.count == 2)
    await clinic.close()
  }

  @Test(arguments: [true, false])
  func readingAtNightIsASign(_ isNight: Bool) async throws {
    let siren = Siren()
    let hour = DateTime.now.parts.hour
    let clinic = try await clinic(siren) {
      // Office hours that are, or are not, now.
      let other = (hour + 12) % 24
      $0.officeHours = isNight ? other..<(other + 1) : 0..<24
    }
    try await clinic.vault.purposes.register(Purpose("care", basis: .contract))
    _ = try await clinic.find(clinic.acting("care"), clinic.models.patient)
    let alarms = isNight ? try await heard(siren, .offHours) : siren.alarms
    #expect(alarms.count == (isNight ? 1 : 0))
    await clinic.close()
  }
}
