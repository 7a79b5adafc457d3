import PrismaStyle
import PrivataCore
import Testing

@Suite struct FindTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var filter: Document
    var ids: [String]
    var testDescription: String { "\(filter.keys) -> \(ids)" }
  }

  static let filters: [Row] = [
    Row(filter: [:], ids: ["ada", "ben", "grace"]),
    Row(filter: ["role": "patient"], ids: ["ada", "ben"]),
    Row(filter: ["age": ["gt": 36]], ids: ["grace"]),
    Row(filter: ["age": ["not": 36]], ids: ["grace"]),
    Row(filter: ["age": nil], ids: ["ben"]),
    Row(filter: ["NOT": ["age": 36]], ids: ["grace"]),
    Row(filter: ["OR": [["id": "ada"], ["id": "ben"]]], ids: ["ada", "ben"]),
    Row(filter: ["OR": []], ids: []),
    Row(filter: ["email": ["startsWith": "A", "mode": "insensitive"]], ids: ["ada"]),
    Row(filter: ["email": ["contains": "%"]], ids: []),
    Row(filter: ["id": ["in": ["ada", "zz"]]], ids: ["ada"]),
    Row(filter: ["mentor": ["is": ["role": "clinician"]]], ids: ["ada"]),
    Row(filter: ["mentor": ["isNot": ["role": "clinician"]]], ids: ["ben", "grace"]),
    Row(filter: ["mentor": nil], ids: ["ben", "grace"]),
    Row(filter: ["profile": ["is": nil]], ids: ["ben", "grace"]),
    Row(filter: ["sessions": ["some": ["minutes": ["gte": 30]]]], ids: ["ada"]),
    Row(filter: ["sessions": ["none": [:]]], ids: ["ben", "grace"]),
    Row(filter: ["sessions": ["every": ["kind": "video"]]], ids: ["ben", "grace"]),
    Row(filter: ["tags": ["some": ["label": "vip"]]], ids: ["ada", "grace"]),
    Row(filter: ["age": ["gt": .undefined], "id": "ada"], ids: ["ada"]),
  ]

  @Test(arguments: filters) func where_(_ row: Row) async throws {
    let db = try await Clinic.client()
    let found = try await db["User"].findMany([
      "where": .document(row.filter), "orderBy": ["id": "asc"], "select": ["id": true],
    ])
    #expect(found.map { $0["id"]?.asString } == row.ids)
  }

  @Test func includeLoadsEachLevelWithOneQuery() async throws {
    let db = try await Clinic.client()
    let found = try await db["User"].findMany([
      "where": ["id": "ada"],
      "select": [
        "id": true, "sessions": ["orderBy": ["id": "asc"], "select": ["id": true]],
        "profile": ["select": ["bio": true]], "_count": ["select": ["sessions": true]],
      ],
    ])
    #expect(
      found == [
        [
          "id": "ada", "sessions": [["id": "s1"], ["id": "s2"]], "profile": ["bio": "runner"],
          "_count": ["sessions": 2],
        ]
      ])
  }

  @Test func jsonPathsAreConditions() async throws {
    let db = try await Clinic.client()
    let found = try await db["Profile"].findMany([
      "where": ["settings": ["path": ["theme"], "string_starts_with": "da"]],
      "select": ["userId": true],
    ])
    #expect(found == [["userId": "ada"]])
  }

  @Test func pagesComeByCursorAndFromTheEnd() async throws {
    let db = try await Clinic.client()
    let after = try await db["User"].findMany([
      "cursor": ["id": "ada"], "skip": 1, "take": 5, "orderBy": ["id": "asc"],
      "select": ["id": true],
    ])
    #expect(after == [["id": "ben"], ["id": "grace"]])
    let last = try await db["User"].findMany([
      "take": -1, "orderBy": ["id": "asc"], "select": ["id": true],
    ])
    #expect(last == [["id": "grace"]])
  }

  static let refused: [Document] = [
    ["where": ["nick": "x"]], ["where": ["email": 5]], ["include": ["nothing": true]],
    ["select": ["id": true], "include": ["profile": true]], ["take": "x"], ["skip": -1],
    ["where": ["role": "superuser"]], ["where": ["email": nil]], ["orderBy": ["id": "up"]],
    ["orderBy": ["email": ["sort": "asc", "nulls": "last"]]], ["filter": [:]],
  ]

  @Test(arguments: refused) func refusesBeforeSending(_ arguments: Document) async throws {
    let db = try await Clinic.client()
    let error = await #expect(throws: PrivataError.self) {
      try await db["User"].findMany(arguments)
    }
    #expect(error?.prisma?.code == "ValidationError")
  }

  @Test func findUniqueNeedsAUniqueField() async throws {
    let db = try await Clinic.client()
    #expect(try await db["User"].findUnique(["where": ["email": "zz"]]) == nil)
    let error = await #expect(throws: PrivataError.self) {
      try await db["User"].findUnique(["where": ["age": 36]])
    }
    #expect(error?.code == .validation)
  }
}
