import ArgumentParser
import Foundation
import PrivataCommands
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import Synchronization
import TestSupport
import Testing

/// `privata report`: as a process over models that the vault recorded, and within an application.
@Suite struct ReportCommandTests {
  @Test(arguments: [
    (["--period", "2026-13"], "--period"), (["--period", "x"], "--period"),
    (["--period", "2026-Q5"], "--period"), ([], "--period"), (["--from", "y"], "--from"),
    (["--from", "2026-02-01", "--to", "2026-01-01"], "--to"),
    (["--period", "2026", "--from", "2026-01-01"], "--period"),
  ])
  func aPeriodIsChecked(_ arguments: [String], _ option: String) async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let answer = try tool.run(["report", "compliance", "--json"] + arguments + tool.stores)
    #expect(answer.code == 64 && answer.errors.contains(option), "\(answer.errors)")
  }

  @Test func theFactsOfAPeriod() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let year = DateTime.now.parts.year
    let answer = try tool.vault("report", "compliance", "--period", "\(year)")
    #expect(answer.code == 0, "\(answer.errors)")
    let report = try answer.json
    #expect(report["purposes"]?.asDocument?["treatment"] == 3)
    #expect(report["audit"]?.asDocument?["isWhole"] == true)
    #expect(report["from"] == .string("\(year)-01-01T00:00:00.000Z"))
    let other = try tool.vault("report", "compliance", "--period", "\(year - 1)-Q4")
    #expect(try other.json["actions"]?.asDocument?.isEmpty == true)
    let file = tool.folder + "/report.html"
    let page = try tool.vault(
      "report", "compliance", "--period", "\(year)", "--format", "html", "--out", file)
    #expect(try page.json["auditIsWhole"] == true)
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains("<html"))
    let bad = try tool.vault("report", "compliance", "--period", "\(year)", "--format", "pdf")
    #expect(bad.code == 64 && bad.errors.contains("--format"))
  }

  /// The bundle is checked without the vault; a changed byte names the member.
  @Test func evidenceIsCheckedOffline() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let key = try tool.vault("keys", "status").json["publicKey"]?.asString ?? ""
    let file = tool.folder + "/evidence.json"
    let made = try tool.vault(
      "report", "evidence", "--from", "2020-01-01", "--out", file)
    #expect(made.code == 0, "\(made.errors)")
    #expect(try made.json["gaps"]?.asArray?.contains("no purpose is registered") == true)
    let check = { (path: String) throws in
      try tool.run(["report", "evidence", "--verify", path, "--public-key", key, "--json"])
    }
    #expect(try check(file).json["valid"] == true)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(!text.contains("Canary"))
    let changed = tool.folder + "/changed.json"
    try text.replacing("plainFields", with: "plainFielde").write(
      toFile: changed, atomically: true, encoding: .utf8)
    let refused = try check(changed)
    #expect(refused.code == 2 && refused.errors.contains("posture"), "\(refused.errors)")
    let other = String(repeating: "0", count: 64)
    let foreign = try tool.run(
      ["report", "evidence", "--verify", file, "--public-key", other, "--json"])
    #expect(foreign.code == 2)
  }

  @Test(arguments: ["json", "csv", "html"])
  func recordsOfProcessing(_ format: String) async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let answer = try tool.vault("report", "records", "--format", format)
    #expect(answer.code == 0, "\(answer.errors)")
    #expect(answer.output.contains("Patient") && answer.output.contains("diagnosis"))
    #expect(!answer.output.contains("Canary"))
    // Treatment is registered nowhere.
    #expect(try tool.vault("report", "records", "--no-drift").code == 2)
    try await tool.with { vault in
      try await vault.processors.register(Processor("print-shop", contract: "C-17"))
    }
    let own = try tool.vault("report", "records", "--processor", "print-shop")
    #expect(try own.json["contract"] == "C-17")
    #expect(try tool.vault("report", "records", "--processor", "x").code == 4)
  }

  @Test func impactAndPosture() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let draft = try tool.vault("report", "impact", "--model", "Patient")
    #expect(try draft.json["triggers"]?.asArray == ["specialCategories"])
    for part in ["description", "necessity", "risks", "measures"] {
      #expect(try draft.json[part] != nil, "\(part)")
    }
    let held = try tool.vault("report", "impact", "--check")
    #expect(try held.code == 0 && held.json["holds"] == true)
    #expect(try tool.vault("report", "impact").code == 64)
    #expect(try tool.vault("report", "impact", "--model", "X").code == 64)
    let posture = try tool.vault("report", "posture")
    let models = try posture.lines.map { try Document(extendedJSON: $0)["model"]?.asString }
    #expect(models == ["Patient", "Session", "Staff"])
    #expect(try tool.vault("report", "posture", "--require", "separation,audit").code == 0)
    let weak = try tool.vault("report", "posture", "--require", "encryption")
    #expect(try weak.code == 2 && weak.json["missing"]?.asArray?.first == "Patient: encryption")
    #expect(try tool.vault("report", "posture", "--require", "x").code == 64)
  }

  /// A tool that has no rules of retention says nothing of them; the application's own does.
  @Test func noticesThatAreOvertaken() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let text = NoticeText(
      Dictionary(uniqueKeysWithValues: NoticeText.Part.allCases.map { ($0, "about \($0)") }))
    let rules = { (years: Int) -> RetentionPolicy in
      RetentionPolicy([.after("createdAt", .years(years), DataScope("Patient"), then: .review)])
    }
    try await application(tool, rules(10)) { vault in
      try await vault.notices.publish("privacy", version: 1, text)
    }
    let fine = try tool.vault("report", "notices", "--check")
    #expect(try fine.code == 0 && fine.json["current"]?.asArray == ["privacy 1 en"])
    #expect(try await embedded(tool, rules(10)) == nil)
    #expect(try await embedded(tool, rules(5)) == 2)
    try await application(tool, rules(5)) { vault in
      try await vault.notices.publish("privacy", version: 2, text)
    }
    #expect(try await embedded(tool, rules(5)) == nil)
    try await tool.with { vault in
      vault.register(tool.models.all)
      try await vault.gdpr(for: tool.models.patient).recordSource(
        [Tool.ada], .thirdParty("registry", obtainedAt: DateTime(milliseconds: 0)))
    }
    let late = try tool.vault("report", "notices", "--check")
    #expect(try late.code == 2 && late.json["overdue"] == 1)
  }

  private static func vault(_ folder: String, _ rules: RetentionPolicy) async throws -> Vault {
    var options = VaultOptions()
    options.masterKey = .file(folder + "/key")
    options.journal.segmentBytes = 1 << 20
    options.retention = rules
    return try await Vault(
      identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
      options: options)
  }

  private func application(
    _ tool: Tool, _ rules: RetentionPolicy, _ body: (Vault) async throws -> Notice
  ) async throws {
    let vault = try await Self.vault(tool.folder, rules)
    _ = try await body(vault)
    await vault.close()
  }

  /// The exit code of the check within an application; `nil` where it holds.
  private func embedded(_ tool: Tool, _ rules: RetentionPolicy) async throws -> Int32? {
    let folder = tool.folder
    let environment = CommandEnvironment(
      models: tool.models.all, openVault: { try await Self.vault(folder, rules) },
      output: { _ in })
    return try await CommandEnvironment.$current.withValue(environment) {
      let command = try PrivataCommand.parseAsRoot(["report", "notices", "--check"])
      var runnable = try #require(command as? any AsyncParsableCommand)
      do { try await runnable.run() } catch let code as ExitCode { return code.rawValue }
      return nil
    }
  }

  @Test func aCertificateIsCheckedOffline() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let key = try tool.vault("keys", "status").json["publicKey"]?.asString ?? ""
    let file = tool.folder + "/certificate.json"
    let erased = try tool.vault(
      "gdpr", "erase", "--model", "Patient", "--id", Tool.ada.description, "--requested-by",
      "office", "--reason", "x", "--prove", "--out", file)
    #expect(erased.code == 0, "\(erased.errors)")
    let check = { (path: String, key: String) throws in
      try tool.run(["gdpr", "verify", "--certificate", path, "--public-key", key, "--json"])
    }
    let held = try check(file, key)
    #expect(try held.json["identity"] == "deleted" && held.json["inLog"] == true)
    let changed = tool.folder + "/changed.json"
    try String(contentsOfFile: file, encoding: .utf8)
      .replacing("\"deleted\"", with: "\"deletet\"")
      .write(toFile: changed, atomically: true, encoding: .utf8)
    #expect(try check(changed, key).code == 2)
    #expect(try check(file, String(repeating: "1", count: 64)).code == 2)
    #expect(try check(file, "x").code == 64)
    let replay = try tool.vault("gdpr", "replay")
    #expect(try replay.code == 0 && replay.json["waiting"] == 0 && replay.json["open"] == 0)
  }
}
