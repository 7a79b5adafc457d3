import MongoStyle
import PrivataCore
import Testing

@Suite struct SortTests {
  @Test(
    arguments: [
      ("a -b", ["a": 1, "b": -1]),
      (["a": 1, "b": -1], ["a": 1, "b": -1]),
      (["a": "asc", "b": "desc"], ["a": 1, "b": -1]),
      (["a": "ascending", "b": "descending"], ["a": 1, "b": -1]),
      ([["a", 1], ["b", "desc"]], ["a": 1, "b": -1]),
      (["score": ["$meta": "textScore"]], ["score": ["$meta": "textScore"]]),
      (.null, [:]),
    ] as [(Value, Document)])
  func forms(_ given: Value, _ expected: Document) throws {
    let model = try memory().model("Thing", ["a": .number])
    #expect(model.find().sort(given).plan.sort == expected)
  }

  @Test(arguments: [["a": 5], ["a": "up"], 3, [1, 2]] as [Value])
  func refused(_ given: Value) async throws {
    let model = try memory().model("Thing", ["a": .number])
    let error = await thrown { _ = try await model.find().sort(given).exec() }
    #expect(error?.mongoName == "TypeError")
  }

  @Test func laterCallsAppend() throws {
    let model = try memory().model("Thing", ["a": .number])
    #expect(model.find().sort("a").sort("-b").plan.sort == ["a": 1, "b": -1])
    #expect(model.find().sort("a").sort("b", override: true).plan.sort == ["b": 1])
  }

  @Test func anEmptyNameFails() async throws {
    let model = try memory().model("Thing", ["a": .number])
    let error = await thrown { _ = try await model.find().sort(["": 1]).exec() }
    #expect(error?.mongoName == "MongooseError")
  }

  @Test(arguments: ["memory", "sqlite"])
  func missingAndNullComeFirst(_ store: String) async throws {
    let mongo = store == "memory" ? memory() : try await sqlite()
    let model = try mongo.model("Thing", ["name": .string, "n": .number])
    try await model.create([
      ["name": "two", "n": 2], ["name": "null", "n": .null], ["name": "one", "n": 1],
      ["name": "none"],
    ])
    let up = try await model.find().sort("n name").exec().map { $0.text("name") }
    #expect(up == ["none", "null", "one", "two"])
    let down = try await model.find().sort("-n name").exec().map { $0.text("name") }
    #expect(down == ["two", "one", "none", "null"])
  }

  @Test func limitAndSkipTakeTexts() async throws {
    let model = try memory().model("Thing", ["n": .number])
    try await model.create((1...5).map { ["n": .int($0)] })
    let page = try await model.find().sort("n").skip(Value("1")).limit(Value("2")).exec()
    #expect(page.map { $0["n"] } == [2, 3])
    #expect(try await model.find().limit(0).exec().count == 5)
    let bad = await thrown { _ = try await model.find().limit(Value("x")).exec() }
    #expect(bad?.style(CastError.self)?.path == "limit")
  }
}
