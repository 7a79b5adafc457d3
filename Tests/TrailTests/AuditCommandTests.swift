import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

@Suite struct AuditCommandTests {
  @Test func aWholeLogVerifiesAndAChangedOneDoesNot() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let good = try tool.vault("audit", "verify")
    #expect(good.code == 0, "\(good.errors)")
    #expect(try good.json["valid"] == true && good.json["events"]?.asInt == 4)
    _ = try tool.rows("identity", "UPDATE privata_audit_events SET actor = 'x' WHERE sequence = 1")
    let bad = try tool.vault("audit", "verify")
    #expect(bad.code == 2)
    #expect(try bad.json["valid"] == false && bad.json["sequence"]?.asInt == 1)
    #expect(try bad.json["problem"]?.asString?.contains("columns") == true)
    let text = try tool.run(["audit", "verify"] + tool.stores)
    #expect(text.code == 2 && text.output.contains("its columns differ from its bytes"))
  }

  @Test func eventsAreShownCountedAndPaged() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let count = try tool.vault("audit", "query", "--by", "dr-7", "--count")
    #expect(try count.json["count"]?.asInt == 3)
    let first = try tool.vault("audit", "query", "--action", "read", "--limit", "2")
    #expect(first.code == 0 && first.lines.count == 2)
    #expect(try first.json["actor"] == "dr-7" && first.json["purpose"] == "treatment")
    let last = try #require(first.lines.last?.firstMatch(of: /"id":"([0-9a-f-]+)"/))
    let rest = try tool.vault(
      "audit", "query", "--action", "read", "--after", String(last.output.1))
    #expect(rest.lines.count == 1)
    let record = try tool.vault(
      "audit", "query", "--model", "Patient", "--record", Tool.ada.description, "--count")
    #expect(try record.json["count"]?.asInt == 4)
    let bob = try tool.vault(
      "audit", "query", "--model", "Patient", "--record", Tool.bob.description, "--action",
      "read", "--count")
    #expect(try bob.json["count"]?.asInt == 0)
    let text = try tool.run(["audit", "query", "--limit", "1"] + tool.stores)
    #expect(text.lines.count == 2 && text.lines[1].hasPrefix("more: --after "))
    // Who looked is in the log, by name.
    let own = try tool.vault("audit", "query", "--action", "audit.query", "--as", "auditor-1")
    #expect(own.code == 0 && own.lines.count >= 5)
    let named = try tool.vault("audit", "query", "--by", "auditor-1", "--count")
    #expect(try named.json["count"]?.asInt == 1)
  }

  @Test(arguments: ["jsonl", "csv", "fhir", "cef", "ocsf"])
  func anExportVerifiesWithoutTheVault(_ format: String) async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let file = tool.folder + "/export"
    let made = try tool.vault("audit", "export", "--format", format, "--out", file)
    #expect(made.code == 0, "\(made.errors)")
    #expect(try made.json["events"]?.asInt == 4)
    let key = try tool.vault("keys", "status").json["publicKey"]?.asString ?? ""
    let check = ["audit", "verify", "--export", file, "--public-key", key, "--json"]
    #expect(try tool.run(check).code == 0)
    var bytes = try Data(contentsOf: URL(filePath: file))
    #expect(!String(decoding: bytes, as: UTF8.self).lowercased().contains("canary"))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: file))
    let changed = try tool.run(check)
    #expect(changed.code == 2 && changed.errors.contains("the export was changed in lines 1 to"))
    let again = try tool.vault("audit", "export", "--out", file)
    #expect(again.code == 64 && again.errors.contains("--out"))
  }

  @Test func aProofConvincesSomebodyWithoutTheVault() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let event = try tool.vault("audit", "query", "--action", "read", "--limit", "1").json["id"]
    let file = tool.folder + "/proof.json"
    let made = try tool.vault("audit", "proof", "--event", event?.asString ?? "", "--out", file)
    #expect(made.code == 0, "\(made.errors)")
    let key = try tool.vault("keys", "status").json["publicKey"]?.asString ?? ""
    // Nothing of the vault is left.
    for name in ["identity.db", "clinical.db", "key"] {
      try FileManager.default.removeItem(atPath: tool.folder + "/" + name)
    }
    let check = ["audit", "verify", "--proof", file, "--public-key", key, "--json"]
    let good = try tool.run(check)
    #expect(good.code == 0, "\(good.errors)")
    #expect(try good.json["actor"] == "dr-7" && good.json["event"] == event)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try text.replacing("\"sequence\":1", with: "\"sequence\":2").write(
      toFile: file, atomically: true, encoding: .utf8)
    let bad = try tool.run(check)
    #expect(bad.code == 2 && bad.errors.contains("tampered"))
  }

  @Test func theLogIsProvenToHaveOnlyGrown() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    _ = try tool.vault("audit", "query", "--count")
    try await tool.with { vault in try await vault.audit.flush() }
    let heads = try tool.run(["audit", "heads"] + tool.stores)
    #expect(heads.code == 0 && !heads.lines.isEmpty)
    let words = try #require(heads.lines.first).split(separator: " ").map(String.init)
    let file = tool.folder + "/growth.json"
    let made = try tool.vault(
      "audit", "proof", "--writer", words[0], "--from-size", words[1], "--out", file)
    #expect(made.code == 0, "\(made.errors)")
    let key = try tool.vault("keys", "status").json["publicKey"]?.asString ?? ""
    let check = ["audit", "verify", "--consistency", file, "--public-key", key, "--json"]
    #expect(try tool.run(check).json["consistent"] == true)
    let notes = try tool.run(["audit", "heads", "--notes"] + tool.stores)
    #expect(notes.output.contains("privata/audit/\(words[0])\n"))
  }

  @Test func oldEventsAreRemovedByTwoAndYoungOnesByNobody() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let young = try tool.vault("audit", "purge", "--before", "2026-01", "--approved-by", "dpo")
    #expect(young.code == 64 && young.errors.contains("2026-01 is too young"))
    let alone = try tool.run(
      ["audit", "purge", "--before", "2019-01", "--approved-by", "me", "--as", "me"]
        + tool.stores)
    #expect(alone.code == 5)
    let nothing = try tool.vault("audit", "purge", "--before", "2019-01", "--approved-by", "dpo")
    #expect(try nothing.code == 0 && nothing.json["removed"]?.asInt == 0)
  }
}
