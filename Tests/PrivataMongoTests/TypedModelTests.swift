import PrivataCore
import Synchronization
import Testing

@testable import PrivataMongo

/// Models whose key has a name of its own, in rows of cells.
@Suite(.serialized) struct TypedModelTests {
  private static let person = ModelSchema(
    name: "Person", collection: "people",
    fields: [
      .init("id", .int32, isOptional: false), .init("name", .string, isOptional: false),
      .init("email", .string, isUnique: true), .init("age", .int32),
      .init("status", .string, isOptional: false, storeDefault: "new"),
    ])

  private func withPeople(_ name: String, _ body: (MongoStore) async throws -> Void) async throws {
    let store = try await MongoTests.store("mongo_driver_typed_" + name)
    try await store.dropDatabase()
    try await store.prepare([Self.person])
    try await insert([(1, "Ada", 36), (2, "Grace", 45), (3, "Edsger", nil)], into: store)
    try await body(store)
    try await store.dropDatabase()
    await store.close()
  }

  private func insert(_ people: [(Int32, String, Int32?)], into store: MongoStore) async throws {
    var batch = RowBatch(width: 3)
    for (id, name, age) in people {
      batch.append(int32: id)
      batch.append(text: name)
      batch.append(age.map(Value.int32))
    }
    let rows = Insert.Rows.cells(fields: ["id", "name", "age"], batch)
    _ = try await store.write(.insert(Insert(Self.person, rows)))
  }

  private func names(_ rows: RowBatch?) -> [String?] {
    guard let rows else { return [] }
    return (0..<rows.count).map { rows.value(row: $0, column: 0)?.asString }
  }

  @Test func manyAreChangedAndAnswered() async throws {
    try await withPeople("many") { store in
      var update = Update(
        Self.person, where: .compare("id", .lessOrEqual, 2),
        .assign([Assignment("age", 1, .increment)]), isMany: true, returning: .after)
      update.layout = .cells
      update.projection = .fields(["name", "age"])
      update.sort = [SortKey("id")]
      let after = try await store.write(.update(update))
      #expect(after.modified == 2)
      #expect(names(after.rows) == ["Ada", "Grace"])
      #expect(after.rows?.value(row: 1, column: 1) == 46)
      update.returning = .before
      let before = try await store.write(.update(update))
      #expect(before.rows?.value(row: 1, column: 1) == 46)
    }
  }

  @Test func manyAreRemovedAndAnswered() async throws {
    try await withPeople("removed") { store in
      let delete = Delete(
        Self.person, where: .isNotNull("age"), sort: [SortKey("id", descending: true)],
        returning: .before, projection: .fields(["name"]), layout: .cells)
      let outcome = try await store.write(.delete(delete))
      #expect(outcome.deleted == 2)
      #expect(names(outcome.rows) == ["Grace", "Ada"])
      let first = Delete(
        Self.person, where: .all, isMany: false, sort: [SortKey("id")], returning: .before)
      let last = try await store.write(.delete(first))
      #expect(last.rows?.documents.first?["id"] == 3)
      let none = try await store.write(.delete(Delete(Self.person, where: .all, isMany: false)))
      #expect(none.deleted == 0)
    }
  }

  @Test func theKeyIsCalledByTheModelsName() async throws {
    try await withPeople("names") { store in
      let filter = Filter.document(["$or": [["id": 1], ["$and": [["id": 3]]]]])
      let found = try await store.rows(
        for: Query(Self.person, where: filter, sort: [SortKey("id")]))
      #expect(found.documents.map { $0["id"] } == [1, 3])
      #expect(found.documents.allSatisfy { !$0.contains("_id") })
      #expect(found.documents.first?["status"] == "new")
      let count = try await store.rows(
        for: Query(Self.person, where: .not(.isNotIn("id", [1, 2])), answer: .count))
      #expect(count.value(row: 0, column: 0) == .int64(2))
      let none = try await store.rows(for: Query(Self.person, where: .not(.isNotIn("id", []))))
      #expect(none.isEmpty)
      let distinct = try await store.rows(
        for: Query(Self.person, skip: 1, limit: 1, answer: .distinct("name")))
      #expect(distinct.count == 1)
    }
  }

