import Foundation
import PrivataCompliance
import PrivataCore
import PrivataMongo
import PrivataPostgres
import Synchronization
import TestPlaces
import Testing

/// Many vaults one after the other, and many callers at once.
@Suite(.serialized) struct CrowdTests {
  private static let model = ModelSchema(
    name: "Guest", collection: "guests",
    fields: [
      FieldSchema("_id", .int64, isOptional: false),
      FieldSchema("name", .string, privacy: .pii),
      FieldSchema("diagnosis", .string, privacy: .phi),
    ])

  /// The sources of a pair, by a name under which the servers know their connections.
  private func named(_ label: String, _ place: Place, _ source: StoreSource) -> StoreSource {
    let environment = ProcessInfo.processInfo.environment
    switch place.engine {
    case .sqlite: return source
    case .postgres:
      var options = PostgresOptions(schema: place.name, connections: 20)
      options.applicationName = label
      return .postgres(environment["PRIVATA_POSTGRES_URL"] ?? "", options: options)
    case .mongo:
      let url = environment["PRIVATA_MONGO_URL"] ?? ""
      let mark = url.contains("?") ? "&" : url.hasSuffix("/") ? "?" : "/?"
      return .mongo(
        url + mark + "maxPoolSize=20&appName=" + label, database: place.name)
    }
  }

  private func guest(_ number: Int) -> Document {
    ["_id": .int64(Int64(number)), "name": .string("n\(number)"), "diagnosis": "d"]
  }

  private func read(_ store: any Store, _ number: Int) async throws -> Document? {
    try await store.rows(
      for: Query(
        Self.model, where: .compare("_id", .equal, .int64(Int64(number))), layout: .documents)
    ).documents.first
  }

  /// The connections that the servers see of a name.
  private func connections(_ label: String) async throws -> Int {
    let text = try Shell.run(
      "psql",
      [
        try Place.environment("PRIVATA_POSTGRES_URL"), "-Atc",
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(label)'",
      ])
    let store = try await MongoStore.open(
      try Place.environment("PRIVATA_MONGO_URL"), database: "admin")
    let reply = try await store.runCommand(
      [
        "aggregate": 1,
        "pipeline": [
          ["$currentOp": ["allUsers": true, "idleConnections": true]],
          ["$match": ["appName": .string(label)]],
        ], "cursor": [:],
      ], database: "admin")
    await store.close()
    let found = reply["cursor"]?.asDocument?["firstBatch"]?.asArray?.count ?? -1
    return found + (Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1)
  }

  private func entries(_ folder: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/" + folder).count
  }

  /// A thread ends when it has had no work for ten seconds.
  private func threadsEnd(to count: Int) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while try entries("task") > count, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  @Test func aHundredVaultsLeaveNoConnection() async throws {
    let label = "privata-fleet-\(UInt32.random(in: 0 ... .max))"
    let places = VaultPlaces(Pair(identity: .postgres, clinical: .mongo))
    try await places.removing {
      func open() async throws -> Vault {
        let vault = try await places.open(around: { named(label, $0, $1) })
        try await vault.store.prepare([Self.model])
        return vault
      }
      // What is made once for the process is there before it is counted.
      let first = try await open()
      _ = try await first.store.write(.insert(Insert(Self.model, .documents([guest(1)]))))
      #expect(try await connections(label) >= 2)
      await first.close()
      let before = (try entries("fd"), try entries("task"))
      var last = first
      for _ in 0..<100 {
        last = try await open()
        #expect(try await read(last.store, 1)?["diagnosis"] == "d")
        await last.close()
      }
      // Closing is over when it returns, and a second time does nothing.
      await last.close()
      var left = -1
      let end = ContinuousClock.now + .seconds(1)
      repeat { left = try await connections(label) } while left > 0 && ContinuousClock.now < end
      #expect(left == 0)
      try await threadsEnd(to: before.1 + 8)
      #expect(try entries("fd") <= before.0 + 4)
      #expect(try entries("task") <= before.1 + 8)
      let error = await #expect(throws: PrivataError.self) { _ = try await read(last.store, 1) }
      #expect(error?.code == .closed)
      // No event of any of them is missing.
      let audit = try await open()
      let reads = try await audit.audit.count(matching: .init(model: "Guest", action: .read))
      #expect(reads == 100)
      let report = try await audit.audit.verify()
      #expect(report.isValid)
      await audit.close()
    }
  }

  /// When the program had a moment for something else.
  private final class Ticks: Sendable {
    private let moments = Mutex<[ContinuousClock.Instant]>([])

    func tick() { moments.withLock { $0.append(.now) } }

    /// The longest time without one.
    var longest: Duration {
      let all = moments.withLock { $0 }
      return zip(all, all.dropFirst()).map { $1 - $0 }.max() ?? .seconds(99)
    }
  }

  /// Callers that give up leave, and those who stay are answered.
  private func leaves(_ store: any Store) async {
    let answered = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<400 {
        group.addTask {
          let task = Task { try await read(store, number % 100) }
          if number.isMultiple(of: 2) { task.cancel() }
          return (try? await task.value) != nil
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(answered >= 200)
  }

  /// A read beside a transaction's own, in eight of them at once.
  private func nests(_ outer: any Store) async throws {
    let store = try #require(outer as? any TransactionalStore)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        group.addTask {
          try await store.withTransaction { inner in
            let inside = try await read(inner, number)
            let outside = try await read(store, number)
            #expect(inside != nil && outside == inside)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// A thousand callers of twenty connections: all are answered, and the program goes on meanwhile.
  @Test(arguments: Pair.same) func aThousandReadsAtOnce(_ pair: Pair) async throws {
    let label = "privata-crowd-\(UInt32.random(in: 0 ... .max))"
    let places = VaultPlaces(pair)
    try await places.removing {
      let vault = try await places.open(around: { named(label, $0, $1) })
      let store = vault.store
      try await store.prepare([Self.model])
      _ = try await store.write(
        .insert(Insert(Self.model, .documents((0..<100).map(guest)))))
      let ticks = Ticks()
      let ticking = Task {
        while !Task.isCancelled {
          ticks.tick()
          try await Task.sleep(for: .milliseconds(10))
        }
      }
      let found = try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<1_000 {
          group.addTask { try await read(store, number % 100)?["name"] != nil }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(found == 1_000)
      await leaves(store)
      ticking.cancel()
      _ = await ticking.result
      #expect(ticks.longest < .seconds(2))
      try await nests(store)
      await vault.close()
    }
  }
}
