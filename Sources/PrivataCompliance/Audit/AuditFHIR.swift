internal import PrivataCore

/// An event as a FHIR R4 `AuditEvent`: who, what, when, why, with which outcome. Records are keyed
/// references, so that the resource names no patient.
///
/// Source: http://hl7.org/fhir/R4/auditevent.html
enum AuditFHIR {
  static func line(_ stored: StoredAuditEvent) -> String {
    let event = stored.event
    var resource: Document = [
      "resourceType": "AuditEvent", "id": .string(event.id.description),
      "type": type(event.action),
      "subtype": [["system": "urn:privata:action", "code": .string(event.action.rawValue)]],
    ]
    resource["action"] = .string(code(event.action))
    resource["recorded"] = .string(event.at.iso8601)
    resource["outcome"] = .string(outcome(event.outcome))
    resource["outcomeDesc"] = event.errorCode.map { .string($0) }
    resource["purposeOfEvent"] = event.purpose.map { [purpose($0)] }
    resource["agent"] = .array(agents(event))
    resource["source"] = [
      "site": .string("\(String(stored.writer, radix: 16)):\(stored.sequence)"),
      "observer": ["display": "Privata"],
      "type": [
        [
          "system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "4",
          "display": "Application Server",
        ]
      ],
    ]
    let entities = entities(event)
    resource["entity"] = entities.isEmpty ? Value?.none : .array(entities)
    return resource.extendedJSON(.relaxed)
  }

  private static func type(_ action: AuditEvent.Action) -> Value {
    let (code, name) =
      switch action {
      case .auditQuery, .auditExport, .auditProof, .auditRemoval: ("110101", "Audit Log Used")
      case .recovery, .gap: ("110100", "Application Activity")
      case .login, .loginFailed, .logout: ("110114", "User Authentication")
      default: ("110110", "Patient Record")
      }
    return [
      "system": "http://dicom.nema.org/resources/ontology/DCM", "code": .string(code),
      "display": .string(name),
    ]
  }

  /// Create, read, update, delete, execute.
  private static func code(_ action: AuditEvent.Action) -> String {
    switch action {
    case .insert: "C"
    case .read, .access, .count, .exists, .distinct, .aggregate, .auditQuery, .auditExport: "R"
    case .update: "U"
    case .delete, .erase, .drop, .auditRemoval: "D"
    default: "E"
    }
  }

  /// Success, minor failure (the vault refused), serious failure.
  private static func outcome(_ outcome: AuditEvent.Outcome) -> String {
    switch outcome {
    case .success: "0"
    case .refused: "4"
    case .failed: "8"
    }
  }

  private static let purposes = [
    "treatment": "TREAT", "payment": "HPAYMT", "operations": "HOPERAT", "research": "HRESCH",
    "emergency": "ETREAT", "marketing": "HMARKT", "public-health": "PUBHLTH",
    "patient-request": "PATRQT", "break-glass": "BTG",
  ]

  private static func purpose(_ name: String) -> Value {
    guard let code = purposes[name] else { return ["text": .string(name)] }
    return [
      "coding": [
        ["system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": .string(code)]
      ],
      "text": .string(name),
    ]
  }

  /// Who acted, and for whom.
  private static func agents(_ event: AuditEvent) -> [Value] {
    guard let other = event.onBehalfOf else { return [agent(event)] }
    let identifier: Value = [
      "system": .string("urn:privata:actor:\(other.kind)"), "value": .string(other.id),
    ]
    return [agent(event), ["who": ["identifier": identifier], "requestor": false]]
  }

  private static func agent(_ event: AuditEvent) -> Value {
    var agent: Document = [
      "who": [
        "identifier": [
          "system": .string("urn:privata:actor:\(event.actor.kind)"),
          "value": .string(event.actor.id),
        ]
      ],
      "requestor": true,
    ]
    agent["role"] = event.role.map { [["text": .string($0)]] }
    return .document(agent)
  }

  private static func entities(_ event: AuditEvent) -> [Value] {
    guard !event.model.isEmpty else { return [] }
    var details: [Value] = [["type": "count", "valueString": .string(String(event.count))]]
    if !event.fields.isEmpty {
      details.append(
        ["type": "fields", "valueString": .string(event.fields.joined(separator: " "))])
    }
    if !event.filterFields.isEmpty {
      details.append(
        [
          "type": "filterFields",
          "valueString": .string(event.filterFields.joined(separator: " ")),
        ])
    }
    let role: Value = [
      "system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "3",
      "display": "Report",
    ]
    let model: Value = [
      "role": role, "name": .string(event.model), "detail": .array(details),
    ]
    return [model]
      + event.records.map { record in
        [
          "what": [
            "identifier": ["system": "urn:privata:record", "value": .string(record.text)]
          ],
          "type": [
            "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "1",
            "display": "Person",
          ],
        ]
      }
  }
}
