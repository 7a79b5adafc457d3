import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestPlaces
import Testing

/// A process is killed in the middle of a person's move to another region.
@Suite(.serialized) struct RegionMoveTests {
  private func run(_ folder: String, _ step: String, at point: String? = nil) throws -> (
    Int32, String
  ) {
    let process = Process()
    process.executableURL = URL(filePath: Programs.path("KillPointProgram"))
    process.arguments = [folder, step]
    var environment = ProcessInfo.processInfo.environment
    environment["PRIVATA_KILL_POINT"] = point
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private func rows(_ folder: String, _ file: String, _ query: String) throws -> [String] {
    try Shell.run("sqlite3", ["\(folder)/\(file).db", query]).split(separator: "\n").map(
      String.init)
  }

  @Test(arguments: [
    "relocation-copying", "relocation-copied", "relocation-switched", "relocation-erased",
  ])
  func aMoveIsFinishedByTheNextStart(_ point: String) throws {
    let folder = Place.folder + "/move-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #expect(try run(folder, "region-fill") == (0, "done"))
    #expect(try rows(folder, "eu-identity", "SELECT name FROM patients") == ["ada"])
    #expect(try run(folder, "region-move", at: point).0 == SIGKILL)
    // Everybody is there once.
    #expect(try run(folder, "region-check") == (0, "ada,bob"))
    #expect(try rows(folder, "eu-identity", "SELECT count(*) FROM patients") == ["0"])
    #expect(try rows(folder, "eu-clinical", "SELECT count(*) FROM patients") == ["0"])
    #expect(try rows(folder, "eu-clinical", "SELECT count(*) FROM sessions") == ["0"])
    #expect(try rows(folder, "eu-identity", "SELECT count(*) FROM privata_moves") == ["0"])
    #expect(
      try rows(folder, "us-identity", "SELECT name FROM patients ORDER BY 1") == ["ada", "bob"])
    let link = try rows(folder, "us-identity", "SELECT pseudonym FROM patients WHERE name = 'ada'")
    #expect(try rows(folder, "us-clinical", "SELECT patient FROM sessions") == link)
    #expect(
      try rows(
        folder, "us-clinical", "SELECT diagnosis FROM patients WHERE pseudonym = '\(link[0])'")
        == ["d-ada"])
    // Once more finds nothing to do.
    #expect(try run(folder, "region-check") == (0, "ada,bob"))
    try FileManager.default.removeItem(atPath: folder)
  }

  private let person = ModelSchema(
    name: "Person", collection: "people",
    fields: [
      FieldSchema("id", .string, isOptional: false), FieldSchema("name", .string, privacy: .pii),
      FieldSchema("age", .int32), FieldSchema("diagnosis", .string, privacy: .phi),
    ], primaryKey: ["id"])

  /// Europe on servers, America in files; each store looked into with its own client.
  @Test func regionsOfDifferentKinds() async throws {
    let eu = (Place(.postgres, "euwho"), Place(.mongo, "euhow"))
    let us = (Place(.sqlite, "uswho"), Place(.sqlite, "ushow"))
    let directory = Place.folder + "/journal-\(UUID().uuidString)"
    var options = VaultOptions()
    options.journal.directory = directory
    options.masterKey = .bytes(Array(repeating: 5, count: 32))
    let vault = try await Vault(
      regions: [
        RegionStores(.eu, identity: eu.0.source, clinical: eu.1.source),
        RegionStores(.us, identity: us.0.source, clinical: us.1.source),
      ], options: options)
    try await vault.store.prepare([person])
    let people: [Document] = (0..<30).map {
      [
        "id": .string(($0 % 3 == 0 ? "us_" : "eu_") + "\($0)"), "name": .string("canary-\($0)"),
        "age": .int($0), "diagnosis": .string("sickness-\($0)"),
      ]
    }
    _ = try await vault.store.write(.insert(Insert(person, .documents(people))))
    let oldest = try await vault.store.rows(
      for: Query(
        person, where: .compare("age", .greater, 3), projection: .fields(["age"]),
        sort: [SortKey("age", descending: true)], skip: 1, limit: 4, layout: .cells))
    #expect((0..<oldest.count).map { oldest.value(row: $0, column: 0)?.asInt } == [28, 27, 26, 25])
    let american = try Shell.run("sqlite3", [us.0.name, "SELECT name FROM people"])
    #expect(american.split(separator: "\n").count == 10)
    #expect(american.contains("canary-0") && !american.contains("canary-1\n"))
    let european = try Shell.run(
      "psql",
      [
        try Place.environment("PRIVATA_POSTGRES_URL"), "-Atc",
        "SELECT name FROM \(eu.0.name).people ORDER BY 1",
      ])
    #expect(european.split(separator: "\n").count == 20)
    #expect(!european.contains("canary-0\n") && european.contains("canary-1\n"))
    await vault.close()
    for place in [eu.0, eu.1, us.0, us.1] { try await place.remove() }
    try? FileManager.default.removeItem(atPath: directory)
  }
}
