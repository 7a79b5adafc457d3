import MongoStyle
import PrivataCore
import Testing

@Suite struct SelectTests {
  private func schema() -> Schema {
    [
      "name": .string, "age": .number, "secret": .string(.select(false)),
      "shown": .string(.select(true)), "tags": [.string],
      "rows": [.document(["n": .number, "hidden": .string(.select(false))])],
    ]
  }

  private func made(_ profile: Profile = .mongoose) async throws -> MongoModel {
    let model = try memory(profile).model("Thing", schema())
    try await model.create([
      "name": "a", "age": 1, "secret": "s", "shown": "v", "tags": ["x", "y", "z"],
      "rows": [["n": 1, "hidden": "h"], ["n": 2]],
    ])
    return model
  }

  @Test(
    arguments: [
      ("name", ["_id", "name", "shown"]),
      ("name -_id", ["name", "shown"]),
      ("-name", ["_id", "age", "shown", "tags", "rows", "__v"]),
      ("+secret", ["_id", "name", "age", "secret", "shown", "tags", "rows", "__v"]),
      ("name +secret", ["_id", "name", "secret", "shown"]),
      ("", ["_id", "name", "age", "shown", "tags", "rows", "__v"]),
    ] as [(String, Set<String>)])
  func names(_ names: String, _ expected: Set<String>) async throws {
    let found = try await made().findOne().select(names).lean().exec()
    #expect(Set(found?.keys ?? []) == expected)
  }

  @Test func forms() async throws {
    let model = try await made()
    let byList = try await model.findOne().select(["name", "-_id"]).lean().exec()
    #expect(byList == ["name": "a", "shown": "v"])
    let byDocument = try await model.findOne().select(["name": 1, "_id": 0]).lean().exec()
    #expect(byDocument == ["name": "a", "shown": "v"])
    let replaced = model.findOne().select("name").projection(["age": 1])
    #expect(replaced.selected == ["age": 1])
    #expect(replaced.isSelectedInclusively)
    #expect(model.findOne().select("-age").isSelectedExclusively)
    #expect(model.find().select("name").projection(.null).selected.isEmpty)
  }

  @Test func schemaLevelChoicesCanBeLeftAside() async throws {
    let model = try await made()
    let all = try await model.findOne().schemaLevelProjections(false).lean().exec()
    #expect(all?["secret"] == "s")
    #expect(all?.value_("rows.0.hidden") == "h")
  }

  @Test func slices() async throws {
    let model = try await made()
    let first = try await model.findOne().slice("tags", 1).lean().exec()
    #expect(first?["tags"] == ["x"])
    #expect(first?["name"] == "a")
    let last = try await model.findOne().slice("tags", -1).lean().exec()
    #expect(last?["tags"] == ["z"])
    let middle = try await model.findOne().slice("tags", skip: 1, limit: 1).lean().exec()
    #expect(middle?["tags"] == ["y"])
    let named = try await model.findOne().where("tags").slice([0, 2]).lean().exec()
    #expect(named?["tags"] == ["x", "y"])
  }

  @Test func elemMatchCastsItsCondition() async throws {
    let found = try await made().findOne()
      .select(["rows": ["$elemMatch": ["n": "2"]]]).lean().exec()
    #expect(found?["rows"]?.asArray?.count == 1)
    #expect(found?.value_("rows.0.n") == 2)
  }

  @Test func partialArraysCannotBeReplaced() async throws {
    let model = try await made()
    let part = try await model.findOne().slice("tags", 1).orFail().exec()
    try part.set("tags", ["new"])
    let error = await thrown { try await part.save() }
    #expect(error?.mongoName == "DivergentArrayError")
    #expect(error?.style(DivergentArrayError.self)?.paths == ["tags"])
  }

  @Test func sanitizedProjectionsTakeOnlyNames() async throws {
    let model = try await made()
    let renamed = try await model.findOne().sanitizeProjection()
      .select(["leak": "$secret", "name": 1]).lean().exec()
    #expect(renamed?["leak"] == nil)
    let plus = try await model.findOne().sanitizeProjection().select("+secret").lean().exec()
    #expect(plus?["secret"] == nil)
  }

  @Test func hiddenPathsShowAfterCreate() async throws {
    let model = try memory().model("Thing", schema())
    let made = try await model.create(["name": "a", "secret": "s"])
    #expect(made["secret"] == "s")
    let hidden = try made.toObject(formUsingProjection())
    #expect(hidden["secret"] == nil)
  }

  private func formUsingProjection() -> ObjectForm {
    var form = ObjectForm()
    form.useProjection = true
    return form
  }

  @Test func populatedPathsComeAlong() async throws {
    let mongo = memory()
    let User = try mongo.model("User", ["name": .string])
    let Post = try mongo.model("Post", ["title": .string, "by": .ref("User")])
    let ada = try await User.create(["name": "Ada"])
    try await Post.create(["title": "t", "by": ada._id])
    let post = try await Post.findOne().select("title").populate("by").orFail().exec()
    #expect(post.document("by")?.text("name") == "Ada")
  }
}
