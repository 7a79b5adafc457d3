import MongoStyle
import PrivataCore
import PrivataMongo
import Testing

/// What only a MongoDB server does, on a real one.
@Suite(.serialized) struct MongoServerTests {
  @Test func watchesAModel() async throws {
    try await onMongoDB { mongo in
      let User = try mongo.model("User", ["name": .string, "n": .number])
      try await User.prepare()
      let changes = try await User.watch(options: .init { $0.fullDocument = "updateLookup" }).open()
      let ada = try await User.create(["name": "Ada", "n": 1])
      ada["n"] = 2
      try await ada.save()
      let insert = try #require(try await changes.next())
      #expect(insert.operation == "insert")
      #expect(insert.id == ada._id)
      #expect(try insert.document()?.text("name") == "Ada")
      let update = try #require(try await changes.next())
      #expect(update.operation == "update")
      #expect(update.updateDescription?.value_("updatedFields.n") == 2)
      #expect(update.plainDocument?["n"] == 2)
      try await ada.deleteOne()
      #expect(try await changes.next()?.operation == "delete")
      await changes.close()
      #expect(try await changes.next() == nil)
      let after = User.watch(options: .init { $0.resumeAfter = insert.resumeToken })
      var seen: [String] = []
      for try await change in after {
        seen.append(change.operation)
        if seen.count == 2 { break }
      }
      #expect(seen == ["update", "delete"])
    }
  }

  @Test func watchesByStagesAndSubModels() async throws {
    try await onMongoDB { mongo in
      var schema: Schema = ["n": .number]
      schema.discriminator("Click", ["x": .number])
      let Event = try mongo.model("Event", schema)
      let Click = try mongo.model("Click")
      try await Event.prepare()
      let clicks = try await Click.watch().open()
      let large = try await Event.watch([["$match": ["fullDocument.n": ["$gt": 5]]]]).open()
      let all = try await mongo.watch().open()
      try await Event.create(["n": 1])
      try await Click.create(["n": 9])
      #expect(try await clicks.next()?.plainDocument?["n"] == 9)
      #expect(try await large.next()?.plainDocument?["n"] == 9)
      #expect(try await all.next()?.plainDocument?["n"] == 1)
      for cursor in [clicks, large, all] { await cursor.close() }
    }
  }

  @Test func syncsIndexes() async throws {
    try await onMongoDB { mongo in
      var schema = Schema(
        [
          "email": .string(.unique), "age": .number(.index),
          "seen": .date(.expires(afterSeconds: 60)),
          "nest": ["k": .string(.index)],
        ], options: SchemaOptions { $0.autoIndex = false })
      schema.index(["email": 1, "age": -1], sparse: true, name: "both")
      schema.index(["age": 1], name: "old", where: ["age": ["$gt": 5]])
      let User = try mongo.model("User", schema)
      try await User.create(["email": "a@b"])
      #expect(try await User.listIndexes().count == 1)
      let before = try await User.diffIndexes()
      #expect(before.toDrop == [])
      #expect(before.toCreate.count >= 5)
      try await User.createIndexes()
      #expect(try await User.diffIndexes().toDrop == [])
      _ = try await mongo.runCommand([
        "createIndexes": "users", "indexes": [["key": ["extra": 1], "name": "extra_1"]],
      ])
      #expect(try await User.diffIndexes().toDrop == ["extra_1"])
      #expect(try await User.syncIndexes() == ["extra_1"])
      #expect(try await mongo.syncIndexes()["User"] == [])
      #expect(try await User.cleanIndexes() == [])
      let names = try await User.listIndexes().compactMap { $0["name"]?.asString }
      #expect(Set(names).isSuperset(of: ["_id_", "email_1", "both", "seen_1", "nest.k_1"]))
      let twice = await thrown { try await User.create(["email": "a@b"]) }
      #expect(twice?.privataCode == .duplicateKey)
    }
  }

  @Test func indexesOfSubModelsArePartial() async throws {
    try await onMongoDB { mongo in
      var sub: Schema = ["x": .number]
      sub.index(["x": 1], unique: true)
      var schema: Schema = ["n": .number]
      schema.discriminator("Click", sub)
      let Event = try mongo.model("Event", schema)
      try await Event.prepare()
      let index = try await Event.listIndexes().first { $0["name"] == "x_1" }
      #expect(index?["partialFilterExpression"] == ["__t": "Click"])
      #expect(try await Event.diffIndexes().isEmpty)
    }
  }

  @Test func otherDatabases() async throws {
    try await onMongoDB { mongo in
      let User = try mongo.model("User", ["name": .string(.unique)])
      let name = "\(mongo.store.traits.place.split(separator: "/").last ?? "")_tenant"
      let tenant = try mongo.useDb(name)
      let Theirs = try tenant.model("User")
      try await User.create(["name": "here"])
      try await Theirs.create(["name": "there"])
      #expect(try await User.find().exec().map { $0.text("name") } == ["here"])
      #expect(try await Theirs.find().exec().map { $0.text("name") } == ["there"])
      #expect(Theirs.namespace == "\(name).users")
      #expect(try User.using(tenant) == Theirs)
      _ = try await tenant.runCommand(["dropDatabase": 1])
    }
  }

