import MongoStyle
import PrivataCore
import Testing

@Suite struct BulkTests {
  static let stores = ["memory", "sqlite"]

  private func model(_ store: String, _ schema: Schema) async throws -> MongoModel {
    let mongo = store == "memory" ? memory() : try await sqlite()
    return try mongo.model("Thing", schema)
  }

  private let schema = Schema([
    "n": .number(.max(100)), "u": .string(.unique, .lowercase), "d": .string(.default("x")),
    "rows": [.document(["k": .number])],
  ])

  @Test(arguments: stores)
  func everyKindOfOperation(_ store: String) async throws {
    let model = try await model(store, schema)
    try await model.create([["n": 1, "u": "a"], ["n": 2, "u": "b"], ["n": 3, "u": "c"]])
    let result = try await model.bulkWrite([
      .insertOne(["n": "4", "u": "D"]),
      .updateOne(["u": "a"], .document(["$inc": ["n": "10"]])),
      .updateMany(["n": ["$lt": 10]], .document(["d": "y"])),
      .replaceOne(["u": "b"], ["n": 20, "u": "b"]),
      .deleteOne(["u": "c"]),
      .updateOne(["u": "e"], .document(["n": 5]), .init { $0.upsert = true }),
      .deleteMany(["n": 4]),
    ])
    #expect(result.insertedCount == 1)
    #expect(result.upsertedCount == 1)
    #expect(result.deletedCount == 2)
    #expect(result.matchedCount == 5)
    let all = try await model.find().sort("u").lean().exec()
    #expect(all.map { $0["u"] } == ["a", "b", "e"])
    #expect(all.map { $0["n"] } == [11, 20, 5])
    #expect(all[2]["d"] == "x" && all[2]["__v"] == 0)
  }

  @Test func nothingToDo() async throws {
    let model = try await model("memory", schema)
    let result = try await model.bulkWrite([])
    #expect(result.insertedCount == 0 && result.results.isEmpty)
  }

