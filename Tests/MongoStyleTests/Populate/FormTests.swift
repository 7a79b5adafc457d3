import MongoStyle
import PrivataCore
import Testing

/// Every form of `populate`, each with the statements that it sends.
@Suite struct FormTests {
  let mongo: MongoConnection
  let Author: MongoModel
  let Book: MongoModel
  let Shop: MongoModel

  init() async throws {
    mongo = memory(.standard)
    var author: Schema = ["name": .string, "born": .number, "friends": [.ref("Author")]]
    author.virtual(
      "books", VirtualPopulation(ref: "Book", localField: "_id", foreignField: "author"))
    author.virtual(
      "first",
      VirtualPopulation(
        ref: "Book", localField: "_id", foreignField: "author", justOne: true,
        options: PopulateOptions { $0.sort = "year" }))
    author.virtual(
      "bookCount",
      VirtualPopulation(ref: "Book", localField: "_id", foreignField: "author", count: true))
    Author = try mongo.model("Author", author)
    Book = try mongo.model(
      "Book",
      [
        "title": .string, "year": .number, "author": .ref("Author"),
        "kind": .string, "about": .objectID(.refPath("kind")),
        "reviews": [.document(["by": .ref("Author"), "stars": .number])],
        "byKey": .map(of: .ref("Author")), "nest": ["editor": .ref("Author")],
      ])
    Shop = try mongo.model("Shop", ["name": .string, "books": [.ref("Book")]])
    let ada = try await Author.create(["name": "Ada", "born": 1815])
    let bob = try await Author.create(["name": "Bob", "born": 1900, "friends": [ada._id]])
    var books: [Value] = []
    for (title, year, who) in [("A", 3, ada), ("B", 1, ada), ("C", 2, bob), ("D", 4, ada)] {
      let book = try await Book.create([
        "title": .string(title), "year": .int(year), "author": who._id,
        "kind": year % 2 == 0 ? "Author" : "Shop", "about": bob._id,
        "reviews": [["by": bob._id, "stars": 5], ["by": ada._id, "stars": 1]],
        "byKey": ["x": bob._id], "nest": ["editor": ada._id],
      ])
      books.append(book._id)
    }
    try await Shop.create(["name": "S", "books": .array(books)])
  }

  private func books(_ query: (MongoQuery<[MongoDocument]>) -> MongoQuery<[MongoDocument]>)
    async throws -> [MongoDocument]
  { try await query(Book.find().sort("title")).exec() }

  @Test func severalPathsInOneQueryEach() async throws {
    let sent = try await statements {
      let all = try await books { $0.populate("author nest.editor") }
      #expect(all.map { $0.document("author")?.text("name") } == ["Ada", "Ada", "Bob", "Ada"])
      #expect(all[0].document("nest.editor")?.text("name") == "Ada")
    }
    #expect(sent == ["find books", "find authors", "find authors"])
  }

