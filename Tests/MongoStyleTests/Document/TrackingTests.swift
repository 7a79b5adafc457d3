import MongoStyle
import PrivataCore
import Testing

/// A change of a loaded document and the update that `save()` would send.
struct TrackingCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var expected: Document
  var change: @Sendable (MongoDocument) throws -> Void

  init(
    _ name: String, _ expected: Document,
    _ change: @escaping @Sendable (MongoDocument) throws -> Void
  ) {
    testDescription = name
    self.expected = expected
    self.change = change
  }
}

@Suite struct TrackingTests {
  static let changes: [TrackingCase] = [
    TrackingCase("one field", ["$set": ["n": 2]]) { $0["n"] = 2 },
    TrackingCase("cast first", ["$set": ["n": 2]]) { $0["n"] = "2" },
    TrackingCase("same value", [:]) { $0["n"] = 1 },
    TrackingCase("same after casting", [:]) { $0["n"] = "1" },
    TrackingCase("there and back before a save", ["$set": ["n": 1]]) {
      $0["n"] = 5
      $0["n"] = 1
    },
    TrackingCase("null is written", ["$set": ["n": .null]]) { try $0.set("n", .null) },
    TrackingCase("undefined removes", ["$unset": ["n": 1]]) { try $0.set("n", .undefined) },
    TrackingCase("nested path", ["$set": ["nest.a": 9]]) { try $0.set("nest.a", 9) },
    TrackingCase("nested object", ["$set": ["nest": ["a": 9]]]) { try $0.set("nest", ["a": 9]) },
    TrackingCase("nested object merged", ["$set": ["nest.a": 9]]) {
      try $0.set("nest", ["a": 9], merge: true)
    },
    TrackingCase("increment", ["$inc": ["n": 3]]) { try $0.increment("n", by: 3) },
    TrackingCase("push", ["$push": ["tags": ["$each": ["c"]]], "$inc": ["__v": 1]]) {
      try $0.array("tags").push("c")
    },
    TrackingCase("push twice", ["$push": ["tags": ["$each": ["c", "d"]]], "$inc": ["__v": 1]]) {
      try $0.array("tags").push("c")
      try $0.array("tags").push("d")
    },
    TrackingCase(
      "push at a position",
      ["$push": ["tags": ["$each": ["x"], "$position": 0]], "$inc": ["__v": 1]]
    ) { try $0.array("tags").push(each: ["x"], position: 0) },
    TrackingCase("addToSet", ["$addToSet": ["tags": ["$each": ["c"]]], "$inc": ["__v": 1]]) {
      try $0.array("tags").addToSet("a", "c")
    },
    TrackingCase("addToSet known", [:]) { try $0.array("tags").addToSet("a") },
    TrackingCase("pull", ["$pullAll": ["tags": ["a"]], "$inc": ["__v": 1]]) {
      try $0.array("tags").pull("a")
    },
    TrackingCase("atomic pop", ["$pop": ["tags": 1], "$inc": ["__v": 1]]) {
      $0.array("tags").atomicPop()
    },
    TrackingCase("atomic shift", ["$pop": ["tags": -1], "$inc": ["__v": 1]]) {
      $0.array("tags").atomicShift()
    },
    TrackingCase("pop", ["$set": ["tags": ["a"]], "$inc": ["__v": 1]]) { $0.array("tags").pop() },
    TrackingCase("shift", ["$set": ["tags": ["b"]], "$inc": ["__v": 1]]) {
      $0.array("tags").shift()
    },
    TrackingCase("unshift", ["$set": ["tags": ["z", "a", "b"]], "$inc": ["__v": 1]]) {
      try $0.array("tags").unshift("z")
    },
    TrackingCase("splice", ["$set": ["tags": ["x", "b"]], "$inc": ["__v": 1]]) {
      try $0.array("tags").splice(0, 1, ["x"])
    },
    TrackingCase("reverse", ["$set": ["tags": ["b", "a"]], "$inc": ["__v": 1]]) {
      $0.array("tags").reverse()
    },
    TrackingCase("sort", ["$set": ["tags": ["b", "a"]], "$inc": ["__v": 1]]) {
      $0.array("tags").sort { Value.order($0, $1) > 0 }
    },
    TrackingCase("one element", ["$set": ["tags.1": "x"]]) { try $0.array("tags").set(1, "x") },
    TrackingCase("push then pull", ["$set": ["tags": ["b", "c"]], "$inc": ["__v": 1]]) {
      try $0.array("tags").push("c")
      try $0.array("tags").pull("a")
    },
    TrackingCase("whole array", ["$set": ["tags": ["x"]], "$inc": ["__v": 1]]) {
      try $0.set("tags", ["x"])
    },
    TrackingCase("subdocument field", ["$set": ["rows.0.k": 9]]) {
      $0.array("rows").documents[0]["k"] = 9
    },
    TrackingCase("single subdocument", ["$set": ["one.k": 9]]) { try $0.set("one.k", 9) },
    TrackingCase("map key", ["$set": ["labels.b": 2]]) { try $0.map("labels").set("b", 2) },
    TrackingCase("map key deleted", ["$unset": ["labels.a": 1]]) {
      try $0.map("labels").delete("a")
    },
    TrackingCase("map cleared", ["$set": ["labels": [:]]]) { $0.map("labels").clear() },
    TrackingCase("mixed in place", [:]) { $0.mutate("meta") { $0 = ["k": 2] } },
    TrackingCase("mixed marked", ["$set": ["meta": ["k": 2]]]) {
      $0.mutate("meta") { $0 = ["k": 2] }
      $0.markModified("meta")
    },
    TrackingCase("ignored", [:]) {
      $0["n"] = 5
      $0.ignore("n")
    },
    TrackingCase("unmarked", [:]) {
      $0["n"] = 5
      $0.unmarkModified("n")
    },
    TrackingCase("unknown is dropped", [:]) { try $0.set("nothing", 1) },
    TrackingCase("version by hand", ["$inc": ["__v": 1]]) { $0.increment() },
  ]

