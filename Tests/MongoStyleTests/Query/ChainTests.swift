import MongoStyle
import PrivataCore
import Testing

/// One chain and the filter that it builds.
struct ChainCase: Sendable, CustomTestStringConvertible {
  typealias Query = MongoQuery<[MongoDocument]>
  var name: String
  var filter: Document
  var build: @Sendable (Query) -> Query

  init(_ name: String, _ filter: Document, _ build: @escaping @Sendable (Query) -> Query) {
    self.name = name
    self.filter = filter
    self.build = build
  }

  var testDescription: String { name }
}

@Suite struct ChainTests {
  static let chains: [ChainCase] = [
    ChainCase("where equals", ["a": 1]) { $0.where("a").equals(1) },
    ChainCase("where value", ["a": 1]) { $0.where("a", 1) },
    ChainCase("eq", ["a": 1]) { $0.where("a").eq(1) },
    ChainCase("gt", ["a": ["$gt": 1]]) { $0.where("a").gt(1) },
    ChainCase("gt path", ["a": ["$gt": 1]]) { $0.gt("a", 1) },
    ChainCase("gte lt", ["a": ["$gte": 1, "$lt": 9]]) { $0.where("a").gte(1).lt(9) },
    ChainCase("gte path", ["a": ["$gte": 1]]) { $0.gte("a", 1) },
    ChainCase("lt path", ["a": ["$lt": 1]]) { $0.lt("a", 1) },
    ChainCase("lte", ["a": ["$lte": 1]]) { $0.where("a").lte(1) },
    ChainCase("lte path", ["a": ["$lte": 1]]) { $0.lte("a", 1) },
    ChainCase("ne", ["a": ["$ne": 1]]) { $0.where("a").ne(1) },
    ChainCase("ne path", ["a": ["$ne": 1]]) { $0.ne("a", 1) },
    ChainCase("in", ["a": ["$in": [1, 2]]]) { $0.where("a").in([1, 2]) },
    ChainCase("in path", ["a": ["$in": [1, 2]]]) { $0.in("a", [1, 2]) },
    ChainCase("nin", ["a": ["$nin": [1]]]) { $0.where("a").nin([1]) },
    ChainCase("nin path", ["a": ["$nin": [1]]]) { $0.nin("a", [1]) },
    ChainCase("all", ["a": ["$all": [1]]]) { $0.where("a").all([1]) },
    ChainCase("all path", ["a": ["$all": [1]]]) { $0.all("a", [1]) },
    ChainCase("size", ["a": ["$size": 2]]) { $0.where("a").size(2) },
    ChainCase("size path", ["a": ["$size": 2]]) { $0.size("a", 2) },
    ChainCase("mod", ["a": ["$mod": [4, 1]]]) { $0.where("a").mod(4, 1) },
    ChainCase("mod list", ["a": ["$mod": [4, 1]]]) { $0.where("a").mod([4, 1]) },
    ChainCase("mod path", ["a": ["$mod": [4, 1]]]) { $0.mod("a", [4, 1]) },
    ChainCase("exists", ["a": ["$exists": true]]) { $0.where("a").exists() },
    ChainCase("exists false", ["a": ["$exists": false]]) { $0.where("a").exists(false) },
    ChainCase("exists path", ["a": ["$exists": true]]) { $0.exists("a") },
    ChainCase("regex", ["a": ["$regex": "^b"]]) { $0.where("a").regex("^b") },
    ChainCase("regex path", ["a": ["$regex": "^b"]]) { $0.regex("a", "^b") },
    ChainCase("elemMatch", ["a": ["$elemMatch": ["b": 1]]]) { $0.where("a").elemMatch(["b": 1]) },
    ChainCase("elemMatch path", ["a": ["$elemMatch": ["b": 1]]]) { $0.elemMatch("a", ["b": 1]) },
    ChainCase("or twice", ["$or": [["a": 1], ["b": 2]]]) { $0.or([["a": 1]]).or([["b": 2]]) },
    ChainCase("and twice", ["$and": [["a": 1], ["b": 2]]]) { $0.and([["a": 1]]).and([["b": 2]]) },
    ChainCase("nor", ["$nor": [["a": 1]]]) { $0.nor([["a": 1]]) },
    ChainCase("any operator", ["a": ["$bitsAllSet": 5]]) {
      $0.where("a").comparing("$bitsAllSet", 5)
    },
    ChainCase("two paths", ["a": ["$gt": 1], "b": ["$lt": 2]]) {
      $0.where("a").gt(1).where("b").lt(2)
    },
    ChainCase("find again", ["a": 2, "b": 1]) { $0.find(["a": 1]).find(["a": 2, "b": 1]) },
    ChainCase("operators of two finds", ["a": ["$gt": 1, "$lt": 5]]) {
      $0.find(["a": ["$gt": 1]]).find(["a": ["$lt": 5]])
    },
    ChainCase("where document", ["a": 1]) { $0.where(["a": 1]) },
    ChainCase("text", ["$text": ["$search": "tea", "$language": "en"]]) {
      $0.text("tea", language: "en")
    },
    ChainCase("omitUndefined", ["b": 1]) { $0.find(["a": .undefined, "b": 1]).omitUndefined() },
    ChainCase(
      "near",
      [
        "p": [
          "$near": [
            "$geometry": ["type": "Point", "coordinates": [10.5, 60.5]], "$maxDistance": 500.5,
          ]
        ]
      ]
    ) { $0.where("p").near(.point(10.5, 60.5), maxDistance: 500.5) },
    ChainCase(
      "nearSphere",
      ["p": ["$nearSphere": ["$geometry": ["type": "Point", "coordinates": [1.5, 2.5]]]]]
    ) { $0.where("p").nearSphere(.point(1.5, 2.5)) },
    ChainCase(
      "within",
      [
        "p": [
          "$geoWithin": [
            "$geometry": [
              "type": "Polygon", "coordinates": [[[0.5, 0.5], [1.5, 1.5], [0.5, 0.5]]],
            ]
          ]
        ]
      ]
    ) { $0.where("p").within(.polygon([[[0.5, 0.5], [1.5, 1.5], [0.5, 0.5]]])) },
    ChainCase(
      "intersects",
      [
        "p": [
          "$geoIntersects": [
            "$geometry": ["type": "LineString", "coordinates": [[0.5, 0.5], [1.5, 1.5]]]
          ]
        ]
      ]
    ) { $0.where("p").intersects(.line([[0.5, 0.5], [1.5, 1.5]])) },
    ChainCase("box", ["p": ["$geoWithin": ["$box": [[0.5, 0.5], [2.5, 2.5]]]]]) {
      $0.where("p").withinBox([0.5, 0.5], [2.5, 2.5])
    },
    ChainCase("circle", ["p": ["$geoWithin": ["$center": [[0.5, 0.5], 1.5]]]]) {
      $0.where("p").withinCircle(center: [0.5, 0.5], radius: 1.5)
    },
    ChainCase("spherical circle", ["p": ["$geoWithin": ["$centerSphere": [[0.5, 0.5], 1.5]]]]) {
      $0.where("p").withinCircle(center: [0.5, 0.5], radius: 1.5, spherical: true)
    },
    ChainCase("flat polygon", ["p": ["$geoWithin": ["$polygon": [[0.5, 0.5], [1.5, 1.5]]]]]) {
      $0.where("p").withinPolygon([[0.5, 0.5], [1.5, 1.5]])
    },
  ]

