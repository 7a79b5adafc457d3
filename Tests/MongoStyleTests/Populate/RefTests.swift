import MongoStyle
import PrivataCore
import Testing

@Suite struct RefTests {
  @Test func refsAsFunctions() async throws {
    let mongo = memory()
    let Cat = try mongo.model("Cat", ["name": .string])
    let Dog = try mongo.model("Dog", ["name": .string])
    var options = PathOptions()
    options.ref = .function { $0.text("kind") }
    let Owner = try mongo.model(
      "Owner", Schema([.init("kind", .string), .init("pet", SchemaPath(.objectID, options))]))
    let tom = try await Cat.create(["name": "Tom"])
    let rex = try await Dog.create(["name": "Rex"])
    try await Owner.create([["kind": "Cat", "pet": tom._id], ["kind": "Dog", "pet": rex._id]])
    let all = try await Owner.find().sort("kind").populate("pet").exec()
    #expect(all.map { $0.document("pet")?.text("name") } == ["Tom", "Rex"])
  }

  @Test func refsOfAnyType() async throws {
    let mongo = memory()
    let Country = try mongo.model("Country", ["_id": .string, "name": .string])
    let Year = try mongo.model("Year", ["_id": .number, "label": .string])
    let Event = try mongo.model(
      "Event", ["country": .string(.ref("Country")), "year": .number(.ref("Year"))])
    try await Country.create(["_id": "no", "name": "Norway"])
    try await Year.create(["_id": 1905, "label": "free"])
    try await Event.create(["country": "no", "year": "1905"])
    let event = try await Event.findOne().populate("country year").orFail().exec()
    #expect(event.document("country")?.text("name") == "Norway")
    #expect(event.document("year")?.text("label") == "free")
  }

  @Test func modelsOfAnotherConnection() async throws {
    let here = memory()
    let there = here.using(memory().store)
    let User = try here.model("User", ["name": .string])
    let theirs = try there.model("User")
    #expect(theirs.connection !== User.connection)
    try await User.create(["name": "here"])
    #expect(try await theirs.find().exec().isEmpty)
    let Post = try there.model("Post", ["by": .ref("User")])
    let ada = try await theirs.create(["name": "Ada"])
    try await Post.create(["by": ada._id])
    #expect(
      try await Post.findOne().populate("by").exec()?.document("by")?.text("name") == "Ada")
  }

  @Test func requestOptions() async throws {
    let mongo = memory()
    let User = try mongo.model("User", ["name": .string])
    let Post = try mongo.model("Post", ["by": .ref("User"), "odd": .mixed])
    let ada = try await User.create(["name": "Ada"])
    try await Post.create([["by": ada._id], ["by": ada._id]])
    var request = PopulateRequest("by")
    request.clones = true
    let copies = try await Post.find().populate(request).exec()
    #expect(copies[0].document("by") !== copies[1].document("by"))
    let post = copies[0]
    try await User.updateOne(["_id": ada._id], ["name": "Augusta"]).exec()
    var keep = PopulateRequest("by")
    keep.forceRepopulate = false
    try await post.populate([keep])
    #expect(post.document("by")?.text("name") == "Ada")
    try await post.populate("by")
    #expect(post.document("by")?.text("name") == "Augusta")
    var skipping = PopulateRequest("odd", model: "User")
    skipping.skipInvalidIDs = true
    try await Post.updateMany([:], ["odd": "no id"]).exec()
    _ = try await Post.find().populate(skipping).exec()
  }

  @Test func sessionsAreInherited() async throws {
    let mongo = try await sqlite()
    let User = try mongo.model("User", ["name": .string])
    let Post = try mongo.model("Post", ["by": .ref("User")])
    try await User.prepare()
    try await Post.prepare()
    try await mongo.withSession { session in
      try await session.startTransaction()
      let options = SaveOptions { $0.session = session }
      let ada = try await User.create(["name": "Ada"], options: options)
      try await Post.create(["by": ada._id], options: options)
      let post = try await Post.findOne().session(session).populate("by").orFail().exec()
      #expect(post.document("by")?.text("name") == "Ada")
      try await session.abortTransaction()
    }
    #expect(try await User.countDocuments().exec() == 0)
  }

  @Test func localsAndModels() async throws {
    let mongo = memory()
    var schema: Schema = ["n": .number]
    schema.pre(.save) { $0.locals["seen"] = true }
    let Thing = try mongo.model("Thing", schema)
    try mongo.model("Other", ["k": .number])
    let thing = try await Thing.create(["n": 1])
    #expect(thing.locals["seen"] == true)
    #expect(try thing.model("Other").name == "Other")
    #expect(thing.model == Thing)
    thing.saveConditions = ["n": 5]
    thing["n"] = 2
    let error = await thrown { try await thing.save() }
    #expect(error?.mongoName == "DocumentNotFoundError")
  }
}
