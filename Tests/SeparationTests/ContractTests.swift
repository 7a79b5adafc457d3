import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestPlaces
import Testing

private struct Dose: Model, Equatable {
  var number: Int
  var patient: String
  var note: String?
  var amount: Int?

  struct Fields: Sendable {
    let number = Field<Dose, Int>("number", at: 0)
    let patient = Field<Dose, String>("patient", at: 1)
    let note = Field<Dose, String?>("note", at: 2)
    let amount = Field<Dose, Int?>("amount", at: 3)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "Dose", collection: "doses",
    fields: [
      FieldSchema("number", .int64, isOptional: false),
      FieldSchema("patient", .string, isOptional: false, isUnique: true, privacy: .pii),
      FieldSchema("note", .string, privacy: .phi), FieldSchema("amount", .int64),
    ], primaryKey: ["number"])

  init(_ number: Int, _ patient: String, _ note: String? = nil, _ amount: Int? = nil) {
    self.number = number
    self.patient = patient
    self.note = note
    self.amount = amount
  }

  init(from row: RowView) throws(PrivataError) {
    number = try row.decode(at: 0)
    patient = try row.decode(at: 1)
    note = try row.decode(at: 2)
    amount = try row.decode(at: 3)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(number)
    row.append(patient)
    row.append(note)
    row.append(amount)
  }
}

// MARK: - Services that name what they need and no more

/// Reports read, and nothing else: not even by accident can one write.
private struct Reporting<Doses: RecordReader>: Sendable where Doses.Record == Dose {
  let doses: Doses
  func high() async throws -> [Int] {
    try await doses.find(\.amount > 10, orderedBy: [.asc(\.number)], limit: nil).map(\.number)
  }
}

/// Tracking writes to the log, and cannot read it.
private struct Tracking<Log: AuditLog>: Sendable where Log.Event == AuditNote {
  let log: Log
  func printed(_ ids: [Value]) throws {
    try log.append(AuditNote("app.print", model: "Dose", records: ids))
  }
}

/// What carries out a right: reads, writes, logs, drops from the cache.
private struct Forgetting<Doses: RecordReader & RecordWriter, Log: AuditLog, Kept: CacheWriter>:
  Sendable
where Doses.Record == Dose, Log.Event == AuditNote, Kept.Key == Int {
  let doses: Doses
  let log: Log
  let kept: Kept
  func forget(_ number: Int) async throws -> Bool {
    guard try await doses.contains(id: number) else { return false }
    let count = try await doses.delete(\.number == number)
    await kept.remove(number)
    try log.append(AuditNote("app.forget", model: "Dose", records: [.int(number)]))
    return count == 1
  }
}

// MARK: - Mocks, each in some lines

private struct FixedDoses: RecordReader {
  let all: [Dose]
  func find(id: some FieldValue) async throws(PrivataError) -> Dose? { all.first }
  func find(
    _ condition: Condition<Dose>, orderedBy keys: [Order<Dose>], limit: Int?
  ) async throws(PrivataError) -> [Dose] { all }
  func contains(id: some FieldValue) async throws(PrivataError) -> Bool { !all.isEmpty }
}

private actor NotedDoses: RecordWriter {
  private(set) var calls: [String] = []
  func insert(_ records: [Dose]) async throws(PrivataError) { calls.append("insert") }
  func update(
    _ condition: Condition<Dose>, _ changes: [Change<Dose>]
  ) async throws(PrivataError) -> Int {
    calls.append("update")
    return 0
  }
  func delete(_ condition: Condition<Dose>) async throws(PrivataError) -> Int {
    calls.append("delete")
    return 0
  }
}

private struct FullLog: AuditLog {
  func append(contentsOf events: [AuditNote]) throws(PrivataError) {
    throw PrivataError(.auditUnavailable, "full")
  }
}

private struct DeadCache: CacheReader, CacheWriter {
  func value(for key: Int) async -> String? { nil }
  func values(for keys: [Int]) async -> [Int: String] { [:] }
  func contains(_ key: Int) async -> Bool { false }
  func set(_ value: String, for key: Int, lifetime: Duration?) async {}
  func set(contentsOf values: [Int: String], lifetime: Duration?) async {}
  func remove(_ key: Int) async {}
  func removeAll(where isGone: @Sendable (Int) -> Bool) async {}
}

private struct CountedPseudonyms: PseudonymGenerator {
  let text: String
  func next() -> Pseudonym { Pseudonym(text) ?? SecurePseudonyms().next() }
}

/// What a replica offers: reads alone.
private struct Replica<Doses: RecordReader>: RecordReader where Doses.Record == Dose {
  let doses: Doses
  func find(id: some FieldValue) async throws(PrivataError) -> Dose? {
    try await doses.find(id: id)
  }
  func find(
    _ condition: Condition<Dose>, orderedBy keys: [Order<Dose>], limit: Int?
  ) async throws(PrivataError) -> [Dose] {
    try await doses.find(condition, orderedBy: keys, limit: limit)
  }
  func contains(id: some FieldValue) async throws(PrivataError) -> Bool {
    try await doses.contains(id: id)
  }
}