  @Test func subdocumentsAndMaps() async throws {
    let sent = try await statements {
      let all = try await books { $0.populate("reviews.by").populate("byKey.$*") }
      #expect(
        all[0].array("reviews").documents.map { $0.document("by")?.text("name") } == ["Bob", "Ada"])
      #expect(all[0].map("byKey").document("x")?.text("name") == "Bob")
    }
    #expect(sent == ["find books", "find authors", "find authors"])
  }

  @Test func selectionMatchAndOrder() async throws {
    let shop = try await Shop.findOne().populate(
      PopulateRequest(
        "books", select: "title -_id", match: ["year": ["$gt": 1]],
        options: PopulateOptions { $0.sort = "-year" })
    ).orFail().exec()
    #expect(shop.documents("books").map { $0.text("title") } == ["D", "A", "C"])
    #expect(shop.documents("books")[0]["year"] == nil)
    #expect(shop.documents("books")[0]["_id"] == nil)
    let none = try await books { $0.populate(PopulateRequest("author", match: ["name": "X"])) }
    #expect(none[0].value("author") == .null)
    #expect(none[0].populated("author") != nil)
  }

  @Test func matchDecidesForEachParent() async throws {
    var request = PopulateRequest("books")
    request.match = .function { author in
      ["year": ["$lt": author.text("name") == "Ada" ? 4 : 0]]
    }
    let all = try await Author.find().sort("name").populate(request).exec()
    #expect(all.map { $0.documents("books").count } == [2, 0])
  }

  @Test func limitsAreForEachParent() async throws {
    let sent = try await statements {
      let all = try await Author.find().sort("name").populate(
        PopulateRequest(
          "books",
          options: PopulateOptions {
            $0.limit = 2
            $0.sort = "-year"
          })
      ).exec()
      #expect(all.map { $0.documents("books").map { $0.text("title") } } == [["D", "A"], ["C"]])
    }
    #expect(sent == ["find authors", "find books"])
    let exact = try await statements {
      let all = try await Author.find().sort("name").populate(
        PopulateRequest("books", options: PopulateOptions { $0.perDocumentLimit = 1 })
      ).exec()
      #expect(all.map { $0.documents("books").count } == [1, 1])
    }
    #expect(exact.count == 3)
  }

  @Test func nested() async throws {
    let sent = try await statements {
      let shop = try await Shop.findOne().populate(
        PopulateRequest(
          "books",
          populate: [PopulateRequest("author", populate: [PopulateRequest("friends")])])
      ).orFail().exec()
      #expect(
        shop.documents("books")[2].document("author")?.documents("friends").first?.text("name")
          == "Ada")
    }
    #expect(sent == ["find shops", "find books", "find authors", "find authors"])
  }

  @Test func virtuals() async throws {
    let all = try await Author.find().sort("name").populate("first bookCount").exec()
    #expect(all.map { $0.document("first")?.text("title") } == ["B", "C"])
    #expect(all.map { $0["bookCount"] } == [3, 1])
    #expect(try all[0].toObject()["first"] == nil)
    #expect(try all[0].toObject(ObjectForm(virtuals: .all)).value_("first.title") == "B")
  }

  @Test func modelsByPath() async throws {
    let all = try await books { $0.populate("about") }
    #expect(all[2].document("about")?.text("name") == "Bob")
    #expect(all[0].value("about") == .null)
  }

  @Test func otherModelsAndFields() async throws {
    var request = PopulateRequest("about", model: "Author")
    request.strict = false
    let all = try await books { $0.populate(request) }
    #expect(all[0].document("about")?.text("name") == "Bob")
  }

  @Test func missingOnes() async throws {
    try await Author.deleteOne(["name": "Bob"]).exec()
    var retained = PopulateRequest("reviews.by")
    retained.retainNullValues = true
    let all = try await books { $0.populate("author").populate(retained) }
    #expect(all[2].value("author") == .null)
    #expect(all[2].populated("author") != nil)
    try await all[2].save()
    #expect(try await Book.findOne(["title": "C"]).lean().exec()?["author"] != .null)
  }

  @Test func transformsAndPlainOnes() async throws {
    var request = PopulateRequest("author")
    request.transform = { document, _ in .string(document?.text("name") ?? "none") }
    let all = try await books { $0.populate(request) }
    #expect(all[0].value("author") == "Ada")
    let plain = try await Book.find().sort("title").populate("author").lean().exec()
    #expect(plain[0].value_("author.name") == "Ada")
    let mixed = try await books {
      $0.populate(PopulateRequest("author", options: PopulateOptions { $0.lean = true }))
    }
    #expect(mixed[0].value("author").asDocument?["name"] == "Ada")
    let rows = try await Book.aggregate([["$sort": ["title": 1]]]).exec(
      populating: PopulateRequest("author"))
    #expect(rows[0].value_("author.name") == "Ada")
  }

  @Test func ofDocumentsAtHand() async throws {
    let book = try await Book.findOne(["title": "A"]).orFail().exec()
    try await book.populate("author", select: "name")
    #expect(book.document("author")?["born"] == nil)
    try book.assertPopulated("author")
    #expect(throws: (any Error).self) { try book.assertPopulated("about") }
    #expect(book.populatedDocuments.count == 1)
    book.depopulate("author")
    #expect(book["author"] != nil && book.document("author") == nil)
    let both = try await Book.populate([book], [PopulateRequest("author")])
    #expect(both[0].document("author")?.text("name") == "Ada")
    let error = await thrown {
      _ = try await book.array("reviews").documents[0].populate("by")
    }
    #expect(error?.mongoName == "Error")
  }

  @Test func assignedDocuments() async throws {
    let ada = try await Author.findOne(["name": "Ada"]).orFail().exec()
    let book = try await Book.findOne(["title": "C"]).orFail().exec()
    try book.set("author", ada)
    #expect(book.populated("author") == ada._id)
    #expect(try book.pendingUpdate() == ["$set": ["author": ada._id]])
    try await book.save()
    #expect(try await Book.findById(book._id).lean().exec()?["author"] == ada._id)
  }

  @Test func unknownModelsAndPaths() async throws {
    let path = await thrown { _ = try await books { $0.populate("nothing") } }
    #expect(path?.style(StrictPopulateError.self)?.path == "nothing")
    var request = PopulateRequest("nothing")
    request.strict = false
    _ = try await books { $0.populate(request) }
    let model = await thrown {
      _ = try await books { $0.populate(PopulateRequest("author", model: "Nobody")) }
    }
    #expect(model?.style(MissingSchemaError.self)?.model == "Nobody")
  }

  @Test func acrossStores() async throws {
    let other = memory(.standard)
    let Far = try other.model("Far", ["name": .string])
    let far = try await Far.create(["name": "there"])
    let here = memory(.standard)
    let Near = try here.model("Near", ["far": .ref("Far")])
    let near = try await Near.create(["far": far._id])
    let error = await thrown { _ = try await near.populate("far") }
    #expect(error?.style(MissingSchemaError.self)?.model == "Far")
    _ = try Far.using(here)
    #expect(try await near.populate("far").value("far") == .null)
  }

  @Test func aHundredParentsOneQuery() async throws {
    let User = try mongo.model("User", ["n": .number])
    let Visit = try mongo.model("Visit", ["user": .ref("User")])
    let users = try await User.insertMany((0..<100).map { ["n": .int($0)] })
    _ = try await Visit.insertMany((0..<1000).map { ["user": users[$0 % 100]._id] })
    let sent = try await statements {
      let visits = try await Visit.find().populate("user").exec()
      #expect(visits.allSatisfy { $0.document("user") != nil })
    }
    #expect(sent == ["find visits", "find users"])
  }
}
