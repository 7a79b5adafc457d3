import Foundation
import MongoStyle
import PrivataCore
import PrivataSQLite
import Testing

/// The code of Docs/MongoStyle.md, run.
@Suite struct GuideTests {
  /// The models of the page, and the document that it makes.
  private struct Start {
    var mongo: MongoConnection
    var User: MongoModel
    var ada: MongoDocument
  }

  private func start() async throws -> Start {
    let mongo = try await MongoStyle.connect(.sqlite(":memory:"))
    var userSchema = Schema(
      [
        "name": .string(.required, .trim),
        "email": .string(.unique, .lowercase),
        "age": .number(.min(0), .max(130)),
        "role": .string(.enum(["patient", "clinician"]), .default("patient")),
        "tags": [.string],
        "clinic": .ref("Clinic"),
        "address": ["city": .string, "zip": .string],
        "allergies": [.document(["name": .string(.required), "severity": .number])],
      ], options: .timestamps)
    userSchema.virtual("label", get: { .string("\($0.text("name")) (\($0.text("role")))") })
    let User = try mongo.model("User", userSchema)
    let Clinic = try mongo.model("Clinic", ["title": .string])

    let north = try await Clinic.create(["title": "North"])
    let ada = try await User.create([
      "name": " Ada ", "email": "ADA@example.org", "age": "36", "tags": ["a"], "clinic": north._id,
    ])
    #expect(ada["label"] == "Ada (patient)")
    #expect(ada["age"] == 36 && ada["email"] == "ada@example.org")
    return Start(mongo: mongo, User: User, ada: ada)
  }

  @Test func findsAndChanges() async throws {
    let User = try await start().User
    let adults = try await User.find(["age": ["$gte": "18"], "role": "patient"])
      .sort("-createdAt name").limit(10).exec()
    let byChain = try await User.where("age").gte(18).lt(65).select("name age").lean().exec()
    let one = try await User.findOne(["email": "ada@example.org"]).orFail().exec()
    let number = try await User.countDocuments(["tags": "a"]).exec()
    #expect(adults.count == 1 && number == 1)
    #expect(Set(byChain[0].keys) == ["_id", "name", "age"])
    var names: [String] = []
    for try await user in User.find().sort("name").cursor(batchSize: 100) {
      names.append(user.text("name"))
    }
    #expect(names == ["Ada"])
    one["age"] = 37
    try one.array("tags").push("vip")
    try one.set("address.city", "Oslo")
    let pending = try one.pendingUpdate()
    try await one.save()
    #expect(
      pending == [
        "$set": ["age": 37, "address.city": "Oslo"], "$push": ["tags": ["$each": ["vip"]]],
        "$inc": ["__v": 1],
      ])
    let result = try await User.updateOne(["_id": one._id], ["$inc": ["age": 1]]).exec()
    let after = try await User.findOneAndUpdate(["_id": one._id], ["role": "clinician"])
      .returningAfter().exec()
    #expect(result.modifiedCount == 1)
    #expect(after?["age"] == 38 && after?["role"] == "clinician")
  }

  @Test func validatesPopulatesAndGroups() async throws {
    let begun = try await start()
    let (mongo, User) = (begun.mongo, begun.User)
    var wrong: [String] = []
    do {
      try await User.create(["age": 200])
    } catch let error as PrivataError {
      if let invalid = error.mongoStyle as? ValidationError { wrong = invalid.paths }
    }
    #expect(Set(wrong) == ["name", "age"])

    let patients = try await User.find().populate("clinic", select: "title").exec()
    let title = patients[0].document("clinic")?.text("title")
    #expect(title == "North")

    try await mongo.transaction { _ in
      let bob = try await User.create(["name": "Bob", "email": "bob@example.org"])
      bob["age"] = 40
      try await bob.save()
    }
    #expect(try await User.countDocuments().exec() == 2)
  }

  @Test func hooksOfTheGuide() async throws {
    var userSchema: Schema = ["name": .string, "role": .string]
    userSchema.pre(.save) { user in user["role"] = user["role"] ?? "patient" }
    userSchema.pre(query: .find, .findOne) { query in query.merge(["role": "patient"]) }
    userSchema.onError(.save) { error, _ in throw error }
    let ported = try await MongoStyle.connect(.sqlite(":memory:"), profile: .mongoose)
    let User = try ported.model("User", userSchema)
    try await User.create([["name": "Ada"], ["name": "Bob", "role": "clinician"]])
    #expect(try await User.find().exec().map { $0.text("name") } == ["Ada"])
  }

  /// Every line of Swift on the page is a line of this file.
  @Test func thePageIsThisFile() throws {
    let here = URL(filePath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "Docs/MongoStyle.md"), encoding: .utf8)
    let lines = { (text: Substring) in
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let code = Set(lines(try String(contentsOf: here, encoding: .utf8)[...]))
    let blocks = page.components(separatedBy: "```swift\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
    #expect(blocks.count > 8)
    for line in blocks.flatMap({ lines($0[...]) }) {
      #expect(code.contains(line), "not run by a test: \(line)")
    }
  }
}
