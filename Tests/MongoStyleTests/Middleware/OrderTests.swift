import MongoStyle
import PrivataCore
import Testing

@Suite struct OrderTests {
  let trace = Trace()

  private func traced(_ base: Schema = ["n": .number(.max(5)), "deletedAt": .date]) -> Schema {
    var schema = base
    let trace = trace
    for operation in DocumentOperation.allCases {
      schema.pre(operation) { _ in trace.add("pre \(operation.rawValue)") }
      schema.post(operation) { _ in trace.add("post \(operation.rawValue)") }
    }
    for operation in QueryOperation.allCases {
      schema.pre(query: operation) { _ in trace.add("pre query \(operation.rawValue)") }
      schema.post(query: operation) { _, _ in trace.add("post query \(operation.rawValue)") }
    }
    schema.preInsertMany { _, all in trace.add("pre insertMany \(all.count)") }
    schema.postInsertMany { _, answer in trace.add("post insertMany \(answer.documents.count)") }
    schema.preBulkWrite { _, all in trace.add("pre bulkWrite \(all.count)") }
    schema.postBulkWrite { _, result in trace.add("post bulkWrite \(result.insertedCount)") }
    schema.preAggregate { _ in trace.add("pre aggregate") }
    schema.postAggregate { _, rows in trace.add("post aggregate \(rows.count)") }
    return schema
  }

  /// A call and the hooks that it runs.
  struct Call: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var expected: [String]
    var run: @Sendable (MongoModel) async throws -> Void

