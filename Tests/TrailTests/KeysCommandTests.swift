import Foundation
import PrivataCompliance
import PrivataCore
import Synchronization
import TestPlaces
import TestSupport
import Testing

@Suite struct KeysCommandTests {
  private func sealed() async throws -> (tool: Tool, model: ModelSchema) {
    let tool = try await Tool(fill: false)
    let model = ModelSchema(
      name: "Person", collection: "people",
      fields: [
        FieldSchema("_id", .string, isOptional: false),
        FieldSchema("email", .string, privacy: .pii, encryption: .encrypted(index: .equality)),
        FieldSchema("note", .string, privacy: .phi, encryption: .encrypted),
      ])
    try await tool.with(encrypted: true) { vault in
      try await vault.store.prepare([model])
      let people: [Document] = [
        ["_id": "p1", "email": "p1@canary.org", "note": "canary-1"],
        ["_id": "p2", "email": "p2@canary.org", "note": "canary-2"],
      ]
      _ = try await vault.store.write(.insert(Insert(model, .documents(people))))
    }
    return (tool, model)
  }

  private func keys(_ tool: Tool, _ arguments: String...) throws -> Tool.Answer {
    try tool.run(
      ["keys"] + arguments + tool.stores + ["--key-store", tool.folder + "/keys.db", "--json"])
  }

  @Test(arguments: ["root", "epoch", "subjects", "index"])
  func aRotationIsReportedAndValuesStayReadable(_ level: String) async throws {
    let (tool, model) = try await sealed()
    defer { tool.remove() }
    let before = try keys(tool, "status")
    #expect(before.code == 0, "\(before.errors)")
    #expect(try before.json["identity active"]?.asInt == 2)
    let ciphertext = try tool.rows("identity", "SELECT hex(email) FROM people ORDER BY 1")
    let answer = try keys(tool, "rotate", "--level", level)
    #expect(answer.code == 0, "\(answer.errors)")
    switch level {
    case "subjects": #expect(try answer.json["resealed"]?.asInt == 4)
    case "index": #expect(try (answer.json["made"]?.asInt ?? 0) > 0)
    default: #expect(try (answer.json["rewrapped"]?.asInt ?? 0) > 0)
    }
    let after = try tool.rows("identity", "SELECT hex(email) FROM people ORDER BY 1")
    #expect((after != ciphertext) == (level == "subjects"))
    try await tool.with(encrypted: true) { vault in
      let rows = try await vault.store.rows(
        for: Query(model, where: .document(["email": "p1@canary.org"])))
      #expect(rows.documents.first?["note"] == "canary-1")
    }
  }

  /// A program that never touched a model rotates: the model's records are sealed anew too, and no key
  /// that they need is destroyed.
  @Test func aModelThatAProcessNeverUsedStaysReadable() async throws {
    let (tool, model) = try await sealed()
    defer { tool.remove() }
    let other = ModelSchema(
      name: "Other", collection: "others",
      fields: [
        FieldSchema("_id", .string, isOptional: false),
        FieldSchema("email", .string, privacy: .pii, encryption: .encrypted),
      ])
    try await tool.with(encrypted: true) { vault in
      try await vault.store.prepare([other])
      _ = try await vault.store.write(
        .insert(Insert(other, .documents([["_id": "o1", "email": "o1@canary.org"]]))))
      let rotation = try await vault.encryption?.rotate(.subjects)
      #expect(rotation?.resealed == 5)
    }
    try await tool.with(encrypted: true) { vault in
      let rows = try await vault.store.rows(for: Query(model)).documents
      #expect(Set(rows.compactMap { $0["note"]?.asString }) == ["canary-1", "canary-2"])
    }
  }

  /// The catalog brings the encryption of fields too: the tool opens what the program sealed.
  @Test func theToolReadsEncryptedFields() async throws {
    let (tool, _) = try await sealed()
    defer { tool.remove() }
    let answer = try tool.run(
      ["gdpr", "access", "--model", "Person", "--id", "p2", "--json"] + tool.stores
        + ["--key-store", tool.folder + "/keys.db"])
    #expect(answer.code == 0, "\(answer.errors)")
    #expect(answer.output.contains("p2@canary.org") && answer.output.contains("canary-2"))
    let without = try tool.run(
      ["gdpr", "access", "--model", "Person", "--id", "p2", "--json"] + tool.stores)
    #expect(without.code == 64 && without.errors.contains("key store"))
  }

  // MARK: - Killed while a program serves

  /// The load on a vault: reads and counted changes, until it is told to end.
  private final class Load: Sendable {
    let isOver = Atomic(false)
    let requests = Atomic(0)
    let failures = Mutex<[String]>([])
    let changes = Mutex<[Int: Int]>([:])

