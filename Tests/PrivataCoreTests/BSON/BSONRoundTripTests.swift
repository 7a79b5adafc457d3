import Testing

@testable import PrivataCore

@Suite struct BSONRoundTripTests {
  static let every: Document = [
    "null": nil, "bool": true, "int32": 7, "int64": .int64(1 << 40), "double": 1.5,
    "decimal": .decimal(Decimal128(high: 0x3040_0000_0000_0000, low: 42)),
    "string": "Zoë", "id": .objectID(ObjectID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C)),
    "date": .date(DateTime(milliseconds: -1)), "binary": .binary(Binary([1, 2, 3])),
    "old": .binary(Binary([1, 2, 3], subtype: 2)), "document": ["a": 1, "b": ["c": "d"]],
    "array": [1, "two", [3], ["four": 4]], "regex": .regex(RegularExpression("^a", options: "mi")),
    "timestamp": .timestamp(Timestamp(seconds: 5, increment: 6)), "min": .minKey, "max": .maxKey,
    "code": .code("f()", scope: nil), "scoped": .code("g()", scope: ["x": 1]),
    "symbol": .symbol("s"), "undefined": .undefined,
    "pointer": .dbPointer(namespace: "db.c", id: ObjectID(high: 1, low: 2)), "": "empty key",
  ]

  @Test func everyTypeComesBack() throws {
    let bytes = try Self.every.encoded()
    let read = try Document(bson: bytes)
    #expect(read.elements == Self.every.elements)
    #expect(try Document(read.elements).encoded() == bytes)
    for element in Self.every.elements { #expect(read[element.key] == element.value) }
  }

  @Test(arguments: every.elements)
  func aValueComesBackWithoutItsKey(_ element: Document.Element) {
    var bytes: [UInt8] = [0xAA]
    BSONWriter.append(element: element.value, to: &bytes)
    #expect(BSONReader.value(ofElement: bytes[1...]) == element.value)
  }

  @Test func nestedDocumentsShareTheBytes() throws {
    let read = try Document(bson: Self.every.encoded())
    let nested = try #require(read["document"]?.asDocument)
    #expect(nested.sourceBytes != nil)
    #expect(nested["b"]?.asDocument?["c"] == "d")
    #expect(read["array"]?.asArray?[3].asDocument?["four"] == 4)
  }

  @Test func appendingKeepsWhatIsThere() throws {
    var bytes: [UInt8] = [1, 2, 3]
    let document: Document = ["a": 1]
    try document.append(bsonTo: &bytes)
    #expect(bytes == [1, 2, 3, 12, 0, 0, 0, 0x10, 0x61, 0, 1, 0, 0, 0, 0])
  }

  @Test func arrayKeysCountUp() throws {
    let values = (0..<1_205).map { Value.int($0) }
    let bytes = BSONWriter.bytes(ofArray: values)
    #expect(BSONReader.keys(ofValidated: bytes[...]) == (0..<1_205).map { "\($0)" })
    #expect(BSONReader.array(ofValidated: bytes[...]) == values)
  }
}
