import PrismaStyle
import PrivataCore
import PrivataSQLite
import PrivataTesting
import Testing

/// Calls that make no sense: each is told by code and field, none changes anything, and no error
/// holds what a record or the call holds.
@Suite struct BadRequestTests {
  enum Place: String, CaseIterable, Sendable { case memory, sqlite }

  struct Request: Sendable, CustomTestStringConvertible {
    let name: String
    let code: PrivataError.Code
    let fields: [String]
    let send: @Sendable (PrismaClient) async throws -> Void
    var testDescription: String { name }

    init(
      _ name: String, _ fields: [String], _ code: PrivataError.Code = .validation,
      _ send: @escaping @Sendable (PrismaClient) async throws -> Void
    ) {
      (self.name, self.code, self.fields, self.send) = (name, code, fields, send)
    }

    static func find(_ name: String, _ fields: [String], _ arguments: Document) -> Request {
      Request(name, fields) { _ = try await $0["User"].findMany(arguments) }
    }

    static func create(
      _ name: String, _ fields: [String], _ data: Document,
      code: PrivataError.Code = .validation
    ) -> Request {
      Request(name, fields, code) { _ = try await $0["User"].create(["data": .document(data)]) }
    }

    static func measure(_ name: String, _ fields: [String], _ data: Document) -> Request {
      Request(name, fields) { _ = try await $0["Reading"].create(["data": .document(data)]) }
    }
  }

  private static let long = String(repeating: "n", count: 5000)

  static let reads: [Request] = [
    .find("an unknown argument", ["wher"], ["wher": ["age": 1]]),
    .find("an unknown field", ["emial"], ["where": ["emial": "canary"]]),
    .find("an unknown field below AND", ["emial"], ["where": ["AND": [["emial": "canary"]]]]),
    .find("a field with a zero byte", ["em\u{0}ail"], ["where": ["em\u{0}ail": "canary"]]),
    .find("a field with a very long name", [long], ["where": [long: "canary"]]),
    .find("another type", ["age"], ["where": ["age": "canary"]]),
    .find("another type in a list", ["age"], ["where": ["age": ["in": [1, "canary"]]]]),
    .find("no list", ["age"], ["where": ["age": ["in": "canary"]]]),
    .find("not a number", ["age"], ["where": ["age": .double(.nan)]]),
    .find("beyond the type", ["age"], ["where": ["age": ["gt": .int64(1 << 40)]]]),
    .find("no text", ["email"], ["where": ["email": ["contains": 1]]]),
    .find("an unknown condition", ["age", "above"], ["where": ["age": ["above": 1]]]),
    .find("null where there is none", ["email"], ["where": ["email": .null]]),
    .find("no name of the enumeration", ["role"], ["where": ["role": "canary"]]),
    .find("an unknown order", ["emial"], ["orderBy": ["emial": "asc"]]),
    .find("an unknown selection", ["emial"], ["select": ["emial": true]]),
    .find("an unknown relation", ["sesions"], ["include": ["sesions": true]]),
    .find("a negative skip", ["skip"], ["skip": -1]),
    .find("a skip that is no number", ["skip"], ["skip": "canary"]),
    .find("a take that is no integer", ["take"], ["take": 1.5]),
    .find("a take that is not a number", ["take"], ["take": .double(.infinity)]),
    .find("an unknown distinct", ["emial"], ["distinct": ["emial"]]),
    Request("no unique field", ["id", "email"]) {
      _ = try await $0["User"].findUnique(["where": ["role": "canary"]])
    },
    Request("groups by nothing", ["by"]) { _ = try await $0["User"].groupBy(["by": []]) },
  ]