  @Test(arguments: stores)
  func orderedStopsUnorderedGoesOn(_ store: String) async throws {
    let operations: [BulkOperation] = [
      .insertOne(["u": "a"]), .insertOne(["u": "a"]), .insertOne(["u": "b"]),
    ]
    for isOrdered in [true, false] {
      let model = try await model(store, schema)
      let error = await thrown {
        _ = try await model.bulkWrite(operations, options: .init { $0.ordered = isOrdered })
      }
      let refusal = error?.style(BulkWriteError.self)
      #expect(refusal?.writeErrors.map(\.index) == [1])
      #expect(refusal?.result.insertedCount == (isOrdered ? 1 : 2))
      #expect(
        (refusal?.writeErrors.first?.error.underlying as? ServerError)?.code == 11000)
      #expect(try await model.countDocuments().exec() == (isOrdered ? 1 : 2))
    }
  }

  @Test func invalidOnesAreLeftOut() async throws {
    let model = try await model("memory", schema.omit(["u"]))
    let operations: [BulkOperation] = [
      .insertOne(["n": 1]), .insertOne(["n": 500]), .updateOne(["n": "x"], .document([:])),
    ]
    let ordered = await thrown { _ = try await model.bulkWrite(operations) }
    #expect(ordered?.mongoName == "ValidationError")
    let result = try await model.bulkWrite(operations, options: .init { $0.ordered = false })
    #expect(result.validationErrors.count == 2)
    #expect(result.results.map { $0 != nil } == [false, true, true])
    let thrownAll = await thrown {
      _ = try await model.bulkWrite(
        operations,
        options: .init {
          $0.ordered = false
          $0.throwOnValidationError = true
        })
    }
    #expect(thrownAll?.style(BulkValidationError.self)?.validationErrors.count == 2)
    let skipped = try await model.bulkWrite([
      .insertOne(["n": 500], .init { $0.skipsValidation = true })
    ])
    #expect(skipped.insertedCount == 1)
  }

  @Test(arguments: stores)
  func insertManyKeepsWhatCameBefore(_ store: String) async throws {
    let model = try await model(store, schema)
    let error = await thrown {
      try await model.insertMany([["u": "a"], ["u": "A"], ["u": "b"]])
    }
    let refusal = error?.style(BulkWriteError.self)
    #expect(refusal?.writeErrors.map(\.index) == [1])
    #expect(refusal?.insertedDocuments.map { $0["u"] } == ["a"])
    #expect(try await model.countDocuments().exec() == 1)
    let rest = await thrown {
      try await model.insertMany([["u": "a"], ["u": "c"]], options: .init { $0.ordered = false })
    }
    #expect(rest?.style(BulkWriteError.self)?.insertedDocuments.map { $0["u"] } == ["c"])
    let single = await thrown { try await model.insertMany([["u": "a"]]) }
    #expect(single?.style(BulkWriteError.self)?.writeErrors.map(\.index) == [0])
  }

  @Test func insertManyValidatesFirst() async throws {
    let model = try await model("memory", schema)
    let ordered = await thrown { try await model.insertMany([["n": 1], ["n": 500]]) }
    #expect(ordered?.mongoName == "ValidationError")
    #expect(try await model.countDocuments().exec() == 0)
    let answer = try await model.insertManyRaw(
      [["n": 1], ["n": 500]], options: .init { $0.ordered = false })
    #expect(answer.documents.count == 1)
    #expect(answer.validationErrors.count == 1)
    #expect(answer.result.insertedCount == 1)
    let strict = await thrown {
      try await model.insertMany(
        [["n": 500]],
        options: .init {
          $0.ordered = false
          $0.throwOnValidationError = true
        })
    }
    #expect(strict?.style(BulkValidationError.self) != nil)
  }

  @Test func insertManyIsOneCommand() async throws {
    let model = try await model("memory", schema)
    try await model.prepare()
    let sent = try await statements {
      _ = try await model.insertMany((0..<50).map { ["n": .int($0), "u": .string("u\($0)")] })
    }
    // Postgres gets one statement for each document, all in one round trip.
    let count = DocumentStore.isPostgres ? 50 : 1
    #expect(sent == Array(repeating: "insert things", count: count))
  }

  @Test func bulkSave() async throws {
    let model = try await model("memory", schema)
    let old = try await model.create(["n": 1, "u": "a"])
    let same = try await model.create(["n": 2, "u": "b"])
    old["n"] = 9
    let fresh = try model(["n": 3, "u": "c"])
    let sent = try await statements {
      let result = try await model.bulkSave([old, same, fresh])
      #expect(result.insertedCount == 1)
      #expect(result.modifiedCount == 1)
    }
    #expect(sent.count <= 2)
    #expect(fresh.isNew == false && old.isModified == false)
    try await model.deleteOne(["u": "a"]).exec()
    old["n"] = 10
    let error = await thrown { try await model.bulkSave([old]) }
    #expect(error?.style(BulkSaveIncompleteError.self) != nil)
  }

  @Test func createManyWays() async throws {
    let model = try await model("memory", schema)
    let settled = await model.createSettled([["n": 1], ["n": 500]])
    #expect((try? settled[0].get()) != nil)
    #expect((try? settled[1].get()) == nil)
    let error = await thrown {
      try await model.create([["n": 500, "u": "x"], ["n": 2, "u": "y"]])
    }
    #expect(error?.mongoName == "ValidationError")
    #expect(try await model.countDocuments(["u": "y"]).exec() == 1)
    let ordered = await thrown {
      try await model.create([["n": 500], ["n": 2, "u": "z"]], ordered: true)
    }
    #expect(ordered?.mongoName == "ValidationError")
    #expect(try await model.countDocuments(["u": "z"]).exec() == 0)
    #expect(try await model.insertOne(["n": 7, "u": "one"])["d"] == "x")
  }

  @Test(arguments: stores)
  func duplicatesInMongoDBsTerms(_ store: String) async throws {
    var schema = schema
    schema.add("msg", .string(.unique("already there")))
    let model = try await model(store, schema)
    try await model.create(["u": "a", "msg": "m"])
    let error = await thrown { try await model.create(["u": "a", "msg": "n"]) }
    let refusal = (error as? PrivataError)?.underlying as? ServerError
    #expect(error?.privataCode == .duplicateKey)
    #expect(refusal?.code == 11000)
    #expect(refusal?.keyPattern == ["u": 1])
    #expect(refusal?.keyValue?.revealed == ["u": "a"])
    #expect("\(String(describing: error))".contains("\"a\"") == false)
    let own = await thrown { try await model.create(["u": "b", "msg": "m"]) }
    #expect(own?.style(DuplicateMessageError.self)?.message == "already there")
    let id = try await model.create(["u": "c", "msg": "o"])._id
    let update = await thrown { try await model.updateOne(["_id": id], ["u": "a"]).exec() }
    let taken = (update as? PrivataError)?.underlying as? ServerError
    #expect(taken?.keyValue?.revealed == ["u": "a"])
  }
}
