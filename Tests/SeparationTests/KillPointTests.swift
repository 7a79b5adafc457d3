import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestPlaces
import Testing

/// A process is killed between two steps; the next start finishes what was begun, or undoes it.
@Suite(.serialized) struct KillPointTests {
  private func folder() throws -> String {
    let path = Place.folder + "/kill-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  /// Runs a step that ends at a kill point, if one is named.
  private func run(_ folder: String, _ step: String, at point: String? = nil) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: Programs.path("KillPointProgram"))
    process.arguments = [folder, step]
    var environment = ProcessInfo.processInfo.environment
    environment["PRIVATA_KILL_POINT"] = point
    process.environment = environment
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  private func rows(_ folder: String, _ file: String, _ query: String) throws -> [String] {
    try Shell.run("sqlite3", ["\(folder)/\(file).db", query]).split(separator: "\n").map(
      String.init)
  }

  private func isLinked(_ folder: String) throws -> Bool {
    let identity = try rows(folder, "identity", "SELECT pseudonym FROM patients ORDER BY 1")
    let clinical = try rows(
      folder, "clinical", "SELECT pseudonym FROM patients WHERE _unlinked IS NULL ORDER BY 1")
    return identity == clinical
  }

  @Test(arguments: ["intent", "insert-clinical"])
  func anInsertIsUndone(_ point: String) throws {
    let folder = try folder()
    #expect(try run(folder, "fill") == 0)
    #expect(try run(folder, "insert", at: point) == SIGKILL)
    #expect(try run(folder, "check") == 0)
    #expect(try isLinked(folder))
    #expect(try rows(folder, "identity", "SELECT name FROM patients ORDER BY 1") == ["ada", "bob"])
  }

  @Test(arguments: ["insert-identity"])
  func anInsertThatIsThereStays(_ point: String) throws {
    let folder = try folder()
    #expect(try run(folder, "fill") == 0)
    #expect(try run(folder, "insert", at: point) == SIGKILL)
    #expect(try run(folder, "check") == 0)
    #expect(try isLinked(folder))
    #expect(try rows(folder, "identity", "SELECT count(*) FROM patients") == ["3"])
  }

  @Test(arguments: ["intent", "delete-identity", "delete-clinical"])
  func aDeleteIsFinishedOrHasNotBegun(_ point: String) throws {
    let folder = try folder()
    #expect(try run(folder, "fill") == 0)
    #expect(try run(folder, "delete", at: point) == SIGKILL)
    #expect(try run(folder, "check") == 0)
    #expect(try isLinked(folder))
    let count = try rows(folder, "identity", "SELECT count(*) FROM patients")
    #expect(count == [point == "intent" ? "2" : "1"])
  }

  @Test(
    arguments: ["update", "transaction"], ["commit-intent", "commit-clinical", "commit-identity"])
  func aChangeOfBothStoresIsWholeOrNot(_ step: String, _ point: String) throws {
    let folder = try folder()
    #expect(try run(folder, "fill") == 0)
    #expect(try run(folder, step, at: point) == SIGKILL)
    #expect(try run(folder, "check") == 0)
    let wanted = point == "commit-intent" ? 1 : 2
    let age = try rows(
      folder, "identity", "SELECT age FROM patients WHERE email = 'ada@example.org'")
    let link = try rows(
      folder, "identity", "SELECT pseudonym FROM patients WHERE email = 'ada@example.org'")[0]
    let weight = try rows(
      folder, "clinical", "SELECT weight FROM patients WHERE pseudonym = '\(link)'")
    #expect(age.map { Double($0) } == [Double(wanted)])
    #expect(weight.map { Double($0) } == [Double(wanted)])
    // Once more finds nothing to do.
    #expect(try run(folder, "check") == 0)
    #expect(
      try rows(folder, "identity", "SELECT age FROM patients WHERE email = 'ada@example.org'")
        == age)
    #expect(try rows(folder, "identity", "SELECT count(*) FROM privata_commits") == ["0"])
    #expect(try rows(folder, "clinical", "SELECT count(*) FROM privata_commits") == ["0"])
  }

  @Test(arguments: [
    "erasure-frozen", "erasure-identity", "erasure-clinical", "erasure-verified",
    "erasure-attested",
  ])
  func anErasureIsFinishedByTheNextStart(_ point: String) throws {
    let folder = try folder()
    #expect(try run(folder, "fill") == 0)
    #expect(try run(folder, "erase", at: point) == SIGKILL)
    #expect(try run(folder, "check") == 0)
    #expect(try rows(folder, "identity", "SELECT name FROM patients") == ["bob"])
    #expect(
      try rows(folder, "clinical", "SELECT count(*) FROM patients WHERE _unlinked = 1") == ["1"])
    #expect(
      try rows(
        folder, "identity",
        "SELECT state, sealed IS NULL, certificate IS NOT NULL FROM privata_erasures")
        == ["attested|1|1"])
    let fresh = try rows(folder, "clinical", "SELECT pseudonym FROM patients WHERE _unlinked = 1")
    #expect(try rows(folder, "clinical", "SELECT patient FROM sessions") == fresh)
  }

  /// Every event whose operation was answered is in the log after the process was killed.
  @Test(arguments: 0..<10)
  func noAcknowledgedEventIsLost(_ round: Int) async throws {
    let folder = try folder()
    let process = Process()
    process.executableURL = URL(filePath: Programs.path("KillPointProgram"))
    process.arguments = [folder, "append"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    try await Task.sleep(for: .milliseconds(300 + 37 * round))
    kill(process.processIdentifier, SIGKILL)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let last = text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1).compactMap {
      Int($0)
    }.last
    let acknowledged = try #require(last)
    var options = VaultOptions()
    options.journal.directory = folder + "/journal"
    options.masterKey = .bytes(Array(repeating: 9, count: 32))
    let vault = try await Vault(
      identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
      options: options)
    let count = try await vault.audit.count(matching: .init(model: "Clinic"))
    #expect(count == acknowledged || count == acknowledged + 1)
    #expect(try await vault.audit.verify().isValid)
    await vault.close()
  }
}
