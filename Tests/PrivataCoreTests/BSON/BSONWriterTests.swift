import Testing

@testable import PrivataCore

@Suite struct BSONWriterTests {
  @Test func streamingWritesWhatDocumentsWrite() throws {
    let id = ObjectID(high: 1, low: 2)
    var writer = BSONWriter()
    let document = writer.beginDocument()
    writer.append("name", string: "Zoë")
    writer.append("age", int32: 36)
    writer.append("big", int: 1 << 40)
    writer.append("weight", double: 60.5)
    writer.append("active", bool: true)
    writer.append("_id", objectID: id)
    writer.append("at", date: DateTime(milliseconds: 99))
    writer.append("price", decimal: .zero)
    writer.append("raw", binary: [1, 2].span, subtype: 5)
    writer.append("old", binary: [1, 2].span, subtype: 2)
    writer.appendNull("gone")
    let inner = writer.beginDocument("inner")
    writer.append("x", .string("y"))
    writer.end(inner)
    let list = writer.beginArray("list")
    var key = BSONIndexKey()
    for number in 0..<12 {
      writer.append(key.span, int32: Int32(number))
      key.advance()
    }
    writer.end(list)
    writer.end(document)

    let expected: Document = [
      "name": "Zoë", "age": 36, "big": .int64(1 << 40), "weight": 60.5, "active": true,
      "_id": .objectID(id), "at": .date(DateTime(milliseconds: 99)), "price": .decimal(.zero),
      "raw": .binary(Binary([1, 2], subtype: 5)), "old": .binary(Binary([1, 2], subtype: 2)),
      "gone": nil, "inner": ["x": "y"], "list": .array((0..<12).map { .int32($0) }),
    ]
    #expect(try writer.finish() == expected.encoded())
  }

  @Test func bytesGoThroughUnchanged() throws {
    // Array keys that no writer would write: rebuilding the document would change them.
    let bytes: [UInt8] = [15, 0, 0, 0, 4, 97, 0, 7, 0, 0, 0, 10, 0, 0, 0]
    let document = try Document(bson: bytes)
    #expect(try document.encoded() == bytes)
    let outer: Document = ["in": .document(document)]
    #expect(try outer.encoded().dropFirst(8).dropLast() == bytes[...])
  }

  // A key with a zero byte would end early and smuggle the rest in as elements of their own.
  static let zeros: [Document] = [
    ["a\0b": 1], ["in": ["\0": 1]], ["r": .regex(RegularExpression("a\0b"))],
    ["r": .regex(RegularExpression("a", options: "\0"))], ["list": [["k\0": "v"]]],
  ]

  @Test(arguments: zeros) func zeroBytesAreRefused(_ document: Document) throws {
    let error = #expect(throws: PrivataError.self) { try document.encoded() }
    #expect(error?.code == .badArgument)
    var bytes: [UInt8] = [1, 2]
    #expect(throws: PrivataError.self) { try document.append(bsonTo: &bytes) }
    #expect(bytes == [1, 2])
  }

  @Test(arguments: zeros) func theLenientFormStaysWellFormed(_ document: Document) throws {
    let read = try Document(bson: document.bson)
    #expect(read.count == document.count)
  }

  @Test func zeroBytesInKeysBecomeSubstitutes() throws {
    let document: Document = ["a\0b": "c\0d"]
    #expect(try Document(bson: document.bson).elements == [.init(key: "a\u{1A}b", value: "c\0d")])
  }

  static func nested(_ levels: Int, inArrays: Bool) -> Document {
    var value: Value = 1
    for _ in 0..<levels { value = inArrays ? [value] : ["k": value] }
    return ["k": value]
  }

  @Test(arguments: [false, true]) func depthIsLimited(inArrays: Bool) throws {
    let deepest = try Self.nested(100, inArrays: inArrays).encoded()
    #expect(try Document(bson: deepest).extendedJSON().utf8.count > 200)
    let tooDeep = Self.nested(101, inArrays: inArrays)
    #expect(throws: PrivataError.self) { try tooDeep.encoded() }
    #expect(throws: Never.self) { try Document(bson: tooDeep.bson) }
  }

  @Test func damagedBytesAreNotPassedOn() {
    let outer: Document = ["in": .document(Document(validated: [9, 0, 0, 0, 0]))]
    let error = #expect(throws: PrivataError.self) { try outer.encoded() }
    #expect(error?.code == .corrupt)
    #expect((try? Document(bson: outer.bson)) == ["in": [:]])
  }
}
