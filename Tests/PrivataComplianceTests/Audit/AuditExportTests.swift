import PrivataCore
import PrivataTesting
import TestSupport
import Testing

@testable import PrivataCompliance

@Suite struct AuditExportTests {
  private struct Exported {
    let bytes: [UInt8]
    let manifest: AuditExportManifest
    let key: [UInt8]
    var lines: [String] {
      bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private func export(
    _ clinic: Clinic, _ format: AuditExportFormat, _ selection: AuditSelection = .init()
  ) async throws -> Exported {
    var bytes: [UInt8] = []
    let manifest = try await clinic.vault.audit.export(matching: selection, as: format) {
      bytes += $0
    }
    return Exported(bytes: bytes, manifest: manifest, key: clinic.vault.audit.publicKey)
  }

  private func filled(_ reads: Int = 3) async throws -> Clinic {
    let clinic = try await Clinic()
    let context = AccessContext(
      actor: .user("=HYPERLINK(\"http://x\"),1"), role: "clinician\r\nx", purpose: "treatment",
      region: "eu", requestID: "r|1=2")
    let store = clinic.vault.acting(as: context).store
    for _ in 0..<reads { _ = try await store.rows(for: Query(clinic.models.patient)) }
    return clinic
  }

  @Test(arguments: AuditExportFormat.allCases)
  func everyEventIsALineAndTheManifestVerifiesIt(_ format: AuditExportFormat) async throws {
    let clinic = try await filled()
    let exported = try await export(clinic, format, .init(model: "Patient"))
    #expect(exported.manifest.events == 4)
    #expect(exported.lines.count == (format == .csv ? 5 : 4))
    let manifest = try AuditExportManifest(json: exported.manifest.json)
    try manifest.verify(exported.bytes, by: exported.key)
    #expect(manifest.selection == ["model": "Patient"])
    let text = String(decoding: exported.bytes, as: UTF8.self)
    for canary in ["Canary", "canary", "pseu_", Clinic.ada.description] {
      #expect(!text.contains(canary))
    }
  }

  @Test(arguments: AuditExportFormat.allCases)
  func noFlippedBitPasses(_ format: AuditExportFormat) async throws {
    let clinic = try await filled(1)
    let exported = try await export(clinic, format)
    for position in exported.bytes.indices {
      var changed = exported.bytes
      changed[position] ^= 1 << UInt8(position % 8)
      let error = #expect(throws: PrivataError.self, "byte \(position)") {
        try exported.manifest.verify(changed, by: exported.key)
      }
      #expect(error?.code == .tampered && error?.message.contains("export") == true)
    }
    let manifest = Array(exported.manifest.json.utf8)
    for position in manifest.indices {
      var changed = manifest
      changed[position] ^= 1 << UInt8(position % 7)
      let error = #expect(throws: PrivataError.self, "byte \(position)") {
        try AuditExportManifest(json: String(decoding: changed, as: UTF8.self))
          .verify(exported.bytes, by: exported.key)
      }
      #expect(error?.message.contains("manifest") == true)
    }
  }

