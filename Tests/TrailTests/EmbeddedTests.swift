import ArgumentParser
import PrivataCommands
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import Synchronization
import TestPlaces
import TestSupport
import Testing

/// An application that makes the commands part of its own program.
@Suite struct EmbeddedTests {
  private final class Lines: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
  }

  @Test func theApplicationsOwnVaultAndModelsAreUsed() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let lines = Lines()
    let folder = tool.folder
    let environment = CommandEnvironment(
      models: tool.models.all,
      openVault: {
        var options = VaultOptions()
        options.masterKey = .file(folder + "/key")
        return try await Vault(
          identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
          options: options)
      }, output: { lines.add($0) })
    try await CommandEnvironment.$current.withValue(environment) {
      let command = try PrivataCommand.parseAsRoot([
        "gdpr", "access", "--model", "Patient", "--id", Tool.bob.description,
      ])
      var runnable = try #require(command as? any AsyncParsableCommand)
      try await runnable.run()
    }
    let report = try Document(extendedJSON: lines.all.first ?? "")
    #expect(report["model"] == "Patient")
    #expect(lines.all.joined().contains("bob@example.org"))
  }

  @Test func aModelThatTheApplicationDoesNotHaveIsRefused() async throws {
    let tool = try await Tool()
    defer { tool.remove() }
    let errors = Lines()
    let folder = tool.folder
    let environment = CommandEnvironment(
      models: [tool.models.clinic],
      openVault: {
        var options = VaultOptions()
        options.masterKey = .file(folder + "/key")
        return try await Vault(
          identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
          options: options)
      }, errors: { errors.add($0) })
    await #expect(throws: ExitCode(64)) {
      try await CommandEnvironment.$current.withValue(environment) {
        let command = try PrivataCommand.parseAsRoot([
          "gdpr", "access", "--model", "Patient", "--id", Tool.bob.description,
        ])
        var runnable = try #require(command as? any AsyncParsableCommand)
        try await runnable.run()
      }
    }
    #expect(errors.all.first?.contains("--model") == true)
  }
}