  static let writes: [Request] = [
    .create("an unknown field to create", ["emial"], ["email": "canary@x", "emial": "canary"]),
    .create("without a required field", ["email"], ["role": "patient"]),
    .create("null for a required field", ["email"], ["email": .null]),
    .create("another type to create", ["age"], ["email": "canary@x", "age": "canary"]),
    .create("not a number to create", ["age"], ["email": "canary@x", "age": .double(.nan)]),
    .create("no enumeration's name", ["role"], ["email": "canary@x", "role": "canary"]),
    .create("a taken value", ["email"], ["email": "canary@example.org"], code: .duplicateKey),
    .measure("a double that is not a number", ["value"], ["value": .double(.nan)]),
    .measure("an infinite double", ["value"], ["value": .double(-.infinity)]),
    .measure("a date that is none", ["at"], ["at": "canary"]),
    .measure("a decimal that is none", ["cost"], ["cost": "canary"]),
    Request("another type to update", ["age"]) {
      _ = try await $0["User"].update(["where": ["id": "ada"], "data": ["age": "canary"]])
    },
    Request("an unknown operation", ["age"]) {
      _ = try await $0["User"].update(["where": ["id": "ada"], "data": ["age": ["raise": 1]]])
    },
    Request("an unknown field to update", ["emial"]) {
      _ = try await $0["User"].updateMany(["data": ["emial": "canary"]])
    },
    Request("a negative limit", ["limit"]) {
      _ = try await $0["User"].updateMany(["data": ["age": 1], "limit": -1])
    },
    Request("an unknown field to delete by", ["emial"]) {
      _ = try await $0["User"].deleteMany(["where": ["emial": "canary"]])
    },
    Request("nobody to delete", [], .notFound) {
      _ = try await $0["User"].delete(["where": ["id": "canary"]])
    },
  ]

  private func client(_ place: Place) async throws -> PrismaClient {
    let reading = PrismaModel(
      ModelSchema(
        name: "Reading", collection: "Reading",
        fields: [
          FieldSchema("id", .string, isOptional: false), FieldSchema("value", .double),
          FieldSchema("at", .date), FieldSchema("cost", .decimal()), FieldSchema("note", .string),
          FieldSchema("extra", .json),
        ]), relations: [], defaults: ["id": .cuid])
    let schema = try PrismaSchema([
      Clinic.user, Clinic.profile, Clinic.session, Clinic.tag, reading,
    ])
    let source: StoreSource = place == .memory ? .store(MemoryStore()) : .sqlite(":memory:")
    let db = try await PrismaClient.connect(source, schema)
    try await db["User"].create([
      "data": ["id": "ada", "email": "canary@example.org", "age": 36]
    ])
    return db
  }

  @Test(arguments: Place.allCases, reads + writes)
  func isToldAndChangesNothing(_ place: Place, _ request: Request) async throws {
    let db = try await client(place)
    let before = try await db["User"].findMany()
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
    #expect(try await db["User"].findMany() == before)
    #expect(try await db["Reading"].count() == 0)
  }

  /// What is odd but means something is done.
  @Test(arguments: Place.allCases) func oddButMeaningful(_ place: Place) async throws {
    let db = try await client(place)
    #expect(try await db["User"].findMany(["where": ["age": ["in": []]]]) == [])
    #expect(try await db["User"].findMany(["where": ["age": ["notIn": []]]]).count == 1)
    #expect(try await db["User"].findMany(["where": ["OR": []]]) == [])
    #expect(try await db["User"].findMany(["take": 0]) == [])
    #expect(try await db["User"].findMany(["take": -1]).count == 1)
    let zero = "a\u{0}b"
    try await db["Reading"].create(["data": ["id": "z", "note": .string(zero)]])
    let found = try await db["Reading"].findMany(["where": ["note": .string(zero)]])
    #expect(found.map { $0["note"] } == [.string(zero)])
    #expect(try await db["Reading"].findMany(["where": ["note": "a"]]) == [])
  }

  /// Conditions nest as deep as programs write them. Beyond that SQLite's parser gives up, which is
  /// told.
  @Test(arguments: Place.allCases) func deepConditions(_ place: Place) async throws {
    let db = try await client(place)
    let found = try await db["User"].findMany(["where": .document(Self.nested(20))])
    #expect(found.map { $0["id"] } == ["ada"])
    do {
      let deep = try await db["User"].findMany(["where": .document(Self.nested(90))])
      #expect(deep.map { $0["id"] } == ["ada"])
    } catch { #expect(error.code == .rejectedByStore && place == .sqlite) }
  }

  private static func nested(_ levels: Int) -> Document {
    var filter: Document = ["age": 36]
    for level in 0..<levels {
      let inner = Value.document(filter)
      filter = level.isMultiple(of: 2) ? ["AND": [inner]] : ["NOT": ["NOT": inner]]
    }
    return filter
  }
}
