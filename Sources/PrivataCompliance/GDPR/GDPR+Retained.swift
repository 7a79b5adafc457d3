public import PrivataCore

/// A record, or a part of one, that is kept although its person was erased.
public struct RetainedRecord: Sendable {
  /// The model, why the record is kept, until when, for which matter.
  public let model: String
  public let ground: ExceptionGround
  public let until: DateTime?
  public let matter: String?
  /// The fields that are kept.
  public let fields: Document
}

extension GDPR {
  /// What is kept of an erased person, for the purposes that a ground allows: `legalObligation`,
  /// `legalClaims`, `publicInterest`, `storage`.
  ///
  /// ```swift
  /// let counsel = vault.acting(as: .init(actor: .user("c-1"), role: "counsel", purpose: "legalClaims"))
  /// let kept = try await counsel.gdpr(for: user).retained(id)
  /// ```
  ///
  /// - Throws: `accessDenied` under another purpose; the refusal is audited.
  /// - Privacy: the data is no part of any other query; audited as a read.
  public func retained(_ id: some FieldValue) async throws(PrivataError) -> [RetainedRecord] {
    if let there = try await elsewhere(id.value) { return try await there.retained(id) }
    let action = AuditEvent.Action(rawValue: "gdpr.retained")
    let scope = AuditCoding.scope(action, model: model.name, fields: [], filterFields: [])
    try checkCaller(action)
    do throws(PrivataError) {
      guard Self.purposes.contains(actor.purpose ?? "") else {
        throw PrivataError(
          .accessDenied,
          "what is kept of an erased person is read for \(Self.purposes.sorted()), and nothing else",
          model: model.name)
      }
      let records = try await records(core.ledger.mark(model.name, id.value))
      let result = AuditResult(
        count: records.count, records: [core.references.reference(to: id.value, of: model.name)])
      try core.recorder.record(actor, scope: scope, result: result, isPersonal: true)
      return records
    } catch {
      try core.recorder.record(actor, scope: scope, result: AuditResult(error), isPersonal: true)
      throw error
    }
  }

  private static let purposes: Set<String> = [
    "legalObligation", "legalClaims", "publicInterest", "storage",
  ]

  private func records(_ mark: String) async throws(PrivataError) -> [RetainedRecord] {
    let archive = RetainedArchive(core: core)
    var records: [RetainedRecord] = []
    for row in try await archive.rows(.compare("mark", .equal, .string(mark)))
    where row.until.map({ $0 > .now }) ?? true {
      records.append(
        RetainedRecord(
          model: row.model, ground: row.ground, until: row.until, matter: row.matter,
          fields: try await archive.open(row)))
    }
    return records
  }
}
