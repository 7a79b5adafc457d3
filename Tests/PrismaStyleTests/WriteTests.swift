import PrismaStyle
import PrivataCore
import Testing

@Suite struct WriteTests {
  @Test func aTakenUniqueValueIsP2002AndNamesTheField() async throws {
    let db = try await Clinic.client()
    let error = await #expect(throws: PrivataError.self) {
      try await db["User"].create(["data": ["email": "ada@example.org"]])
    }
    #expect(
      error?.prisma == PrismaError("P2002", meta: ["modelName": "User", "target": ["email"]]))
    #expect(error?.description.contains("ada@") == false)
  }

  @Test func aFailingNestedWriteUndoesTheWhole() async throws {
    let db = try await Clinic.client()
    let error = await #expect(throws: PrivataError.self) {
      try await db["User"].create([
        "data": [
          "id": "new", "email": "new@example.org",
          "sessions": ["create": ["id": "s1", "kind": "x"]],
        ]
      ])
    }
    #expect(error?.prisma?.code == "P2002")
    #expect(try await db["User"].findUnique(["where": ["id": "new"]]) == nil)
  }

  @Test func updatesAddInTheStore() async throws {
    let db = try await Clinic.client()
    let ada = try await db["User"].update([
      "where": ["id": "ada"], "data": ["age": ["increment": 1]], "select": ["age": true],
    ])
    #expect(ada == ["age": 37])
  }

  struct Nested: Sendable {
    var data: Document
    var sessions: [String]
  }

  static let nested: [Nested] = [
    Nested(data: ["sessions": ["delete": ["id": "s1"]]], sessions: ["s2"]),
    Nested(data: ["sessions": ["deleteMany": ["minutes": ["lt": 10]]]], sessions: ["s1"]),
    Nested(
      data: ["sessions": ["create": ["id": "s0", "kind": "x"]]], sessions: ["s0", "s1", "s2"]),
    Nested(
      data: ["sessions": ["updateMany": ["where": ["kind": "chat"], "data": ["kind": "call"]]]],
      sessions: ["s1", "s2"]),
    Nested(
      data: [
        "sessions": [
          "upsert": [
            "where": ["id": "s9"], "create": ["id": "s9", "kind": "y"], "update": ["minutes": 1],
          ]
        ]
      ], sessions: ["s1", "s2", "s9"]),
  ]

  @Test(arguments: nested) func nestedWritesTouchOnlyTheirParent(_ row: Nested) async throws {
    let db = try await Clinic.client()
    let ada = try await db["User"].update([
      "where": ["id": "ada"], "data": .document(row.data),
      "select": ["sessions": ["select": ["id": true], "orderBy": ["id": "asc"]]],
    ])
    let ids = ada["sessions"]?.asArray?.compactMap { $0.asDocument?["id"]?.asString }
    #expect(ids == row.sessions)
  }

  static let broken: [(Document, String)] = [
    (["sessions": ["set": []]], "P2014"), (["sessions": ["disconnect": ["id": "s1"]]], "P2014"),
    (["sessions": ["update": ["where": ["id": "zz"], "data": [:]]]], "P2025"),
    (["tags": ["connect": ["id": "zz"]]], "P2025"), (["profile": ["upsert": 3]], "ValidationError"),
    (["age": "old"], "ValidationError"), (["email": nil], "ValidationError"),
    (["age": ["increment": "x"]], "ValidationError"), (["nick": 1], "ValidationError"),
  ]

  @Test(arguments: 0..<8) func brokenUpdatesChangeNothing(_ index: Int) async throws {
    let (data, code) = Self.broken[index == 4 ? 8 : index]
    let db = try await Clinic.client()
    let before = try await db["Session"].findMany(["orderBy": ["id": "asc"]])
    let error = await #expect(throws: PrivataError.self) {
      try await db["User"].update(["where": ["id": "ada"], "data": .document(data)])
    }
    #expect(error?.prisma?.code == code)
    #expect(try await db["Session"].findMany(["orderBy": ["id": "asc"]]) == before)
  }

  @Test func upsertFindsOrCreates() async throws {
    let db = try await Clinic.client()
    let upsert: Document = [
      "where": ["label": "new"], "create": ["id": "n", "label": "new"],
      "update": ["label": "newer"],
    ]
    #expect(try await db["Tag"].upsert(upsert)["id"] == "n")
    #expect(try await db["Tag"].upsert(upsert)["label"] == "newer")
  }

  @Test func deletingAPersonFollowsTheRelationsRules() async throws {
    let db = try await Clinic.client()
    try await db["User"].delete(["where": ["id": "ada"]])
    #expect(try await db["Session"].count() == 0)
    #expect(try await db["Profile"].count() == 0)
    try await db["User"].create([
      "data": ["id": "eve", "email": "e@example.org", "mentorId": "grace"]
    ])
    try await db["User"].delete(["where": ["id": "grace"]])
    #expect(try await db["User"].findUnique(["where": ["id": "eve"]])?["mentorId"] == .null)
  }

  @Test func deleteManyWithoutAConditionIsRefused() async throws {
    let db = try await Clinic.client()
    for arguments in [[:], ["where": [:]], ["where": ["id": .undefined]]] as [Document] {
      let error = await #expect(throws: PrivataError.self) {
        try await db["User"].deleteMany(arguments)
      }
      #expect(error?.code == .unboundedDelete)
    }
    #expect(try await db["User"].count() == 3)
    #expect(try await db["Session"].deleteAll() == 2)
  }

  @Test func aTransactionThatThrowsLeavesNothing() async throws {
    struct Stop: Error {}
    let db = try await Clinic.client()
    await #expect(throws: Stop.self) {
      try await db.transaction { tx in
        try await tx["Tag"].create(["data": ["label": "gone"]])
        throw Stop()
      }
    }
    #expect(try await db["Tag"].count(["where": ["label": "gone"]]) == 0)
  }
}