  @Test func rowsThatLackWhatIsRequiredAreRefused() async throws {
    try await withPeople("required") { store in
      for fields in [["id"], ["name"]] {
        var batch = RowBatch(width: 1)
        batch.append(fields == ["id"] ? Value.int32(9) : Value.string("x"))
        let error = await thrown {
          _ = try await store.write(.insert(Insert(Self.person, .cells(fields: fields, batch))))
        }
        #expect(error?.code == .missingField)
      }
      var nulls = RowBatch(width: 2)
      nulls.append(int32: 9)
      nulls.appendNull()
      let null = await thrown {
        _ = try await store.write(
          .insert(Insert(Self.person, .cells(fields: ["id", "name"], nulls))))
      }
      #expect(null?.code == .missingField)
      #expect(null?.fields == ["name"])
      for (fields, code) in [
        (["id", "nope"], PrivataError.Code.unknownField), (["id"], .badArgument),
      ] {
        let error = await thrown {
          _ = try await store.write(.insert(Insert(Self.person, .cells(fields: fields, nulls))))
        }
        #expect(error?.code == code)
      }
    }
  }

  @Test func missingCellsTakeTheStoresDefault() async throws {
    try await withPeople("defaults") { store in
      var batch = RowBatch(width: 3)
      batch.append(int32: 9)
      batch.append(text: "x")
      batch.appendMissing()
      let rows = Insert.Rows.cells(fields: ["id", "name", "status"], batch)
      _ = try await store.write(.insert(Insert(Self.person, rows)))
      let found = try await store.rows(
        for: Query(Self.person, where: .compare("id", .equal, 9)))
      #expect(found.documents.first?["status"] == "new")
    }
  }

  @Test func optionsOfWritesReachTheServer() async throws {
    let recorder = CommandRecorder()
    var options = MongoOptions()
    options.commandObserver = recorder
    try await MongoTests.withCollection("typed_options", options: options) { store, model in
      try await store.insert([["_id": 1, "s": "a"]], into: model)
      var more = QueryOptions()
      more.comment = "why"
      more.maxTimeMilliseconds = 5000
      more.collation = ["locale": "en", "strength": 2]
      more.hint = ["_id": 1]
      more.more = ["let": ["x": 1]]
      var update = Update(model, where: .document(["s": "A"]), .operators(["$set": ["n": 1]]))
      update.options = more
      _ = recorder.take()
      #expect(try await store.write(.update(update)).modified == 1)
      let sent = try #require(recorder.take().first)
      #expect(sent["comment"] == "why")
      #expect(sent["maxTimeMS"] == 5000)
      let statement = sent["updates"]?.asArray?.first?.asDocument
      #expect(statement?["hint"] == ["_id": 1])
      #expect(statement?["collation"]?.asDocument?["strength"] == 2)
    }
  }

  @Test func aSourceOpensAStore() async throws {
    let store = try await StoreSource.mongo(MongoTests.url, database: "mongo_driver_test").open()
    #expect(store.traits.kind == .mongo)
    #expect(store.traits.place.hasSuffix("/mongo_driver_test"))
    #expect(!store.traits.place.contains("mongodb://"))
    await (store as? MongoStore)?.close()
  }

  @Test func statementsAreLoggedWithoutValues() async throws {
    try await MongoTests.withCollection("typed_log") { store, model in
      let seen = Seen()
      try await StatementLog.$observer.withValue(seen) {
        let filter = Filter.document(["s": ["$in": ["secret"]], "$or": [["a": 1], ["b": "x"]]])
        var query = Query(model, where: filter, sort: [SortKey("s", descending: true)], skip: 1)
        query.limit = 2
        _ = try await store.rows(for: query)
        _ = try await store.aggregate(
          [["$match": ["s": "secret"]], ["$limit": 1]], on: model, options: nil)
        _ = try await store.write(.delete(Delete(model, where: .document(["s": "secret"]))))
      }
      #expect(
        seen.texts == [
          "typed_log.find({s: {$in: [?]}, $or: [{a: ?}, {b: ?}]}).sort({s: -1}).skip(?).limit(?)",
          "typed_log.aggregate([{$match: {s: ?}}, {$limit: ?}])", "typed_log.delete({s: ?})",
        ])
    }
  }
}

/// Keeps the statements of a task.
private final class Seen: StatementObserver {
  private let all = Mutex<[String]>([])
  var texts: [String] { all.withLock { $0 } }
  func willSend(_ statement: StatementRecord) { all.withLock { $0.append(statement.text) } }
}
