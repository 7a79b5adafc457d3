import Testing

@testable import PrivataCore

@Suite struct DocumentTests {
  /// The same document once as elements and once as bytes.
  static func both(_ document: Document) throws -> [Document] {
    [document, try Document(bson: document.encoded())]
  }

  @Test func keepsItsOrder() throws {
    for document in try Self.both(["b": 1, "a": 2, "c": ["z": 1, "y": 2]]) {
      #expect(document.keys == ["b", "a", "c"])
      #expect(document.count == 3)
      #expect(!document.isEmpty)
      #expect(document["c"]?.asDocument?.keys == ["z", "y"])
      #expect(document.map(\.key) == ["b", "a", "c"])
      #expect(document.contains("a") && !document.contains("z"))
      #expect(document["z"] == nil)
    }
    for empty in try Self.both([:]) {
      #expect(empty.isEmpty && empty.count == 0 && empty.keys.isEmpty && empty.elements.isEmpty)
    }
  }

  @Test func keepsItsBytesUntilItIsChanged() throws {
    // A whole number as a double, and a key twice: neither survives a detour over other types.
    let bytes: [UInt8] = [
      34, 0, 0, 0, 0x01, 0x61, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x10, 0x62, 0, 1, 0, 0, 0, 0x10,
      0x62, 0, 2, 0, 0, 0, 0x08, 0x63, 0, 1, 0,
    ]
    var document = try Document(bson: bytes)
    #expect(document.bson == bytes)
    #expect(document.keys == ["a", "b", "b", "c"])
    #expect(document["b"] == 1)
    #expect(document["a"] == .double(1))
    document["c"] = false
    #expect(document.keys == ["a", "b", "b", "c"])
    #expect(Array(document.bson.dropLast(2)) == Array(bytes.dropLast(2)))
  }

  @Test func settingReplacesInPlaceAppendsAndRemoves() throws {
    for var document in try Self.both(["a": 1, "b": 2, "c": 3]) {
      document["b"] = "x"
      document["d"] = nil
      document["e"] = .null
      document["a"] = nil
      #expect(document == ["b": "x", "c": 3, "e": nil])
      #expect(document.remove("c") == 3)
      #expect(document.remove("c") == nil)
      document.append("b", 9)
      #expect(document.keys == ["b", "e", "b"])
      #expect(document["b"] == "x")
      document["b"] = nil
      #expect(document["b"] == 9)
      document.elements = [.init(key: "only", value: 1)]
      #expect(document == ["only": 1])
    }
  }

  @Test func copiesAreIndependent() throws {
    for original in try Self.both(["a": ["b": 1]]) {
      var copy = original
      var inner = copy["a"]?.asDocument ?? [:]
      inner["b"] = 2
      copy["a"] = .document(inner)
      #expect(original["a"] == ["b": 1])
      #expect(copy["a"] == ["b": 2])
    }
  }

  @Test func equalsByOrderAndTypeWhateverItsStorage() throws {
    let documents = try Self.both(["a": 1, "b": [1, 2]])
    #expect(documents[0] == documents[1])
    #expect(documents[0].hashValue == documents[1].hashValue)
    #expect(documents[1] != ["b": [1, 2], "a": 1])
    #expect(documents[1] != ["a": .double(1), "b": [1, 2]])
  }

  @Test func nestedDocumentsShareTheirBytes() throws {
    let outer = try Document(bson: (["in": ["deep": [["x": 1], ["x": 2]]]] as Document).encoded())
    let inner = try #require(outer["in"]?.asDocument)
    guard case .bytes(let slice) = inner.storage else {
      Issue.record("the nested document was decoded")
      return
    }
    #expect(Array(slice) == (["deep": [["x": 1], ["x": 2]]] as Document).bson)
    #expect(inner["deep"]?.asArray?.compactMap { $0.asDocument?["x"] } == [1, 2])
  }

  @Test func documentsDeeperThanBSONAllowsAreNotEncoded() throws {
    var value: Value = 1
    for _ in 0..<bsonNestingLimit { value = ["a": value] }
    #expect(throws: Never.self) {
      try Document(["a": value].map { .init(key: $0, value: $1) }).encoded()
    }
    value = ["a": ["a": value]]
    let error = #expect(throws: PrivataError.self) {
      try Document([.init(key: "a", value: value)]).encoded()
    }
    #expect(error?.code == .badArgument)
  }
}
