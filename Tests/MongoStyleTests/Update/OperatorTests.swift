import MongoStyle
import PrivataCore
import Testing

/// An update of one document, and what the document is afterwards; `nil` for an error.
struct OperatorCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var update: Document
  var path: String
  var expected: Value?

  init(_ name: String, _ update: Document, _ path: String, _ expected: Value?) {
    (testDescription, self.update, self.path, self.expected) = (name, update, path, expected)
  }
}

@Suite struct OperatorTests {
  static let updates: [OperatorCase] = [
    OperatorCase("$set", ["$set": ["n": "5"]], "n", 5),
    OperatorCase("sugar", ["n": "5"], "n", 5),
    OperatorCase("$set dotted", ["$set": ["nest.a": "5"]], "nest.a", 5),
    OperatorCase("$unset", ["$unset": ["n": 1]], "n", .undefined),
    OperatorCase("$inc", ["$inc": ["n": "5"]], "n", 6),
    OperatorCase("$inc of text", ["$inc": ["n": "x"]], "n", nil),
    OperatorCase("$inc null", ["$inc": ["n": .null]], "n", nil),
    OperatorCase("$mul", ["$mul": ["n": 3]], "n", 3),
    OperatorCase("$min lowers", ["$min": ["n": 0]], "n", 0),
    OperatorCase("$min keeps", ["$min": ["n": 5]], "n", 1),
    OperatorCase("$max", ["$max": ["n": "9"]], "n", 9),
    OperatorCase("$rename", ["$rename": ["s": "t"]], "t", "x"),
    OperatorCase("$bit", ["$bit": ["n": ["or": .int32(4)]]], "n", 5),
    OperatorCase("$push", ["$push": ["tags": 3]], "tags", ["a", "b", "3"]),
    OperatorCase("$push list", ["$push": ["tags": ["c", "d"]]], "tags", ["a", "b", "c", "d"]),
    OperatorCase(
      "$push modifiers",
      ["$push": ["tags": ["$each": ["c"], "$position": 0, "$slice": 2]]], "tags", ["c", "a"]),
    OperatorCase(
      "$push sort", ["$push": ["nums": ["$each": ["5", 2], "$sort": -1]]], "nums", [5, 3, 2, 1]),
    OperatorCase("$addToSet", ["$addToSet": ["tags": "a"]], "tags", ["a", "b"]),
    OperatorCase(
      "$addToSet each", ["$addToSet": ["tags": ["$each": ["a", "c"]]]], "tags", ["a", "b", "c"]),
    OperatorCase("$pull", ["$pull": ["tags": "a"]], "tags", ["b"]),
    OperatorCase("$pull condition", ["$pull": ["nums": ["$gt": "1"]]], "nums", [1]),
    OperatorCase("$pull subdocument", ["$pull": ["rows": ["k": "1"]]], "rows.0.k", 2),
    OperatorCase("$pullAll", ["$pullAll": ["nums": ["1", 3]]], "nums", []),
    OperatorCase("$pop last", ["$pop": ["tags": "1"]], "tags", ["a"]),
    OperatorCase("$pop first", ["$pop": ["tags": -1]], "tags", ["b"]),
    OperatorCase("index path", ["$set": ["tags.1": 7]], "tags", ["a", "7"]),
    OperatorCase("all elements", ["$set": ["rows.$[].k": "9"]], "rows.1.k", 9),
    OperatorCase("map key", ["$set": ["labels.z": "3"]], "labels.z", 3),
    OperatorCase("null", ["n": .null], "n", .null),
    OperatorCase("undefined stays", ["$set": ["n": .undefined, "s": "y"]], "n", 1),
    OperatorCase("unknown dropped", ["nothing": 1, "n": 2], "nothing", .undefined),
    OperatorCase("unknown operator", ["$nothing": ["n": 2]], "n", nil),
    OperatorCase("stray modifier", ["$push": ["$each": [1]]], "n", nil),
    OperatorCase("operand no document", ["$inc": 5], "n", nil),
  ]

  private let schema: Schema = [
    "n": .number, "s": .string, "t": .string, "tags": [.string], "nums": [.number],
    "nest": ["a": .number], "rows": [.document(["k": .number])], "labels": .map(of: .number),
  ]

  @Test(arguments: updates, ["memory", "sqlite"])
  func changes(_ one: OperatorCase, _ store: String) async throws {
    let mongo = store == "memory" ? memory() : try await sqlite()
    let model = try mongo.model("Thing", schema)
    let id = try await model.create([
      "n": 1, "s": "x", "tags": ["a", "b"], "nums": [3, 1], "rows": [["k": 1], ["k": 2]],
    ])._id
    let error = await thrown { _ = try await model.updateOne(["_id": id], one.update).exec() }
    #expect((error == nil) == (one.expected != nil))
    guard let expected = one.expected else { return }
    let stored = try await model.findById(id).lean().orFail().exec()
    #expect(stored.value_(one.path) ?? .undefined == expected)
  }

  @Test(arguments: ["memory", "sqlite"])
  func positionalAndFiltered(_ store: String) async throws {
    let mongo = store == "memory" ? memory() : try await sqlite()
    let model = try mongo.model("Thing", schema)
    let id = try await model.create(["rows": [["k": 1], ["k": 2], ["k": 3]]])._id
    try await model.updateOne(["_id": id, "rows.k": "2"], ["$set": ["rows.$.k": "20"]]).exec()
    try await model.updateOne(["_id": id], ["$inc": ["rows.$[i].k": 1]])
      .arrayFilters([["i.k": ["$gte": "3"]]]).exec()
    let stored = try await model.findById(id).lean().orFail().exec()
    #expect(stored["rows"]?.asArray?.map { $0.asDocument?["k"] } == [1, 21, 4])
  }

