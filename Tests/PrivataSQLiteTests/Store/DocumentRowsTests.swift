import PrivataCore
import Testing

@testable import PrivataSQLite

/// Documents that are answered as rows of cells, against those that are answered as BSON.
@Suite struct DocumentRowsTests {
  private static let model = ModelSchema(
    name: "Thing", collection: "things",
    fields: [
      .init("_id", .objectID), .init("name", .string), .init("count", .number),
      .init("big", .int64), .init("ratio", .double), .init("flag", .bool), .init("at", .date),
      .init("price", .decimal()), .init("key", .uuid), .init("raw", .binary),
      .init("body", .document), .init("tags", .array(.string)), .init("owner", .objectID),
    ], isOpen: true)

  /// Scalars, odd values, nulls, what is missing, lists, maps, unknown fields.
  private static let documents: [Document] = [
    [
      "_id": .objectID(id(1)), "name": "Ada", "count": 3, "big": .int64(1 << 40), "ratio": 0.5,
      "flag": true, "at": .date(DateTime(milliseconds: -5)), "price": .decimal(Decimal128("1.10")!),
      "key": .binary(Binary(Array(0..<16), subtype: 4)), "raw": .binary(Binary([0, 1, 255])),
      "body": ["city": "London", "more": ["x": .null]], "tags": ["a", "b"],
      "owner": .objectID(id(9)), "unknown": 1,
    ],
    ["_id": .objectID(id(2))],
    ["_id": .objectID(id(3)), "name": .null, "count": .null, "body": .null, "tags": []],
    [
      "_id": .objectID(id(4)), "name": 7, "count": "many", "big": 1.5, "flag": "yes", "at": "today",
    ],
    ["_id": .objectID(id(5)), "name": "", "count": 1.25, "raw": .binary(Binary([], subtype: 0))],
    ["_id": .objectID(id(6)), "name": "refers", "owner": .objectID(id(1))],
    ["_id": .objectID(id(7)), "name": "plain", "big": .int64(7), "ratio": 2.0, "flag": false],
  ]

  private static func id(_ n: UInt32) -> ObjectID { ObjectID(high: 7, low: n) }

  static let projections: [Projection] = [
    .all, .fields(["_id", "name", "big"]), .document(["name": 1, "tags": 1]),
    .document(["name": 0, "unknown": 0]), .document(["_id": 0, "body": 1]),
    .document(["body.city": 1]), .document(["_id": 1]),
  ]

  @Test(arguments: projections) func areTheSame(_ projection: Projection) async throws {
    let store = try await SQLiteStore(path: ":memory:")
    try await store.insert(Self.documents, into: Self.model)
    for filter: Document in [
      [:], ["name": "Ada"], ["name": .null], ["owner": .objectID(Self.id(9))],
    ] {
      var query = Query(
        Self.model, where: filter.isEmpty ? .all : .document(filter), projection: projection)
      let plain = try await store.rows(for: query)
      query.takesRows = true
      let rows = try await store.rows(for: query)
      #expect(plain.shape == nil)
      #expect(!plain.isEmpty)
      #expect(rows.documents == plain.documents)
      #expect(rows.documents.map(\.bson) == plain.documents.map(\.bson))
      #expect(rows.count == plain.count)
      #expect(rows.document(row: 0) == plain.document(row: 0))
    }
  }

  @Test func plainReadsAnswerCells() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    try await store.insert(Self.documents, into: Self.model)
    var query = Query(Self.model)
    query.takesRows = true
    let rows = try await store.rows(for: query)
    #expect(rows.shape != nil)
    #expect(rows.documents == Self.documents)
    for (document, expected) in zip(rows.documents, Self.documents) {
      for key in Self.model.fields.map(\.name) + ["unknown", "absent"] {
        #expect(document[key] == expected[key])
      }
    }
  }
}
