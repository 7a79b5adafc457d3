import DrizzleStyle
import PrivataCore
import Testing

@Suite struct TransactionTests {
  @Test(arguments: Place.allCases) func returningCommitsThrowingUndoes(_ place: Place) async throws
  {
    try await with(place) { db in
      let n = try await db.transaction { tx in
        try await tx.insert(User.self).values(User(id: 8, name: "T")).run()
        return try await tx.count(User.self)
      }
      #expect(n == 4)
      struct Boom: Error {}
      await #expect(throws: Boom.self) {
        try await db.transaction { tx in
          try await tx.delete(User.self).where(.all).run()
          throw Boom()
        }
      }
      #expect(try await db.count(User.self) == 4)
    }
  }

  @Test(arguments: Place.allCases) func rollbackEndsTheTransaction(_ place: Place) async throws {
    try await with(place) { db in
      let error = await #expect(throws: PrivataError.self) {
        try await db.transaction { tx in
          try await tx.delete(Session.self).where(.all).run()
          try tx.rollback()
        }
      }
      #expect(error?.code == .transactionRollback)
      let left = try await db.count(Session.self)
      #expect(left == 3)
    }
  }

  @Test(arguments: Place.speakingSQL) func nestedTransactionsAreUndoneAlone(
    _ place: Place
  ) async throws {
    try await with(place) { db in
      try await db.transaction { tx in
        try await tx.insert(Session.self).values(Session(id: "kept", userID: 1)).run()
        try? await tx.transaction { inner in
          try await inner.insert(Session.self).values(Session(id: "lost", userID: 1)).run()
          try await inner.insert(Session.self).values(Session(id: "kept", userID: 1)).run()
        }
      }
      let ids = try await db.select(Session.table.id).from(Session.self).all()
      #expect(Set(ids) == ["s1", "s2", "s3", "kept"])
    }
  }
}
