import Testing

@testable import PrivataCore

@Suite struct RowBatchTests {
  /// Every kind of value, and missing.
  static let values: [Value?] = [
    nil, .null, .bool(true), .bool(false), .int32(.min), .int64(.max), .double(-0.5),
    .date(DateTime(milliseconds: -1)), .objectID(ObjectID(high: 1, low: 2)), .string("Zoë\0"),
    .binary(Binary([1, 2])), .binary(Binary([1, 2], subtype: 5)), .document(["a": [1]]),
    .array([1, "b", nil]), .decimal(.nan), .regex(RegularExpression("a", options: "i")),
    .timestamp(Timestamp(seconds: 1, increment: 2)), .minKey, .maxKey, .undefined, .symbol("s"),
    .code("f", scope: nil), .code("f", scope: ["a": 1]),
    .dbPointer(namespace: "n", id: ObjectID(high: 3, low: 4)),
  ]

  private func filled() -> RowBatch {
    var batch = RowBatch(width: 2)
    batch.reserve(rows: Self.values.count, bytes: 100)
    for value in Self.values {
      batch.append(value)
      batch.append(int64: 7)
    }
    return batch
  }

  @Test func everyValueComesBack() {
    let batch = filled()
    #expect(batch.count == Self.values.count)
    for (row, value) in Self.values.enumerated() {
      #expect(batch.value(row: row, column: 0) == value)
      #expect(batch.value(row: row, column: 1) == .int64(7))
    }
  }

  @Test func rowsAndCellsCanBeCopied() {
    let batch = filled()
    var copy = RowBatch(width: 2)
    copy.append(text: "before")
    copy.appendMissing()
    for row in 0..<batch.count { copy.append(row: row, of: batch) }
    for (row, value) in Self.values.enumerated() {
      #expect(copy.value(row: row + 1, column: 0) == value)
    }
    #expect(copy.value(row: 0, column: 1) == nil)
  }

  @Test func cellsBecomeElements() throws {
    let batch = filled()
    var writer = BSONWriter()
    let mark = writer.beginDocument()
    for row in 0..<batch.count {
      writer.append("v\(row)", batch.cell(row: row, column: 0), in: batch)
    }
    writer.end(mark)
    let document = try Document(bson: writer.finish())
    for (row, value) in Self.values.enumerated() { #expect(document["v\(row)"] == value) }
  }

  @Test func documentsAreCellsOfTheirOwnLayout() {
    var batch = RowBatch(width: 1)
    batch.append(.document(["a": 1]))
    batch.append(documentBytes: (["b": 2] as Document).bson.span)
    batch.append(documentsOf: BSONWriter.bytes(ofArray: [["c": 3], 5, ["d": 4]]).span)
    batch.append(int32: 9)
    #expect(batch.documents == [["a": 1], ["b": 2], ["c": 3], ["d": 4], [:]])
    #expect(batch.byteCount > 0)
  }

  @Test func anArraysValuesAreRows() {
    let values = Self.values.compactMap { $0 }
    var batch = RowBatch(width: 1)
    batch.append(valuesOf: BSONWriter.bytes(ofArray: values).span)
    #expect(batch.count == values.count)
    for (row, value) in values.enumerated() { #expect(batch.value(row: row, column: 0) == value) }
  }

  @Test func modelsComeBackFromRows() throws {
    let tags = [
      Tag(id: 1, label: "a", note: "n", weight: 0.5, kind: .urgent), Tag(id: 2, label: ""),
    ]
    var writer = RowWriter(width: 5)
    for tag in tags { try tag.write(to: &writer) }
    #expect(try writer.rows.decode(Tag.self) == tags)
    let view = writer.rows.row(1)
    #expect(view.count == 5)
    #expect(view[1].tag == .text)
    #expect(try view.dropFirst(1).decode(String.self, at: 0) == "")
  }

  @Test func aMismatchNamesThePlaceAndNotTheValue() {
    var writer = RowWriter(width: 5)
    writer.append(Int64(1))
    writer.append("secret")
    writer.append("secret")
    writer.append("secret")
    writer.append("secret")
    let error = #expect(throws: PrivataError.self) { try writer.rows.decode(Tag.self) }
    #expect(error?.code == .wrongType)
    #expect(error?.message == "cell 3 holds text, which the field's type cannot take")
  }
}

@Suite struct FieldValueTests {
  /// What a type makes of a value that was stored as another.
  private func read<F: FieldValue>(_ type: F.Type, _ value: Value?) -> F? {
    var batch = RowBatch(width: 1)
    batch.append(value)
    return F(cell: batch.cell(row: 0, column: 0), in: batch)
  }

  private func roundTrip<F: FieldValue & Equatable>(_ value: F) -> Bool {
    var batch = RowBatch(width: 1)
    value.append(to: &batch)
    return F(cell: batch.cell(row: 0, column: 0), in: batch) == value
      && read(F.self, value.value) == value
  }

  @Test func everyTypeComesBack() {
    #expect(roundTrip(true))
    #expect(roundTrip(Int32.min))
    #expect(roundTrip(Int64.max))
    #expect(roundTrip(-7))
    #expect(roundTrip(0.25))
    #expect(roundTrip("Zoë"))
    #expect(roundTrip(DateTime(milliseconds: 5)))
    #expect(roundTrip(ObjectID()))
    #expect(roundTrip(["a": 1] as Document))
    #expect(roundTrip(Decimal128.infinity))
    #expect(roundTrip(Binary([1], subtype: 3)))
    #expect(roundTrip(Binary([1])))
    #expect(roundTrip(Value.minKey))
    #expect(roundTrip(Tag.Kind.urgent))
    #expect(roundTrip(Optional("a")))
    #expect(roundTrip(String?.none))
    #expect(roundTrip([1, 2, 3]))
    #expect(roundTrip(["a", nil] as [String?]))
    #expect(roundTrip([[0.5], []] as [[Double]]))
  }

  @Test func numbersConvertWhereTheyAreExact() {
    #expect(read(Int.self, .int32(5)) == 5)
    #expect(read(Int.self, .double(5)) == 5)
    #expect(read(Int.self, .double(5.5)) == nil)
    #expect(read(Int32.self, .int64(1 << 40)) == nil)
    #expect(read(Double.self, .int64(3)) == 3)
    #expect(read(Bool.self, .int32(1)) == true)
    #expect(read(Bool.self, .int64(0)) == false)
  }

  @Test func otherTypesAreRefused() {
    let text: Value = "x"
    #expect(read(Bool.self, text) == nil)
    #expect(read(Int32.self, text) == nil)
    #expect(read(Int64.self, text) == nil)
    #expect(read(Int.self, text) == nil)
    #expect(read(Double.self, text) == nil)
    #expect(read(String.self, 1) == nil)
    #expect(read(DateTime.self, text) == nil)
    #expect(read(ObjectID.self, text) == nil)
    #expect(read(Document.self, text) == nil)
    #expect(read(Decimal128.self, text) == nil)
    #expect(read(Binary.self, text) == nil)
    #expect(read(Tag.Kind.self, text) == nil)
    #expect(read(Tag.Kind.self, 1) == nil)
    #expect(read([Int].self, text) == nil)
    #expect(read([Int].self, ["x"]) == nil)
    #expect(read(String?.self, 1) == nil)
    #expect(read(String.self, nil) == nil)
    #expect(read(String?.self, nil) == .some(.none))
    #expect(read(Value.self, nil) == .null)
  }
}