    func run(_ vault: Vault, _ model: ModelSchema, people: Int, perSecond: Int) async {
      let begun = ContinuousClock.now
      var number = 0
      while !isOver.load(ordering: .relaxed) {
        let person = number * 7 % people
        do {
          if number.isMultiple(of: 2) {
            try await change(vault, model, person)
          } else {
            let rows = try await vault.store.rows(
              for: Query(model, where: .document(["_id": .string("p\(person)")])))
            if rows.documents.first?["email"] != .string("p\(person)@canary.org") {
              failures.withLock { $0.append("p\(person) was not found") }
            }
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
        number += 1
        requests.add(1, ordering: .relaxed)
        let due = begun.advanced(by: .seconds(Double(number) / Double(perSecond)))
        if due > ContinuousClock.now { try? await Task.sleep(until: due) }
      }
    }

    private func change(_ vault: Vault, _ model: ModelSchema, _ person: Int) async throws {
      let count = changes.withLock { changes in
        changes[person, default: 0] += 1
        return changes[person] ?? 0
      }
      _ = try await vault.store.write(
        .update(
          Update(
            model, where: .document(["_id": .string("p\(person)")]),
            .operators(["$set": ["note": .string("note \(count)")], "$inc": ["count": 1]]))))
    }
  }

  /// Starts a rotation and kills it after a time, or lets it end where there is none.
  private func rotate(
    _ tool: Tool, _ level: String, killedAfter milliseconds: Int?
  ) async throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: Programs.path("privata"))
    process.arguments =
      ["keys", "rotate", "--level", level, "--rate", "400"] + tool.stores
      + ["--key-store", tool.folder + "/keys.db", "--json"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    if let milliseconds {
      try await Task.sleep(for: .milliseconds(milliseconds))
      kill(process.processIdentifier, SIGKILL)
    }
    while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
    if milliseconds != nil {
      // The lease of the killed process, a minute long, is waited for by the next rotation: here it
      // ends at once. The serving process has a shorter one.
      _ = try Shell.run(
        "sqlite3",
        [
          "-cmd", ".timeout 5000", tool.folder + "/keys.db",
          "DELETE FROM privata_key_leases WHERE until > (strftime('%s', 'now') + 10) * 1000",
        ])
    }
    return process.terminationStatus
  }

  /// All levels are rotated by another process, killed and gone on with, while this one serves: no
  /// request fails, no change is lost, and in the end nothing is left of the older keys.
  @Test func allLevelsRotateUnderLoadAndAreKilled() async throws {
    let tool = try await Tool(fill: false)
    defer { tool.remove() }
    let load = Load()
    try await tool.with(encrypted: true, lease: 5) { vault in
      try await fill(vault)
      let serving = Task {
        await load.run(
          vault, Self.person, people: Self.people, perSecond: Self.requestsPerSecond)
      }
      for level in ["subjects", "epoch", "index", "root"] {
        for milliseconds in [700, 1_500] {
          _ = try await rotate(tool, level, killedAfter: milliseconds)
        }
        // On the way, keys are out of service and seal values still.
        let watching = Task { () -> Int in
          var most = 0
          while !Task.isCancelled {
            most = max(most, try await vault.encryption?.remaining().values.reduce(0, +) ?? 0)
            try? await Task.sleep(for: .milliseconds(20))
          }
          return most
        }
        #expect(try await rotate(tool, level, killedAfter: nil) == 0, "\(level)")
        watching.cancel()
        if level == "subjects" { #expect(try await watching.value > 0) }
      }
      load.isOver.store(true, ordering: .relaxed)
      await serving.value
      try await check(vault, load)
    }
  }

  private static let people = 120
  private static let person = ModelSchema(
    name: "Person", collection: "people",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("email", .string, privacy: .pii, encryption: .encrypted(index: .equality)),
      FieldSchema("note", .string, privacy: .phi, encryption: .encrypted),
      FieldSchema("count", .int32),
    ])

  private func fill(_ vault: Vault) async throws {
    try await vault.store.prepare([Self.person])
    let documents = (0..<Self.people).map { number -> Document in
      [
        "_id": .string("p\(number)"), "email": .string("p\(number)@canary.org"),
        "note": "note 0", "count": 0,
      ]
    }
    _ = try await vault.store.write(.insert(Insert(Self.person, .documents(documents))))
  }

  private func check(_ vault: Vault, _ load: Load) async throws {
    #expect(load.failures.withLock { $0 } == [])
    #expect(load.requests.load(ordering: .relaxed) > 200)
    let rows = try await vault.store.rows(for: Query(Self.person)).documents
    #expect(rows.count == Self.people)
    let changes = load.changes.withLock { $0 }
    for row in rows {
      let number = Int(row["_id"]?.asString?.dropFirst() ?? "") ?? -1
      #expect(row["count"]?.asInt == changes[number] ?? 0)
      #expect(row["note"] == .string("note \(changes[number] ?? 0)"))
    }
    let status = try await vault.encryption?.status()
    #expect(status?.keys.contains { $0.state == "retired" } == false)
    #expect(try await vault.encryption?.remaining() == [:])
  }

  private static var requestsPerSecond: Int {
    ProcessInfo.processInfo.environment["PRIVATA_ROTATION_LOAD"].flatMap(Int.init) ?? 100
  }

  /// A rotation takes as long as its rate says.
  @Test func aRotationKeepsToItsRate() async throws {
    let (tool, _) = try await sealed()
    defer { tool.remove() }
    try await tool.with(encrypted: true) { vault in
      let clock = ContinuousClock()
      let slow = try await clock.measure {
        // Two records with two halves each.
        _ = try await vault.encryption?.rotate(.subjects, perSecond: 4)
      }
      #expect(slow >= .milliseconds(900))
    }
    let refused = try keys(tool, "rotate", "--level", "subjects", "--rate", "0")
    #expect(refused.code == 64)
  }
}