    init(
      _ name: String, _ expected: [String],
      _ run: @escaping @Sendable (MongoModel) async throws -> Void
    ) {
      (testDescription, self.expected, self.run) = (name, expected, run)
    }
  }

  private static func around(_ name: String) -> [String] {
    ["pre query \(name)", "post query \(name)"]
  }

  static let calls: [Call] = [
    Call("create", ["pre validate", "post validate", "pre save", "post save"]) {
      try await $0.create(["n": 1])
    },
    Call("create nothing", []) { _ = try await $0.create([Document]()) },
    Call("find", around("find")) { try await $0.find().exec() },
    Call("lean find", around("find")) { _ = try await $0.find().lean().exec() },
    Call("findById", around("findOne")) { try await $0.findById(.objectID(ObjectID())).exec() },
    Call("exists", around("findOne")) { try await $0.exists(["n": 1]).exec() },
    Call("countDocuments", around("countDocuments")) { try await $0.countDocuments().exec() },
    Call("estimated", around("estimatedDocumentCount")) {
      try await $0.estimatedDocumentCount().exec()
    },
    Call("distinct", around("distinct")) { try await $0.distinct("n").exec() },
    Call("updateOne", around("updateOne")) { try await $0.updateOne([:], ["n": 2]).exec() },
    Call("updateMany", around("updateMany")) { try await $0.updateMany([:], ["n": 2]).exec() },
    Call("replaceOne", around("replaceOne")) { try await $0.replaceOne([:], ["n": 2]).exec() },
    Call("deleteOne", around("deleteOne")) { try await $0.deleteOne(["n": 77]).exec() },
    Call("deleteMany", around("deleteMany")) { try await $0.deleteMany(["n": 77]).exec() },
    Call("findOneAndUpdate", around("findOneAndUpdate")) {
      try await $0.findOneAndUpdate([:], ["n": 2]).exec()
    },
    Call("findOneAndReplace", around("findOneAndReplace")) {
      try await $0.findOneAndReplace([:], ["n": 2]).exec()
    },
    Call("findByIdAndDelete", around("findOneAndDelete")) {
      try await $0.findByIdAndDelete(.objectID(ObjectID())).exec()
    },
    Call("insertMany", ["pre insertMany 1", "pre validate", "post validate", "post insertMany 1"]) {
      try await $0.insertMany([["n": 1]])
    },
    Call("bulkWrite", ["pre bulkWrite 1", "pre validate", "post validate", "post bulkWrite 1"]) {
      try await $0.bulkWrite([.insertOne(["n": 1])])
    },
    Call("aggregate", ["pre aggregate", "post aggregate 0"]) {
      _ = try await $0.aggregate([["$match": ["n": 99]]]).exec()
    },
    Call("aggregate cursor", ["pre aggregate"]) {
      for try await _ in $0.aggregate([["$match": ["n": 99]]]).cursor() {}
    },
    Call(
      "validators of updates",
      ["pre query updateOne", "pre query validate", "post query validate", "post query updateOne"]
    ) { try await $0.updateOne([:], ["n": 2]).runValidators().exec() },
    Call("hooks off", []) { try await $0.find().hooks(.none).exec() },
    Call("hooks before only", ["pre query find"]) { try await $0.find().hooks(.pre).exec() },
    Call("save without hooks", []) {
      let document = try $0(["n": 1])
      try await document.save(
        SaveOptions {
          $0.hooks = .none
          $0.validateBeforeSave = false
        })
    },
  ]

  @Test(arguments: calls)
  func runs(_ call: Call) async throws {
    let model = try memory().model("Thing", traced())
    _ = try await model.insertMany(
      [["n": 1]],
      options: InsertManyOptions {
        $0.lean = true
        $0.hooks = .none
      })
    try await call.run(model)
    #expect(trace.all == call.expected)
  }

  @Test func ofDocuments() async throws {
    let model = try memory().model("Thing", traced())
    let document = try await model.create(["n": 1])
    let start = trace.all.count
    try await document.updateOne(["n": 2]).exec()
    #expect(trace.all[start...].contains("pre updateOne"))
    let next = trace.all.count
    try await document.deleteOne()
    #expect(trace.all[next...].contains("pre deleteOne"))
    #expect(trace.all[next...].contains("post deleteOne"))
  }

  @Test func initSeesWhatIsRead() async throws {
    let trace = trace
    var schema: Schema = ["n": .number]
    schema.preInit { raw in
      trace.add("pre init \(raw["n"]?.asInt ?? 0)")
      raw["n"] = 9
    }
    schema.postInit { trace.add("post init \($0["n"]?.asInt ?? 0)") }
    let model = try memory().model("Thing", schema)
    try await model.create(["n": 1])
    #expect(trace.all == [])
    #expect(try await model.findOne().exec()?["n"] == 9)
    #expect(trace.all == ["pre init 1", "post init 9"])
  }

  @Test func answersCanBeReplacedOrSkipped() async throws {
    var schema: Schema = ["n": .number]
    schema.pre(query: .countDocuments) { _ in throw HookSkip(.count(42)) }
    schema.post(query: .find) { _, answer in answer = .documents([]) }
    let model = try memory().model("Thing", schema)
    try await model.create(["n": 1])
    #expect(try await model.countDocuments().exec() == 42)
    #expect(try await model.find().exec().isEmpty)
  }

  @Test func errorHandlersMayReplaceErrors() async throws {
    struct Friendly: Error {}
    var schema: Schema = ["n": .number, "u": .string(.unique)]
    let trace = trace
    schema.onError(.save) { error, _ in trace.add(error.mongoName ?? "server") }
    schema.onError(.save) { _, _ in throw Friendly() }
    schema.onError(query: .find) { error, _ in trace.add("find \(error.mongoName ?? "")") }
    schema.onInsertManyError { error, _ in trace.add("insertMany \(error.mongoName ?? "")") }
    schema.onBulkWriteError { error, _ in trace.add("bulkWrite \(error.mongoName ?? "")") }
    let model = try memory().model("Thing", schema)
    try await model.create(["u": "a"])
    #expect(await thrown { try await model.create(["u": "a"]) } is Friendly)
    _ = await thrown { try await model.find(["n": "x"]).exec() }
    _ = await thrown { try await model.insertMany([["u": "a"]]) }
    _ = await thrown { try await model.bulkWrite([.insertOne(["u": "a"])]) }
    #expect(
      trace.all == [
        "server", "find CastError", "insertMany MongoBulkWriteError",
        "bulkWrite MongoBulkWriteError",
      ])
  }

  @Test func pipelinesAndArgumentsCanBeChanged() async throws {
    var schema: Schema = ["n": .number]
    schema.preAggregate { $0.pipeline.insert(["$match": ["n": 1]], at: 0) }
    schema.preInsertMany { _, all in all.append(["n": 7]) }
    schema.preBulkWrite { _, operations in operations.append(.deleteOne(["n": 7])) }
    let model = try memory().model("Thing", schema)
    #expect(try await model.insertMany([["n": 1]]).count == 2)
    #expect(try await model.aggregate().count("c").exec() == [["c": 1]])
    #expect(try await model.bulkWrite([.insertOne(["n": 2])]).deletedCount == 1)
  }

  @Test func hooksAddedLaterDoNotRun() async throws {
    var schema: Schema = ["n": .number]
    let trace = trace
    let model = try memory().model("Thing", schema)
    schema.pre(.save) { _ in trace.add("late") }
    try await model.create(["n": 1])
    #expect(trace.all == [])
  }

  @Test func subModelsRunTheBasesHooksFirst() async throws {
    let trace = trace
    var base: Schema = ["n": .number]
    base.pre(.save) { _ in trace.add("base") }
    var sub: Schema = ["k": .number]
    sub.pre(.save) { _ in trace.add("sub") }
    base.discriminator("Sub", sub)
    let mongo = memory()
    try mongo.model("Base", base)
    try await mongo.model("Sub").create(["n": 1])
    #expect(trace.all == ["base", "sub"])
  }
}
