public import PrivataCore

/// A sign of a breach, seen in the audit log.
public struct Alarm: Sendable, Hashable {
  /// What was seen.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Somebody touched a record that nobody has a reason to touch.
    case canaryRecord
    /// One actor read many records within a minute.
    case bulkRead
    /// One actor was refused often within a minute.
    case deniedBurst
    /// A person read personal data outside of office hours.
    case offHours
    /// One actor is logged in from two networks at once: an account that several share, or a stolen
    /// one.
    case concurrentHosts
    /// So many log-ins of one actor failed, or from one network.
    case failedLogIns
    /// The audit log is not the one that was signed.
    case chainBreak
    /// Encrypted bytes were changed, or a key is not the one it should be.
    case keyMisuse
    /// The journal is half full, or nearly: the audit store takes no events.
    case journalHalfFull, journalNearlyFull
    /// A review of the log was not signed in time.
    case reviewOverdue
    /// Transfers are judged by a table of adequacy decisions that nobody compared for 180 days.
    case staleAdequacy
    /// An authority of a third country wants data without a ground in the law of the region.
    case foreignOrder
  }

  /// What was seen.
  public let kind: Kind
  /// Who acted, and on which model.
  public let actor: String
  public let model: String
  public let at: DateTime
  /// How many records or refusals it took.
  public let count: Int
}

/// Hears of alarms.
public protocol AlarmReceiver: Sendable {
  /// Takes an alarm; called once per kind and actor within ``AlarmOptions/quietSeconds``.
  func raise(_ alarm: Alarm) async
}

/// When a vault raises an alarm.
///
/// ```swift
/// options.alarms = AlarmOptions(receiver)
/// options.alarms?.canaries = [.init(model: "Patient", key: .objectID(honey))]
/// ```
public struct AlarmOptions: Sendable {
  /// Who hears of alarms.
  public var receiver: any AlarmReceiver
  /// Records that nobody has a reason to touch.
  public var canaries: [BreachScope.Person] = []
  /// How many records an actor reads, and how often one is refused, within a minute before it is a
  /// sign.
  public var bulkRecords = 1_000
  public var refusals = 20
  /// How many log-ins of an actor, or from a network, fail within how many minutes before it is a
  /// sign.
  public var failedLogIns = 10
  public var logInMinutes = 15
  /// After how many hours a log-in that nobody ended counts no more.
  public var sessionHours = 12
  /// The hours of work by the controller's clock; `nil` for a house that never closes.
  public var officeHours: Range<Int>?
  public var utcOffsetMinutes = 0
  /// How long the same alarm about the same actor is not raised again.
  public var quietSeconds = 300

  /// The usual bounds.
  public init(_ receiver: any AlarmReceiver) { self.receiver = receiver }
}

/// Looks through what the audit log got since it last looked.
struct AlarmWatch {
  private let options: AlarmOptions
  private let canaries: Set<RecordReference>
  private var position = DateTime.now
  private var seen: Set<AuditEventID> = []
  private var reads: [String: [(at: DateTime, count: Int)]] = [:]
  private var refusals: [String: [(at: DateTime, count: Int)]] = [:]
  private var quiet: [String: DateTime] = [:]
  /// From where actors are logged in, and since when, by their references.
  private var hosts: [RecordReference: [RecordReference: DateTime]] = [:]

  init(_ options: AlarmOptions, _ core: VaultCore) {
    self.init(
      options,
      canaries: Set(
        options.canaries.map { core.references.reference(to: $0.key, of: $0.model) }))
  }

  init(_ options: AlarmOptions, canaries: Set<RecordReference>) {
    self.options = options
    self.canaries = canaries
  }

  /// Raises what the new events give reason for.
  mutating func step(_ core: VaultCore) async throws(PrivataError) {
    let audit = VaultAudit(core: core)
    var last = position
    for try await event in audit.events(matching: .init(from: position)) {
      if event.at > last {
        last = event.at
        seen = []
      }
      guard seen.insert(event.id).inserted else { continue }
      for alarm in loud(event) {
        try core.record(
          "alarm.\(alarm.kind.rawValue)", .service, model: alarm.model,
          result: AuditResult(count: alarm.count))
        await options.receiver.raise(alarm)
      }
    }
    position = last
  }

  /// What an event gives reason to raise.
  mutating func loud(_ event: AuditEvent) -> [Alarm] {
    let found = event.actor.kind == "system" ? logIn(event) : alarms(event)
    return found.filter { isLoud($0) }
  }

  /// A log-in from another network while an earlier one is not over.
  private mutating func logIn(_ event: AuditEvent) -> [Alarm] {
    guard event.records.count == 2 else { return [] }
    let (actor, host) = (event.records[0], event.records[1])
    if event.action == .logout {
      hosts[actor]?[host] = nil
      return []
    }
    guard event.action == .login else { return [] }
    let start = event.at.milliseconds - Int64(options.sessionHours) * 3_600_000
    var live = (hosts[actor] ?? [:]).filter { $0.value.milliseconds > start }
    live[host] = event.at
    hosts[actor] = live
    guard live.count > 1 else { return [] }
    return [
      Alarm(
        kind: .concurrentHosts, actor: actor.text, model: "", at: event.at, count: live.count)
    ]
  }

  private mutating func alarms(_ event: AuditEvent) -> [Alarm] {
    var alarms: [Alarm] = []
    let make = { (kind: Alarm.Kind, count: Int) in
      Alarm(kind: kind, actor: event.actor.id, model: event.model, at: event.at, count: count)
    }
    if event.records.contains(where: canaries.contains) {
      alarms.append(make(.canaryRecord, 1))
    }
    if event.outcome == .refused {
      let count = Self.add(1, event, to: &refusals)
      if count >= options.refusals { alarms.append(make(.deniedBurst, count)) }
    } else if event.action == .read || event.action == .distinct || event.action == .aggregate {
      let count = Self.add(event.count, event, to: &reads)
      if count >= options.bulkRecords { alarms.append(make(.bulkRead, count)) }
      if isOffHours(event), !event.model.isEmpty { alarms.append(make(.offHours, event.count)) }
    }
    return alarms
  }

  /// What an actor did within the last minute.
  private static func add(
    _ count: Int, _ event: AuditEvent, to counts: inout [String: [(at: DateTime, count: Int)]]
  ) -> Int {
    var recent = (counts[event.actor.id] ?? []).filter {
      event.at.milliseconds - $0.at.milliseconds < 60_000
    }
    recent.append((event.at, count))
    counts[event.actor.id] = recent
    return recent.reduce(0) { $0 + $1.count }
  }

  private func isOffHours(_ event: AuditEvent) -> Bool {
    guard let hours = options.officeHours, event.actor.kind == "user" else { return false }
    let local = DateTime(
      milliseconds: event.at.milliseconds + Int64(options.utcOffsetMinutes) * 60_000)
    return !hours.contains(local.parts.hour)
  }

  /// False for an alarm that was raised a short while ago.
  private mutating func isLoud(_ alarm: Alarm) -> Bool {
    let key = "\(alarm.kind.rawValue) \(alarm.actor)"
    if let until = quiet[key], alarm.at < until { return false }
    quiet[key] = DateTime(
      milliseconds: alarm.at.milliseconds + Int64(options.quietSeconds) * 1_000)
    return true
  }
}
