import Testing

@testable import PrivataCore

@Suite struct BSONReaderTests {
  static let sample: Document = ["a": 1, "text": "Zoë", "in": ["x": [1, ["y": true]]], "a": 2]

  @Test func stepsOverElements() throws {
    let bytes = try Self.sample.encoded()
    var seen: [String] = []
    var element = BSONIterator(bytes.span)
    while element.next() {
      seen.append("\(element.keyText) \(element.type) \(element.valueRange.count)")
      if element.keyEquals("text".utf8.span) { #expect(element.string == "Zoë") }
    }
    #expect(seen == ["a int32 4", "text string 9", "in document 32", "a int32 4"])
    #expect(element.damage == nil)
    #expect(element.next() == false)
  }

  @Test func aCopiedValueNeedsNoBacking() throws {
    let bytes = try Self.sample.encoded()
    var element = BSONIterator(bytes.span)
    var values: [Value] = []
    while element.next() { values.append(element.value()) }
    #expect(values == Self.sample.elements.map(\.value))
  }

  @Test func findsTheFirstOfEqualKeys() throws {
    let read = try Document(bson: Self.sample.encoded())
    #expect(read["a"] == 1)
    #expect(read["missing"] == nil)
    #expect(read["tex"] == nil)
    #expect(BSONReader.count(ofValidated: try Self.sample.encoded()[...]) == 4)
  }

  @Test func readsFromTheMiddleOfAnArena() throws {
    var arena: [UInt8] = [7, 7, 7]
    try Self.sample.append(bsonTo: &arena)
    arena += [8, 8]
    let read = try Document(bson: arena[3..<arena.count - 2])
    #expect(read == Self.sample)
    #expect(read["in"]?.asDocument?["x"]?.asArray?[1].asDocument?["y"] == true)
  }

  @Test(
    arguments: [
      (bytes: [], offset: 0), ([5, 0, 0, 0], 0), ([5, 0, 0, 0, 1], 0), ([6, 0, 0, 0, 0], 0),
      ([5, 0, 0, 0, 0, 0], 0), ([7, 0, 0, 0, 0x20, 0, 0], 4), ([9, 0, 0, 0, 8, 98, 0, 2, 0], 7),
      ([12, 0, 0, 0, 16, 97, 0, 1, 0, 0, 0], 0),
      ([14, 0, 0, 0, 2, 97, 0, 2, 0, 0, 0, 0xE9, 0, 0], 11),
    ] as [(bytes: [UInt8], offset: Int)])
  func namesTheDamagedByte(_ row: (bytes: [UInt8], offset: Int)) {
    let error = #expect(throws: PrivataError.self) { try Document(bson: row.bytes) }
    #expect(error?.code == .malformed)
    #expect(error?.message.contains("at byte \(row.offset):") == true)
  }

  @Test func damagedTrustedBytesEndTheDocument() throws {
    var bytes = try Self.sample.encoded()
    bytes[4 + 7] = 0x66  // the type of the second element
    let read = Document(validated: bytes[...])
    #expect(read.elements == [.init(key: "a", value: 1)])
    #expect(read["text"] == nil)
    #expect(Document(validated: [1, 2]).elements.isEmpty)
  }

  @Test func damagedElementsAreNull() {
    #expect(BSONReader.value(ofElement: []) == .null)
    #expect(BSONReader.value(ofElement: [0x10, 1, 2]) == .null)
    #expect(BSONReader.value(ofElement: [0x44, 1]) == .null)
  }
}
