import MongoStyle
import PrivataCore
import Testing

@Suite struct StrictTests {
  private func model(_ profile: Profile = .mongoose, _ strict: StrictMode? = nil) throws
    -> MongoModel
  {
    try memory(profile).model(
      "Thing",
      Schema(
        ["a": .number, "meta": .mixed, "rows": [.document(["n": .number])]],
        options: SchemaOptions { $0.strictQuery = strict }))
  }

  @Test(
    arguments: [
      (["x": 1], ["x": 1], [:]),
      (["a": "1", "x": 1], ["a": 1, "x": 1], ["a": 1]),
      (["$or": [["x": 1], ["a": 2]]], ["$or": [["x": 1], ["a": 2]]], ["$or": [["a": 2]]]),
      (["meta.k": 1], ["meta.k": 1], ["meta.k": 1]),
    ] as [(Document, Document, Document)])
  func unknownPaths(_ filter: Document, _ kept: Document, _ dropped: Document) async throws {
    let model = try self.model()
    #expect(try model.find(filter).strictQuery(.keep).castFilter() == kept)
    #expect(try model.find(filter).strictQuery(.drop).castFilter() == dropped)
  }

  @Test(arguments: [["x": 1], ["rows.x": 1], ["$and": [["x": 1]]]] as [Document])
  func thrownByTheStandardProfile(_ filter: Document) async throws {
    let error = await thrown { _ = try await model(.standard).find(filter).exec() }
    #expect(error?.style(StrictModeError.self) != nil)
    #expect(error?.privataCode == .unknownField)
  }

  @Test func querySchemaProfileInThisOrder() throws {
    #expect(try model(.standard, .keep).find(["x": 1]).castFilter() == ["x": 1])
    #expect(try model(.standard, .keep).find(["x": 1]).strictQuery(.drop).castFilter() == [:])
  }

  @Test func emptyFiltersOfMany() async throws {
    let model = try self.model(.standard)
    try await model.create(["a": 1])
    for filter in [[:], ["$or": [[:]]], ["$and": [[:], [:]]]] as [Document] {
      let delete = await thrown { _ = try await model.deleteMany(filter).exec() }
      #expect(delete?.privataCode == .unboundedDelete)
      let update = await thrown { _ = try await model.updateMany(filter, ["a": 2]).exec() }
      #expect(update?.privataCode == .unboundedDelete)
    }
    #expect(try await model.updateMany(.all, ["a": 2]).exec().matchedCount == 1)
    let bulk = await thrown { _ = try await model.bulkWrite([.deleteMany([:])]) }
    #expect(bulk?.privataCode == .unboundedDelete)
    #expect(try await model.deleteMany(.all).exec().deletedCount == 1)
    let one = await thrown { _ = try await model.deleteOne().requireFilter().exec() }
    #expect(one?.privataCode == .unboundedDelete)
  }

  @Test(
    arguments: [
      (["a": ["$gt": 1]], ["a": ["$eq": ["$gt": 1]]]),
      (["a": 1], ["a": 1]),
      (["$and": [["meta": ["$ne": 1]]]], ["$and": [["meta": ["$eq": ["$ne": 1]]]]]),
    ] as [(Document, Document)])
  func disarmed(_ filter: Document, _ expected: Document) throws {
    let cast = try? model().find(filter).sanitizeFilter().castFilter()
    // What is no number cannot be compared with a number path.
    if let cast { #expect(cast == expected) } else { #expect(filter.contains("a")) }
  }

  @Test(arguments: ["$where", "$expr", "$text", "$jsonSchema"])
  func refusedWhenDisarmed(_ name: String) async throws {
    let error = await thrown {
      _ = try await model().find([name: "x"]).sanitizeFilter().exec()
    }
    #expect(error != nil)
  }

  @Test func trustedConditionsStay() throws {
    let cast = try model().find(["a": .trusted(["$gt": 1])]).sanitizeFilter().castFilter()
    #expect(cast == ["a": ["$gt": 1]])
  }

  @Test func nullIsNoFilter() async throws {
    let model = try self.model()
    for query in [model.find(where: .null), model.find(where: 3), model.find(where: [1])] {
      let error = await thrown { _ = try await query.exec() }
      #expect(error?.style(ObjectParameterError.self) != nil)
    }
  }
}