// MARK: - The contracts

@Suite struct ContractTests {
  enum Ground: String, Sendable, CaseIterable {
    case memory, sqlite, postgres, mongo, vault
  }

  /// Runs a body over records on a ground.
  private func on(
    _ ground: Ground, _ body: (Records<Dose>) async throws -> Void
  ) async throws {
    switch ground {
    case .memory: try await prepared(MemoryStore(name: UUID().uuidString), body)
    case .vault:
      try await Pair(identity: .postgres, clinical: .sqlite).withVault { vault, _ in
        try await prepared(vault.store, body)
      }
    case .sqlite, .postgres, .mongo:
      let engine = try #require(Place.Engine(rawValue: ground.rawValue))
      let place = Place(engine, "contract")
      let store = try await place.source.open()
      do {
        try await prepared(store, body)
      } catch {
        await (store as? any AdministrableStore)?.close()
        try await place.remove()
        throw error
      }
      await (store as? any AdministrableStore)?.close()
      try await place.remove()
    }
  }

  private func prepared(
    _ store: any Store, _ body: (Records<Dose>) async throws -> Void
  ) async throws {
    let doses = Records<Dose>(in: store)
    try await doses.prepare()
    try await body(doses)
  }

  /// Code that knows the reading contract alone.
  private func checkReading<R: RecordReader>(
    _ reader: R, _ known: [Dose]
  ) async throws where R.Record == Dose {
    for dose in known {
      #expect(try await reader.find(id: dose.number) == dose)
      #expect(try await reader.contains(id: dose.number))
    }
    #expect(try await reader.find(id: 999) == nil)
    #expect(try await !reader.contains(id: 999))
    #expect(try await reader.find(\.amount > 1_000_000) == [])
    let down = try await reader.find(\.number > 0, orderedBy: [.desc(\.number)], limit: 2)
    #expect(down.map(\.number) == known.map(\.number).sorted(by: >).prefix(2).map { $0 })
    #expect(try await reader.find(\.patient == "Ada").map(\.number) == [1])
  }

