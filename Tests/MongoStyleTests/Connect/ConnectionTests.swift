import MongoStyle
import PrivataCore
import PrivataMongo
import PrivataSQLite
import Testing

@Suite struct ConnectionTests {
  @Test func whatCannotBeOpenedThrowsAtOnce() async throws {
    let nowhere = StoreSource.mongo(
      "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=200&connectTimeoutMS=200")
    let error = await thrown { _ = try await MongoStyle.connect(nowhere) }
    #expect(error?.privataCode == .connection)
    let bad = await thrown { _ = try await MongoStyle.connect(.mongo("http://x")) }
    #expect(bad?.privataCode == .badURL)
  }

  @Test func closedOnesSaySo() async throws {
    let mongo = try await sqlite()
    let User = try mongo.model("User", ["name": .string])
    try await User.create(["name": "Ada"])
    await mongo.close()
    let error = await thrown { try await User.find().exec() }
    #expect(error?.privataCode == .closed)
    #expect(mongo.modelNames.isEmpty)
  }

  @Test func oneTransactionPerSession() async throws {
    let mongo = try await sqlite()
    let session = mongo.startSession()
    try await session.startTransaction()
    #expect(session.isInTransaction)
    let again = await thrown { try await session.startTransaction() }
    #expect(again?.mongoName == "MongooseError")
    try await session.abortTransaction()
    let none = await thrown { try await session.commitTransaction() }
    #expect(none?.privataCode == .transactionEnded)
    await session.end()
    #expect(session.hasEnded)
  }

  @Test func nothingDoneNothingSent() async throws {
    let mongo = try await sqlite()
    let sent = try await statements {
      try await mongo.withSession { session in
        try await session.startTransaction()
        try await session.commitTransaction()
        try await session.startTransaction()
        try await session.abortTransaction()
      }
    }
    #expect(sent == [])
  }

  @Test func writersInTheWayAreConflicts() async throws {
    var options = SQLiteOptions()
    options.waitMilliseconds = 50
    let mongo = MongoConnection(
      store: try await StoreSource.sqlite(":memory:", options: options).open(), profile: .mongoose)
    let User = try mongo.model("User", ["n": .number])
    let id = try await User.create(["n": 1])._id
    try await mongo.withSession { one in
      try await one.startTransaction()
      try await User.updateOne(["_id": id], ["n": 2]).session(one).exec()
      let error = await thrown {
        try await mongo.withSession { two in
          try await two.startTransaction()
          try await User.updateOne(["_id": id], ["n": 3]).session(two).exec()
        }
      }
      #expect(error?.privataCode == .writeConflict)
      #expect(((error as? PrivataError)?.underlying as? ServerError)?.code == 112)
      try await one.commitTransaction()
    }
    #expect(try await User.findById(id).exec()?["n"] == 2)
  }

  @Test func manyTasksShareOneTransaction() async throws {
    let mongo = try await sqlite()
    let User = try mongo.model("User", ["n": .number])
    try await User.prepare()
    let session = mongo.startSession()
    try await session.startTransaction()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for n in 0..<8 {
        group.addTask {
          try await User.create(["n": .int(n)], options: SaveOptions { $0.session = session })
        }
      }
      try await group.waitForAll()
    }
    try await session.commitTransaction()
    await session.end()
    #expect(try await User.countDocuments().exec() == 8)
  }
}
