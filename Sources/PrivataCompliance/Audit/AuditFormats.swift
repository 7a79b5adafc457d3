internal import PrivataCore

/// An event as JSON, with all that the log knows and the bytes that the tree covers.
enum AuditJSON {
  static func line(_ stored: StoredAuditEvent) -> String {
    let event = stored.event
    var line: Document = [
      "id": .string(event.id.description), "at": .string(event.at.iso8601),
      "nanoseconds": .int64(event.nanoseconds), "actorKind": .string(event.actor.kind),
      "actor": .string(event.actor.id),
    ]
    line["role"] = event.role.map { .string($0) }
    line["purpose"] = event.purpose.map { .string($0) }
    line["region"] = event.region.map { .string($0) }
    line["requestID"] = event.requestID.map { .string($0) }
    line["sessionID"] = event.sessionID.map { .string($0) }
    line["traceID"] = event.traceID.map { .string($0) }
    line["onBehalfOfKind"] = event.onBehalfOf.map { .string($0.kind) }
    line["onBehalfOf"] = event.onBehalfOf.map { .string($0.id) }
    line["legalBasis"] = event.legalBasis.map { .string($0) }
    line["action"] = .string(event.action.rawValue)
    line["model"] = .string(event.model)
    line["fields"] = .array(event.fields.map { .string($0) })
    line["filterFields"] = .array(event.filterFields.map { .string($0) })
    line["count"] = .int64(Int64(event.count))
    line["records"] = .array(event.records.map { .string($0.text) })
    line["outcome"] = .string("\(event.outcome)")
    line["errorCode"] = event.errorCode.map { .string($0) }
    line["subjectOf"] = event.subjectOf.map { .string($0) }
    line["rule"] = event.rule.map { .string($0) }
    line["writer"] = .string(String(stored.writer, radix: 16))
    line["sequence"] = .int64(Int64(stored.sequence))
    line["bytes"] = .string(Base64.encode(stored.raw))
    return line.extendedJSON(.relaxed)
  }
}

extension RecordReference {
  /// The reference in hexadecimal digits.
  var text: String { Hexadecimal.text(bytes) }
}

extension String {
  /// Without line breaks: scalar by scalar, for a pair of them is one character.
  fileprivate func replacingLineBreaks(with texts: (carriage: String, line: String)) -> String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\r": text += texts.carriage
      case "\n": text += texts.line
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

/// An event as a line of a CSV file.
///
/// Source: RFC 4180.
enum AuditCSV {
  static let heading =
    "id,at,actorKind,actor,role,purpose,region,requestID,action,model,fields,filterFields,count,"
    + "records,outcome,errorCode,subjectOf,rule,writer,sequence\r"

  static func line(_ stored: StoredAuditEvent) -> String {
    let event = stored.event
    let cells = [
      event.id.description, event.at.iso8601, event.actor.kind, event.actor.id, event.role ?? "",
      event.purpose ?? "", event.region ?? "", event.requestID ?? "", event.action.rawValue,
      event.model, event.fields.joined(separator: " "),
      event.filterFields.joined(separator: " "), String(event.count),
      event.records.map(\.text).joined(separator: " "), "\(event.outcome)",
      event.errorCode ?? "", event.subjectOf ?? "", event.rule ?? "",
      String(stored.writer, radix: 16), String(stored.sequence),
    ]
    return cells.map(cell).joined(separator: ",") + "\r"
  }

