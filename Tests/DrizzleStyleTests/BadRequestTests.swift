import DrizzleStyle
import PrivataCore
import Testing

/// Queries that make no sense: each is told by code and field, none changes anything, and no error
/// holds what a record or the query holds.
@Suite struct BadRequestTests {
  struct Request: Sendable, CustomTestStringConvertible {
    let name: String
    let code: PrivataError.Code
    let fields: [String]
    let places: [Place]
    let send: @Sendable (Database) async throws -> Void
    var testDescription: String { name }

    init(
      _ name: String, _ code: PrivataError.Code, _ fields: [String],
      on places: [Place] = Place.allCases,
      _ send: @escaping @Sendable (Database) async throws -> Void
    ) {
      (self.name, self.code, self.fields, self.places, self.send) = (
        name, code, fields, places, send
      )
    }
  }

  private static let users = User.table.definition
  private static let text = "canary\u{0}text"

  static let requests: [Request] = [
    Request("an unknown column to select", .unknownField, ["nmae"]) {
      _ = try await $0.select(["who": users["nmae"]]).from(users).all()
    },
    Request("an unknown column in a condition", .unknownField, ["nmae"]) {
      _ = try await $0.select().from(users).where(eq(users["nmae"], "canary")).all()
    },
    Request("an unknown column to order by", .unknownField, ["nmae"]) {
      _ = try await $0.select().from(users).orderBy(asc(users["nmae"])).all()
    },
    Request("an unknown column to set", .unknownField, ["nmae"]) {
      _ = try await $0.update(users).set(["nmae": "canary"]).where(eq(users["id"], 1)).run()
    },
    Request("an unknown column to insert", .unknownField, ["nmae"]) {
      _ = try await $0.insert(users).values(["id": 9, "nmae": "canary"]).run()
    },
    Request("a negative limit", .badArgument, ["limit"]) {
      _ = try await $0.select().from(User.self).limit(-1).all()
    },
    Request("a negative offset", .badArgument, ["offset"]) {
      _ = try await $0.select().from(User.self).limit(1).offset(-1).all()
    },
    Request("a negative limit of columns", .badArgument, ["limit"]) {
      _ = try await $0.select(User.table.name, User.table.age).from(User.table).limit(-1).all()
    },
    Request("a negative limit of rows", .badArgument, ["limit"]) {
      _ = try await $0.select().from(users).limit(-1).all()
    },
    Request("a negative offset of rows", .badArgument, ["offset"]) {
      _ = try await $0.select().from(users).limit(1).offset(-1).all()
    },
    Request("values of another type", .wrongType, ["age"], on: Place.speakingSQL) {
      _ = try await $0.insert(users).values([
        "id": 9, "name": "canary", "age": "canary", "isActive": true,
        "joined": .value(.date(DateTime(milliseconds: 0))),
      ]).run()
    },
    Request("nothing to insert", .badArgument, []) {
      _ = try await $0.insert(users).values([]).run()
    },
    Request("nothing to set", .badArgument, []) {
      _ = try await $0.update(users).set([:]).where(eq(users["id"], 1)).run()
    },
    Request("a taken value", .duplicateKey, ["email"]) {
      _ = try await $0.insert(User.self).values(User(id: 9, name: "Canary", email: "ada@x.test"))
        .run()
    },
    Request("a taken key", .duplicateKey, ["id"]) {
      _ = try await $0.insert(User.self).values(User(id: 1, name: "Canary", email: "canary@x"))
        .run()
    },
    Request("a delete of all by accident", .unboundedDelete, []) {
      _ = try await $0.delete(User.self).run()
    },
    Request("an update of all by accident", .unboundedDelete, []) {
      _ = try await $0.update(User.self).set { $0.name = "canary" }.run()
    },
    // Postgres keeps no zero byte in a text.
    Request("a text with a zero byte", .badArgument, [], on: [.postgres]) {
      _ = try await $0.insert(User.self).values(User(id: 9, name: text)).run()
    },
  ]

  @Test(arguments: Place.allCases, requests)
  func isToldAndChangesNothing(_ place: Place, _ request: Request) async throws {
    guard request.places.contains(place) else { return }
    try await with(place) { db in
      let error = await #expect(throws: PrivataError.self) { try await request.send(db) }
      #expect(error?.code == request.code)
      #expect(error?.fields == request.fields)
      if let error {
        var dumped = ""
        dump(error, to: &dumped)
        for text in [error.message, "\(error)", String(reflecting: error), dumped] {
          #expect(!text.lowercased().contains("canary"))
        }
      }
      let all = try await db.select().from(User.self).orderBy(\.id).all()
      #expect(all == Sample.users)
    }
  }

  /// What is odd but means something is done.
  @Test(arguments: Place.allCases) func oddButMeaningful(_ place: Place) async throws {
    try await with(place) { db in
      #expect(try await db.select().from(User.self).where(User.fields.id.isIn([])).all().isEmpty)
      #expect(
        try await db.select().from(User.self).where(User.fields.id.isNotIn([])).all().count == 3)
      #expect(try await db.select().from(User.self).limit(0).all().isEmpty)
      if place != .postgres {
        try await db.insert(User.self).values(User(id: 9, name: Self.text)).run()
        let found = try await db.select().from(User.self).where(\.name == Self.text).all()
        #expect(found.map(\.id) == [9])
        #expect(try await db.count(User.self, where: \.name == "canary") == 0)
      }
      var condition: Condition<User> = \.name == "Ada"
      for _ in 0..<15 { condition = !(!condition) && \.age > 0 }
      let deep = try await db.select().from(User.self).where(condition).all()
      #expect(deep.map(\.id) == [1])
    }
  }
}
