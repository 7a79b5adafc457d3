public import PrivataCore

/// A duty of one person.
public enum OfficerDuty: String, Sendable, Hashable, CaseIterable { case security, privacy }

/// A security incident.
public struct SecurityIncident: Sendable, Hashable {
  /// Its number, and since when it is known.
  public let id: String
  public let openedAt: DateTime
  /// What happened. Sealed.
  public let description: String
  /// How it ended; `nil` while it is open.
  public let outcome: String?
  /// The number of the breach that it turned out to be.
  public let breach: String?
}

extension ComplianceProgram {
  /// Gives a duty to one person, with a deputy; who had it before has it no more.
  ///
  /// - Throws: `badArgument` where person and deputy are the same.
  ///
  /// Source: 45 CFR 164.308(a)(2) and 164.530(a).
  public func assignOfficer(
    _ duty: OfficerDuty, person: String, deputy: String
  ) async throws(PrivataError) {
    guard !person.isEmpty, !deputy.isEmpty, person != deputy else {
      throw PrivataError(.badArgument, "a duty has a person, and somebody else as deputy")
    }
    try await removeOfficer(duty)
    try await file(
      .officer, "officer.assign", model: duty.rawValue,
      ["person": .string(person), "deputy": .string(deputy)])
  }

  /// Takes a duty from who has it.
  public func removeOfficer(_ duty: OfficerDuty) async throws(PrivataError) {
    for entry in try await core.documentation.entries(
      .officer, model: duty.rawValue, state: "open")
    {
      try await change(entry, "officer.remove") { [now] entry in
        entry.state = "ended"
        entry.effectiveUntil = now
      }
    }
  }

  /// Who has a duty; `nil` for nobody.
  public func officer(_ duty: OfficerDuty) async throws(PrivataError) -> String? {
    try await core.documentation.entries(.officer, model: duty.rawValue, state: "open").last?
      .body["person"]?.asString
  }

  // MARK: - Incidents

  /// Opens an incident and answers its number.
  ///
  /// Source: 45 CFR 164.308(a)(6).
  public func openIncident(_ description: String) async throws(PrivataError) -> String {
    guard !description.isEmpty else {
      throw PrivataError(.badArgument, "an incident has a description")
    }
    return try await file(
      .incident, "incident.open", ["description": .string(description)]
    ).id
  }

  /// Closes an incident: how it ended, and the breach that it was, if it was one.
  public func closeIncident(
    _ number: String, outcome: String, breach: String? = nil
  ) async throws(PrivataError) {
    let entry = try await core.documentation.entry(number, .incident)
    guard entry.state == "open", !outcome.isEmpty else {
      throw PrivataError(.badArgument, "an open incident is closed with an outcome")
    }
    try await change(entry, "incident.close") { [now] entry in
      entry.state = "closed"
      entry.effectiveUntil = now
      entry.body["outcome"] = .string(outcome)
      entry.body["breach"] = breach.map { .string($0) }
    }
  }

  /// The incidents, the oldest first.
  public func incidents() async throws(PrivataError) -> [SecurityIncident] {
    try await core.documentation.entries(.incident).map { entry in
      SecurityIncident(
        id: entry.id, openedAt: entry.at, description: entry.body["description"]?.asString ?? "",
        outcome: entry.body["outcome"]?.asString, breach: entry.body["breach"]?.asString)
    }
  }

  // MARK: - Evaluation

  /// Signs that the safeguards were evaluated as they are now.
  ///
  /// - Throws: `accessDenied` for anybody but the security officer.
  ///
  /// Source: 45 CFR 164.308(a)(8).
  public func signEvaluation(_ result: String) async throws(PrivataError) {
    guard let officer = try await officer(.security), actor.actor == .user(officer) else {
      throw PrivataError(.accessDenied, "the security officer signs the evaluation")
    }
    try await file(
      .evaluation, "evaluation.sign", state: "closed", effectiveUntil: now,
      ["result": .string(result), "posture": .string(core.posture)])
  }

  /// What stands in the way of production: duties without a person, incidents that are open for long,
  /// no evaluation within a year or since the safeguards changed, overdue reviews of emergencies.
  public func findings() async throws(PrivataError) -> [String] {
    var findings: [String] = []
    for duty in OfficerDuty.allCases where try await officer(duty) == nil {
      findings.append("nobody has the duty of the \(duty.rawValue) officer")
    }
    for incident in try await incidents() where incident.outcome == nil {
      findings.append("the incident \(incident.id) is open")
    }
    let evaluations = try await core.documentation.entries(.evaluation)
    if let last = evaluations.last {
      if CalendarText.adding(years: 1, to: last.at) <= now {
        findings.append("the last evaluation is older than a year")
      }
      // Of two that were signed within a millisecond either may be the later one.
      let latest = evaluations.filter { $0.at == last.at }
      if !latest.contains(where: { $0.body["posture"]?.asString == core.posture }) {
        findings.append("the safeguards changed since the last evaluation")
      }
    } else {
      findings.append("the safeguards were never evaluated")
    }
    for entry in try await core.documentation.entries(.emergency, state: "open") {
      guard let record = EmergencyRecord(entry), record.reviewDueAt < now else { continue }
      findings.append("the emergency access \(record.id) is overdue for review")
    }
    return findings
  }

  /// - Throws: `unsupported` with the first finding: what a program calls before it serves.
  public func checkReadiness() async throws(PrivataError) {
    guard let finding = try await findings().first else { return }
    throw PrivataError(.unsupported, "not ready for production: \(finding)")
  }
}

extension VaultCore {
  /// The safeguards in one line: it changes where one of them does.
  var posture: String {
    let hipaa = access?.options
    let parts = [
      "context=\(options.contextPolicy.rawValue)", "encryption=\(options.encryption != nil)",
      "policy=\(policies.policy?.policy.version ?? 0)", "hipaa=\(hipaa != nil)",
      "grants=\(hipaa?.asksForGrants ?? false)", "proofs=\(hipaa?.proofVerifier != nil)",
      "transport=\(hipaa?.requiresTransportEncryption ?? false)",
      "atRest=\(hipaa?.requiresEncryption ?? false)",
      "stores=\(identityStore.traits.kind.rawValue),\(clinicalStore.traits.kind.rawValue),"
        + auditStore.traits.kind.rawValue,
    ]
    return parts.joined(separator: ";")
  }
}
