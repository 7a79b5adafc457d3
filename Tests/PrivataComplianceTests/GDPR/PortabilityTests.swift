import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@Suite struct PortabilityTests {
  private static let mappings = [
    FHIRMapping(
      "Patient", as: "Patient",
      ["name": "name[0].text", "email": "telecom[0].value", "createdAt": "birthDate"],
      constants: ["telecom[0].system": "email"]),
    FHIRMapping(
      "Session", as: "Observation",
      [
        "summary": "valueString", "at": "effectiveDateTime", "minutes": "component[0].valueInteger",
      ],
      constants: ["status": "final", "code.text": "session", "component[0].code.text": "minutes"],
      subject: "subject"),
    FHIRMapping("Staff", as: "Practitioner", ["name": "name[0].text"]),
  ]

  private func clinic(
    _ change: (inout VaultOptions) -> Void = { _ in }
  ) async throws -> Clinic {
    let clinic = try await Clinic {
      $0.fhir = Self.mappings
      change(&$0)
    }
    let born = DateTime(milliseconds: 0)
    _ = try await clinic.store.write(
      .update(
        Update(
          clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]),
          .operators(["$set": ["createdAt": .date(born)]]))))
    return clinic
  }

  /// Three provenances, four grounds: what the person gave or what was seen, on consent or contract.
  @Test func fourCellsOfTwelve() async throws {
    var fields = [FieldSchema("_id", .int64, isOptional: false)]
    var facts: [FieldFact] = []
    var record: Document = ["_id": 1]
    for provenance in FieldFact.Provenance.allCases {
      for basis in FieldFact.Basis.allCases {
        let name = "\(provenance)_\(basis)"
        fields.append(FieldSchema(name, .string, privacy: .pii))
        facts.append(FieldFact(DataScope("Cell", [name]), provenance: provenance, basis: basis))
        record[name] = .string("value of \(name)")
      }
    }
    let model = ModelSchema(name: "Cell", collection: "cells", fields: fields, isOpen: true)
    let memory = try await MemoryVault { [facts] in $0.fieldFacts = facts }
    try await memory.vault.store.prepare([model])
    _ = try await memory.vault.store.write(.insert(Insert(model, .documents([record]))))
    let data = try await memory.vault.gdpr(for: model).rightToPortability(Int64(1))
    let names = Set(
      try Document(extendedJSON: data.json)["records"]?.asDocument?["Cell"]?
        .asArray?.first?.asDocument?.keys ?? [])
    #expect(
      names == [
        "_id", "provided_consent", "provided_contract", "observed_consent", "observed_contract",
      ])
    #expect(data.excluded.count == 8)
    #expect(data.excluded.count { $0.reason == .inferred } == 4)
    // What the person sees has all of it.
    let report = try await memory.vault.gdpr(for: model).rightToAccess(Int64(1))
    #expect(report.records.first?.records.first?.keys.count == 13)
  }

  @Test func makesAStructurallyValidBundle() async throws {
    let clinic = try await clinic()
    let data = try await clinic.vault.gdpr(for: clinic.models.patient)
      .rightToPortability(Clinic.ada)
    let bundle = try Document(extendedJSON: data.fhir)
    #expect(FHIRStructure.problems(bundle) == [])
    let entries = (bundle["entry"]?.asArray ?? []).compactMap(\.asDocument)
    let resources = entries.compactMap { $0["resource"]?.asDocument }
    let patient = try #require(resources.first { $0["resourceType"] == "Patient" })
    #expect(patient["name"]?.asArray?.first?.asDocument?["text"] == "Ada Canary")
    #expect(patient["birthDate"] == "1970-01-01")
    let observation = try #require(
      resources.first { $0["resourceType"] == "Observation" && $0["valueString"] != nil })
    #expect(observation["valueString"] == "canary-note" && observation["status"] == "final")
    let reference = observation["subject"]?.asDocument?["reference"]
    #expect(entries.contains { $0["fullUrl"] == reference })
    #expect(!data.fhir.contains("Bob") && !data.fhir.contains("pseu_"))
    // The check finds what is wrong.
    var broken = bundle
    broken["entry"] = [["resource": ["resourceType": "Observation", "id": "x y"]]]
    #expect(FHIRStructure.problems(broken).count >= 3)
  }

  @Test func xmlIsWellFormed() async throws {
    let clinic = try await clinic()
    let nasty = "<a & \"b\">\u{1}\n]]> ü 漢"
    _ = try await clinic.store.write(
      .update(
        Update(
          clinic.models.patient, where: .document(["_id": .objectID(Clinic.ada)]),
          .operators(["$set": ["name": .string(nasty)]]))))
    let data = try await clinic.vault.gdpr(for: clinic.models.patient)
      .rightToPortability(Clinic.ada)
    let file = Folders.temporary() + ".xml"
    try data.xml.write(toFile: file, atomically: true, encoding: .utf8)
    let script = """
      import sys, xml.etree.ElementTree as e
      print(e.parse(sys.argv[1]).find(".//field[@name='name']").text)
      """
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, file]
    process.environment = ["PYTHONIOENCODING": "utf-8", "PATH": "/usr/bin:/bin"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(text == nasty.replacing("\u{1}", with: "\u{FFFD}") + "\n")
    try FileManager.default.removeItem(atPath: file)
  }

  /// What was taken along, put into an empty vault and taken along again, is equal.
  @Test(arguments: 0..<8)
  func aRoundTripIsEqual(_ seed: Int) async throws {
    var source = SeededSource(seed + 1)
    let model = ModelSchema(
      name: "Patient", collection: "patients",
      fields: [
        FieldSchema("_id", .int64, isOptional: false), FieldSchema("name", .string, privacy: .pii),
        FieldSchema("born", .date, privacy: .pii), FieldSchema("score", .double, privacy: .phi),
        FieldSchema("tags", .array(.string), privacy: .phi),
        FieldSchema("more", .document, privacy: .phi), FieldSchema("flag", .bool),
      ], isOpen: true)
    let words = ["", "a", "\"q\"", "line\nbreak", "ü漢🎈", "=1+1", "'", "\\", "\u{7F}"]
    var record: Document = ["_id": 7]
    record["name"] = .string(words.randomElement(using: &source) ?? "")
    let born = Int64.random(in: -(1 << 40)...(1 << 40), using: &source)
    record["born"] = .date(DateTime(milliseconds: born))
    record["score"] = .double(Double(Int.random(in: -1_000_000...1_000_000, using: &source)) / 8)
    record["tags"] = .array(words.shuffled(using: &source).prefix(3).map { .string($0) })
    record["more"] = ["deep": ["list": [1, .null, true, "x"]], "empty": [:]]
    record["flag"] = .bool(Bool.random(using: &source))
    let first = try await MemoryVault()
    let second = try await MemoryVault()
    for vault in [first.vault, second.vault] { try await vault.store.prepare([model]) }
    _ = try await first.vault.store.write(.insert(Insert(model, .documents([record]))))
    let taken = try await first.vault.gdpr(for: model).rightToPortability(Int64(7))
    let whole = try Document(extendedJSON: taken.json)
    let records = whole["records"]?.asDocument?["Patient"]?.asArray?.compactMap(\.asDocument) ?? []
    #expect(records.count == 1)
    _ = try await second.vault.store.write(.insert(Insert(model, .documents(records))))
    let again = try await second.vault.gdpr(for: model).rightToPortability(Int64(7))
    let other = try Document(extendedJSON: again.json)
    #expect(other["records"] == whole["records"])
    #expect(again.csv == taken.csv && again.xml == taken.xml)
  }

  // MARK: - Streams

  private func read(
    _ gdpr: GDPR, _ format: PortableFormat, after token: String? = nil, batch: Int
  ) async throws -> [ExportChunk] {
    var chunks: [ExportChunk] = []
    for try await chunk in try gdpr.exportStream(
      Clinic.ada, format, after: token, batch: batch)
    {
      chunks.append(chunk)
    }
    return chunks
  }

  @Test(arguments: PortableFormat.allCases)
  func aStreamGoesOnWithTheSameBytes(_ format: PortableFormat) async throws {
    let clinic = try await clinic {
      $0.fieldFacts = [FieldFact(DataScope("Patient", ["level"]), provenance: .inferred)]
    }
    let sessions = (0..<50).map { number -> Document in
      [
        "_id": .objectID(ObjectID(high: 9, low: UInt32(number))), "patient": .objectID(Clinic.ada),
        "summary": .string("=note \"\(number)\", <x>"),
      ]
    }
    try await clinic.insert(clinic.models.session, sessions)
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    let chunks = try await read(gdpr, format, batch: 7)
    let whole = chunks.map(\.text).joined()
    #expect(chunks.count > 7 && chunks.allSatisfy { $0.records <= 7 })
    #expect(chunks.last?.total == 52)
    for index in chunks.indices.dropLast() {
      let rest = try await read(gdpr, format, after: chunks[index].token, batch: 7)
      let joined = chunks[...index].map(\.text).joined() + rest.map(\.text).joined()
      #expect(joined == whole, "behind piece \(index)")
    }
    #expect(whole.contains("Ada Canary") && !whole.contains("Bob"))
    #expect(!whole.contains("level"))
    switch format {
    case .json:
      #expect(try Document(extendedJSON: whole)["records"]?.asArray?.count == 52)
    case .fhirR4: #expect(FHIRStructure.problems(try Document(extendedJSON: whole)) == [])
    case .csv:
      #expect(whole.contains("# Session\r\n") && whole.contains("\"'=note \"\"3\"\", <x>\""))
    case .xml: #expect(whole.hasSuffix("</portable>\n") && whole.contains("&lt;x&gt;"))
    }
  }

  @Test func anErasureEndsAStream() async throws {
    let clinic = try await clinic()
    let gdpr = clinic.vault.gdpr(for: clinic.models.patient)
    var iterator = try gdpr.exportStream(Clinic.ada, .json, batch: 1).makeAsyncIterator()
    let first = try #require(try await iterator.next())
    _ = try await gdpr.rightToErasure(
      Clinic.ada, .init(requestedBy: Clinic.ada, reason: "r", legalBasis: .article17))
    let ended = await #expect(throws: PrivataError.self) { try await iterator.next() }
    #expect(ended?.code == .subjectFrozen)
    let resumed = await #expect(throws: PrivataError.self) {
      try await read(gdpr, .json, after: first.token, batch: 1)
    }
    #expect(resumed?.code == .subjectFrozen)
    let bad = await #expect(throws: PrivataError.self) {
      var other = try clinic.vault.gdpr(for: clinic.models.patient)
        .exportStream(Clinic.bob, .json, after: "none").makeAsyncIterator()
      return try await other.next()
    }
    #expect(bad?.code == .malformed)
  }
}

