import MongoStyle
import PrivataCore
import Testing

@Suite struct PresentationTests {
  private func schema() -> Schema {
    var inner: Schema = ["k": .string, "secret": .string]
    inner.virtual("shout", get: { .string($0.text("k").uppercased()) })
    var schema: Schema = [
      "first": .string, "cents": .number(.get { .double(($0.asDouble ?? 0) / 100) }),
      "email": .string(.transform { _ in "hidden" }), "nick": .string(.alias("nickname")),
      "empty": ["a": .string], "labels": .map(of: .string), "rows": [.document(inner)],
      "hash": .string(.select(false)), "ref": .objectID, "key": .uuid,
    ]
    schema.virtual("upper", get: { .string($0.text("first").uppercased()) })
    schema.virtual("deep.name", get: { .string($0.text("first")) })
    return schema
  }

  private func made(_ change: (inout Schema) -> Void = { _ in }) throws -> MongoDocument {
    var schema = schema()
    change(&schema)
    return try memory().model("Thing", schema)([
      "first": "ada", "cents": 150, "email": "a@b", "nick": "n", "labels": ["x": "y"],
      "rows": [["k": "v", "secret": "s"]], "hash": "h",
    ])
  }

  @Test func plainByDefault() throws {
    let plain = try made().toObject()
    #expect(plain["upper"] == nil)
    #expect(plain["cents"] == 150)
    #expect(plain["empty"] == nil)
    #expect(plain["id"] == nil)
    #expect(plain["email"] == "hidden")
    #expect(plain["labels"] == ["x": "y"])
  }

  @Test func options() throws {
    let document = try made()
    let all = try document.toObject(ObjectForm(virtuals: .all))
    #expect(all["upper"] == "ADA")
    #expect(all["nickname"] == "n")
    #expect(all["id"] == document.id.map { .string($0) })
    #expect(all.value_("deep.name") == "ada")
    #expect(all.value_("rows.0.shout") == "V")
    #expect(try document.toObject(ObjectForm(virtuals: .only(["upper"])))["nickname"] == nil)
    #expect(try document.toObject(ObjectForm(virtuals: .except(["upper"])))["upper"] == nil)
    let getters = try document.toObject(ObjectForm(getters: true))
    #expect(getters["cents"] == 1.5)
    #expect(getters["upper"] == "ADA")
    #expect(try document.toObject(ObjectForm(minimize: false))["empty"] == [:])
    #expect(try document.toObject(ObjectForm(versionKey: false))["__v"] == nil)
    var form = ObjectForm()
    form.useProjection = true
    #expect(try document.toObject(form)["hash"] == nil)
    form = ObjectForm(virtuals: .all)
    form.aliases = false
    #expect(try document.toObject(form)["nickname"] == nil)
    form = ObjectForm()
    form.flattenObjectIDs = true
    #expect(try document.toObject(form)["_id"] == document.id.map { .string($0) })
    form = ObjectForm()
    form.transforms = false
    #expect(try document.toObject(form)["email"] == "a@b")
  }

  @Test func transforms() throws {
    let document = try made { schema in
      schema.options.toJSON = ObjectForm(transform: { _, result in result["_id"] = nil })
    }
    #expect(try document.toJSON()["_id"] == nil)
    #expect(try document.toObject()["_id"] != nil)
    let own = try document.toObject(
      ObjectForm(transform: { _, result in result["secret"] = nil }))
    #expect(own.value_("rows.0.secret") == nil)
    #expect(own.value_("rows.0.k") == "v")
  }

  @Test func schemaThenCall() throws {
    let document = try made { $0.options.toObject = ObjectForm(virtuals: .all) }
    #expect(try document.toObject()["upper"] == "ADA")
    #expect(try document.toObject(ObjectForm(virtuals: ObjectForm.Virtuals.none))["upper"] == nil)
  }

  @Test func depopulates() async throws {
    let mongo = memory()
    let User = try mongo.model("User", ["name": .string])
    let Post = try mongo.model("Post", ["by": .ref("User")])
    let ada = try await User.create(["name": "Ada"])
    let post = try await Post.create(given: ["by": .document(ada)])
    #expect(try post.toObject().value_("by.name") == "Ada")
    #expect(try post.toObject(ObjectForm(depopulate: true))["by"] == ada._id)
  }

  @Test func readsAndCompares() async throws {
    let document = try made()
    #expect(document["nickname"] == "n")
    document["nickname"] = "m"
    #expect(document["nick"] == "m")
    #expect(document["cents"] == 1.5)
    #expect(try document.get("cents", getters: false) == 150)
    #expect(document.value("rows.0.k") == "v")
    #expect(document.value("rows.k") == ["v"])
    #expect(document.value("labels.x") == "y")
    #expect(document.value("nothing") == .undefined)
    #expect(document.isSame(as: try document.copy()))
    #expect(document.isSame(as: try made()) == false)
    #expect(document.isEmpty("empty"))
    #expect(document.isEmpty("first") == false)
  }

  @Test func methodsStaticsAndHelpers() async throws {
    var schema: Schema = ["age": .number]
    schema.method("isAdult") { document, _ in .value(.bool(document["age"]?.asInt ?? 0 >= 18)) }
    schema.static("adults") { model, _ in model.find(["age": ["$gte": 18]]).erased }
    schema.query("older") { plan, arguments in plan.merge(["age": ["$gt": arguments[0]]]) }
    let model = try memory().model("Person", schema)
    try await model.create([["age": 3], ["age": 40], ["age": 60]])
    let one = try await model.findOne(["age": 40]).orFail().exec()
    if case .value(let answer) = try await one.call("isAdult") { #expect(answer == true) }
    if case .documents(let all) = try await model.call("adults").exec() { #expect(all.count == 2) }
    #expect(try await model.find().call("older", 40).exec().count == 1)
    #expect(await thrown { _ = try await one.call("nothing") } != nil)
    #expect(await thrown { _ = try model.call("nothing") } != nil)
    #expect(await thrown { _ = try model.find().call("nothing") } != nil)
  }

  @Test func timestamps() async throws {
    let start = DateTime(milliseconds: 1_000)
    let model = try memory().model(
      "Thing",
      Schema(
        ["n": .number],
        options: SchemaOptions { $0.timestamps = Timestamps(now: { .date(start) }) }))
    let document = try await model.create(["n": 1])
    #expect(document["createdAt"] == .date(start))
    #expect(document["updatedAt"] == .date(start))
    document["createdAt"] = .date(DateTime(milliseconds: 5))
    #expect(document["createdAt"] == .date(start))
    document["n"] = 2
    try await document.save(SaveOptions { $0.timestamps = .off })
    let renamed = try memory().model(
      "Other",
      Schema(
        ["n": .number],
        options: SchemaOptions { $0.timestamps = Timestamps(createdAt: "made", updatedAt: nil) }))
    let made = try await renamed.create(["n": 1])
    #expect(made["made"] != nil)
    #expect(made["updatedAt"] == nil)
  }
}