  /// Code that knows the writing contract alone.
  private func checkWriting<W: RecordWriter>(_ writer: W) async throws where W.Record == Dose {
    try await writer.insert([Dose(7, "Gus", "n7", 70), Dose(8, "Hal")])
    let error = await #expect(throws: PrivataError.self) {
      try await writer.insert([Dose(9, "Secret Name"), Dose(7, "Secret Name 2")])
    }
    #expect(error?.code == .duplicateKey)
    #expect(error?.description.contains("Secret") == false)
    #expect(try await writer.update(\.number == 7, [.set(\.note, "changed")]) == 1)
    #expect(try await writer.update(\.number == 999, [.set(\.note, "x")]) == 0)
    #expect(try await writer.delete(\.number == 999) == 0)
    #expect(try await writer.delete(\.number == 8) == 1)
    #expect(try await writer.delete(\.number == 8) == 0)
  }

  @Test(arguments: Ground.allCases) func readersAnswerAlike(_ ground: Ground) async throws {
    let known = [Dose(1, "Ada", "n1", 5), Dose(2, "Bob", nil, 50), Dose(3, "Cy", "n3", nil)]
    try await on(ground) { doses in
      try await doses.insert(known)
      try await checkReading(doses, known)
      try await checkReading(Replica(doses: doses), known)
      #expect(try await Reporting(doses: doses).high() == [2])
    }
  }

  @Test(arguments: Ground.allCases) func writersAnswerAlike(_ ground: Ground) async throws {
    try await on(ground) { doses in
      try await checkWriting(doses)
      // Fields that were not named are what they were.
      #expect(try await doses.find(id: 7) == Dose(7, "Gus", "changed", 70))
      #expect(try await doses.find(id: 9) == nil)
    }
  }

  /// What was read is a condition of what is written: of many who read the same, one wins, and the
  /// others are told.
  @Test(arguments: Ground.allCases) func anExpectedVersionLetsOneWin(_ ground: Ground) async throws
  {
    try await on(ground) { doses in
      try await doses.insert([Dose(1, "Ada", "n1", 0), Dose(2, "Bob", "n2", 0)])
      let writers = 6
      let rounds = 5
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<writers {
          group.addTask {
            var done = 0
            while done < rounds {
              let known = try await doses.find(id: 1)?.amount ?? 0
              do {
                let changed = try await doses.update(
                  \.number == 1 && \.amount == known, [.set(\.amount, known + 1)])
                #expect(changed <= 1)
                done += changed
              } catch let error as PrivataError where error.isRetriable {
                // The store saw two at once and let one pass: that is an answer as well.
                continue
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await doses.find(id: 1)?.amount == writers * rounds)
      #expect(try await doses.update(\.number == 1 && \.amount == 3, [.set(\.amount, 99)]) == 0)
      // Fields that were not named, and the other record, are what they were.
      #expect(try await doses.find(id: 1) == Dose(1, "Ada", "n1", writers * rounds))
      #expect(try await doses.find(id: 2) == Dose(2, "Bob", "n2", 0))
    }
  }

  @Test(arguments: Ground.allCases) func groupsAreWholeOrNothing(_ ground: Ground) async throws {
    try await on(ground) { doses in
      try await doses.insert([Dose(1, "Ada")])
      try await doses.withTransaction { inner in
        try await inner.insert([Dose(2, "Bob")])
        #expect(try await inner.contains(id: 2))
      }
      struct Stop: Error {}
      await #expect(throws: Stop.self) {
        try await doses.withTransaction { inner in
          try await inner.insert([Dose(3, "Cy")])
          try await inner.delete(\.number == 1)
          throw Stop()
        }
      }
      #expect(try await doses.find(\.number > 0).map(\.number).sorted() == [1, 2])
    }
  }

  /// A transaction ends once: what comes after is refused.
  @Test func anEndedTransactionRefuses() async throws {
    try await Pair(identity: .sqlite, clinical: .sqlite).withVault { vault, _ in
      try await vault.store.prepare([Dose.schema])
      let store = try #require(vault.store as? any TransactionalStore)
      let transaction = try await store.begin(TransactionOptions())
      try await transaction.commit()
      let error = await #expect(throws: PrivataError.self) { try await transaction.commit() }
      #expect(error?.code == .transactionEnded)
    }
  }

  // MARK: - One contract is enough

  @Test func servicesTakeMocks() async throws {
    #expect(try await Reporting(doses: FixedDoses(all: [Dose(4, "Di")])).high() == [4])
    let noted = NotedDoses()
    try await noted.insert([])
    #expect(try await noted.delete(\.number == 1) == 0)
    #expect(await noted.calls == ["insert", "delete"])
    #expect(throws: PrivataError.self) { try Tracking(log: FullLog()).printed([1]) }
    let cache = DeadCache()
    #expect(await cache.value(for: 1) == nil)
  }

  @Test func servicesTakeTheVaultsOwn() async throws {
    try await Pair(identity: .sqlite, clinical: .sqlite).withVault { vault, _ in
      let doses = Records<Dose>(in: vault.store)
      try await doses.prepare()
      try await doses.insert([Dose(1, "Ada")])
      let cache = MemoryCache<Int, String>(entries: 10, bytes: 1_000) { $0.utf8.count }
      cache.set("kept", for: 1)
      let service = Forgetting(doses: doses, log: vault.audit, kept: cache)
      #expect(try await service.forget(1))
      #expect(try await !service.forget(1))
      #expect(cache.value(for: 1) == nil)
      let count = try await vault.audit.count(
        matching: .init(model: "Dose", action: .init(rawValue: "app.forget")))
      #expect(count == 1)
    }
  }

  @Test func whoReadsCannotWrite() {
    let replica: Any = Replica(doses: FixedDoses(all: []))
    #expect(!(replica is any RecordWriter))
    #expect(!(replica is any Transactional))
    let log: Any = FullLog()
    #expect(!(log is any AuditTrail))
  }

  /// A pseudonym is a type of its own, made by the generator that is given.
  @Test func aGeneratorIsExchanged() async throws {
    let text = "pseu_" + String(repeating: "Q", count: 32)
    try await Pair(identity: .sqlite, clinical: .sqlite).withVault({
      $0.pseudonyms = CountedPseudonyms(text: text)
    }) { vault, places in
      let doses = Records<Dose>(in: vault.store)
      try await doses.prepare()
      try await doses.insert([Dose(1, "Ada", "n")])
      let link = try Shell.run("sqlite3", [places.identity.name, "SELECT pseudonym FROM doses"])
      #expect(link.trimmingCharacters(in: .whitespacesAndNewlines) == text)
      // The pair of two people is refused by both stores, never joined.
      await #expect(throws: PrivataError.self) { try await doses.insert([Dose(2, "Bob", "m")]) }
      #expect(try await doses.find(\.number > 0).map(\.note) == ["n"])
    }
  }

  // MARK: - The sources

  /// Contracts stay small: four requirements at most.
  @Test func noContractAsksForMuch() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.appending(path: "Sources/PrivataCore/Contracts")
    var seen = 0
    for file in try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /(?s)public protocol (\w+)[^{]*\{(.*?)\n\}/) {
        let requirements = match.2.matches(of: /\n  (?:func|var|init) ?\w*/).count
        #expect(requirements <= 4, "\(match.1) asks for \(requirements)")
        seen += 1
      }
    }
    #expect(seen >= 10)
  }
}
