import MongoStyle
import PrivataCore
import Testing

@Suite struct PopulateTests {
  let mongo: MongoConnection
  let User: MongoModel
  let Session: MongoModel
  let Clinic: MongoModel
  let users: [MongoDocument]

  init() async throws {
    mongo = memory()
    var userSchema = Schema([
      "name": .string, "clinic": .ref("Clinic"), "friends": [.ref("User")],
    ])
    userSchema.virtual(
      "sessions",
      VirtualPopulation(ref: "Session", localField: "_id", foreignField: "user"))
    userSchema.virtual(
      "sessionCount",
      VirtualPopulation(ref: "Session", localField: "_id", foreignField: "user", count: true))
    User = try mongo.model("User", userSchema)
    Clinic = try mongo.model("Clinic", ["name": .string])
    Session = try mongo.model(
      "Session",
      [
        "user": .ref("User"), "minutes": .number,
        "notes": [.document(["text": .string, "author": .ref("User")])],
      ])
    let clinic = try await Clinic.create(["name": "North"])
    let ada = try await User.create(["name": "Ada", "clinic": clinic._id])
    let grace = try await User.create(["name": "Grace", "friends": [ada._id]])
    users = [ada, grace]
    for (user, minutes) in [(ada, 10), (ada, 20), (grace, 30)] {
      try await Session.create([
        "user": user._id, "minutes": .int(minutes),
        "notes": [["text": "n", "author": grace._id]],
      ])
    }
  }

  @Test func oneQueryPerLevel() async throws {
    let seen = StatementCount()
    let sessions = try await StatementLog.$observer.withValue(seen) {
      try await Session.find().sort("minutes").populate(
        PopulateRequest("user", populate: [PopulateRequest("clinic", select: "name")])
      ).exec()
    }
    #expect(sessions.map { $0.document("user")?.text("name") } == ["Ada", "Ada", "Grace"])
    #expect(sessions[0].document("user")?.document("clinic")?.text("name") == "North")
    #expect(seen.all == ["find sessions", "find users", "find clinics"])
  }

  @Test func arraysAndSubdocuments() async throws {
    let grace = try await User.findOne(["name": "Grace"]).populate("friends").orFail().exec()
    #expect(grace.documents("friends").map { $0.text("name") } == ["Ada"])
    #expect(grace.populated("friends") == .array([users[0]._id]))
    let session = try await Session.findOne().populate("notes.author", select: "name").orFail()
      .exec()
    #expect(
      session.array("notes").documents.map { $0.document("author")?.text("name") } == ["Grace"])
    grace.depopulate("friends")
    #expect(grace["friends"] == .array([users[0]._id]))
  }

  @Test func virtualsAndCounts() async throws {
    let all = try await User.find().sort("name").populate("sessions sessionCount").exec()
    #expect(all.map { $0.documents("sessions").count } == [2, 1])
    #expect(all.map { $0["sessionCount"] } == [2, 1])
    let plain = try await User.find().sort("name").populate("sessions").lean().exec()
    #expect(plain.map { $0["sessions"]?.asArray?.count } == [2, 1])
  }

  @Test func missingReferences() async throws {
    try await User.deleteOne(["name": "Ada"]).exec()
    let sessions = try await Session.find(["minutes": 10]).populate("user").exec()
    #expect(sessions[0].value("user") == .null)
    #expect(sessions[0].populated("user") == users[0]._id)
  }

  @Test func unknownPathsAreRefused() async throws {
    let error = await thrown { try await User.find().populate("nothing").exec() }
    #expect(error?.mongoName == "StrictPopulateError")
  }
}
