import PrivataCore
import Testing

@testable import PrivataMongo

@Suite struct ErrorTests {
  @Test func aDuplicateNamesItsFieldsAndHidesItsValues() async throws {
    try await MongoTests.withCollection("errors_duplicate") { store, model in
      try await store.createIndexes([["key": ["email": 1], "unique": true]], on: model)
      try await store.insert([["_id": 1, "email": "ada@example.org"]], into: model)
      let error = await thrown {
        try await store.insert([["_id": 2, "email": "ada@example.org"]], into: model)
      }
      #expect(error?.code == .duplicateKey)
      #expect(error?.fields == ["email"])
      #expect(error?.value?.revealed == .document(["email": "ada@example.org"]))
      let server = error?.underlying as? ServerError
      #expect(server?.code == 11000)
      #expect(server?.keyPattern == ["email": 1])
      #expect(!String(reflecting: error).contains("ada@"))
    }
  }

  @Test func aFailureNamesTheKeyOfATypedModelByItsName() async throws {
    let model = ModelSchema(
      name: "Tag", collection: "errors_tag",
      fields: [.init("id", .int64, isOptional: false), .init("label", .string)])
    let store = try await MongoTests.store()
    try await store.drop([model])
    var batch = RowBatch(width: 2)
    batch.append(int64: 1)
    batch.append(text: "x")
    let insert = Write.insert(Insert(model, .cells(fields: ["id", "label"], batch)))
    _ = try await store.write(insert)
    let error = await thrown { _ = try await store.write(insert) }
    #expect(error?.code == .duplicateKey)
    #expect(error?.fields == ["id"])
    try await store.drop([model])
  }

  @Test func aValidatorRefuses() async throws {
    try await MongoTests.withCollection("errors_validation") { store, model in
      try await store.createCollection(
        of: model, options: ["validator": ["age": ["$type": "number"]]])
      let error = await thrown { try await store.insert([["age": "old"]], into: model) }
      #expect(error?.code == .validation)
      #expect((error?.underlying as? ServerError)?.code == 121)
    }
  }

  @Test func timeRunsOut() async throws {
    try await MongoTests.withCollection("errors_timeout") { store, model in
      try await store.insert((0..<50).map { ["_id": .int($0)] }, into: model)
      var query = Query(model, where: .document(["$where": "sleep(50) || true"]))
      query.options = QueryOptions()
      query.options?.maxTimeMilliseconds = 20
      let error = await thrown { _ = try await store.rows(for: query) }
      #expect(error?.code == .timeout)
      #expect(error?.isRetriable == true)
    }
  }

  @Test func nobodyListens() async throws {
    var options = MongoOptions()
    options.serverSelectionTimeoutMilliseconds = 300
    let error = await thrown {
      _ = try await MongoStore.open("mongodb://ada:secret@127.0.0.1:1/x", options: options)
    }
    #expect(error?.code == .connection)
    #expect(error?.message.contains("127.0.0.1:1") == true)
    #expect(!String(reflecting: error).contains("secret"))
    #expect(!String(reflecting: error).contains("ada"))
  }

  @Test func aWrongPasswordIsRefused() async throws {
    let (host, port) = MongoTests.endpoint
    let error = await thrown {
      _ = try await MongoStore.open("mongodb://ada:wrongsecret@\(host):\(port)/admin")
    }
    #expect(error?.code == .authentication)
    #expect(!String(reflecting: error).contains("secret"))
  }

  @Test func theRightPasswordIsNot() async throws {
    let url = try #require(MongoTests.passwordURL)
    let store = try await MongoStore.open(url)
    #expect(try await store.runCommand(["ping": 1], database: "admin")["ok"]?.asDouble == 1)
    await store.close()
  }

  @Test(arguments: ["", "postgres://x", "mongodb://", "mongodb://h/?w=0", "mongodb://u:p@h:99999/"])
  func badURLs(_ url: String) async throws {
    let error = await thrown { _ = try await MongoStore.open(url) }
    #expect(error?.code == .badURL)
    #expect(error?.message.contains("99999") == false)
  }

  @Test func aClosedStoreSaysSo() async throws {
    let store = try await MongoTests.store()
    await store.close()
    let error = await thrown { _ = try await store.find(in: MongoTests.open("x")) }
    #expect(error?.code == .closed)
  }

  @Test func anUnknownReadPreferenceIsRefused() async throws {
    let store = try await MongoTests.store()
    var query = Query(MongoTests.open("x"))
    query.options = QueryOptions()
    query.options?.readPreference = "fastest"
    let error = await thrown { _ = try await store.rows(for: query) }
    #expect(error?.code == .badArgument)
    await store.close()
  }

  @Test func aKeyWithAZeroByteIsRefusedBeforeItIsSent() async throws {
    try await MongoTests.withCollection("errors_zero") { store, model in
      let error = await thrown { try await store.insert([["a\u{0}b": 1]], into: model) }
      #expect(error?.code == .badArgument)
      let count = try await store.count(in: model)
      #expect(count == 0)
    }
  }
}
