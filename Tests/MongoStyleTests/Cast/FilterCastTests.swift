import MongoStyle
import PrivataCore
import Testing

@Suite struct FilterCastTests {
  private let model: MongoModel

  init() throws {
    model = try memory().model(
      "Thing",
      [
        "n": .number, "s": .string(.lowercase), "b": .boolean, "d": .date, "id": .objectID,
        "tags": [.string], "scores": [.number], "sub": .document(["k": .number]),
        "rows": [.document(["n": .number, "s": .string])], "labels": .map(of: .number),
        "nest": ["deep": ["n": .number]], "meta": .mixed,
      ])
  }

  @Test(
    arguments: [
      (["n": "1"], ["n": 1]),
      (["n": ["$gt": "1", "$lte": "5"]], ["n": ["$gt": 1, "$lte": 5]]),
      (["n": ["$in": ["1", 2]]], ["n": ["$in": [1, 2]]]),
      (["n": ["$nin": "1"]], ["n": ["$nin": [1]]]),
      (["n": ["1", "2"]], ["n": ["$in": [1, 2]]]),
      (["n": ["$not": ["$gt": "3"]]], ["n": ["$not": ["$gt": 3]]]),
      (["n": ["$mod": ["4", "1"]]], ["n": ["$mod": [4, 1]]]),
      (["n": ["$exists": "false"]], ["n": ["$exists": false]]),
      (["s": "ABC"], ["s": "abc"]),
      (["b": "yes"], ["b": true]),
      (["tags": 1], ["tags": "1"]),
      (["tags": [1, 2]], ["tags": ["1", "2"]]),
      (["tags": ["$all": [1, "b"]]], ["tags": ["$all": ["1", "b"]]]),
      (["tags": ["$size": "2"]], ["tags": ["$size": 2]]),
      (["scores": ["$elemMatch": ["$gt": "3"]]], ["scores": ["$elemMatch": ["$gt": 3]]]),
      (["rows.n": "4"], ["rows.n": 4]),
      (["rows.0.n": "4"], ["rows.0.n": 4]),
      (
        ["rows": ["$elemMatch": ["n": "4", "s": "X"]]],
        ["rows": ["$elemMatch": ["n": 4, "s": "X"]]]
      ),
      (["sub.k": "4"], ["sub.k": 4]),
      (["labels.a": "4"], ["labels.a": 4]),
      (["nest.deep.n": "4"], ["nest.deep.n": 4]),
      (["meta.any": "4"], ["meta.any": "4"]),
      (["$or": [["n": "1"], ["n": "2"]]], ["$or": [["n": 1], ["n": 2]]]),
      (["$and": []], [:]),
      (["$expr": ["$gt": ["$n", "5"]]], ["$expr": ["$gt": ["$n", 5]]]),
      (["$comment": 5], ["$comment": "5"]),
      (["n": .undefined], ["n": .null]),
    ] as [(Document, Document)])
  func casts(_ given: Document, _ expected: Document) throws {
    #expect(try model.find(given).castFilter() == expected)
  }

  @Test(
    arguments: [
      (["n": "x"], "n"), (["n": ["$gt": "x"]], "n"), (["b": 7], "b"), (["d": "soon"], "d"),
      (["id": "short"], "id"), (["rows.n": "x"], "n"), (["sub.k": "x"], "k"),
      (["$or": [["n": "x"]]], "n"), (["$or": 5], "$or"),
    ] as [(Document, String)])
  func refuses(_ given: Document, _ path: String) async throws {
    let error = await thrown { _ = try await model.find(given).exec() }
    #expect(error?.style(CastError.self)?.path == path)
  }

  @Test(
    arguments: [["n": ["$regex": "x"]], ["s": ["$mod": [1, 2]]], ["n": ["$x": 1]]] as [Document])
  func operatorsOfTheType(_ filter: Document) async throws {
    let error = await thrown { _ = try await model.find(filter).exec() }
    #expect(error != nil)
  }

  @Test func documentsStandForTheirIDs() async throws {
    let mongo = memory()
    let User = try mongo.model("User", ["name": .string])
    let Post = try mongo.model("Post", ["by": .ref("User")])
    let ada = try await User.create(["name": "Ada"])
    try await Post.create(["by": ada._id])
    #expect(try await Post.countDocuments(["by": .document(try ada.toObject())]).exec() == 1)
    #expect(try await User.find(where: ada._id).exec().count == 1)
    #expect(try await User.findById(.string(ada.id ?? "")).exec()?.id == ada.id)
    #expect(try await User.findById(.undefined).exec() == nil)
  }

  @Test func nullMeansMissingToo() async throws {
    let thing = try memory().model("Thing", ["n": .number])
    try await thing.create([["n": 1], ["n": .null], [:]])
    #expect(try await thing.countDocuments(["n": .null]).exec() == 2)
    #expect(try await thing.countDocuments(["n": ["$ne": .null]]).exec() == 1)
    #expect(try await thing.countDocuments(["n": ["$exists": false]]).exec() == 1)
  }
}
