import PrivataCore
import Testing

@testable import PrivataSQL

/// Documents taken apart into columns and put together again.
@Suite struct RoundTripTests {
  private static let fields: [FieldType] = [
    .string, .number, .int32, .int64, .double, .bool, .date, .objectID, .uuid, .binary, .decimal(),
    .document, .array(.string), .any,
  ]

  private static let model = ModelSchema(
    name: "All", collection: "all",
    fields: [.init("_id", .int32)]
      + fields.enumerated().map { FieldSchema("f\($0.offset)", $0.element) }, isOpen: true)

  static let values: [Value] = [
    .null, true, false, 0, 1, -1, .int32(.max), .int64(1), .int64(.max), .int64(.min),
    .double(0), .double(-0.0), .double(1), 1.5, .double(.nan), .double(.infinity), "", "text",
    "a\u{0}b", "é", .objectID(ObjectID(high: 1, low: 2)), .date(DateTime(milliseconds: 0)),
    .date(DateTime(milliseconds: .max)), .date(DateTime(milliseconds: .min)),
    .binary(Binary([])), .binary(Binary([1, 2])), .binary(Binary([1], subtype: 128)),
    .binary(Binary(Array(repeating: 3, count: 16), subtype: 4)), [], [1, "a"], [:], ["k": .null],
    decimal("1.50"), decimal("NaN"), .minKey, .maxKey, .undefined,
    .timestamp(Timestamp(seconds: 1, increment: 2)), .regex(RegularExpression("a", options: "i")),
    .symbol("s"), .code("f", scope: nil),
  ]

  private static func decimal(_ text: String) -> Value {
    Decimal128(text).map { .decimal($0) } ?? .null
  }

  @Test(arguments: values, SQLDialect.allCases)
  func everyValueInEveryColumn(_ value: Value, _ dialect: SQLDialect) throws {
    let layout = TableLayout(Self.model, dialect: dialect)
    var document: Document = ["_id": 1]
    for index in Self.fields.indices { document["f\(index)"] = value }
    document["unknown"] = value
    let row = try layout.split(document)
    #expect(row.isOdd == (row.values[layout.columns.count + 1] == .bool(true)))
    #expect(row.isOdd == (value != .null))
    #expect(try Self.joined(row, layout).bson == document.bson)
  }

  @Test(arguments: SQLDialect.allCases)
  func missingAndNullStayApart(_ dialect: SQLDialect) throws {
    let layout = TableLayout(Self.model, dialect: dialect)
    let documents: [Document] = [
      ["_id": 1], ["_id": 1, "f0": .null], ["_id": 1, "f0": "", "x": [:]],
    ]
    for document in documents {
      let row = try layout.split(document)
      #expect(!row.isOdd)
      #expect(try Self.joined(row, layout).bson == document.bson)
    }
  }

  @Test func typedModelsRefuseWhatTheirColumnsCannotHold() {
    let layout = TableLayout(Models.item, dialect: .sqlite)
    let cases: [(Document, PrivataError.Code)] = [
      (["id": 1, "nope": 1], .unknownField), (["id": 1, "size": "x"], .wrongType),
      (["id": 1, "size": .int64(1 << 40)], .wrongType), (["id": 1, "uid": "x"], .wrongType),
    ]
    for (document, code) in cases {
      let error = #expect(throws: PrivataError.self) { try layout.split(document) }
      #expect(error?.code == code)
      #expect(error?.fields.isEmpty == false)
    }
  }

  @Test func aRecordNeedsItsKey() {
    let layout = TableLayout(Models.note, dialect: .sqlite)
    let missing = #expect(throws: PrivataError.self) { try layout.split(["title": "a"]) }
    #expect(missing?.code == .missingField)
    let wrong = #expect(throws: PrivataError.self) { try layout.split(["_id": "a"]) }
    #expect(wrong?.code == .badID)
    #expect(layout.withKey(["title": "a"]).keys == ["_id", "title"])
  }

  /// Keys that MongoDB takes for equal are one key.
  @Test func equalKeysHaveEqualBytes() {
    let equal: [[Value]] = [
      [1, .int64(1), .double(1), Self.decimal("1.0")],
      [.double(0), .double(-0.0), 0], ["a", .symbol("a")],
      [["k": 1], ["k": .double(1)]], [[1, 2], [.int64(1), .double(2)]],
    ]
    for values in equal {
      #expect(Set(values.map { DocumentKey.bytes($0) }).count == 1, "\(values)")
    }
    let different: [Value] = [1, "1", true, .null, [1], ["k": 1], ["j": 1], 1.5, .double(.nan)]
    #expect(Set(different.map { DocumentKey.bytes($0) }).count == different.count)
  }

  /// The row as the store would answer it, as a document.
  private static func joined(_ row: SplitRow, _ layout: TableLayout) throws -> Document {
    let form = DocumentForm(layout)
    var batch = RowBatch(width: form.selected.count + 1)
    let rest = layout.columns.count
    for position in form.selected + [rest] {
      batch.append(row.values[position] == .null ? Value?.none : row.values[position])
    }
    return try #require(form.documents(batch).first)
  }
}
