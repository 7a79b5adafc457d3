public import PrivataCore

/// What happened in a period, for the officer for data protection: facts with what shows them, and
/// what is still to be done. No score.
///
/// ```swift
/// let report = try await vault.complianceReport(from: start, to: end)
/// print(report.json)
/// ```
public struct ComplianceReport: Sendable {
  /// The period.
  public let from: DateTime
  public let to: DateTime
  /// Events of the audit log by action, by outcome and by purpose.
  public let actions: [String: Int]
  public let outcomes: [String: Int]
  public let purposes: [String: Int]
  /// Refusals by code.
  public let refusals: [String: Int]
  /// Requests of persons that are open, and those that are overdue.
  public let openRequests: Int
  public let overdueRequests: Int
  /// Breaches of the period, and those of which the authority is still to be told.
  public let breaches: Int
  public let breachesDue: Int
  /// What is still to be done: recipients to tell, persons to inform, processors that owe a return,
  /// decisions to look at, notices to publish anew.
  public let duties: [String: Int]
  /// What weakens protection, as `Patient: encryption`.
  public let weaknesses: [String]
  /// Whether the audit log proved whole, and how many events it was proved for.
  public let auditIsWhole: Bool
  public let provenEvents: Int
  /// The age of the oldest epoch key that is in use, in days, and whether one is to be exchanged;
  /// `nil` where nothing is encrypted.
  public let keyAgeDays: Int?
  public let isKeyRotationDue: Bool
  /// Records whose period of retention is over and that are there still, by model: what the next
  /// sweep has to do.
  public let retentionDue: [String: Int]
  /// When it was made.
  public let generatedAt: DateTime

  /// The report as one document.
  public var document: Document {
    let counts = { (counts: [String: Int]) -> Value in
      .document(
        Document(
          counts.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .int($0.value)) }))
    }
    return [
      "from": .string(from.iso8601), "to": .string(to.iso8601),
      "generatedAt": .string(generatedAt.iso8601), "actions": counts(actions),
      "outcomes": counts(outcomes), "purposes": counts(purposes), "refusals": counts(refusals),
      "requests": ["open": .int(openRequests), "overdue": .int(overdueRequests)],
      "breaches": ["known": .int(breaches), "due": .int(breachesDue)], "duties": counts(duties),
      "weaknesses": .array(weaknesses.map { .string($0) }),
      "audit": ["isWhole": .bool(auditIsWhole), "events": .int(provenEvents)],
      "keys": [
        "ageDays": keyAgeDays.map { .int($0) } ?? .null, "isRotationDue": .bool(isKeyRotationDue),
      ], "retentionDue": counts(retentionDue),
    ]
  }

  /// The report as JSON.
  public var json: String { document.extendedJSON(.relaxed) }

  /// The report as a page.
  public var html: String {
    var page = HTMLPage("Report of \(from.iso8601.prefix(10)) to \(to.iso8601.prefix(10))")
    for element in document.elements {
      guard case .document(let part) = element.value else { continue }
      page.list(element.key, part.elements.map { "\($0.key): \(HTMLPage.text($0.value))" })
    }
    page.list("weaknesses", weaknesses)
    return page.text
  }
}

extension Vault {
  /// Makes the report of a period.
  ///
  /// - Throws: what the stores throw.
  /// - Privacy: counts; names of actions, purposes, models and measures, and nobody.
  public func complianceReport(
    from: DateTime, to: DateTime, now: DateTime = .now
  ) async throws(PrivataError) -> ComplianceReport {
    var actions: [String: Int] = [:]
    var outcomes: [String: Int] = [:]
    var purposes: [String: Int] = [:]
    var refusals: [String: Int] = [:]
    for try await event in audit.events(matching: .init(from: from, to: to)) {
      actions[event.action.rawValue, default: 0] += 1
      outcomes["\(event.outcome)", default: 0] += 1
      purposes[event.purpose ?? "none", default: 0] += 1
      if event.outcome == .refused { refusals[event.errorCode ?? "", default: 0] += 1 }
    }
    let open = try await requests.open()
    let known = try await breaches.all()
    let verified = try await audit.verify()
    let keys = try await encryption?.status()
    let begun = keys?.epochs.filter { $0.state == "active" }.map(\.begunAt).min()
    return ComplianceReport(
      from: from, to: to, actions: actions, outcomes: outcomes, purposes: purposes,
      refusals: refusals, openRequests: open.count,
      overdueRequests: open.count { $0.dueAt < now },
      breaches: known.count { from <= $0.awareAt && $0.awareAt < to },
      breachesDue: known.count { !$0.isSettledWithAuthority },
      duties: try await duties(now),
      weaknesses: posture().flatMap { posture in
        posture.weaknesses.map { "\(posture.model): \($0.rawValue)" }
      }, auditIsWhole: verified.isValid, provenEvents: verified.events,
      keyAgeDays: begun.map { Int((now.milliseconds - $0.milliseconds) / 86_400_000) },
      isKeyRotationDue: keys?.isEpochDue ?? false, retentionDue: try await retentionDue(now),
      generatedAt: now)
  }

  private func retentionDue(_ now: DateTime) async throws(PrivataError) -> [String: Int] {
    try await retention.preview(within: .days(0), now: now).reduce(into: [:]) { due, entry in
      if entry.due > 0 { due[entry.rule.scope.model, default: 0] += entry.due }
    }
  }

  private func duties(_ now: DateTime) async throws(PrivataError) -> [String: Int] {
    [
      "recipientsToTell": try await recipients.notices(.waiting).count,
      "recipientsNotReached": try await recipients.notices(.unreachable).count,
      "personsToInform": try await notices.duties().count,
      "processorsToReturn": processors.returnsDue(at: now).count,
      "decisionsToReview": try await decisions.contested().count,
      "noticesToRenew": notices.outdated.count,
    ]
  }
}
