import Foundation
import MongoStyle
import PrivataCore
import PrivataSQL
import PrivataSQLite
import Testing

/// Indexes of SQL's tables in MongoDB's terms, and the plans of queries.
@Suite struct IndexListingTests {
  enum Place: String, CaseIterable, Sendable { case sqlite, postgres }

  private func on(
    _ place: Place, _ body: (MongoConnection) async throws -> Void
  ) async throws {
    switch place {
    case .sqlite: try await body(try await sqlite())
    case .postgres: try await onPostgres(.mongoose, body)
    }
  }

  private static func schema() -> Schema {
    var schema: Schema = [
      "email": .string(.unique), "age": .number(.index), "title": .string,
      "nest": ["k": .string(.unique)],
    ]
    schema.index(["title": 1, "age": -1], name: "both")
    schema.index(["title": 1], unique: true, where: ["age": ["$gt": 5]])
    schema.index(["title": "text"])
    return schema
  }

  private static let names: Set<String> = [
    "_id_", "email_1", "age_1", "nest.k_1", "both", "title_1",
  ]

  @Test(arguments: Place.allCases) func listsThoseOfTheSchema(_ place: Place) async throws {
    try await on(place) { mongo in
      let User = try mongo.model("User", Self.schema())
      #expect(try await User.listIndexes() == [])
      try await User.prepare()
      let all = try await User.listIndexes()
      #expect(Set(all.compactMap { $0["name"]?.asString }) == Self.names)
      #expect(all.count == Self.names.count)
      let email = all.first { $0["name"] == "email_1" }
      #expect(email?["key"] == ["email": 1])
      #expect(email?["unique"] == true)
      #expect(all.first { $0["name"] == "both" }?["key"] == ["title": 1, "age": -1])
      let partial = all.first { $0["name"] == "title_1" }
      #expect(partial?["partialFilterExpression"] == ["age": ["$gt": 5]])
      #expect(try await User.diffIndexes().isEmpty)
      #expect(try await User.syncIndexes() == [])
    }
  }

  @Test(arguments: Place.allCases) func dropsWhatTheSchemaLacks(_ place: Place) async throws {
    try await on(place) { mongo in
      let User = try mongo.model("User", Self.schema())
      try await User.create(["email": "a", "nest": ["k": "x"], "title": "t", "age": 9])
      mongo.deleteModel("User")
      // A later version of the program, without the unique fields.
      var later: Schema = [
        "email": .string, "age": .number(.index), "title": .string, "nest": ["k": .string],
      ]
      later.index(["title": 1, "age": -1], name: "both")
      let Later = try mongo.model("User", later)
      let refused = await thrown { try await Later.create(["email": "a"]) }
      #expect(refused?.privataCode == .duplicateKey)
      let difference = try await Later.diffIndexes()
      #expect(difference.toDrop.count == 3)
      #expect(difference.toCreate == [])
      #expect(try await Later.syncIndexes() == difference.toDrop)
      #expect(try await Later.diffIndexes().isEmpty)
      for _ in 0..<2 {
        try await Later.create(["email": "a", "nest": ["k": "x"], "title": "t", "age": 9])
        // They do not come back with the next preparation.
        try await Later.prepare()
      }
      #expect(try await Later.countDocuments(["email": "a"]).exec() == 3)
    }
  }

  @Test(arguments: Place.allCases) func createsWhatIsMissing(_ place: Place) async throws {
    try await on(place) { mongo in
      let User = try mongo.model("User", ["email": .string, "age": .number])
      try await User.create(["email": "a"])
      mongo.deleteModel("User")
      let Later = try mongo.model("User", ["email": .string(.unique), "age": .number(.index)])
      let missing = try await Later.diffIndexes().toCreate
      #expect(missing.map { $0["name"] } == ["email_1", "age_1"])
      try await Later.syncIndexes()
      #expect(try await Later.diffIndexes().isEmpty)
      let error = await thrown { try await Later.create(["email": "a"]) }
      #expect(error?.privataCode == .duplicateKey)
    }
  }

  /// What somebody made by hand is seen, and dropped where it is asked for.
  @Test func seesIndexesOfOthers() async throws {
    let file = NSTemporaryDirectory() + "indexes-\(UUID().uuidString).db"
    defer {
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + end) }
    }
    let store = try await SQLiteStore(path: file)
    let mongo = MongoConnection(store: store)
    let User = try mongo.model("User", ["email": .string, "age": .number(.index)])
    try await User.create(["email": "a"])
    _ = try await store.execute(
      SQLStatement(sql: "CREATE INDEX mine ON users (email DESC, age)"))
    let mine = try await User.listIndexes().first { $0["name"] == "mine" }
    #expect(mine?["key"] == ["email": -1, "age": 1])
    #expect(try await User.cleanIndexes() == ["mine"])
    #expect(try await User.listIndexes().map { $0["name"] } == ["_id_", "age_1"])
    await mongo.close()
  }

  @Test(arguments: Place.allCases) func explainsQueries(_ place: Place) async throws {
    try await on(place) { mongo in
      let User = try mongo.model("User", ["email": .string(.index), "tags": [.string]])
      try await User.insertMany([["email": "a"], ["email": "b", "tags": ["x"]]])
      let report = try await User.find(["email": "canary"]).explain()
      let planner = try #require(report["queryPlanner"]?.asDocument)
      #expect(planner["namespace"] == "users")
      let statement = try #require(planner["statement"]?.asString)
      #expect(statement.contains("email"))
      #expect(!statement.contains("canary"))
      #expect(planner["winningPlan"]?.asDocument?.isEmpty == false)
      #expect(planner["inProgram"] == nil)
      let lists = try await User.find(["tags": "x"]).explain("executionStats")
      #expect(lists["queryPlanner"]?.asDocument?["inProgram"]?.asArray?.contains("match") == true)
      #expect(lists["executionStats"] == ["nReturned": 1])
    }
  }
}