  @Test(arguments: chains)
  func builds(_ chain: ChainCase) throws {
    let model = try memory().model("Thing", ["a": .mixed])
    #expect(chain.build(model.find()).filter == chain.filter)
  }

  @Test func comparisonsNeedAPath() async throws {
    let model = try memory().model("Thing", ["a": .number])
    let error = await thrown { _ = try await model.find().gt(3).exec() }
    #expect(error?.mongoName == "Error")
  }

  @Test func mergesAnotherQuery() throws {
    let model = try memory().model("Thing", ["a": .number, "b": .number])
    let other = model.find(["b": 2]).select("a").sort("-b").limit(3).skip(1)
    let merged = model.find(["a": 1]).merge(other)
    #expect(merged.filter == ["a": 1, "b": 2])
    #expect(merged.selected == ["a": 1])
    #expect(merged.plan.sort == ["b": -1])
    #expect(merged.options.limit == 3)
    #expect(merged.options.skip == 1)
  }

  @Test func queriesAreValues() async throws {
    let model = try memory(.standard).model("Thing", ["a": .number])
    try await model.create([["a": 1], ["a": 2]])
    let base = model.find()
    let narrowed = base.where("a").gt(1)
    #expect(try await base.exec().count == 2)
    #expect(try await narrowed.exec().count == 1)
    #expect(try await base.exec().count == 2)
  }

