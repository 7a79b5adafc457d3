public import PrivataCore

extension ProcessingRecords {
  /// The records as one document; each part says where it comes from.
  public var document: Document {
    var document: Document = [
      "generatedAt": .string(generatedAt.iso8601),
      "activities": .array(activities.map { .document($0.document) }),
      "purposes": .array(purposes.map { .document($0.record) }),
      "recipients": .array(recipients.map { .document($0.record) }),
      "processors": .array(processors.map { .document($0.record) }),
      "drift": .array(drift.map { .string($0.text) }),
      "sources": [
        "activities": "models and audit log", "purposes": "register of purposes",
        "recipients": "register of recipients and disclosures",
        "processors": "register of processors", "timeLimits": "rules of retention",
        "measures": "options and models",
      ],
    ]
    document["controller"] = controller.map { .document($0.record) }
    return document
  }

  /// The records as JSON.
  public var json: String { document.extendedJSON(.relaxed) }

  /// The activities as a CSV file.
  public var csv: String { CSVText.text(activities.map(\.line)) }

  /// The records as a page.
  public var html: String {
    var page = HTMLPage("Records of processing activities")
    if let controller { page.table("Controller", [controller.record]) }
    page.table("Activities", activities.map(\.line))
    page.table("Purposes", purposes.map(\.record))
    page.table("Recipients", recipients.map(\.record))
    page.table("Processors", processors.map(\.record))
    page.list("Differences between register and use", drift.map(\.text))
    return page.text
  }

  /// The records that a processor keeps of what it does for a controller.
  ///
  /// Source: GDPR Article 30(2).
  public func processorRecords(of id: String) -> Document? {
    guard let processor = processors.first(where: { $0.id == id }) else { return nil }
    let served = recipients.filter { $0.processor == id }.map(\.id)
    var document: Document = [
      "processor": .string(id), "contract": .string(processor.contract),
      "categories": .array(processor.purposes.sorted().map { .string($0) }),
      "regions": .array(processor.regions.sorted().map { .string($0) }),
      "subprocessors": .array(processor.subprocessors.map { .string($0) }),
      "recipients": .array(served.map { .string($0) }),
      "measures": .array(Set(activities.flatMap(\.measures)).sorted().map { .string($0) }),
    ]
    document["controller"] = controller.map { .document($0.record) }
    return document
  }
}

extension Controller {
  fileprivate var record: Document {
    var document: Document = ["name": .string(name), "contact": .string(contact)]
    document["representative"] = representative.map { .string($0) }
    document["officer"] = officer.map { .string($0) }
    return document
  }
}

extension Purpose {
  fileprivate var record: Document {
    var document: Document = [
      "purpose": .string(name), "basis": .string("GDPR Article 6(1)(\(basis.letter))"),
      "reference": .string(basis.reference ?? ""), "summary": .string(summary),
    ]
    document["ground"] = ground.map { .string("GDPR Article 9(2)(\($0.letter))") }
    return document
  }
}

extension Recipient {
  fileprivate var record: Document {
    var document: Document = ["recipient": .string(id), "name": .string(name)]
    document["processor"] = processor.map { .string($0) }
    document["country"] = country.map { .string($0) }
    document["safeguard"] = safeguard.map { .string($0) }
    return document
  }
}

extension Processor {
  fileprivate var record: Document {
    var document: Document = [
      "processor": .string(id), "contract": .string(contract),
      "regions": .string(regions.sorted().joined(separator: " ")),
      "purposes": .string(purposes.sorted().joined(separator: " ")),
    ]
    document["endsAt"] = endsAt.map { .string($0.iso8601) }
    return document
  }
}

extension ProcessingRecords.Drift {
  /// The difference in words.
  var text: String {
    switch self {
    case .unknownPurpose(let name, let model):
      "\(model) was used for \(name), which is registered nowhere"
    case .noPurpose(let model): "\(model) was used without a purpose"
    case .unknownRecipient(let name, let model):
      "\(name) got data of \(model) and is registered nowhere"
    case .unusedPurpose(let name): "nothing was done for \(name)"
    }
  }
}

extension ProcessingRecords.Activity {
  fileprivate var document: Document {
    let texts = { (texts: [String]) -> Value in .array(texts.map { .string($0) }) }
    return [
      "model": .string(model), "identifying": texts(identifying), "health": texts(health),
      "encrypted": texts(encrypted), "purposes": texts(purposes), "roles": texts(roles),
      "hasUseWithoutPurpose": .bool(hasUseWithoutPurpose), "recipients": texts(recipients),
      "measures": texts(measures), "timeLimits": texts(timeLimits),
    ]
  }

  fileprivate var line: Document {
    let joined = { (texts: [String]) -> Value in .string(texts.joined(separator: " ")) }
    return [
      "model": .string(model), "identifying": joined(identifying), "health": joined(health),
      "encrypted": joined(encrypted), "purposes": joined(purposes), "roles": joined(roles),
      "hasUseWithoutPurpose": .bool(hasUseWithoutPurpose), "recipients": joined(recipients),
      "measures": joined(measures),
      "timeLimits": .string(timeLimits.joined(separator: "; ")),
    ]
  }
}
