import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataSQLite

/// Cells bound where they lie end up as the same values as any other insert's.
@Suite struct CellInsertTests {
  private let model = ModelSchema(
    name: "Blob", collection: "blobs",
    fields: [
      FieldSchema("id", .uuid, isOptional: false), FieldSchema("body", .binary),
      FieldSchema("note", .string),
    ], primaryKey: ["id"])

  private static let ids: [Value] = (0..<4).map { seed in
    .binary(Binary((0..<16).map { UInt8($0 * 7 + seed) }, subtype: 4))
  }

  private static let bodies: [Value] = [
    .binary(Binary([])), .binary(Binary([0, 1, 255])), .null,
    .binary(Binary(Array(repeating: 9, count: 5_000))),
  ]

  private func rows() -> RowBatch {
    var rows = RowBatch(width: 3)
    for (id, body) in zip(Self.ids, Self.bodies) {
      rows.append(id)
      rows.append(body)
      rows.append(text: "note")
    }
    return rows
  }

  @Test func uuidsAndBytesAreStoredAsTheyAre() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    try await store.prepare([model])
    let insert = Insert(model, .cells(fields: ["id", "body", "note"], rows()))
    #expect(try await store.write(.insert(insert)).inserted == 4)
    let types = try await store.execute(
      SQLStatement(sql: "SELECT typeof(id), length(id), typeof(body), length(body) FROM blobs"))
    let found = (0..<types.rows.count).map { row in
      (0..<4).map { types.rows.value(row: row, column: $0) }
    }
    #expect(
      found == [
        ["blob", .int64(16), "blob", .int64(0)], ["blob", .int64(16), "blob", .int64(3)],
        ["blob", .int64(16), "null", .null], ["blob", .int64(16), "blob", .int64(5_000)],
      ])
    for (id, body) in zip(Self.ids, Self.bodies) {
      let query = Query(model, where: .compare("id", .equal, id), layout: .cells)
      let row = try await store.rows(for: query)
      #expect(row.count == 1 && row.value(row: 0, column: 0) == id)
      #expect(row.value(row: 0, column: 1) == body)
    }
  }

  @Test func aBinaryOfAnotherKindIsNoUUID() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    try await store.prepare([model])
    var rows = RowBatch(width: 3)
    rows.append(.binary(Binary(Array(0..<16), subtype: 5)))
    rows.appendNull()
    rows.appendNull()
    #expect(!rows.isUUID(rows.cell(row: 0, column: 0)))
    rows = RowBatch(width: 1)
    rows.append(Self.ids[0])
    #expect(rows.isUUID(rows.cell(row: 0, column: 0)))
  }
}
