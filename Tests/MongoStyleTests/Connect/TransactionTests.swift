import MongoStyle
import PrivataCore
import Testing

@Suite struct TransactionTests {
  @Test func throwingUndoesAndRestoresDocuments() async throws {
    let mongo = memory(.standard)
    let User = try mongo.model("User", ["name": .string, "tags": [.string]])
    let ada = try await User.create(["name": "Ada"])
    let grace = try User(["name": "Grace"])
    let error = await thrown {
      try await mongo.transaction { _ in
        ada["name"] = "Augusta"
        try await ada.save()
        try await grace.save()
        #expect(try await User.countDocuments().exec() == 2)
        throw Refused()
      }
    }
    #expect(error is Refused)
    #expect(try await User.find().lean().exec().map { $0["name"] } == ["Ada"])
    #expect(grace.isNew)
    #expect(ada.isModified("name"))
    try await ada.save()
    #expect(try await User.findById(ada._id).lean().exec()?["name"] == "Augusta")
  }

  @Test func sessionsByHand() async throws {
    let mongo = memory()
    let User = try mongo.model("User", ["name": .string])
    try await User.prepare()
    let session = mongo.startSession()
    try await session.startTransaction()
    try await User.create(["name": "Ada"], options: SaveOptions { $0.session = session })
    #expect(try await User.countDocuments().exec() == 0)
    #expect(try await User.find().session(session).exec().count == 1)
    try await session.commitTransaction()
    #expect(try await User.countDocuments().exec() == 1)
    await session.end()
    let ended = await thrown { try await User.find().session(session).exec() }
    #expect((ended as? PrivataError)?.code == .transactionEnded)
  }
}