  @Test func pipelines() async throws {
    let stages: Value = [["$set": ["n": ["$add": ["$n", 5]]]]]
    let strict = try memory(.mongoose).model("Thing", schema)
    let refused = await thrown { _ = try await strict.updateOne(where: [:], stages).exec() }
    #expect(refused?.mongoName == "MongooseError")
    let model = try memory(.standard).model("Thing", schema)
    try await model.create(["n": 1])
    try await model.updateOne(where: [:], stages).exec()
    #expect(try await model.findOne().exec()?["n"] == 6)
  }

  @Test func upserts() async throws {
    let model = try memory().model(
      "Thing",
      Schema(
        [
          "key": .string, "n": .number, "d": .string(.default("x")),
          "made": .string(.immutable), "list": [.number],
        ], options: .timestamps))
    let result = try await model.updateOne(
      ["key": "a"], ["$inc": ["n": 2], "$setOnInsert": ["made": "once"]], options: ["upsert": true]
    ).exec()
    #expect(result.upsertedCount == 1)
    #expect(result.matchedCount == 0)
    let made = try await model.findById(result.upsertedID ?? .null).lean().orFail().exec()
    #expect(made["d"] == "x" && made["n"] == 2 && made["key"] == "a" && made["made"] == "once")
    #expect(made["__v"] == 0 && made["list"] == [])
    #expect(made["createdAt"] != nil && made["updatedAt"] != nil)
    let again = try await model.updateOne(
      ["key": "a"], ["n": 3, "made": "twice"], options: ["upsert": true]
    ).exec()
    #expect(again.matchedCount == 1 && again.upsertedCount == 0)
    #expect(try await model.findOne().lean().exec()?["made"] == "once")
    let bare = try await model.findOneAndUpdate(["key": "b"], ["n": 1])
      .upsert().setDefaultsOnInsert(false).returningAfter().lean().exec()
    #expect(bare?["d"] == nil)
    let strict = await thrown {
      _ = try await model.updateOne(["nothing": 1], ["n": 1], options: ["upsert": true]).exec()
    }
    #expect(strict?.mongoName == "StrictModeError")
  }

  @Test func immutablePathsAndStrictModes() async throws {
    let model = try memory().model("Thing", ["a": .string(.immutable), "n": .number])
    let id = try await model.create(["a": "x", "n": 1])._id
    #expect(try await model.updateOne(["_id": id], ["a": "y"]).exec().acknowledged == false)
    let thrownOne = await thrown {
      try await model.updateOne(["_id": id], ["a": "y"]).strict(.throw).exec()
    }
    #expect(thrownOne?.style(StrictModeError.self)?.isImmutableError == true)
    try await model.updateOne(["_id": id], ["a": "y"]).overwriteImmutable().exec()
    #expect(try await model.findById(id).exec()?["a"] == "y")
    let unknown = await thrown {
      try await model.updateOne(["_id": id], ["x": 1]).strict(.throw).exec()
    }
    #expect(unknown?.style(StrictModeError.self)?.path == "x")
    try await model.updateOne(["_id": id], ["x": 1]).strict(.keep).exec()
    #expect(try await model.findById(id).lean().exec()?["x"] == 1)
  }

  @Test func collectsCastErrors() async throws {
    let model = try memory().model("Thing", schema)
    let error = await thrown {
      try await model.updateOne([:], ["n": "x", "nest.a": "y"]).multipleCastError().exec()
    }
    #expect(Set(error?.style(ValidationError.self)?.paths ?? []) == ["n", "nest.a"])
  }

  @Test func timestamps() async throws {
    let model = try memory().model("Thing", Schema(["n": .number], options: .timestamps))
    let made = try await model.create(["n": 1])
    let before = try await model.findById(made._id).lean().orFail().exec()
    try await model.updateOne(["_id": made._id], ["createdAt": .date(.now)]).exec()
    let after = try await model.findById(made._id).lean().orFail().exec()
    #expect(after["createdAt"] == before["createdAt"])
    #expect(Value.order(after["updatedAt"] ?? .null, before["updatedAt"] ?? .null) >= 0)
    try await model.updateOne(["_id": made._id], ["n": 2]).timestamps(.off).exec()
    #expect(
      try await model.findById(made._id).lean().exec()?["updatedAt"] == after["updatedAt"])
  }

  @Test func replacements() async throws {
    let model = try memory().model(
      "Thing", ["n": .number, "d": .string(.default("x")), "s": .string])
    let id = try await model.create(["n": 1, "s": "y"])._id
    #expect(try await model.replaceOne(["_id": id], ["n": "2", "q": 1]).exec().modifiedCount == 1)
    let stored = try await model.findById(id).lean().orFail().exec()
    #expect(stored == ["_id": id, "n": 2, "d": "x", "__v": 0])
    let error = await thrown { try await model.findOneAndReplace(["_id": id], ["n": "x"]).exec() }
    #expect(error?.mongoName == "ValidationError")
    #expect(try await model.findOneAndReplace(["n": 77], ["n": 1]).exec() == nil)
  }
}