  private static func cell(_ text: String) -> String {
    // A text that a spreadsheet would take for a formula is none behind an apostrophe.
    let first = text.unicodeScalars.first.map(String.init) ?? ""
    let harmless = "=+-@\t\r".contains(first) && !first.isEmpty ? "'" + text : text
    let isPlain = !harmless.utf8.contains {
      [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0)
    }
    // A line is an event: a line break in a text would make two of it.
    let whole = harmless.replacingLineBreaks(with: (" ", " "))
    return isPlain ? whole : "\"" + whole.replacing("\"", with: "\"\"") + "\""
  }
}

/// An event as a line of the Common Event Format.
enum AuditCEF {
  static func line(_ stored: StoredAuditEvent) -> String {
    let event = stored.event
    let severity = event.outcome == .success ? "1" : event.outcome == .failed ? "4" : "7"
    let head = [
      "CEF:0", "Privata", "Privata", "1", header(event.action.rawValue),
      header("\(event.action.rawValue) \(event.model)"), severity,
    ]
    var pairs = [
      ("externalId", event.id.description), ("rt", String(event.at.milliseconds)),
      ("suser", event.actor.id), ("outcome", "\(event.outcome)"), ("cnt", String(event.count)),
    ]
    let more: [(String, String?)] = [
      ("spriv", event.role), ("reason", event.errorCode),
      ("cs1Label", event.purpose.map { _ in "purpose" }), ("cs1", event.purpose),
      ("cs2Label", "fields"),
      ("cs2", event.fields.joined(separator: " ")), ("cs3Label", "place"),
      ("cs3", "\(String(stored.writer, radix: 16)):\(stored.sequence)"),
    ]
    for (key, text) in more { if let text { pairs.append((key, text)) } }
    let fields = pairs.map { "\($0)=\(value($1))" }.joined(separator: " ")
    return head.joined(separator: "|") + "|" + fields
  }

  private static func header(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("|", with: "\\|")
      .replacingLineBreaks(with: (" ", " "))
  }

  private static func value(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("=", with: "\\=")
      .replacingLineBreaks(with: ("\\r", "\\n"))
  }
}

/// An event of the Open Cybersecurity Schema Framework: class 6005, Datastore Activity.
enum AuditOCSF {
  static func line(_ stored: StoredAuditEvent) -> String {
    let event = stored.event
    let activity = activity(event.action)
    let status = event.outcome == .success ? (1, "Success") : (2, "Failure")
    var user: Document = ["uid": .string(event.actor.id), "type": .string(event.actor.kind)]
    user["groups"] = event.role.map { [["name": .string($0)]] }
    var unmapped: Document = [
      "fields": .array(event.fields.map { .string($0) }),
      "records": .array(event.records.map { .string($0.text) }),
      "writer": .string(String(stored.writer, radix: 16)),
      "sequence": .int64(Int64(stored.sequence)),
    ]
    unmapped["purpose"] = event.purpose.map { .string($0) }
    unmapped["legalBasis"] = event.legalBasis.map { .string($0) }
    unmapped["onBehalfOf"] = event.onBehalfOf.map { .string($0.id) }
    unmapped["traceID"] = event.traceID.map { .string($0) }
    var line: Document = [
      "category_uid": 6, "class_uid": 6005, "activity_id": .int(activity),
      "type_uid": .int(600_500 + activity), "time": .int64(event.at.milliseconds),
      "severity_id": event.outcome == .refused ? 3 : 1, "status_id": .int(status.0),
      "status": .string(status.1), "count": .int64(Int64(max(event.count, 1))),
      "metadata": [
        "uid": .string(event.id.description), "version": "1.1.0",
        "product": ["name": "Privata", "vendor_name": "Privata"],
        "event_code": .string(event.action.rawValue),
      ],
      "actor": .document(actor(event, user)),
      "src_endpoint": ["name": .string(String(stored.writer, radix: 16))],
      "database": ["name": .string(event.model), "type_id": 99],
      "unmapped": .document(unmapped),
    ]
    line["status_code"] = event.errorCode.map { .string($0) }
    return line.extendedJSON(.relaxed)
  }

  private static func actor(_ event: AuditEvent, _ user: Document) -> Document {
    var actor: Document = ["user": .document(user)]
    actor["session"] = event.sessionID.map { ["uid": .string($0)] }
    return actor
  }

  private static func activity(_ action: AuditEvent.Action) -> Int {
    switch action {
    case .read, .access: 1
    case .update: 2
    case .count, .exists, .distinct, .aggregate: 4
    case .bulk: 5
    case .insert: 6
    case .delete, .erase, .drop: 7
    default: 99
    }
  }
}
