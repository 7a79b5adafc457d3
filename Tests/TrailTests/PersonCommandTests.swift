import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

/// `privata gdpr`: over models that the vault recorded, for the tool knows nothing of the program.
@Suite struct PersonCommandTests {
  private func person(_ tool: Tool, _ command: [String], _ id: ObjectID) throws -> Tool.Answer {
    try tool.run(
      ["gdpr"] + command + ["--model", "Patient", "--id", id.description, "--json"] + tool.stores)
  }

  @Test func accessAnswersEverythingThatIsKept() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let answer = try person(tool, ["access"], Tool.ada)
    #expect(answer.code == 0, "\(answer.errors)")
    let record = try answer.json["records"]?.asArray?.first?.asDocument?["records"]?.asArray?.first?
      .asDocument
    #expect(record?["email"] == "ada.canary@example.org")
    #expect(record?["diagnosis"] == "canary-disease")
    let file = tool.folder + "/report.json"
    let written = try person(tool, ["access", "--out", file], Tool.ada)
    #expect(try written.json["records"]?.asInt == 1)
    #expect(!written.output.contains("canary"))
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func anErasureLeavesNothingButItsCertificate() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let file = tool.folder + "/certificate.json"
    let command = [
      "erase", "--requested-by", "subject", "--reason", "asked by letter", "--out", file,
    ]
    let answer = try person(tool, command, Tool.ada)
    #expect(answer.code == 0, "\(answer.errors)")
    #expect(try answer.json["erased"] == true && answer.json["clinicalPreserved"] == true)
    #expect(try tool.rows("identity", "SELECT name FROM patients") == ["Bob Canary"])
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let certificate = try ErasureCertificate(json: text)
    let hexadecimal = try tool.vault("keys", "status").json["publicKey"]?.asString ?? ""
    let key = stride(from: 0, to: 64, by: 2).compactMap { index -> UInt8? in
      let start = hexadecimal.index(hexadecimal.startIndex, offsetBy: index)
      return UInt8(hexadecimal[start...].prefix(2), radix: 16)
    }
    #expect(certificate.isValid(publicKey: key))
    let gone = try person(tool, ["access"], Tool.ada)
    #expect(gone.code == 1 && gone.errors.contains("notIdentifiable"))
    let again = try person(tool, Array(command.dropLast(2)), Tool.ada)
    #expect(try again.code == 0 && again.json["erasedBefore"] == true)
  }

  @Test func theClinicalHalfGoesWhereItIsAskedFor() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let answer = try person(
      tool,
      ["erase", "--requested-by", "office", "--reason", "x", "--basis", "b", "--with-clinical"],
      Tool.ada)
    #expect(try answer.code == 0 && answer.json["clinicalPreserved"] == false)
    #expect(try tool.rows("clinical", "SELECT diagnosis FROM patients") == ["J45"])
  }

  @Test(arguments: ["json", "csv"]) func portableDataIsWritten(_ format: String) async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let out = tool.folder + "/data"
    let answer = try person(tool, ["export", "--format", format, "--out", out], Tool.bob)
    #expect(answer.code == 0, "\(answer.errors)")
    let path = format == "json" ? out : out + ".Patient.csv"
    #expect(try answer.json["files"]?.asArray == [.string(path)])
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("bob@example.org") && text.contains("J45"))
  }

  @Test func requestsAreListedByTheirEnd() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let none = try tool.run(["gdpr", "requests"] + tool.stores)
    #expect(none.code == 0 && none.lines == ["no open requests"])
    try await tool.with { vault in
      vault.register(tool.models.all)
      _ = try await vault.requests.open(.access, of: tool.models.patient, subject: Tool.bob)
      _ = try await vault.requests.open(
        .erasure, of: tool.models.patient, subject: Tool.ada,
        receivedAt: DateTime(milliseconds: DateTime.now.milliseconds - 10 * 86_400_000))
    }
    let answer = try tool.vault("gdpr", "requests")
    #expect(answer.lines.count == 2)
    #expect(try answer.json["kind"] == "erasure" && answer.json["state"] == "received")
    let id = try answer.json["id"]?.asString ?? ""
    #expect(try tool.vault("gdpr", "requests", "--id", id).json["kind"] == "erasure")
    #expect(try tool.vault("gdpr", "requests", "--id", "nothing").code == 4)
  }
}
