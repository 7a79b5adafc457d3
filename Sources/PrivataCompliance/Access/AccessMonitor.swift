public import PrivataCore

/// Finds accesses that do not look like what a role needs, from audit events alone.
///
/// ```swift
/// let findings = try await vault.minimumNecessaryFindings(from: monday, to: friday)
/// for finding in findings { print(finding.kind, finding.actor, finding.at) }
/// ```
///
/// - Privacy: reads no record; persons are known by keyed references only.
///
/// Source: 45 CFR 164.308(a)(1)(ii)(D) and 164.514(d)(2).
public struct AccessMonitor: Sendable {
  /// What does not look right.
  public struct Finding: Sendable, Hashable {
    /// In which way.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      /// Fields that the role hardly ever reads.
      case unusualFields
      /// Many refused attempts.
      case refusals
      /// Far more records at once than the role reads.
      case bulk
      /// A record of a relative, a colleague, or oneself.
      case acquaintance
      /// A record that is watched.
      case watched
    }

    /// In which way, who, in which role, when, and on which model.
    public let kind: Kind
    public let actor: String
    public let role: String?
    public let at: DateTime
    public let model: String
  }

  /// From which share of a role's events on a field is one that the role reads.
  public var usualShare = 0.005
  /// How many times the role's usual number of records is many.
  public var bulkFactor = 20.0
  /// How many refusals within an hour are many.
  public var refusalsPerHour = 10
  /// How many events of a role tell what is usual.
  public var leastEvents = 100

  var watched: Set<RecordReference> = []
  var acquaintances: [String: Set<RecordReference>] = [:]

  /// A monitor.
  public init() {}

  /// The findings among events, in the order of the events.
  public func findings(in events: [AuditEvent]) -> [Finding] {
    let habits = Habits(events)
    var refusals: [String: [DateTime]] = [:]
    var findings: [Finding] = []
    for event in events {
      guard event.actor.kind == "user" else { continue }
      for kind in kinds(of: event, habits, &refusals) {
        findings.append(
          Finding(
            kind: kind, actor: event.actor.id, role: event.role, at: event.at,
            model: event.model))
      }
    }
    return findings
  }

  private func kinds(
    of event: AuditEvent, _ habits: Habits, _ refusals: inout [String: [DateTime]]
  ) -> [Finding.Kind] {
    var kinds: [Finding.Kind] = []
    if event.outcome == .refused {
      return isMany(event, &refusals) ? [.refusals] : []
    }
    if habits.isUnusual(event, share: usualShare, least: leastEvents) {
      kinds.append(.unusualFields)
    }
    if habits.isBulk(event, factor: bulkFactor, least: leastEvents) { kinds.append(.bulk) }
    if !watched.isDisjoint(with: event.records) { kinds.append(.watched) }
    if acquaintances[event.actor.id]?.isDisjoint(with: event.records) == false {
      kinds.append(.acquaintance)
    }
    return kinds
  }

  /// True at the refusal that makes them many within an hour.
  private func isMany(_ event: AuditEvent, _ refusals: inout [String: [DateTime]]) -> Bool {
    let start = event.at.milliseconds - 3_600_000
    var recent = (refusals[event.actor.id] ?? []).filter { $0.milliseconds > start }
    recent.append(event.at)
    refusals[event.actor.id] = recent
    return recent.count == refusalsPerHour
  }
}

/// What roles usually do.
private struct Habits {
  private struct Key: Hashable {
    let role: String?
    let model: String
  }

  private var events: [Key: Int] = [:]
  private var fields: [Key: [String: Int]] = [:]
  private var medians: [Key: Int] = [:]

  init(_ all: [AuditEvent]) {
    var counts: [Key: [Int]] = [:]
    for event in all where event.outcome != .refused {
      let key = Key(role: event.role, model: event.model)
      events[key, default: 0] += 1
      counts[key, default: []].append(event.count)
      for field in event.fields { fields[key, default: [:]][field, default: 0] += 1 }
    }
    medians = counts.mapValues { $0.sorted()[$0.count / 2] }
  }

  func isUnusual(_ event: AuditEvent, share: Double, least: Int) -> Bool {
    let key = Key(role: event.role, model: event.model)
    guard let number = events[key], number >= least else { return false }
    return event.fields.contains { field in
      Double(fields[key]?[field] ?? 0) < share * Double(number)
    }
  }

  func isBulk(_ event: AuditEvent, factor: Double, least: Int) -> Bool {
    let key = Key(role: event.role, model: event.model)
    guard let number = events[key], number >= least, let median = medians[key] else {
      return false
    }
    return Double(event.count) > factor * Double(max(median, 1))
  }
}

extension Vault {
  /// What in the audit log does not look like the minimum necessary.
  ///
  /// - Parameters:
  ///   - watched: records that are watched, by model and key.
  ///   - acquaintances: the records of relatives, colleagues and the user's own, by user.
  /// - Throws: what reading the log throws.
  public func minimumNecessaryFindings(
    from: DateTime? = nil, to: DateTime? = nil, watched: [(model: String, key: Value)] = [],
    acquaintances: [String: [(model: String, key: Value)]] = [:]
  ) async throws(PrivataError) -> [AccessMonitor.Finding] {
    var monitor = AccessMonitor()
    monitor.watched = Set(watched.map { core.references.reference(to: $0.key, of: $0.model) })
    monitor.acquaintances = acquaintances.mapValues { records in
      Set(records.map { core.references.reference(to: $0.key, of: $0.model) })
    }
    var events: [AuditEvent] = []
    for try await event in audit.events(matching: .init(from: from, to: to)) {
      events.append(event)
    }
    return monitor.findings(in: events)
  }
}
