import MongoStyle
import PrivataCore
import Testing

@Suite struct PluginTests {
  struct Owned: SchemaPlugin {
    func apply(to schema: inout Schema) {
      schema.add("owner", .string)
      schema.virtual("label", get: { .string("of \($0.text("owner"))") })
      schema.method("owns") { document, arguments in
        .value(.bool(document["owner"] == arguments[0]))
      }
      schema.pre(.save) { if $0["owner"] == nil { $0["owner"] = "nobody" } }
    }
  }

  @Test func changeTheSchema() async throws {
    var schema: Schema = ["n": .number]
    schema.plugin(Owned())
    let model = try memory().model("Thing", schema)
    let made = try await model.create(["n": 1])
    #expect(made["owner"] == "nobody")
    #expect(made["label"] == "of nobody")
    if case .value(let answer) = try await made.call("owns", "nobody") { #expect(answer == true) }
  }

  @Test func ofTheConnection() async throws {
    let mongo = memory()
    let before = try mongo.model("Before", ["n": .number])
    mongo.plugin(Owned())
    let schema: Schema = ["n": .number]
    let after = try mongo.model("After", schema)
    #expect(try mongo.model("After", schema) == after)
    #expect(before.paths.contains("owner") == false)
    #expect(after.paths.contains("owner"))
  }

  @Test func softDelete() async throws {
    var schema: Schema = ["n": .number]
    schema.plugin(SoftDelete())
    let model = try memory().model("Thing", schema)
    try await model.create([["n": 1], ["n": 2]])
    #expect(try await model.softDelete(["n": 1]).modifiedCount == 1)
    #expect(try await model.find().exec().map { $0["n"] } == [2])
    #expect(try await model.countDocuments().exec() == 1)
    #expect(try await model.findOne(["n": 1]).exec() == nil)
    #expect(try await model.aggregate().count("c").exec() == [["c": 1]])
    #expect(try await model.find().hooks(.none).exec().count == 2)
    try await model.restore(["n": 1])
    #expect(try await model.countDocuments().exec() == 2)
  }

  @Test func autopopulate() async throws {
    let mongo = memory()
    let User = try mongo.model("User", ["name": .string])
    var schema: Schema = ["by": .ref("User")]
    schema.plugin(Autopopulate("by"))
    let Post = try mongo.model("Post", schema)
    try await Post.create(["by": User.create(["name": "Ada"])._id])
    #expect(try await Post.findOne().exec()?.document("by")?.text("name") == "Ada")
    #expect(try await Post.find().exec().first?.document("by")?.text("name") == "Ada")
  }

  @Test func pages() async throws {
    let model = try memory().model("Thing", ["n": .number])
    try await model.create((1...5).map { ["n": .int($0)] })
    var last: PageOfDocuments?
    let sent = try await statements {
      last = try await model.find().sort("n").paginate(page: 2, limit: 2)
    }
    let page = try #require(last)
    #expect(page.documents.map { $0["n"] } == [3, 4])
    #expect(page.total == 5)
    #expect(page.pages == 3)
    #expect(page.hasNext && page.hasPrevious)
    #expect(sent.count == 2)
  }
}
