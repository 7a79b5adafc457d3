import Testing

@testable import PrivataCore

/// Documents read into cells: the answer is what looking up each key gives.
@Suite struct RecordCellsTests {
  private static let names = ["_id", "a", "name", "birthdate", "aVeryLongFieldName", "zz", "tags"]

  private static let values: [Value] = [
    .null, .bool(true), .bool(false), .int32(-5), .int64(1 << 40), .double(1.5), .string(""),
    .string("Zoë \u{0} x"), .date(DateTime(milliseconds: -1)),
    .objectID(ObjectID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C)), .binary(Binary([])),
    .binary(Binary([1, 2, 3])), .binary(Binary(Array(0..<16), subtype: 4)),
    .document(["x": [1, "y"]]), .array([1, .null, "z"]),
    .regex(RegularExpression("a", options: "i")),
    .decimal(Decimal128(high: 0x3040_0000_0000_0000, low: 7)), .minKey, .maxKey, .undefined,
    .timestamp(Timestamp(seconds: 1, increment: 2)), .code("f()", scope: nil),
    .code("f()", scope: ["a": 1]), .symbol("s"),
    .dbPointer(namespace: "db.c", id: ObjectID(high: 1, low: 2)),
  ]

  private func document(_ random: inout SeededRandom) -> Document {
    let keys = Self.names + ["other", "b", "nam", "namee", "birthdate2"]
    return Document(
      keys.shuffled(using: &random).prefix(Int.random(in: 0...keys.count, using: &random)).map {
        Document.Element(key: $0, value: Self.values.randomElement(using: &random) ?? .null)
      })
  }

  @Test func eachCellIsTheValueOfItsKey() {
    var random = SeededRandom(7)
    let columns = DocumentColumns(Self.names)
    for _ in 0..<3000 {
      let documents = (0..<3).map { _ in document(&random) }
      var batch = RowBatch(width: Self.names.count)
      let array = BSONWriter.bytes(ofArray: documents.map { .document($0) })
      batch.append(recordsOf: array.span, columns: columns)
      #expect(batch.count == 3)
      for (row, document) in documents.enumerated() {
        for (column, name) in Self.names.enumerated() {
          #expect(batch.value(row: row, column: column) == document[name])
        }
      }
    }
  }

  @Test func absentIsNullWhereAskedFor() {
    var batch = RowBatch(width: 1)
    let bytes = (["b": 1] as Document).bson
    batch.append(record: bytes.span, columns: DocumentColumns(["a"], absentIsNull: true))
    #expect(batch.value(row: 0, column: 0) == .null)
  }

  @Test func damagedBytesDoNoHarm() {
    var random = SeededRandom(11)
    let columns = DocumentColumns(Self.names)
    for _ in 0..<20_000 {
      var bytes = document(&random).bson
      for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        bytes[index] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { bytes.removeLast(bytes.count / 3) }
      var batch = RowBatch(width: Self.names.count)
      batch.append(record: bytes.span, columns: columns)
      #expect(batch.count == 1)
      for column in 0..<batch.width { _ = batch.value(row: 0, column: column) }
    }
  }
}
