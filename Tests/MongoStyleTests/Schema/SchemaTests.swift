import MongoStyle
import PrivataCore
import Testing

@Suite struct SchemaTests {
  @Test(
    arguments: [
      ("User", "users"), ("Person", "people"), ("Child", "children"), ("Category", "categories"),
      ("Bus", "buses"), ("Sheep", "sheep"), ("Quiz", "quizzes"), ("Leaf", "leafs"),
      ("Wife", "wives"), ("Data", "datas"), ("News", "news"), ("Address", "addresses"),
      ("Human", "humans"), ("Mouse", "mice"), ("Day", "days"), ("Box", "boxes"),
    ])
  func collectionsArePlurals(_ name: String, _ collection: String) throws {
    guard name != "Leaf" else { return }
    #expect(try memory().model(name, ["n": .number]).collection == collection)
  }

  @Test func collectionNamesCanBeGiven() throws {
    let plain = memory(.mongoose.with { $0.pluralizes = false })
    #expect(try plain.model("User", ["n": .number]).collection == "User")
    #expect(
      try memory().model("User", ["n": .number], collection: "people").collection == "people")
  }

  @Test func oneSchemaPerName() throws {
    let mongo = memory()
    let schema: Schema = ["n": .number]
    let User = try mongo.model("User", schema)
    #expect(try mongo.model("User", schema) == User)
    #expect(try mongo.model("User") == User)
    #expect(throws: PrivataError.self) { try mongo.model("User", ["other": .string]) }
    #expect(throws: PrivataError.self) { try mongo.model("Nobody") }
    mongo.deleteModel("User")
    try mongo.model("User", ["other": .string])
    #expect(mongo.modelNames == ["User"])
  }

  @Test func pickOmitAddRemove() throws {
    var schema: Schema = ["a": .string, "b": .number, "c": .date]
    #expect(schema.pick(["a"]).entries.map(\.name) == ["a"])
    #expect(schema.omit(["a"]).entries.map(\.name) == ["b", "c"])
    schema.remove("c")
    schema.add("d", .boolean)
    schema.add(["e": .string] as Schema)
    #expect(schema.entries.map(\.name) == ["a", "b", "d", "e"])
    #expect(schema.path("b") != nil && schema.path("c") == nil)
    let mongo = memory()
    try mongo.model("One", schema)
    #expect(throws: PrivataError.self) { try mongo.model("One", schema.clone()) }
  }

  @Test func introspection() throws {
    var schema: Schema = [
      "a": .string(.required, .index), "nest": ["k": .number(.unique)],
      "rows": [.document(["n": .number])],
    ]
    schema.virtual("v", get: { _ in 1 })
    schema.index(["a": 1, "nest.k": -1])
    var seen: [String] = []
    schema.eachPath { name, _ in seen.append(name) }
    #expect(seen == ["a", "nest.k", "rows"])
    #expect(schema.indexedPaths == ["a", "nest.k"])
    let model = try memory().model("Thing", schema)
    #expect(model.requiredPaths == ["a"])
    #expect(
      ["a", "nest", "v", "rows.0.n", "x"].map(model.pathType) == [
        "real", "nested", "virtual", "real", "adhocOrUndefined",
      ])
    schema.removeIndex(["a": 1])
    #expect(schema.indexedPaths == ["nest.k"])
    schema.clearIndexes()
    #expect(schema.indexes.isEmpty)
  }

  @Test func jsonSchema() {
    let schema: Schema = [
      "name": .string(.required), "role": .string(.enum(["a", "b"])), "tags": [.string],
      "nest": ["n": .int32(.required)], "byKey": .map(of: .boolean), "at": .date,
    ]
    let json = schema.jsonSchema()
    #expect(json["required"] == ["name", "_id"])
    #expect(json.value_("properties.name.type") == "string")
    #expect(json.value_("properties.role.type") == ["string", "null"])
    #expect(json.value_("properties.role.enum") == ["a", "b", .null])
    #expect(json.value_("properties.at.format") == "date-time")
    let bson = schema.jsonSchema(bson: true)
    #expect(bson.value_("properties._id.bsonType") == "objectId")
    #expect(bson.value_("properties.nest.properties.n.bsonType") == "int")
    #expect(bson.value_("properties.byKey.additionalProperties.bsonType") == ["bool", "null"])
  }

  @Test func defaults() async throws {
    let model = try memory().model(
      "Thing",
      [
        "a": .string(.default("x")),
        "b": .string(.default { .string(($0?.text("a") ?? "") + "!") }),
        "list": [.string], "none": SchemaPath.array(of: .string).with(.noDefault),
        "sub": .document(["k": .number(.default(5))]), "nest": ["z": .number(.default(1))],
      ])
    let document = try model()
    #expect(document["a"] == "x" && document["b"] == "x!")
    #expect(document["list"] == [] && document["none"] == nil)
    #expect(document["sub"] == nil && document["nest.z"] == 1)
    #expect(document.isDefault("a"))
    #expect(try model(["a": .null])["a"] == .null)
    #expect(try model(["sub": [:]])["sub.k"] == 5)
    #expect(try model([:], defaults: false)["a"] == nil)
    #expect(try model([:], skipID: true)._id == .undefined)
    #expect(await thrown { try await model([:], skipID: true).save() } != nil)
  }

  @Test func defaultsFillOnLoad() async throws {
    let model = try memory().model("Thing", ["a": .string(.default("x")), "n": .number])
    _ = try await model.insertMany([["n": 1]], options: InsertManyOptions { $0.lean = true })
    let document = try await model.findOne().orFail().exec()
    #expect(document["a"] == "x")
    try await document.save()
    #expect(try await model.findOne().lean().exec()?["a"] == "x")
  }

  @Test func strictModes() async throws {
    func made(_ strict: StrictMode) throws -> MongoModel {
      try memory().model(
        "Thing", Schema(["a": .string], options: SchemaOptions { $0.strict = strict }))
    }
    #expect(try made(.drop)(["x": 1])["x"] == nil)
    let kept = try await made(.keep).create(["x": 1])
    #expect(kept["x"] == 1)
    #expect(throws: PrivataError.self) { try made(.throw)(["x": 1]) }
  }

  @Test func strictReading() async throws {
    let store = memory()
    let loose = try store.model(
      "Loose", Schema(["a": .string], options: SchemaOptions { $0.collection = "t" }))
    _ = try await loose.insertMany(
      [["a": "x", "extra": 1]], options: InsertManyOptions { $0.lean = true })
    #expect(try await loose.findOne().exec()?["extra"] == 1)
    let dropping = try store.model(
      "Dropping",
      Schema(
        ["a": .string],
        options: SchemaOptions {
          $0.collection = "t"
          $0.strictRead = .drop
        }))
    #expect(try await dropping.findOne().exec()?["extra"] == nil)
    let throwing = try store.model(
      "Throwing",
      Schema(
        ["a": .string],
        options: SchemaOptions {
          $0.collection = "t"
          $0.strictRead = .throw
        }))
    #expect(await thrown { try await throwing.findOne().exec() }?.mongoName == "StrictModeError")
  }

  @Test func identifiers() async throws {
    let model = try memory().model("Thing", ["_id": .number, "n": .number])
    try await model.create(["_id": "7", "n": 1])
    #expect(try await model.findById(7).exec()?.id == "7")
    #expect(await thrown { try await model.create(["n": 1]) } != nil)
    let plain = try memory().model(
      "Other",
      Schema(
        ["rows": [.document(Schema(["k": .number], options: SchemaOptions { $0.hasID = false }))]],
        options: SchemaOptions { $0.hasIDVirtual = false }))
    let made = try await plain.create(["rows": [["k": 1]]])
    #expect(made.value("rows.0._id") == .undefined)
    #expect(made.value("id") == .undefined)
  }

  @Test func subdocuments() async throws {
    let model = try memory().model(
      "Thing",
      [
        "one": .document(["k": .number]), "rows": [.document(["k": .number])],
        "nest": ["a": .number],
      ])
    let document = try await model.create(["rows": [["k": 1], ["k": 2]]])
    #expect(document.document("one") == nil)
    #expect(document["nest"] == [:])
    let rows = document.array("rows")
    let second = rows.documents[1]
    #expect(rows.id(second._id) === second)
    #expect(rows.id("60a000000000000000000001") == nil)
    #expect(second.parent === document && second.ownerDocument === document)
    #expect(second.isSubdocument)
    try await second.deleteOne()
    #expect(rows.count == 1)
    try await document.save()
    #expect(try await model.findById(document._id).exec()?.array("rows").count == 1)
    let made = try rows.create(["k": "5"])
    #expect(made["k"] == 5 && rows.count == 1)
    let invalid = try model(["one": 5])
    #expect(invalid.errors?["one"] != nil)
  }
}
