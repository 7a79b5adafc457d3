import Foundation
import PrivataCore
import Testing

/// `privata detect`, which needs no vault.
@Suite struct DetectCommandTests {
  private func detect(_ tool: Tool, _ text: String) throws -> (Tool.Answer, [Document]) {
    let file = tool.folder + "/names.json"
    let out = tool.folder + "/found-\(UUID().uuidString).json"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    let answer = try tool.run(["detect", file, "--out", out])
    guard let found = try? String(contentsOfFile: out, encoding: .utf8) else { return (answer, []) }
    let whole = try Document(extendedJSON: "{\"found\":\(found)}")
    return (answer, (whole["found"]?.asArray ?? []).compactMap(\.asDocument))
  }

  @Test func namesAreToldApartInTheirOrder() async throws {
    let tool = try await Tool(fill: false)
    defer { tool.remove() }
    let (answer, found) = try detect(
      tool,
      """
      [{"name": "patientEmail", "label": "?"}, {"name": "Blutgruppe"},
       {"name": "name", "model": "Product"}, {"name": "notes", "model": "User"},
       {"name": "phoneVerified", "type": "Bool"}, {"name": "drug_allergies"}]
      """)
    #expect(answer.code == 0 && answer.lines == ["6 names"], "\(answer.errors)")
    #expect(
      found.map { $0["name"]?.asString } == [
        "patientEmail", "Blutgruppe", "name", "notes", "phoneVerified", "drug_allergies",
      ])
    #expect(found.map { $0["label"]?.asString } == ["pii", "phi", "none", "review", "none", "phi"])
    #expect(
      found.map { $0["category"]?.asString } == [
        "email", "blood", "operational", "free-text", "operational", "allergy",
      ])
    #expect(found.allSatisfy { $0.keys == ["name", "label", "category", "confidence"] })
    #expect(found.allSatisfy { (0.5...1).contains($0["confidence"]?.asDouble ?? 0) })
    let (_, none) = try detect(tool, "[]")
    #expect(none.isEmpty)
  }

  @Test(arguments: ["", "{}", "[1]", "[{\"label\": \"pii\"}]", "[{\"name\": 7}]"])
  func whatIsNoListOfNamesIsRefused(_ text: String) async throws {
    let tool = try await Tool(fill: false)
    defer { tool.remove() }
    let (answer, found) = try detect(tool, text)
    #expect(answer.code == 64 && answer.errors.contains("file") && found.isEmpty)
  }
}