  @Test func aCutOrLongerExportIsRefusedWithItsLines() async throws {
    let clinic = try await Clinic()
    for _ in 0..<600 { _ = try await clinic.find(clinic.models.clinic) }
    let exported = try await export(clinic, .jsonLines, .init(model: "Clinic"))
    try exported.manifest.verify(exported.bytes, by: exported.key)
    var changed = exported.bytes
    changed[exported.lines[..<300].reduce(0) { $0 + $1.utf8.count + 1 } + 5] ^= 1
    var error = #expect(throws: PrivataError.self) {
      try exported.manifest.verify(changed, by: exported.key)
    }
    #expect(error?.message.contains("lines 257 to 512") == true)
    error = #expect(throws: PrivataError.self) {
      try exported.manifest.verify(exported.bytes.dropLast(200), by: exported.key)
    }
    #expect(error?.message.contains("lines 513 to 768") == true)
    let lines = exported.bytes + exported.bytes[..<(exported.bytes.firstIndex(of: 10)! + 1)]
    #expect(throws: PrivataError.self) { try exported.manifest.verify(lines, by: exported.key) }
  }

  @Test func noTextOfTheCSVIsAFormulaOrASecondLine() async throws {
    let exported = try await export(try await filled(), .csv, .init(action: .read))
    let heading = exported.lines[0].utf8.dropLast().split(separator: UInt8(ascii: ","))
    #expect(heading.count == 20)
    for line in exported.lines.dropFirst() {
      #expect(line.utf8.last == 13)
      #expect(line.contains(#""'=HYPERLINK(""http://x""),1""#))
      #expect(line.contains("clinician  x"))
    }
  }

  @Test func jsonLinesHoldTheBytesThatTheTreeCovers() async throws {
    let exported = try await export(try await filled(), .jsonLines)
    for line in exported.lines {
      let document = try Document(extendedJSON: line)
      let raw = try #require(document["bytes"]?.asString.flatMap { Base64.decode($0) })
      let event = try AuditEvent(bytes: raw)
      #expect(document["id"]?.asString == event.id.description)
      #expect(document["actor"]?.asString == event.actor.id)
      #expect(document["fields"]?.asArray?.count == event.fields.count)
    }
  }

  /// What FHIR R4 demands of an AuditEvent: cardinalities and bound codes.
  @Test func fhirResourcesAreValid() async throws {
    let clinic = try await filled()
    await #expect(throws: PrivataError.self) {
      try await clinic.insert(clinic.models.patient, [["_id": .objectID(Clinic.ada)]])
    }
    let exported = try await export(clinic, .fhir)
    #expect(exported.lines.count >= 6)
    for line in exported.lines {
      let resource = try Document(extendedJSON: line)
      #expect(resource["resourceType"] == "AuditEvent")
      #expect(resource["id"]?.asString?.wholeMatch(of: /[A-Za-z0-9\-.]{1,64}/) != nil)
      #expect(resource["type"]?.asDocument?["code"]?.asString?.hasPrefix("1101") == true)
      #expect(["C", "R", "U", "D", "E"].contains(resource["action"]?.asString))
      #expect(["0", "4", "8", "12"].contains(resource["outcome"]?.asString))
      let recorded = resource["recorded"]?.asString ?? ""
      #expect(DateTime(iso8601: recorded) != nil)
      let agents = resource["agent"]?.asArray ?? []
      #expect(!agents.isEmpty && agents.allSatisfy { $0.asDocument?["requestor"] == true })
      #expect(resource["source"]?.asDocument?["observer"] != nil)
      for entity in resource["entity"]?.asArray?.compactMap(\.asDocument) ?? [] {
        // sev-1: a name or a query, not both.
        #expect(entity["name"] == nil || entity["query"] == nil)
        for detail in entity["detail"]?.asArray?.compactMap(\.asDocument) ?? [] {
          #expect(detail["type"]?.asString?.isEmpty == false && detail["valueString"] != nil)
        }
      }
    }
    let failed = try exported.lines.map { try Document(extendedJSON: $0) }
      .filter { $0["outcome"] == "8" }
    #expect(failed.count == 1 && failed[0]["outcomeDesc"] == "duplicateKey")
    let read = try exported.lines.map { try Document(extendedJSON: $0) }
      .first { $0["purposeOfEvent"] != nil && $0["action"] == "R" }
    let purpose = read?["purposeOfEvent"]?.asArray?.first?.asDocument
    let coding = purpose?["coding"]?.asArray?.first?.asDocument
    #expect(coding?["code"] == "TREAT")
  }

  @Test func cefEscapesWhatSeparates() async throws {
    let exported = try await export(try await filled(), .cef, .init(action: .read))
    for line in exported.lines {
      #expect(line.hasPrefix("CEF:0|Privata|Privata|1|read|read Patient|1|externalId="))
      #expect(line.contains("spriv=clinician\\r\\nx"))
    }
  }

  @Test func aSinkThatThrowsEndsTheExportAndIsAudited() async throws {
    struct Full: Error {}
    let clinic = try await filled()
    await #expect(throws: Full.self) {
      _ = try await clinic.vault.audit.export(as: .csv) { _ in throw Full() }
    }
    let failed = AuditSelection(action: .auditExport, outcome: .failed)
    #expect(try await clinic.vault.audit.count(matching: failed) == 1)
  }

  @Test func readingTheLogIsInTheLog() async throws {
    let clinic = try await filled(1)
    let auditor = clinic.vault.acting(as: .init(actor: .user("auditor-1"), role: "auditor"))
    _ = try await auditor.audit.count()
    for try await _ in auditor.audit.events() { break }
    var bytes: [UInt8] = []
    let manifest = try await auditor.audit.export(as: .jsonLines) { bytes += $0 }
    let own = AuditSelection(actor: "auditor-1")
    var found: [AuditEvent.Action] = []
    for try await event in clinic.vault.audit.events(matching: own) { found.append(event.action) }
    #expect(found == [.auditQuery, .auditQuery, .auditExport])
    #expect(manifest.events > 3)
  }

  @Test func pagesGoOnBehindTheLastEvent() async throws {
    let clinic = try await filled(0)
    for _ in 0..<25 { _ = try await clinic.find(clinic.models.clinic) }
    var ids: [AuditEventID] = []
    var selection = AuditSelection(model: "Clinic")
    while true {
      var page: [AuditEventID] = []
      for try await event in clinic.vault.audit.events(matching: selection) {
        page.append(event.id)
        if page.count == 7 { break }
      }
      ids += page
      guard page.count == 7 else { break }
      selection.after = page.last
    }
    #expect(ids.count == 25 && Set(ids).count == 25)
  }

  @Test func roleAndPurposeNarrowAQuery() async throws {
    let clinic = try await filled(2)
    #expect(try await clinic.vault.audit.count(matching: .init(purpose: "treatment")) == 2)
    #expect(try await clinic.vault.audit.count(matching: .init(role: "nobody")) == 0)
    #expect(try await clinic.vault.audit.count(matching: .init(requestID: "r|1=2")) == 2)
  }
}
