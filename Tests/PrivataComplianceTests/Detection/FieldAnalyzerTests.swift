import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import Synchronization
import Testing

@Suite struct FieldAnalyzerTests {
  private struct Case: Decodable {
    var name: String
    var label: String
    var category: String
    var lang: String
    var model: String?
    var type: String?
  }

  private static func cases() throws -> [Case] {
    let file = RequirementTests.root.appending(path: "Compat/compliance/detection.json")
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
  }

  private struct Figures {
    var right = 0
    var found = 0
    var wanted = 0

    init(_ label: String, _ cases: [Case]) {
      for item in cases {
        let verdict = FieldAnalyzer().finding(item.name, model: item.model, type: item.type).verdict
        if verdict.rawValue == label { found += 1 }
        if item.label == label { wanted += 1 }
        if verdict.rawValue == label, item.label == label { right += 1 }
      }
    }

    var precision: Double { Double(right) / Double(max(found, 1)) }
    var recall: Double { Double(right) / Double(max(wanted, 1)) }
  }

  @Test(arguments: [("pii", 0.97), ("phi", 0.95)])
  func findsPersonalData(_ label: String, _ bound: Double) throws {
    let figures = Figures(label, try Self.cases())
    #expect(figures.wanted > 300)
    #expect(figures.precision >= bound && figures.recall >= bound)
  }

  @Test func looksLikeItAndIsNot() throws {
    let cases = try Self.cases().filter { $0.label == "none" }
    let flagged = cases.filter {
      [.pii, .phi].contains(
        FieldAnalyzer().finding($0.name, model: $0.model, type: $0.type).verdict)
    }
    #expect(cases.count > 500 && Double(flagged.count) / Double(cases.count) <= 0.03)
  }

  @Test func whatCannotBeToldIsSaidWithAReason() throws {
    let cases = try Self.cases().filter { $0.label == "review" }
    var decided = 0
    for item in cases {
      let finding = FieldAnalyzer().finding(item.name, model: item.model, type: item.type)
      #expect(!finding.reason.isEmpty)
      if finding.verdict != .review { decided += 1 }
    }
    #expect(Double(decided) / Double(cases.count) <= 0.03)
  }

  @Test(arguments: ["de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs"])
  func otherLanguages(_ language: String) throws {
    let cases = try Self.cases().filter {
      $0.lang == language && ($0.label == "pii" || $0.label == "phi")
    }
    let found = cases.filter {
      FieldAnalyzer().finding($0.name, model: $0.model, type: $0.type).verdict.rawValue == $0.label
    }
    #expect(cases.count >= 4 && Double(found.count) / Double(cases.count) >= 0.9)
  }

  /// A confidence is a share of labelled names: what says 0.95 is right at least so often.
  @Test func aConfidenceIsNotMoreThanWasMeasured() throws {
    var counts: [Double: (right: Int, all: Int)] = [:]
    for item in try Self.cases() {
      let finding = FieldAnalyzer().finding(item.name, model: item.model, type: item.type)
      var count = counts[finding.confidence] ?? (0, 0)
      count.all += 1
      if finding.verdict.rawValue == item.label { count.right += 1 }
      counts[finding.confidence] = count
    }
    #expect(counts.count > 2)
    for (confidence, count) in counts {
      #expect(
        Double(count.right) / Double(count.all) >= confidence, "\(confidence): \(count)")
    }
  }

  /// The kind of what is found, where one word names it.
  @Test(arguments: [
    ("email", "email"), ("mobile_no", "phone"), ("home_address", "address"),
    ("geburtsdatum", "dob"),
    ("passport_number", "gov-id"), ("iban", "financial"), ("password", "credential"),
    ("firstName", "name"), ("diagnosis", "diagnosis"), ("penicillin_allergy", "allergy"),
    ("medication_list", "medication"), ("patientId", "link-key"), ("createdAt", "operational"),
  ])
  func whatKindOfData(_ field: String, _ category: String) {
    #expect(FieldAnalyzer().finding(field).category == category)
  }

  @Test func theModelDecides() throws {
    let cases = try Self.cases().filter { $0.model != nil }
    var wrong: [String] = []
    for item in cases {
      let verdict = FieldAnalyzer().finding(item.name, model: item.model, type: item.type).verdict
      if verdict.rawValue != item.label { wrong.append("\(item.model ?? "").\(item.name)") }
    }
    #expect(cases.count > 150 && wrong.isEmpty, "\(wrong)")
  }

  @Test(arguments: [
    ("firstName", String?.none, String?.none, FieldVerdict.pii), ("lastName", nil, nil, .pii),
    ("email", nil, nil, .pii), ("age", nil, nil, .review), ("diagnosis", nil, nil, .phi),
    ("medications", nil, nil, .phi), ("hostname", nil, nil, .none),
    ("emailSentCount", nil, "Int", .none), ("phoneVerified", nil, "Bool", .none),
    ("addressBookId", nil, nil, .none), ("noteCount", nil, "Int", .none),
    ("passengerCount", nil, "Int", .none), ("name", "Product", nil, .none),
    ("name", "Patient", nil, .pii), ("notes", "User", nil, .review), ("", nil, nil, .none),
    ("__v", nil, nil, .none), ("Vorname", nil, nil, .pii), ("prénom", nil, nil, .pii),
    ("codice_fiscale", nil, nil, .pii), ("HTTPServerName", nil, nil, .none),
    ("patient-email_2", nil, nil, .pii),
  ])
  func single(_ field: String, _ model: String?, _ type: String?, _ verdict: FieldVerdict) {
    #expect(FieldAnalyzer().finding(field, model: model, type: type).verdict == verdict)
  }

  /// Two fields that only people have make a model one about people.
  @Test func neighboursDecideToo() {
    let analyzer = FieldAnalyzer()
    let crew = analyzer.analysis(
      of: "CrewEntry", fields: ["name": nil, "email": nil, "passportNumber": nil])
    #expect(crew.pii == ["email", "name", "passportNumber"])
    let thing = analyzer.analysis(of: "Gadget", fields: ["name": nil, "price": nil])
    #expect(thing.none == ["name", "price"])
    let mixed = analyzer.analysis(
      of: nil, fields: ["diagnosis": "String", "age": "Int", "firstName": nil])
    #expect(mixed.phi == ["diagnosis"] && mixed.review == ["age"] && mixed.pii == ["firstName"])
  }

  private final class Warnings: Sendable {
    let texts = Mutex<[String]>([])
  }

  @Test func unmarkedFieldsAreToldOf() async throws {
    let warnings = Warnings()
    let memory = try await MemoryVault {
      $0.unmarkedField = { model, finding in
        warnings.texts.withLock {
          $0.append("\(model).\(finding.field) \(finding.verdict.rawValue)")
        }
      }
    }
    let model = ModelSchema(
      name: "Patient", collection: "patients",
      fields: [
        FieldSchema("_id", .string, isOptional: false), FieldSchema("firstName", .string),
        FieldSchema("email", .string, privacy: .pii), FieldSchema("diagnosis", .string),
        FieldSchema("visits", .int32),
      ])
    try await memory.vault.store.prepare([model])
    #expect(
      warnings.texts.withLock { $0 } == ["Patient.diagnosis phi", "Patient.firstName pii"])
    #expect(FieldAnalyzer().unmarked(in: model).count == 2)
    await memory.vault.close()
  }
}
