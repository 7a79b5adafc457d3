import PrivataCompliance
import PrivataCore
import PrivataPostgres
import Synchronization
import TestPlaces
import Testing

/// Both halves in one statement answer what two statements do, and never anything older.
@Suite struct JoinedReadTests {
  static let pairs = [
    Pair(identity: .sqlite, clinical: .sqlite), Pair(identity: .postgres, clinical: .postgres),
    Pair(identity: .sqlite, clinical: .sqlite, isOne: true),
  ]

  private let patient = ModelSchema(
    name: "JoinedPatient", collection: "joined_patients",
    fields: [
      FieldSchema("_id", .objectID, isOptional: false),
      FieldSchema("name", .string, column: "full name", privacy: .pii),
      FieldSchema("role", .string), FieldSchema("diagnosis", .string, privacy: .phi),
      FieldSchema("weight", .double, column: "weight \"kg\"", privacy: .phi),
      FieldSchema("seenAt", .date, privacy: .phi),
    ])

  private static func id(_ number: Int) -> ObjectID { ObjectID(high: 9, low: UInt32(number)) }

  private func record(_ number: Int, diagnosis: String? = "J45") -> Document {
    var record: Document = [
      "_id": .objectID(Self.id(number)), "name": .string("n\(number)"),
      "role": .string(number.isMultiple(of: 2) ? "even" : "odd"),
    ]
    if let diagnosis { record["diagnosis"] = .string(diagnosis + "-\(number)") }
    if number.isMultiple(of: 3) {
      record["weight"] = .double(Double(number) / 2)
      record["seenAt"] = .date(DateTime(milliseconds: Int64(number) * 1_000))
    }
    return record
  }

  private func insert(_ vault: Vault, _ numbers: Range<Int>) async throws {
    let rows = numbers.map { record($0, diagnosis: $0 == 7 ? nil : "J45") }
    _ = try await vault.store.write(.insert(Insert(patient, .documents(rows))))
  }

  private func cells(_ batch: RowBatch) -> [[Value?]] {
    (0..<batch.count).map { row in
      (0..<batch.width).map { batch.value(row: row, column: $0) }
    }
  }

  /// The queries: some for one record, for a list, for a page, for some fields of either half.
  private var queries: [Query] {
    let ids = [3, 1, 99, 7].map { Value.objectID(Self.id($0)) }
    let one = Filter.compare("_id", .equal, .objectID(Self.id(6)))
    let lists: [[String]] = [
      ["diagnosis", "_id"], ["weight", "name", "seenAt"], ["role", "weight"],
    ]
    return [
      Query(patient, where: one, layout: .cells),
      Query(patient, where: .compare("_id", .equal, .objectID(Self.id(99))), layout: .cells),
      Query(patient, where: .isIn("_id", ids), layout: .cells),
      Query(patient, limit: 5, layout: .cells),
      Query(patient, where: .compare("role", .equal, "odd"), skip: 2, limit: 4, layout: .cells),
    ] + lists.map { Query(patient, where: one, projection: .fields($0), layout: .cells) }
  }

  @Test(arguments: pairs)
  func oneStatementAnswersWhatTwoDo(_ pair: Pair) async throws {
    try await pair.withVault { vault, _ in
      try await vault.store.prepare([patient])
      try await insert(vault, 0..<20)
      let store = try #require(vault.store as? any TransactionalStore)
      for query in queries {
        // A transaction's reads are two statements.
        let transaction = try await store.begin(TransactionOptions())
        let wanted = cells(try await transaction.rows(for: query))
        try await transaction.rollback()
        let sent = Sent()
        let seen = try await StatementLog.$observer.withValue(sent) {
          cells(try await vault.store.rows(for: query))
        }
        #expect(seen == wanted)
        // Postgres joins single records.
        var isJoined = pair.identity == .sqlite
        if case .compare("_id", _, _) = query.filter { isJoined = true }
        #expect(sent.texts.count == (isJoined ? 1 : 2), "\(sent.texts)")
        #expect(sent.texts[0].contains("LEFT JOIN") == isJoined)
      }
    }
  }

