import MongoStyle
import PrivataCore
import Testing

/// A chain and the stages that it builds.
struct StageCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var stages: [Document]
  var build: @Sendable (MongoAggregate) -> MongoAggregate

  init(
    _ name: String, _ stages: [Document],
    _ build: @escaping @Sendable (MongoAggregate) -> MongoAggregate
  ) {
    (testDescription, self.stages, self.build) = (name, stages, build)
  }
}

@Suite struct AggregateTests {
  static let chains: [StageCase] = [
    StageCase("match", [["$match": ["n": 1]]]) { $0.match(["n": 1]) },
    StageCase("skip limit", [["$skip": 1], ["$limit": 2]]) { $0.skip(1).limit(2) },
    StageCase("sort names", [["$sort": ["a": 1, "b": -1]]]) { $0.sort("a -b") },
    StageCase("sort words", [["$sort": ["a": -1, "b": 1]]]) {
      $0.sort(["a": "descending", "b": "asc"])
    },
    StageCase("project names", [["$project": ["a": 1, "_id": 0]]]) { $0.project("a -_id") },
    StageCase("project", [["$project": ["a": "$b"]]]) { $0.project(["a": "$b"]) },
    StageCase("addFields", [["$addFields": ["a": 1]]]) { $0.addFields(["a": 1]) },
    StageCase("group", [["$group": ["_id": "$a"]]]) { $0.group(["_id": "$a"]) },
    StageCase("count", [["$count": "c"]]) { $0.count("c") },
    StageCase("sortByCount", [["$sortByCount": "$a"]]) { $0.sortByCount("a") },
    StageCase("lookup", [["$lookup": ["from": "x"]]]) { $0.lookup(["from": "x"]) },
    StageCase("unwind", [["$unwind": "$a"], ["$unwind": ["path": "$b"]]]) {
      $0.unwind("a", ["path": "$b"])
    },
    StageCase("sample", [["$sample": ["size": 3]]]) { $0.sample(3) },
    StageCase("replaceRoot", [["$replaceRoot": ["newRoot": "$a"]]]) { $0.replaceRoot("a") },
    StageCase("facet", [["$facet": ["a": [["$limit": 1]]]]]) { $0.facet(["a": [["$limit": 1]]]) },
    StageCase("graphLookup", [["$graphLookup": ["from": "x"]]]) {
      $0.graphLookup(["from": "x"])
    },
    StageCase("unionWith", [["$unionWith": "x"]]) { $0.unionWith("x") },
    StageCase(
      "redact", [["$redact": ["$cond": ["if": true, "then": "$$KEEP", "else": "$$PRUNE"]]]]
    ) { $0.redact(true, then: "KEEP", else: "$$PRUNE") },
    StageCase("densify", [["$densify": ["field": "a"]]]) { $0.densify(["field": "a"]) },
    StageCase("fill", [["$fill": ["output": [:]]]]) { $0.fill(["output": [:]]) },
    StageCase("near", [["$geoNear": ["near": [1, 2]]]]) { $0.near(["near": [1, 2]]) },
    StageCase("search", [["$search": ["text": [:]]]]) { $0.search(["text": [:]]) },
    StageCase("bucket", [["$bucket": ["groupBy": "$a"]]]) { $0.bucket(["groupBy": "$a"]) },
    StageCase("unset", [["$unset": ["a", "b"]]]) { $0.unset("a", "b") },
    StageCase("out merge", [["$out": "x"], ["$merge": "y"]]) { $0.out("x").merge("y") },
    StageCase("append", [["$limit": 1], ["$skip": 2]]) { $0.append(["$limit": 1], ["$skip": 2]) },
  ]

  @Test(arguments: chains)
  func builds(_ chain: StageCase) throws {
    let model = try memory().model("Thing", ["a": .number])
    #expect(chain.build(model.aggregate()).pipeline == chain.stages)
  }