  @Test func transactionsCommitAbortAndRetry() async throws {
    try await onMongoDB(.standard) { mongo in
      let User = try mongo.model("User", ["name": .string, "n": .number])
      try await User.prepare()
      let ada = try await User.create(["name": "Ada", "n": 1])
      let error = await thrown {
        try await mongo.transaction { _ in
          ada["n"] = 5
          try await ada.save()
          #expect(try await User.findById(ada._id).exec()?["n"] == 5)
          throw Refused()
        }
      }
      #expect(error is Refused)
      #expect(try await User.findById(ada._id).exec()?["n"] == 1)
      #expect(ada.isModified("n"))
      _ = try await mongo.transaction { _ in try await ada.save() }
      #expect(try await User.findById(ada._id).exec()?["n"] == 5)
      try await mongo.withSession { session in
        try await session.startTransaction()
        try await User.updateOne(["_id": ada._id], ["n": 7]).session(session).exec()
        let conflict = await thrown {
          try await mongo.withSession { other in
            try await other.startTransaction()
            try await User.updateOne(["_id": ada._id], ["n": 8]).session(other).exec()
          }
        }
        #expect((conflict as? PrivataError)?.code == .writeConflict)
        #expect((conflict as? PrivataError)?.isRetriable == true)
        try await session.commitTransaction()
      }
      #expect(try await User.findById(ada._id).exec()?["n"] == 7)
    }
  }

  @Test func explainsAndSearches() async throws {
    try await onMongoDB { mongo in
      var schema: Schema = ["title": .string, "n": .number(.index), "place": .mixed]
      schema.index(["title": "text"])
      schema.index(["place": "2dsphere"])
      let Place = try mongo.model("Place", schema)
      try await Place.create([
        [
          "title": "coffee house", "n": 1,
          "place": ["type": "Point", "coordinates": [10.0, 60.0]],
        ],
        ["title": "tea house", "n": 2, "place": ["type": "Point", "coordinates": [11.0, 60.0]]],
      ])
      let report = try await Place.find(["n": 1]).explain()
      #expect(report["queryPlanner"] != nil)
      let stats = try await Place.find(["n": "1"]).explain("executionStats")
      #expect(stats.value_("executionStats.nReturned") == 1)
      #expect(try await Place.aggregate().match(["n": 1]).explain().isEmpty == false)
      #expect(try await Place.find().text("coffee").exec().map { $0["n"] } == [1])
      let near = try await Place.where("place").near(.point(11.0, 60.0)).exec()
      #expect(near.map { $0["n"] } == [2, 1])
      let close = try await Place.where("place").near(.point(11.0, 60.0), maxDistance: 1000).exec()
      #expect(close.count == 1)
      let square: GeoShape = .polygon([
        [[9.5, 59.5], [10.5, 59.5], [10.5, 60.5], [9.5, 60.5], [9.5, 59.5]]
      ])
      #expect(try await Place.where("place").within(square).exec().map { $0["n"] } == [1])
      #expect(try await Place.where("place").intersects(square).exec().count == 1)
      #expect(try await Place.find().hint("n_1").comment("c").maxTimeMS(1000).exec().count == 2)
      let german = try await Place.find(["title": "TEA HOUSE"])
        .collation(["locale": "de", "strength": 2]).exec()
      #expect(german.count == 1)
      let found = try await Place.findOneAndUpdate(["n": 1], ["n": 3])
        .includingResultMetadata().exec()
      #expect(found.updatedExisting)
      #expect(found.document?["n"] == 1)
      #expect(try await Place.find().read("nearest").readConcern("majority").exec().count == 2)
    }
  }

  @Test func collectionsWithOptions() async throws {
    try await onMongoDB { mongo in
      let schema = Schema(
        ["n": .number(.required)],
        options: SchemaOptions { $0.collectionOptions = ["capped": true, "size": 4096] })
      let Log = try mongo.model("Log", schema)
      try await Log.createCollection([
        "validator": ["$jsonSchema": .document(schema.jsonSchema(bson: true))]
      ])
      let entry = try await mongo.listCollections().first { $0["name"] == "logs" }
      #expect(entry?.value_("options.capped") == true)
      let refused = await thrown {
        _ = try await Log.insertMany([["n": "x"]], options: InsertManyOptions { $0.lean = true })
      }
      #expect(refused != nil)
      try mongo.model("Other", ["a": .string])
      try await mongo.createCollections()
      #expect(try await mongo.listCollections().contains { $0["name"] == "others" })
      let View = try mongo.model(
        "View",
        Schema(
          ["n": .number],
          options: SchemaOptions {
            $0.autoCreate = false
            $0.autoIndex = false
          }))
      try await Log.create(["n": 4])
      try await View.createCollection(["viewOn": "logs", "pipeline": [["$match": ["n": 4]]]])
      #expect(try await View.find().exec().count == 1)
      try await mongo.dropModels()
    }
  }

  @Test func aMillionIsNotNeededToStream() async throws {
    try await onMongoDB { mongo in
      let Thing = try mongo.model("Thing", ["n": .number])
      _ = try await Thing.insertMany(
        (0..<5000).map { ["n": .int($0)] }, options: InsertManyOptions { $0.lean = true })
      var count = 0
      let sent = try await statements {
        for try await _ in Thing.find().lean().cursor(batchSize: 500) { count += 1 }
      }
      #expect(count == 5000)
      #expect(sent.contains("find things"))
    }
  }
}

/// What other stores answer where only MongoDB can.
@Suite struct OtherStoreTests {
  @Test func saySo() async throws {
    let mongo = try await sqlite()
    let User = try mongo.model("User", ["name": .string])
    let tries: [@Sendable () async throws -> Void] = [
      { _ = try await User.watch().open() },
      { try await User.createCollection(["capped": true]) },
      { _ = try mongo.useDb("x") },
      { _ = try await mongo.runCommand(["ping": 1]) },
      { _ = try await mongo.listCollections() },
    ]
    for one in tries {
      let error = await thrown { try await one() }
      #expect(error?.privataCode == .unsupported)
    }
    try await User.createIndexes()
    try await User.createCollection()
  }
}
