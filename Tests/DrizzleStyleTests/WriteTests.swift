import DrizzleStyle
import PrivataCore
import Testing

@Suite struct WriteTests {
  @Test(arguments: Place.allCases) func insertsAndAnswers(_ place: Place) async throws {
    try await with(place) { db in
      let di = User(id: 4, name: "Di", age: 8)
      #expect(try await db.insert(User.self).values(di).returning() == [di])
      let result = try await db.insert(Session.self).values(
        Session(id: "a", userID: 4), Session(id: "b", userID: 4)
      ).run()
      #expect(result.affected == 2)
    }
  }

  @Test(arguments: Place.allCases) func changesAndAnswers(_ place: Place) async throws {
    try await with(place) { db in
      let changed = try await db.update(User.self).set {
        $0.name = "Bob"
        $0.email = .value("bob@x.test")
        $0.diagnosis = .null
        $0.age = .increment(by: 1)
      }.where(\.id == 2).returning()
      #expect(changed.map(\.name) == ["Bob"])
      #expect(changed.first?.age == 18)
      let all = try await db.update(User.self).set { $0.isActive = false }.where(.all).run()
      #expect(all.affected == 3)
      #expect(try await db.count(User.self, where: \.isActive == true) == 0)
    }
  }

  @Test(arguments: Place.allCases) func removesAndAnswers(_ place: Place) async throws {
    try await with(place) { db in
      let gone = try await db.delete(Session.self).where(\.id == "s1").returning()
      #expect(gone == [Sample.sessions[0]])
      #expect(try await db.delete(Session.self).where(.all).run().affected == 2)
    }
  }

  @Test(arguments: Place.allCases) func aWriteSaysWhichRecordsItMeans(_ place: Place) async throws {
    try await with(place) { db in
      let update = await #expect(throws: PrivataError.self) {
        try await db.update(User.self).set { $0.age = 1 }.run()
      }
      #expect(update?.code == .unboundedDelete)
      let delete = await #expect(throws: PrivataError.self) { try await db.delete(User.self).run() }
      #expect(delete?.code == .unboundedDelete)
      let empty = await #expect(throws: PrivataError.self) {
        try await db.update(User.self).where(.all).run()
      }
      #expect(empty?.code == .badArgument)
      let changed = try await db.count(User.self, where: \.age == 1)
      #expect(changed == 0)
    }
  }

  @Test(arguments: Place.allCases) func aTakenValueIsRefused(_ place: Place) async throws {
    try await with(place) { db in
      let twin = User(id: 9, name: "Eve", email: "ada@x.test")
      let error = await #expect(throws: PrivataError.self) {
        try await db.insert(User.self).values(twin).run()
      }
      #expect(error?.code == .duplicateKey)
      #expect("\(error!)".contains("ada@x.test") == false)
    }
  }

  @Test(arguments: Place.speakingSQL) func conflictsAreSkippedOrMerged(_ place: Place) async throws
  {
    try await with(place) { db in
      let twins = [User(id: 1, name: "Other", age: 1), User(id: 7, name: "New", age: 2)]
      let skipped = try await db.insert(User.self).values(twins).onConflictDoNothing(\.id).run()
      #expect(skipped.affected == 1)
      let merged = try await db.insert(User.self).values(twins)
        .onConflictDoUpdate(\.id) { $0.name = .excluded }.returning()
      #expect(merged.map(\.name).sorted() == ["New", "Other"])
      #expect(try await db.select().from(User.self).where(\.id == 1).first()?.age == 36)
    }
  }

  @Test(arguments: Place.speakingSQL) func manyRecordsGoInSeveralStatements(
    _ place: Place
  ) async throws {
    try await with(place) { db in
      let many = (100..<12_100).map { User(id: $0, name: "n") }
      let added = try await db.insert(User.self).values(many).run().affected
      #expect(added == 12_000)
      let total = try await db.count(User.self)
      #expect(total == 12_003)
    }
  }

  @Test(arguments: Place.speakingSQL) func errorsNameTheConstraint(_ place: Place) async throws {
    try await with(place) { db in
      let error = await #expect(throws: PrivataError.self) {
        try await db.insert(User.table.definition).values(["id": 1, "name": "x"]).run()
      }
      let failure = error?.underlying as? QueryError
      #expect(failure?.code == (place == .sqlite ? "SQLITE_CONSTRAINT_NOTNULL" : "23502"))
      #expect(failure?.sql.hasPrefix("insert into \"users\"") == true)
    }
  }
}
