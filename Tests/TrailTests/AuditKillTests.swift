import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestPlaces
import TestSupport
import Testing

/// A process that reads from many tasks, and moves its events meanwhile, is killed at any moment.
///
/// `PRIVATA_KILL_ROUNDS=200` is the full run; by default it is short.
@Suite(.serialized) struct AuditKillTests {
  private static var rounds: Int {
    ProcessInfo.processInfo.environment["PRIVATA_KILL_ROUNDS"].flatMap(Int.init) ?? 8
  }

  @Test func everyAcknowledgedEventIsThereOnce() async throws {
    var acknowledged = 0
    let folder = Place.folder + "/kill-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var random = SystemRandomNumberGenerator()
    // One folder for all rounds: each start takes up what the killed process left.
    for round in 0..<Self.rounds {
      let delay = Int.random(in: 60...900, using: &random)
      let told = try await kill(folder, after: delay)
      for (task, numbers) in told {
        #expect(numbers == Array(1...numbers.count), "round \(round) task \(task)")
      }
      acknowledged += told.values.reduce(0) { $0 + $1.count }
      let vault = try await open(folder)
      let found = try await vault.audit.count(matching: .init(model: "Clinic"))
      // Of each of the tasks of each round one event may be there that nobody was told of.
      #expect(found >= acknowledged, "round \(round), killed after \(delay) ms")
      #expect(found <= acknowledged + 4 * (round + 1), "round \(round)")
      let report = try await vault.audit.verify()
      #expect(report.isValid, "round \(round): \(String(describing: report.problem))")
      let count = try Shell.run(
        "sqlite3",
        [
          folder + "/identity.db",
          "SELECT count(*) - count(DISTINCT _id) FROM privata_audit_events",
        ])
      #expect(count == "0\n")
      await vault.close()
    }
    #expect(acknowledged > Self.rounds)
  }

  private func kill(_ folder: String, after delay: Int) async throws -> [String: [Int]] {
    let process = Process()
    process.executableURL = URL(filePath: Programs.path("KillPointProgram"))
    process.arguments = [folder, "appendFromManyTasks"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    try await Task.sleep(for: .milliseconds(delay))
    Foundation.kill(process.processIdentifier, SIGKILL)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    var told: [String: [Int]] = [:]
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    for line in lines {
      let words = line.split(separator: " ")
      guard words.count == 2, let number = Int(words[1]) else { continue }
      told[String(words[0]), default: []].append(number)
    }
    return told
  }

  private func open(_ folder: String) async throws -> Vault {
    var options = VaultOptions()
    options.journal.directory = folder + "/journal"
    options.masterKey = .bytes(Array(repeating: 9, count: 32))
    return try await Vault(
      identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
      options: options)
  }
}
