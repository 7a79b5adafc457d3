public import PrivataCore

/// Who looked at a person's electronic record, beyond disclosures.
///
/// Source: the access report proposed under HITECH, 76 FR 31426.
public struct PatientAccessReport: Sendable, Hashable {
  /// How members of staff are named.
  public enum Naming: Sendable, Hashable {
    /// By role alone.
    case roles
    /// By the id that they act under.
    case actors
  }

  /// One access.
  public struct Access: Sendable, Hashable {
    /// When, who as the naming has it, in which role, why, what, and how it ended.
    public let at: DateTime
    public let who: String
    public let role: String?
    public let purpose: String?
    public let action: String
    public let fields: [String]
    public let outcome: AuditEvent.Outcome
  }

  /// The time that is reported.
  public let from: DateTime
  public let to: DateTime
  /// Oldest first.
  public let accesses: [Access]
}

extension HIPAA {
  /// Everyone who accessed a person's record, from the audit log.
  ///
  /// ```swift
  /// let report = try await User.hipaa.accessReport(id)
  /// ```
  ///
  /// - Parameter start: three years before the end where nothing is said.
  /// - Privacy: reads the log, which is audited.
  public func accessReport(
    _ id: some FieldValue, from start: DateTime? = nil, to end: DateTime = .now,
    naming: PatientAccessReport.Naming = .roles
  ) async throws(PrivataError) -> PatientAccessReport {
    let from = start ?? end.yearsBefore(3)
    let audit = VaultAudit(core: core, reader: context, isAudited: true)
    let selection = AuditSelection(
      model: model.name, from: from, to: DateTime(milliseconds: end.milliseconds + 1),
      record: id.value)
    var accesses: [PatientAccessReport.Access] = []
    for try await event in audit.events(matching: selection) {
      accesses.append(
        .init(
          at: event.at, who: naming == .roles ? event.role ?? event.actor.kind : event.actor.id,
          role: event.role, purpose: event.purpose, action: event.action.rawValue,
          fields: event.fields, outcome: event.outcome))
    }
    return PatientAccessReport(from: from, to: end, accesses: accesses)
  }
}