  /// Other rights are not used: a store that is reached in another way is asked by itself.
  @Test func aSchemaOfAnotherRoleIsNotJoined() async throws {
    let places = VaultPlaces(Pair(identity: .postgres, clinical: .postgres))
    try await places.removing {
      let url = try Place.environment("PRIVATA_POSTGRES_URL")
      let other = url + (url.contains("?") ? "&" : "?") + "application_name=clinical"
      let vault = try await places.open { _ in
      } around: { place, source in
        place.name == places.clinical.name
          ? .postgres(other, schema: place.name) : source
      }
      try await vault.store.prepare([patient])
      try await insert(vault, 0..<3)
      let sent = Sent()
      let rows = try await StatementLog.$observer.withValue(sent) {
        try await vault.store.rows(
          for: Query(
            patient, where: .compare("_id", .equal, .objectID(Self.id(2))), layout: .cells))
      }
      #expect(rows.count == 1)
      #expect(sent.texts.count == 2 && !sent.texts.contains { $0.contains("JOIN") })
      await vault.close()
    }
  }

  @Test(arguments: pairs)
  func whatIsAcknowledgedIsSeenAndNoRecordLacksAHalf(_ pair: Pair) async throws {
    try await pair.withVault { vault, _ in
      try await vault.store.prepare([patient])
      try await insert(vault, 0..<6)
      let faults = Faults()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<6 {
          group.addTask { try await write(vault, number, faults) }
        }
        for part in 0..<2 {
          group.addTask {
            let start = 1_000 + part * 100
            for number in start..<start + 20 { try await insert(vault, number..<number + 1) }
          }
          group.addTask {
            let query = Query(
              patient, projection: .fields(["_id", "diagnosis"]), limit: 100, layout: .cells)
            for _ in 0..<60 {
              let rows = try await vault.store.rows(for: query)
              for row in cells(rows) where row[1]?.asString == nil {
                faults.add("half a record")
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(faults.all.isEmpty)
    }
  }

  /// Writes one record's clinical half and reads it back, many times.
  private func write(_ vault: Vault, _ number: Int, _ faults: Faults) async throws {
    let one = Filter.compare("_id", .equal, .objectID(Self.id(number)))
    for step in 0..<25 {
      let text = Value.string("step \(step)")
      _ = try await vault.store.write(
        .update(
          Update(patient, where: one, .assign([Assignment("diagnosis", text)]), layout: .cells)))
      let rows = try await vault.store.rows(for: Query(patient, where: one, layout: .cells))
      if rows.value(row: 0, column: 3) != text { faults.add("stale") }
    }
  }

  /// A person who was erased is in no answer, though their clinical row is kept.
  @Test(arguments: pairs)
  func anErasedPersonIsNotJoined(_ pair: Pair) async throws {
    try await pair.withVault { vault, _ in
      try await vault.store.prepare([patient])
      try await insert(vault, 0..<3)
      let query = Query(patient, limit: 10, layout: .cells)
      #expect(try await vault.store.rows(for: query).count == 3)
      _ = try await vault.gdpr(for: patient).rightToErasure(
        Self.id(1),
        ErasureRequest(
          requestedBy: Value.string("p"), reason: "r", legalBasis: .article17,
          clinical: .standard))
      let rows = cells(try await vault.store.rows(for: query))
      #expect(rows.map { $0[0] } == [0, 2].map { Value.objectID(Self.id($0)) })
    }
  }
}

/// What went wrong in any task.
private final class Faults: Sendable {
  private let found = Mutex<[String]>([])
  var all: [String] { found.withLock { $0 } }
  func add(_ fault: String) { found.withLock { $0.append(fault) } }
}

/// The statements that drivers sent.
private final class Sent: StatementObserver {
  private let records = Mutex<[String]>([])
  var texts: [String] { records.withLock { $0 } }
  func willSend(_ statement: StatementRecord) { records.withLock { $0.append(statement.text) } }
}
