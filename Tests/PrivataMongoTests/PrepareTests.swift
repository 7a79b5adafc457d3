import PrivataCore
import Testing

@testable import PrivataMongo

@Suite struct PrepareTests {
  private static let model = ModelSchema(
    name: "Patient", collection: "prepared",
    fields: [
      .init("_id", .objectID), .init("email", .string, isUnique: true),
      .init("city", .string, isIndexed: true), .init("note", .string), .init("seen", .date),
    ],
    indexes: [
      IndexSchema(parts: [.init("note", kind: "text")]),
      IndexSchema(parts: [.init("seen")], expireAfterSeconds: 3600),
      IndexSchema(
        name: "adults", parts: [.init("city"), .init("seen", isDescending: true)], isUnique: true,
        partialFilter: ["age": ["$gte": 18]]),
    ], isOpen: true)

  @Test func makesWhatIsMissingAndNothingElse() async throws {
    let recorder = CommandRecorder()
    var options = MongoOptions()
    options.commandObserver = recorder
    let store = try await MongoTests.store(options: options)
    let plain = ModelSchema(
      name: "Plain", collection: "prepared_plain", fields: [.init("_id", .objectID)], isOpen: true)
    try await store.drop([Self.model, plain])
    _ = recorder.take()
    try await store.prepare([Self.model, plain])
    let first = recorder.take().compactMap(\.keys.first)
    #expect(first == ["listCollections", "createIndexes", "create"])
    try await store.prepare([Self.model, plain])
    #expect(recorder.take().compactMap(\.keys.first) == ["listCollections", "listIndexes"])
    let names = try await store.indexes(of: Self.model).compactMap { $0["name"]?.asString }
    #expect(
      Set(names) == ["_id_", "email_1", "city_1", "note_text", "seen_1", "adults"])
    try await store.drop([Self.model, plain])
    await store.close()
  }

  @Test func autoIndexCanBeOff() async throws {
    var options = MongoOptions()
    options.autoIndex = false
    let store = try await MongoTests.store("mongo_driver_noindex", options: options)
    try await store.drop([Self.model])
    try await store.prepare([Self.model])
    #expect(try await store.indexes(of: Self.model).count == 1)
    try await store.dropDatabase()
    await store.close()
  }

  @Test func aTypedModelsUniqueFieldMayBeMissingTwice() async throws {
    let model = ModelSchema(
      name: "Card", collection: "prepared_cards",
      fields: [
        .init("id", .int64, isOptional: false), .init("code", .string, isUnique: true),
        .init("a", .int32), .init("b", .int32),
      ], indexes: [IndexSchema(parts: [.init("a"), .init("b")], isUnique: true)])
    let store = try await MongoTests.store()
    try await store.drop([model])
    try await store.prepare([model])
    var batch = RowBatch(width: 4)
    for (id, a) in [(1, 1), (2, 1), (3, 2)] {
      batch.append(int64: Int64(id))
      batch.appendNull()
      batch.append(int32: Int32(a))
      batch.appendNull()
    }
    let insert = Insert(model, .cells(fields: ["id", "code", "a", "b"], batch))
    #expect(try await store.write(.insert(insert)).inserted == 3)
    let update = Update(model, where: .all, .assign([.init("code", .null)]), isMany: true)
    #expect(try await store.write(.update(update)).matched == 3)
    try await store.drop([model])
    await store.close()
  }

  @Test func indexesCanBeListedMadeAndDropped() async throws {
    try await MongoTests.withCollection("prepared_indexes") { store, model in
      #expect(try await store.indexes(of: model).isEmpty)
      try await store.createIndexes([["key": ["a": 1, "b": -1]]], on: model)
      #expect(try await store.indexes(of: model).count == 2)
      try await store.dropIndex("a_1_b_-1", of: model)
      #expect(try await store.indexes(of: model).count == 1)
      let names = try await store.collections().compactMap { $0["name"]?.asString }
      #expect(names.contains("prepared_indexes"))
      let plan = try await store.explain(Query(model, limit: 3), verbosity: "queryPlanner")
      #expect(plan["queryPlanner"] != nil)
    }
  }
}
