internal import PrivataCore
internal import Synchronization

/// Looks at the events of this process's journal before they are moved, so that what is a sign is seen
/// while the audit store is away too, and raises alarms about the log itself.
final class AuditWatch: Sendable {
  private struct Key: Hashable {
    let kind: Alarm.Kind
    let actor: String
  }

  private struct State {
    var cursor: Journal.Cursor
    /// When attempts to log in failed, by the reference of an actor or a network.
    var failures: [String: [Int64]] = [:]
    var quietUntil: [Key: Int64] = [:]
    /// Raised, and not told yet.
    var raised: [Alarm] = []
  }

  private let options: AlarmOptions
  private let recorder: AuditRecorder
  private let state: Mutex<State>

  init(_ options: AlarmOptions, _ recorder: AuditRecorder) {
    self.options = options
    self.recorder = recorder
    state = Mutex(State(cursor: Journal.Cursor(recorder.journal.done)))
  }

  /// Looks at what came since the last look.
  func look() throws(PrivataError) {
    while true {
      let records = try state.withLock { state throws(PrivataError) in
        try recorder.journal.records(&state.cursor, limit: 1_000)
      }
      if records.isEmpty { break }
      for record in records { inspect(try AuditEvent(bytes: record.payload)) }
    }
    let share = recorder.journal.usedShare
    if share >= 0.8 {
      raise(.journalNearlyFull, nil, Int(share * 100))
    } else if share >= 0.5 {
      raise(.journalHalfFull, nil, Int(share * 100))
    }
  }

  private func inspect(_ event: AuditEvent) {
    if event.action == .loginFailed {
      for reference in event.records {
        let count = failures(of: reference.text, at: event.nanoseconds / 1_000_000_000)
        if count >= options.failedLogIns {
          raise(.failedLogIns, event, count, reference.text)
        }
      }
    }
    if let code = event.errorCode, ["tampered", "unknownKey"].contains(code) {
      raise(.keyMisuse, event, 1)
    }
  }

  private func failures(of name: String, at second: Int64) -> Int {
    state.withLock { state in
      // Names that were quiet for long are forgotten, so that the table stays small.
      if state.failures.count > 10_000 { state.failures = [:] }
      let start = second - Int64(options.logInMinutes) * 60
      var recent = (state.failures[name] ?? []).filter { $0 > start }
      recent.append(second)
      state.failures[name] = recent
      return recent.count
    }
  }

  /// Raises an alarm and leaves an event, unless the same one was raised a short while ago.
  func raise(
    _ kind: Alarm.Kind, _ event: AuditEvent?, _ count: Int, _ who: String? = nil
  ) {
    let alarm = Alarm(
      kind: kind, actor: who ?? event?.actor.id ?? "", model: event?.model ?? "",
      at: event?.at ?? .now, count: count)
    let isLoud = state.withLock { state in
      let key = Key(kind: kind, actor: alarm.actor)
      let now = DateTime.now.milliseconds
      if let until = state.quietUntil[key], now < until { return false }
      if state.quietUntil.count > 10_000 { state.quietUntil = [:] }
      state.quietUntil[key] = now + Int64(options.quietSeconds) * 1_000
      state.raised.append(alarm)
      return true
    }
    guard isLoud else { return }
    let scope = AuditCoding.scope(
      .init(rawValue: "alarm.\(kind.rawValue)"), model: alarm.model, fields: [],
      filterFields: [])
    // A full journal is itself an alarm; it is told all the same.
    _ = try? recorder.record(
      .service, scope: scope,
      result: AuditResult(count: count, subjectOf: event?.id.description), isPersonal: false)
  }

  /// Tells of what was raised.
  func deliver() async {
    let alarms = state.withLock { state in
      defer { state.raised = [] }
      return state.raised
    }
    for alarm in alarms { await options.receiver.raise(alarm) }
  }
}

extension Journal {
  /// How much of the journal's bound is used, 0 to 1.
  var usedShare: Double { Double(usedBytes) / Double(max(maximumBytes, 1)) }
}
