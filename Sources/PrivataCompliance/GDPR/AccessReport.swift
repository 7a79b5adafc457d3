public import PrivataCore

/// Everything that is kept about a person, and what was done with it.
///
/// Source: GDPR Article 15(1) and (3).
public struct AccessReport: Sendable {
  /// The model and key that were asked for.
  public let model: String
  public let key: Value
  public let generatedAt: DateTime
  /// The records, model by model: the person's own first.
  public internal(set) var records: [Section]
  /// Every field that is kept about the person, with its class and why it was used.
  public let fields: [FieldUse]
  /// Every access to the person's own record that the audit log has, newest last. Who read it is
  /// named by role.
  public let accesses: [Access]
  /// What the law tells beside the data.
  public internal(set) var metadata = AccessMetadata()
  /// Fields that are left out, and why.
  public internal(set) var withheld: [WithheldField] = []
  /// What the person added to fields they dispute.
  public internal(set) var statements: [SupplementaryStatement] = []
  /// The parts that could not be read: nothing is left out without a word.
  public internal(set) var missing: [MissingPart] = []

  /// False where a part could not be read; ask again.
  public var isComplete: Bool { missing.isEmpty }

  /// The records of one model.
  public struct Section: Sendable {
    /// The model concerned.
    public let model: String
    /// The field by which the records refer to the person; `nil` for the person's own.
    public let through: String?
    public internal(set) var records: [Document]
    /// When they were read.
    public internal(set) var readAt = DateTime.now
    /// The name of the model's key.
    var key = "_id"
  }

  /// A part of the report that a store did not answer.
  public struct MissingPart: Sendable, Hashable {
    /// The model, the field through which it refers to the person, and the error's code.
    public let model: String
    public let through: String?
    public let code: PrivataError.Code
  }

  /// One field.
  public struct FieldUse: Sendable, Hashable {
    /// The model concerned.
    public let model: String
    public let field: String
    public let privacy: Privacy
    /// The purposes under which the field was read or written, from the audit log.
    public let purposes: [String]
    /// The roles that read or wrote it, from the audit log.
    public let recipients: [String]
  }

  /// One access.
  public struct Access: Sendable, Hashable {
    /// When, by whom and for what.
    public let at: DateTime
    public let role: String?
    public let purpose: String?
    public let action: String
    public let fields: [String]
    public let outcome: AuditEvent.Outcome
    /// True where somebody broke the glass in an emergency.
    public let isEmergency: Bool
  }

  /// The report without some fields.
  func without(_ fields: [WithheldField]) -> AccessReport {
    guard !fields.isEmpty else { return self }
    var report = self
    for index in report.records.indices {
      let names = Set(fields.filter { $0.model == records[index].model }.map(\.field))
      guard !names.isEmpty else { continue }
      report.records[index].records = records[index].records.map { record in
        Document(record.elements.filter { !names.contains($0.key) })
      }
    }
    report.withheld += fields
    return report
  }
}

extension AccessReport {
  /// The report as one document.
  public var document: Document {
    [
      "model": .string(model), "key": key, "generatedAt": .string(generatedAt.iso8601),
      "isComplete": .bool(isComplete), "records": .array(records.map(\.value)),
      "fields": .array(fields.map(\.value)), "accesses": .array(accesses.map(\.value)),
      "metadata": .document(metadata.document), "statements": .array(statements.map(\.value)),
      "withheld": .array(
        withheld.map {
          [
            "model": .string($0.model), "field": .string($0.field),
            "reason": .string($0.reason.rawValue),
          ]
        }),
      "missing": .array(
        missing.map { ["model": .string($0.model), "code": .string($0.code.name)] }),
    ]
  }

  /// The report as JSON.
  public var json: String { document.extendedJSON(.relaxed) }
}

extension AccessReport.Section {
  fileprivate var value: Value {
    var document: Document = ["model": .string(model), "readAt": .string(readAt.iso8601)]
    document["through"] = through.map { .string($0) }
    document["records"] = .array(records.map { .document($0) })
    return .document(document)
  }
}

extension AccessReport.FieldUse {
  fileprivate var value: Value {
    [
      "model": .string(model), "field": .string(field), "class": .string(privacy.rawValue),
      "purposes": .array(purposes.map { .string($0) }),
      "recipients": .array(recipients.map { .string($0) }),
    ]
  }
}

extension AccessReport.Access {
  fileprivate var value: Value {
    var document: Document = [
      "at": .string(at.iso8601), "action": .string(action),
      "fields": .array(fields.map { .string($0) }), "succeeded": .bool(outcome == .success),
    ]
    document["role"] = role.map { .string($0) }
    document["purpose"] = purpose.map { .string($0) }
    if isEmergency { document["isEmergency"] = true }
    return .document(document)
  }
}
