import DrizzleStyle
import PrivataCore
import Synchronization
import Testing

@Suite struct JoinTests {
  private let users = User.table
  private let sessions = Session.table

  @Test(arguments: Place.allCases) func innerJoinPairs(_ place: Place) async throws {
    try await with(place) { db in
      let rows: [(Session, User)] = try await db.select().from(sessions)
        .innerJoin(users, on: sessions.userID == users.id).orderBy(sessions.id).all()
      #expect(rows.map(\.0.id) == ["s1", "s2", "s3"])
      #expect(rows.map(\.1.name) == ["Ada", "Ada", "Cy"])
    }
  }

  @Test(arguments: Place.allCases) func leftJoinLeavesTheOtherSideEmpty(_ place: Place) async throws
  {
    try await with(place) { db in
      let rows: [(User, Session?)] = try await db.select().from(users)
        .leftJoin(sessions, on: sessions.userID == users.id)
        .orderBy(users.id, sessions.id).all()
      #expect(rows.map(\.0.id) == [1, 1, 2, 3])
      #expect(rows.map(\.1?.id) == ["s1", "s2", nil, "s3"])
      // A record of nulls is still one.
      #expect(rows[1].1 == Sample.sessions[1])
    }
  }

  @Test(arguments: Place.allCases) func conditionsOfTheJoinAreNotThoseOfTheRows(
    _ place: Place
  ) async throws {
    try await with(place) { db in
      let link = sessions.userID == users.id && sessions.kind == "video"
      let all = try await db.select().from(users).leftJoin(sessions, on: link)
        .orderBy(users.id).all()
      #expect(all.map(\.1?.id) == ["s1", nil, nil])
      let some = try await db.select().from(users)
        .leftJoin(sessions, on: sessions.userID == users.id)
        .where(sessions.kind == "video").all()
      #expect(some.map(\.0.id) == [1])
      let none = try await db.select().from(users)
        .leftJoin(sessions, on: sessions.userID == users.id)
        .where(sessions.id.isNull).all()
      #expect(none.map(\.0.id) == [2])
    }
  }

  @Test(arguments: Place.allCases) func rightJoinLeavesTheFirstSideEmpty(_ place: Place)
    async throws
  {
    try await with(place) { db in
      let rows: [(Session?, User)] = try await db.select().from(sessions)
        .rightJoin(users, on: sessions.userID == users.id).orderBy(users.id, sessions.id).all()
      #expect(rows.map(\.0?.id) == ["s1", "s2", nil, "s3"])
      #expect(rows.map(\.1.id) == [1, 1, 2, 3])
    }
  }

  @Test(arguments: Place.allCases) func fullJoinKeepsBothSides(_ place: Place) async throws {
    try await with(place) { db in
      // A vault refuses a session of nobody.
      let orphan = Session(id: "s4", userID: 99)
      if place != .vault { try await db.insert(Session.self).values(orphan).run() }
      let rows: [(User?, Session?)] = try await db.select().from(users)
        .fullJoin(sessions, on: sessions.userID == users.id).all()
      let found = Set(rows.map { "\($0.0?.id ?? 0) \($0.1?.id ?? "-")" })
      let expected: Set = ["1 s1", "1 s2", "2 -", "3 s3"]
      #expect(found == (place == .vault ? expected : expected.union(["0 s4"])))
    }
  }

  @Test(arguments: Place.allCases) func threeTablesJoin(_ place: Place) async throws {
    try await with(place) { db in
      let other = User.table.as("other")
      let rows: [(User, Session, User?)] = try await db.select().from(users)
        .innerJoin(sessions, on: sessions.userID == users.id)
        .leftJoin(other, on: other.id == sessions.userID && other.age > 40)
        .orderBy(sessions.id).limit(3).all()
      #expect(rows.map(\.2?.name) == [nil, nil, "Cy"])
    }
  }

  @Test(arguments: Place.allCases) func fieldsOfAnEmptySideAreOptional(_ place: Place) async throws
  {
    try await with(place) { db in
      let rows = try await db.select(users.name, sessions.id.optional).from(users)
        .leftJoin(sessions, on: sessions.userID == users.id).orderBy(users.id).all()
      #expect(rows.last?.0 == "Cy")
      #expect(rows.contains { $0.0 == "Bo" && $0.1 == nil })
      let error = await #expect(throws: PrivataError.self) {
        try await db.select(sessions.id).from(users)
          .leftJoin(sessions, on: sessions.userID == users.id).all()
      }
      #expect(error?.code == .wrongType)
      #expect(error?.fields == ["id"])
    }
  }

  @Test func crossJoinPairsEverything() async throws {
    try await with(.sqlite) { db in
      let rows = try await db.select().from(users).crossJoin(sessions).all()
      #expect(rows.count == 9)
    }
  }

  /// Selects of one shape share their text, never their values; those of another shape share neither.
  @Test(arguments: Place.speakingSQL) func selectsOfOneShapeBindTheirOwnValues(
    _ place: Place
  ) async throws {
    try await with(place) { db in
      for _ in 0..<2 {
        let cases: [(condition: SQL?, limit: Int, names: [String])] = [
          (users.name == "Ada", 10, ["Ada", "Ada"]), (users.name == "Cy", 10, ["Cy"]),
          (users.name != "Cy", 10, ["Ada", "Ada"]), (users.name == "Ada", 1, ["Ada"]),
          (users.name.in(["Ada", "Cy"]), 10, ["Ada", "Ada", "Cy"]),
          (users.name.in(["Cy"]), 10, ["Cy"]), (nil, 10, ["Ada", "Ada", "Cy"]),
          (nil, 2, ["Ada", "Ada"]),
        ]
        for (condition, limit, names) in cases {
          let pairs = try await db.select().from(sessions)
            .innerJoin(users, on: sessions.userID == users.id)
            .where(condition).orderBy(sessions.id).limit(limit).all()
          #expect(pairs.map(\.1.name) == names)
        }
      }
    }
  }

  @Test func anotherHandleIsAnotherShape() async throws {
    try await with(.sqlite) { db in
      let (older, younger) = (users.as("older"), users.as("younger"))
      let seen = Texts()
      for _ in 0..<2 {
        try await StatementLog.$observer.withValue(seen) {
          let pairs = try await db.select().from(older)
            .innerJoin(younger, on: older.id == younger.id && older.id == 1).all()
          #expect(pairs.map(\.0.id) == [1])
          let others = try await db.select().from(younger)
            .innerJoin(older, on: older.id == younger.id && older.id == 2).all()
          #expect(others.map(\.0.id) == [2])
        }
      }
      #expect(seen.all.count == 4)
      #expect(seen.all[0] == seen.all[2])
      #expect(seen.all[1] == seen.all[3])
      #expect(seen.all[0] != seen.all[1])
    }
  }
}

/// The texts of statements in the order in which they were sent.
private final class Texts: StatementObserver {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }

  func willSend(_ statement: StatementRecord) { texts.withLock { $0.append(statement.text) } }
}