  @Test func mongooseRunsAQueryOnce() async throws {
    let model = try memory(.mongoose).model("Thing", ["a": .number])
    let query = model.find()
    try await query.exec()
    let again = await thrown { try await query.exec() }
    #expect(again?.mongoName == "MongooseError")
    try await query.clone().exec()
  }

  @Test func lastOperationWins() async throws {
    let model = try memory().model("Thing", ["a": .number])
    try await model.create([["a": 1], ["a": 2], ["a": 3]])
    #expect(try await model.find(["a": ["$gt": 1]]).countDocuments().exec() == 2)
    #expect(try await model.find(["a": 9]).estimatedDocumentCount().exec() == 3)
    #expect(try await model.find(["a": ["$gt": 1]]).distinct("a").exec() == [2, 3])
    #expect(
      try await model.find(["a": 1]).updateOne(["$set": ["a": 10]]).exec().modifiedCount == 1)
    #expect(
      try await model.find(["a": ["$lt": 5]]).updateMany(["$inc": ["a": 1]]).exec().matchedCount
        == 2)
    #expect(try await model.find(["a": 10]).replaceOne(["a": 20]).exec().modifiedCount == 1)
    #expect(try await model.where("a", 20).findOne().exec()?["a"] == 20)
    #expect(
      try await model.find(["a": 20]).findOneAndUpdate(["a": 21]).returningAfter().exec()?["a"]
        == 21)
    #expect(
      try await model.find(["a": 21]).findOneAndReplace(["a": 22]).returningAfter().exec()?["a"]
        == 22)
    #expect(try await model.find(["a": 22]).findOneAndDelete().exec()?["a"] == 22)
    #expect(try await model.find(["a": 3]).deleteOne().exec().deletedCount == 1)
    #expect(try await model.find(["a": ["$gt": 0]]).deleteMany().exec().deletedCount == 1)
  }

  @Test func hooksOfOneQuery() async throws {
    let model = try memory().model("Thing", ["a": .number])
    try await model.create([["a": 1], ["a": 2]])
    let trace = Trace()
    let found = try await model.find()
      .pre { $0.merge(["a": 2]) }
      .post { _, answer in if case .documents(let all) = answer { trace.add("\(all.count)") } }
      .exec()
    #expect(found.count == 1)
    #expect(trace.all == ["1"])
  }

  @Test func failsWithoutAskingTheStore() async throws {
    let model = try memory().model("Thing", ["a": .number])
    try await model.prepare()
    let sent = try await statements {
      let error = await thrown { try await model.find().failing(with: Refused()).exec() }
      #expect(error is Refused)
    }
    #expect(sent == [])
  }

  @Test func transformsTheAnswer() async throws {
    let model = try memory().model("Thing", ["a": .number])
    try await model.create([["a": 1], ["a": 2]])
    let sum: Int = try await model.find().transform {
      $0.compactMap { $0["a"]?.asInt }.reduce(0, +)
    }
    .exec()
    #expect(sum == 3)
  }

  @Test func orFailThrowsTheGivenError() async throws {
    let model = try memory().model("Thing", ["a": .number])
    let own = await thrown { _ = try await model.findOne(["a": 1]).orFail { Refused() }.exec() }
    #expect(own is Refused)
    for name in ["update", "delete", "find"] {
      let error = await thrown {
        switch name {
        case "update": _ = try await model.updateOne(["a": 1], ["a": 2]).orFail().exec()
        case "delete": _ = try await model.deleteOne(["a": 1]).orFail().exec()
        default: _ = try await model.find(["a": 1]).orFail().exec()
        }
      }
      #expect(error?.mongoName == "DocumentNotFoundError", "\(name)")
    }
  }
}