  /// Pipelines of every kind: whole on the store, document by document, and such as need them all.
  static let streams: [[Document]] = [
    [["$match": ["n": ["$gte": 10]]], ["$sort": ["n": 1]]],
    [["$sort": ["n": 1]], ["$project": ["n": 1, "twice": ["$multiply": ["$n", 2]]]]],
    [["$sort": ["n": 1]], ["$unwind": "$tags"], ["$skip": 30], ["$limit": 25]],
    [["$sort": ["n": 1]], ["$set": ["m": 1]], ["$match": ["n": ["$lt": 0]]]],
    [["$group": ["_id": ["$mod": ["$n", 7]], "sum": ["$sum": "$n"]]], ["$sort": ["_id": 1]]],
    [["$count": "all"]],
  ]

  @Test(arguments: streams, [1, 7, 1000])
  func cursorsAnswerWhatExecDoes(_ stages: [Document], _ batchSize: Int) async throws {
    let model = try await sqlite().model("Thing", ["n": .number, "tags": [.string]])
    _ = try await model.insertMany((0..<100).map { ["n": .int($0), "tags": ["a", "b"]] })
    var rows: [Document] = []
    for try await row in model.aggregate(stages).cursor(batchSize: batchSize) { rows.append(row) }
    #expect(rows == (try await model.aggregate(stages).exec()))
  }

  @Test func cursorsCloseEarly() async throws {
    let model = try await sqlite().model("Thing", ["n": .number])
    _ = try await model.insertMany((0..<50).map { ["n": .int($0)] })
    var cursor = model.aggregate().sort("n").addFields(["m": 1]).cursor(batchSize: 5)
      .makeAsyncIterator()
    #expect(try await cursor.next()?["n"] == 0)
    await cursor.close()
    #expect(try await cursor.next() == nil)
    let broken = model.aggregate().project(["m": ["$divide": [1, "$n"]]]).cursor(batchSize: 1)
    var iterator = broken.makeAsyncIterator()
    let error = await thrown { while try await iterator.next() != nil {} }
    #expect(error is PrivataError)
    #expect(try await iterator.next() == nil)
  }

  @Test func refusesWhatIsNoPipeline() async throws {
    let model = try memory().model("Thing", ["a": .number])
    let tries = [
      model.aggregate(), model.aggregate([["match": [:]]]),
      model.aggregate([["$match": [:], "$limit": 1]]), model.aggregate().sort(3),
      model.aggregate().project(3), model.aggregate().unwind(3),
    ]
    for one in tries {
      let error = await thrown { _ = try await one.exec() }
      #expect((error as? PrivataError)?.mongoStyle != nil)
    }
  }

  @Test func forUnions() throws {
    let model = try memory().model("Thing", ["a": .number])
    #expect(try model.aggregate().match(["a": 1]).pipelineForUnionWith() == [["$match": ["a": 1]]])
    #expect(throws: PrivataError.self) { try model.aggregate().out("x").pipelineForUnionWith() }
  }

  @Test func options() throws {
    let model = try memory().model(
      "Thing",
      Schema(["a": .number], options: SchemaOptions { $0.collation = ["locale": "de"] }))
    let plan = model.aggregate().allowDiskUse().hint("a_1").comment("c").maxTimeMS(5)
      .read("nearest").readConcern("majority").plan
    #expect(plan.options.allowDiskUse == true)
    #expect(plan.options.hint == "a_1")
    #expect(plan.options.comment == "c")
    #expect(plan.options.maxTimeMilliseconds == 5)
    #expect(plan.options.readPreference == "nearest")
    #expect(plan.options.readConcern == "majority")
    #expect(plan.options.collation == ["locale": "de"])
    #expect(
      model.aggregate().collation(["locale": "en"]).plan.options.collation == ["locale": "en"])
  }

  @Test(arguments: ["memory", "sqlite"])
  func rowsOneByOne(_ store: String) async throws {
    let mongo = store == "memory" ? memory() : try await sqlite()
    let model = try mongo.model("Thing", ["kind": .string, "n": .number])
    try await model.create((1...6).map { ["kind": $0 % 2 == 0 ? "even" : "odd", "n": .int($0)] })
    let totals = model.aggregate()
      .group(["_id": "$kind", "sum": ["$sum": "$n"]]).sort("_id")
    var sums: [Int] = []
    for try await row in totals.cursor() { sums.append(row["sum"]?.asInt ?? 0) }
    #expect(sums == [12, 9])
    #expect(try await totals.exec { $0["_id"]?.asString ?? "" } == ["even", "odd"])
  }
}
