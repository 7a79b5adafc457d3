import PrivataCore
import TestSupport
import Testing

@testable import PrivataCompliance

/// Everything that can be asked of a vault's store leaves one event that says what it was.
@Suite struct AuditSurfaceTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let action: AuditEvent.Action
    var outcome = AuditEvent.Outcome.success
    let run: @Sendable (Clinic) async throws -> Void
    var testDescription: String { name }
  }

  private static func query(
    _ clinic: Clinic, _ answer: Query.Answer = .rows, _ filter: Filter = .all,
    _ projection: Projection = .all
  ) async throws {
    _ = try await clinic.store.rows(
      for: Query(clinic.models.patient, where: filter, projection: projection, answer: answer))
  }

  private static func write(_ clinic: Clinic, _ write: Write) async throws {
    _ = try await clinic.store.write(write)
  }

  private static func update(
    _ clinic: Clinic, many: Bool = false, upsert: Bool = false, returning: Returning = .none
  ) -> Write {
    .update(
      Update(
        clinic.models.patient, where: .document(["_id": .objectID(ObjectID(high: 1, low: 1))]),
        .operators(["$set": ["name": "new", "diagnosis": "new"]]), isMany: many, isUpsert: upsert,
        returning: returning))
  }

  private static let ada = Filter.document(["_id": .objectID(ObjectID(high: 1, low: 1))])

  static let rows: [Row] = [
    Row(name: "find of both halves", action: .read) { try await query($0) },
    Row(name: "find by id", action: .read) { try await query($0, .rows, ada) },
    Row(name: "find of identity fields", action: .read) {
      try await query($0, .rows, ada, .document(["name": 1]))
    },
    Row(name: "find of clinical fields", action: .read) {
      try await query($0, .rows, .document(["diagnosis": "J45"]), .document(["ward": 1, "_id": 0]))
    },
    Row(name: "find of nothing", action: .read) {
      try await query($0, .rows, .document(["name": "nobody"]))
    },
    Row(name: "count", action: .count) { try await query($0, .count) },
    Row(name: "exists", action: .exists) { try await query($0, .exists, ada) },
    Row(name: "distinct", action: .distinct) { try await query($0, .distinct("ward")) },
    Row(name: "insert", action: .insert) { clinic in
      try await clinic.insert(clinic.models.patient, [["_id": .objectID(ObjectID())]])
    },
    Row(name: "insert of many", action: .insert) { clinic in
      try await clinic.insert(
        clinic.models.patient,
        (0..<20).map { number in
          [
            "_id": .objectID(ObjectID()), "email": .string("\(number)@example.org"), "ward": "w",
          ]
        })
    },
    Row(name: "update", action: .update) { try await write($0, update($0)) },
    Row(name: "update of many", action: .update) { try await write($0, update($0, many: true)) },
    Row(name: "find and update", action: .update) {
      try await write($0, update($0, returning: .after))
    },
    Row(name: "upsert", action: .update) { try await write($0, update($0, upsert: true)) },
    Row(name: "delete", action: .delete) { clinic in
      try await write(clinic, .delete(Delete(clinic.models.patient, where: ada)))
    },
    Row(name: "bulk", action: .bulk) { clinic in
      try await write(clinic, .bulk([update(clinic), update(clinic)], isOrdered: true))
    },
    Row(name: "a failed insert", action: .insert, outcome: .failed) { clinic in
      await #expect(throws: PrivataError.self) {
        try await clinic.insert(clinic.models.patient, [["_id": .objectID(Clinic.ada)]])
      }
    },
    Row(name: "a failed query", action: .read, outcome: .failed) { clinic in
      await #expect(throws: PrivataError.self) {
        try await query(clinic, .rows, .document(["name": ["$nonsense": 1]]))
      }
    },
    Row(name: "a stream of one piece", action: .read) { clinic in
      let store = try #require(clinic.store as? any StreamingStore)
      let stream = try await store.stream(Query(clinic.models.patient), batchSize: 100)
      while try await stream.next() != nil {}
    },
    Row(name: "drop", action: .drop) { clinic in
      let store = try #require(clinic.store as? any AdministrableStore)
      try await store.drop([clinic.models.patient])
    },
  ]

  private func events(_ clinic: Clinic) async throws -> [AuditEvent] {
    try await clinic.vault.audit.flush()
    var pages = AuditPages(clinic.vault.core, AuditSelection())
    var events: [AuditEvent] = []
    while let page = try await pages.next() { events += page.map(\.event) }
    return events
  }

  @Test(arguments: rows) func leavesExactlyOneEvent(_ row: Row) async throws {
    let clinic = try await Clinic()
    let before = try await events(clinic).count
    try await row.run(clinic)
    let new = Array(try await events(clinic).dropFirst(before))
    #expect(new.count == 1, "\(new.map(\.action.rawValue))")
    #expect(new.first?.action == row.action && new.first?.outcome == row.outcome)
    #expect(new.first?.model == "Patient")
  }

  /// A hit of the cache is a read like another, and so is each of many callers who wait for one read.
  @Test func everyReaderOfTheCacheLeavesAnEvent() async throws {
    let clinic = try await Clinic { $0.cache = CacheOptions() }
    let before = try await events(clinic).count
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<100 {
        group.addTask {
          _ = try await clinic.find(clinic.models.patient, ["_id": .objectID(Clinic.ada)])
        }
      }
      try await group.waitForAll()
    }
    let new = try await events(clinic).dropFirst(before)
    #expect(new.count == 100 && new.allSatisfy { $0.action == .read && $0.records.count == 1 })
  }

  /// An aggregation is an event, behind the read with which it begins.
  @Test func anAggregationIsAnEvent() async throws {
    let clinic = try await Clinic()
    let store = try #require(clinic.store as? any AggregatingStore)
    let before = try await events(clinic).count
    _ = try await store.aggregate(
      [["$match": ["name": "Ada Canary"]]], on: clinic.models.patient, options: nil)
    let new = try await events(clinic).dropFirst(before).map(\.action)
    #expect(new.last == .aggregate && new.dropLast().allSatisfy { $0 == .read })
  }

  /// In a transaction each call leaves its event.
  @Test func aTransactionLeavesOneOfEachCall() async throws {
    let clinic = try await Clinic()
    let store = try #require(clinic.store as? any TransactionalStore)
    let before = try await events(clinic).count
    try await store.withTransaction { transaction in
      _ = try await transaction.rows(for: Query(clinic.models.patient))
      _ = try await transaction.write(Self.update(clinic))
    }
    let new = try await events(clinic).dropFirst(before).map(\.action)
    #expect(Array(new.prefix(2)) == [.read, .update])
  }
}
