import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestPlaces
import TestSupport
import Testing

/// Wrong options are refused by their name, and nothing is made on the way.
@Suite struct OptionTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let option: String
    var code: Int32 = 64
    var testDescription: String { arguments.joined(separator: " ") }
  }

  /// `F` is the folder of the vault.
  static let rows: [Row] = [
    Row(arguments: ["audit", "verify"], option: "--identity"),
    Row(
      arguments: ["audit", "verify", "--identity", "F/none.db", "--clinical", "F/none.db"],
      option: "--identity"),
    Row(
      arguments: ["audit", "verify", "--identity", "F/identity.db", "--clinical", "F/clinical.db"],
      option: "--key-file"),
    Row(
      arguments: [
        "audit", "verify", "--identity", "F/identity.db", "--clinical", "F/clinical.db",
        "--key-file", "F/none",
      ], option: "--key-file"),
    Row(
      arguments: [
        "audit", "verify", "--identity", "F/identity.db", "--clinical", "F/clinical.db",
        "--key-env", "NOBODY",
      ], option: "--key-env"),
    Row(
      arguments: ["audit", "verify", "--identity", "postgres://u:secret@h/db"],
      option: "--identity"),
    Row(arguments: ["audit", "verify", "--identity", "mysql://h/db"], option: "--identity"),
    Row(arguments: ["audit", "verify", "--identity", "env:NOBODY"], option: "--identity"),
    Row(arguments: ["audit", "verify", "--proof", "F/key"], option: "--public-key"),
    Row(
      arguments: ["audit", "verify", "--proof", "F/key", "--public-key", "12"],
      option: "--public-key"),
    Row(arguments: ["V", "audit", "query", "--from", "yesterday"], option: "--from"),
    Row(arguments: ["V", "audit", "query", "--outcome", "fine"], option: "--outcome"),
    Row(arguments: ["V", "audit", "query", "--record", "x"], option: "--record"),
    Row(arguments: ["V", "audit", "query", "--limit", "0"], option: "--limit"),
    Row(
      arguments: ["V", "audit", "export", "--format", "xml", "--out", "F/x"], option: "--format"),
    Row(arguments: ["V", "audit", "proof"], option: "--event"),
    Row(arguments: ["V", "gdpr", "access", "--model", "Nobody", "--id", "1"], option: "--model"),
    Row(arguments: ["V", "gdpr", "access", "--model", "Patient", "--id", "1"], option: "--id"),
    Row(arguments: ["V", "gdpr", "access", "--model", "Patient"], option: "--id"),
    Row(arguments: ["V", "keys", "rotate", "--level", "all"], option: "--level"),
    Row(arguments: ["V", "keys", "rotate", "--level", "root"], option: "--key-store"),
    Row(arguments: ["keys", "init", "--key-file", "F/key"], option: "--key-file"),
    Row(arguments: ["V", "audit", "query", "--nonsense"], option: "--nonsense"),
  ]

  @Test(arguments: rows) func aWrongOptionIsNamed(_ row: Row) async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    var arguments = row.arguments.map { $0.replacing("F/", with: tool.folder + "/") }
    if arguments.first == "V" { arguments = Array(arguments.dropFirst()) + tool.stores }
    let before = try FileManager.default.contentsOfDirectory(atPath: tool.folder)
    let answer = try tool.run(arguments)
    #expect(answer.code == row.code, "\(answer.output) \(answer.errors)")
    #expect(answer.errors.contains(row.option), "\(answer.errors)")
    #expect(!(answer.errors + answer.output).contains("secret"))
    // Nothing was made but the tool's own journal.
    let after = try FileManager.default.contentsOfDirectory(atPath: tool.folder)
    #expect(Set(after).subtracting(before).isSubset(of: ["x"]))
  }

  @Test func storesAndKeyComeFromTheEnvironment() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let environment = [
      "PRIVATA_IDENTITY_URL": tool.folder + "/identity.db",
      "CLINICAL": tool.folder + "/clinical.db",
      "PRIVATA_MASTER_KEY": String(repeating: "05", count: 32),
    ]
    let answer = try tool.run(
      ["audit", "verify", "--clinical", "env:CLINICAL", "--json"], environment: environment)
    #expect(answer.code == 0, "\(answer.errors)")
    #expect(try answer.json["valid"] == true)
  }

  @Test func anotherKeyIsNotTakenForAGoodLog() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let other = tool.folder + "/other"
    #expect(try tool.run(["keys", "init", "--key-file", other, "--json"]).code == 0)
    let key = try Data(contentsOf: URL(filePath: other))
    let attributes = try FileManager.default.attributesOfItem(atPath: other)
    #expect(key.count == 32 && attributes[.posixPermissions] as? Int == 0o600)
    let answer = try tool.run(
      [
        "audit", "verify", "--identity", tool.folder + "/identity.db", "--clinical",
        tool.folder + "/clinical.db", "--key-file", other, "--json",
      ])
    #expect(answer.code == 2 && answer.errors.contains("another master key"))
    // And the log is as it was: nothing was signed with the wrong one.
    #expect(try tool.vault("audit", "verify").json["valid"] == true)
  }

  @Test func errorsAreJSONWhereAnswersAre() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let answer = try tool.vault("audit", "query", "--from", "yesterday")
    let error = try Document(extendedJSON: answer.errors.split(separator: "\n").first ?? "")
    #expect(error["error"] == "badArgument" && error["fields"] == ["--from"])
    #expect(answer.output.isEmpty)
  }

  @Test func helpNamesEveryCommand() async throws {
    let tool = try await Tool(fill: false)
    defer { tool.remove() }
    let help = try tool.run(["--help"])
    #expect(help.code == 0)
    for name in ["audit", "gdpr", "report", "keys", "detect", "Exit codes"] {
      #expect(help.output.contains(name))
    }
  }
}