  private func loaded() async throws -> (MongoModel, MongoDocument) {
    let model = try memory().model(
      "Thing",
      [
        "n": .number, "tags": [.string], "nest": ["a": .number, "b": .string], "meta": .mixed,
        "rows": [.document(["k": .number])], "one": .document(["k": .number]),
        "labels": .map(of: .number),
      ])
    let made = try await model.create([
      "n": 1, "tags": ["a", "b"], "nest": ["a": 1, "b": "x"], "meta": ["k": 1],
      "rows": [["k": 1], ["k": 2]], "one": ["k": 1], "labels": ["a": 1],
    ])
    return (model, try await model.findById(made._id).orFail().exec())
  }

  @Test(arguments: changes)
  func sendsWhatChanged(_ one: TrackingCase) async throws {
    let (_, document) = try await loaded()
    try one.change(document)
    #expect(try document.pendingUpdate() == one.expected)
  }

  @Test(arguments: changes)
  func whatIsSavedIsWhatIsSeen(_ one: TrackingCase) async throws {
    let (model, document) = try await loaded()
    try one.change(document)
    try await document.save()
    #expect(try document.pendingUpdate() == [:])
    let stored = try await model.findById(document._id).orFail().exec()
    for path in ["n", "tags", "nest", "rows", "one"] where one.testDescription != "ignored" {
      guard one.testDescription != "unmarked" else { continue }
      #expect(stored.value(path) == document.value(path), "\(path)")
    }
  }

  @Test func tellsWhatIsModified() async throws {
    let (_, document) = try await loaded()
    #expect(document.isModified == false)
    try document.set("nest.a", 2)
    #expect(document.isModified)
    #expect(document.isModified("nest"))
    #expect(document.isModified("nest.a"))
    #expect(document.isModified("n nest"))
    #expect(document.isModified(["n", "tags"]) == false)
    #expect(document.isDirectModified("nest") == false)
    #expect(document.isDirectModified("nest.a"))
    #expect(document.directModifiedPaths == ["nest.a"])
    #expect(document.modifiedPaths() == ["nest", "nest.a"])
  }

  @Test func copiesAreTheirOwn() async throws {
    let (model, document) = try await loaded()
    document["n"] = 7
    let copy = try document.copy()
    copy["n"] = 8
    #expect(document["n"] == 7)
    #expect(try copy.pendingUpdate() == ["$set": ["n": 8]])
    try await copy.save()
    #expect(document.isModified("n"))
    #expect(try await model.findById(document._id).exec()?["n"] == 8)
  }

  @Test func failedSavesCanBeTriedAgain() async throws {
    var schema: Schema = ["n": .number(.max(5)), "u": .string(.unique)]
    schema.options.timestamps = Timestamps()
    let model = try memory().model("Thing", schema)
    try await model.create(["n": 1, "u": "taken"])
    let other = try model(["n": 2, "u": "taken"])
    let refused = await thrown { try await other.save() }
    #expect(refused?.privataCode == .duplicateKey)
    #expect(other.isNew)
    other["u"] = "free"
    try await other.save()
    #expect(other.isNew == false)
    other["n"] = 9
    #expect(await thrown { try await other.save() }?.mongoName == "ValidationError")
    #expect(other.isModified("n"))
    other["n"] = 4
    try await other.save()
    #expect(try await model.findById(other._id).exec()?["n"] == 4)
  }

  @Test func savesOnlyChosenPaths() async throws {
    let (model, document) = try await loaded()
    document["n"] = 5
    try document.set("nest.a", 6)
    try await document.save(SaveOptions { $0.pathsToSave = ["n"] })
    let stored = try await model.findById(document._id).lean().orFail().exec()
    #expect(stored["n"] == 5)
    #expect(stored.value_("nest.a") == 1)
    #expect(document.isModified("nest.a"))
  }

  @Test func overwrites() async throws {
    let (model, document) = try await loaded()
    try document.overwrite(["n": 3])
    try await document.save()
    let stored = try await model.findById(document._id).lean().orFail().exec()
    #expect(stored["n"] == 3)
    #expect(stored["meta"] == nil)
    #expect(stored["_id"] == document._id)
  }

  @Test func noSecondSaveAtOnce() async throws {
    var schema: Schema = ["n": .number]
    schema.pre(.save) { document in
      guard document["n"] == 1 else { return }
      let again = await thrown { try await document.save() }
      #expect(again?.mongoName == "ParallelSaveError")
    }
    schema.pre(.validate) { document in
      guard document["n"] == 2 else { return }
      let again = await thrown { try await document.validate() }
      #expect(again?.mongoName == "ParallelValidateError")
    }
    let model = try memory().model("Thing", schema)
    try await model.create(["n": 1])
    try await model.create(["n": 2])
  }
}
