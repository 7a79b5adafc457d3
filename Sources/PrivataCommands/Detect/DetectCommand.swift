internal import ArgumentParser
internal import PrivataCompliance
internal import PrivataCore

/// `privata detect`.
struct DetectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect", abstract: "Tells which names of fields hold personal or health data.",
    discussion: """
      The file is a JSON array: [{"name": "patientEmail", "model": "Visit", "type": "String"}, …]; \
      model and type may be left out. The answer has pii, phi, none or review for each, in the same \
      order: [{"name", "label", "category", "confidence"}]. Nothing leaves the machine.
      """)

  @Argument(help: "The file with the names.")
  var file: String

  @Option(help: "The file for the answer; it is printed where nothing is said.")
  var out: String?

  func run() async throws {
    try await reporting(asJSON: true) {
      let findings = try names().map { name throws(PrivataError) in try finding(name) }
      let lines = findings.map { $0.extendedJSON(.relaxed) }
      let text = lines.isEmpty ? "[]" : "[\n" + lines.joined(separator: ",\n") + "\n]"
      guard let out else {
        say(text)
        return
      }
      try Files.write(text + "\n", to: out, "--out")
      say("\(findings.count) names")
    }
  }

  private func names() throws(PrivataError) -> [Value] {
    let text = String(decoding: try Files.read(file, "file"), as: UTF8.self)
    guard let whole = try? Document(extendedJSON: "{\"names\":\(text)}"),
      let names = whole["names"]?.asArray
    else { throw .option("file", "\(file) is no JSON array of names") }
    return names
  }

  private func finding(_ value: Value) throws(PrivataError) -> Document {
    guard let entry = value.asDocument, let name = entry["name"]?.asString else {
      throw .option("file", "each entry has a name, as {\"name\": \"email\"}")
    }
    let finding = FieldAnalyzer().finding(
      name, model: entry["model"]?.asString, type: entry["type"]?.asString)
    return [
      "name": .string(name), "label": .string(finding.verdict.rawValue),
      "category": .string(finding.category), "confidence": .double(finding.confidence),
    ]
  }
}