/// The rules of FHIR R4 that decide whether a bundle can be read at all: types, ids, required
/// elements, references that lead somewhere.
enum FHIRStructure {
  private static let required: [String: [String]] = [
    "Observation": ["status", "code"], "Condition": ["subject"], "Patient": [],
    "Practitioner": [], "MedicationStatement": ["status", "subject"],
  ]

  static func problems(_ bundle: Document) -> [String] {
    var problems: [String] = []
    if bundle["resourceType"] != "Bundle" || bundle["type"] != "collection" {
      problems.append("no bundle")
    }
    let entries = (bundle["entry"]?.asArray ?? []).compactMap(\.asDocument)
    let urls = Set(entries.compactMap { $0["fullUrl"]?.asString })
    if urls.count != entries.count { problems.append("urls") }
    for entry in entries {
      guard let resource = entry["resource"]?.asDocument,
        let type = resource["resourceType"]?.asString, let needed = required[type]
      else {
        problems.append("type")
        continue
      }
      let id = resource["id"]?.asString ?? ""
      if id.wholeMatch(of: /[A-Za-z0-9\-.]{1,64}/) == nil { problems.append("\(type).id") }
      for name in needed where resource[name] == nil { problems.append("\(type).\(name)") }
      if let date = resource["birthDate"]?.asString,
        date.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) == nil
      {
        problems.append("birthDate")
      }
      if let target = resource["subject"]?.asDocument?["reference"]?.asString,
        !urls.contains(target)
      {
        problems.append("\(type).subject")
      }
      problems += empty(.document(resource)) ? ["\(type) has an empty element"] : []
    }
    return problems
  }

  /// FHIR has neither nulls nor empty objects and lists.
  private static func empty(_ value: Value) -> Bool {
    switch value {
    case .null: true
    case .document(let document):
      document.isEmpty || document.elements.contains { empty($0.value) }
    case .array(let items): items.isEmpty || items.contains { empty($0) }
    default: false
    }
  }
}
