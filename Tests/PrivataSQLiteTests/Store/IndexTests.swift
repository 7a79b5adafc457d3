import PrivataCore
import Testing

@testable import PrivataSQLite

/// Indexes of open models: what is unique stays unique by MongoDB's rules.
@Suite struct IndexTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let index: IndexSchema
    let first: Document
    /// Refused beside the first.
    let refused: [Document]
    /// Kept beside the first and each other.
    let kept: [Document]

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "a nested path", index: IndexSchema(parts: [.init("body.zip")], isUnique: true),
      first: ["_id": 1, "body": ["zip": "10001"]],
      refused: [
        ["_id": 2, "body": ["zip": "10001", "x": 1]],
        ["_id": 2, "body": [["zip": "10001"]]],
      ],
      kept: [
        ["_id": 3, "body": ["zip": "10002"]], ["_id": 4, "body": ["zip": 10001]], ["_id": 5],
      ]),
    Case(
      name: "missing is null", index: IndexSchema(parts: [.init("body.zip")], isUnique: true),
      first: ["_id": 1], refused: [["_id": 2, "body": ["zip": .null]], ["_id": 3, "body": 5]],
      kept: [["_id": 4, "body": ["zip": 1]]]),
    Case(
      name: "sparse",
      index: IndexSchema(parts: [.init("body.zip")], isUnique: true, isSparse: true),
      first: ["_id": 1, "body": ["zip": 1]],
      refused: [["_id": 2, "body": ["zip": .double(1)]], ["_id": 2, "body": ["zip": .int64(1)]]],
      kept: [["_id": 3], ["_id": 4], ["_id": 5, "body": [:]], ["_id": 6, "body": ["zip": .null]]]),
    Case(
      name: "several fields",
      index: IndexSchema(parts: [.init("title"), .init("count")], isUnique: true),
      first: ["_id": 1, "title": "a", "count": .null],
      refused: [["_id": 2, "title": "a"]],
      kept: [["_id": 3, "title": "a", "count": 1], ["_id": 4], ["_id": 5, "count": 1]]),
    Case(
      name: "a list and a field",
      index: IndexSchema(parts: [.init("tags"), .init("title")], isUnique: true),
      first: ["_id": 1, "title": "t", "tags": ["x"]],
      refused: [["_id": 2, "title": "t", "tags": "x"]],
      kept: [["_id": 3, "title": "t", "tags": ["y"]], ["_id": 4, "title": "u", "tags": ["x"]]]),
    Case(
      name: "a part of the records",
      index: IndexSchema(
        parts: [.init("title")], isUnique: true, partialFilter: ["count": ["$gt": 5]]),
      first: ["_id": 1, "title": "a", "count": 6],
      refused: [["_id": 2, "title": "a", "count": 7]],
      kept: [
        ["_id": 3, "title": "a", "count": 5], ["_id": 4, "title": "a"],
        ["_id": 5, "title": "b", "count": 8],
      ]),
    Case(
      name: "a collation",
      index: IndexSchema(
        parts: [.init("title")], isUnique: true, collation: ["locale": "en", "strength": 2]),
      first: ["_id": 1, "title": "Ada"],
      refused: [["_id": 2, "title": "ADA"], ["_id": 2, "title": "ada"]],
      kept: [["_id": 3, "title": "Adá"], ["_id": 4, "title": "Bo"]]),
    Case(
      name: "odd values of a unique field",
      index: IndexSchema(parts: [.init("title")], isUnique: true),
      first: ["_id": 1, "title": 5],
      refused: [["_id": 2, "title": 5], ["_id": 2, "title": .int64(5)]],
      kept: [["_id": 3, "title": "5"], ["_id": 4, "title": 6], ["_id": 5, "title": true]]),
    Case(
      name: "numbers of all types",
      index: IndexSchema(parts: [.init("count")], isUnique: true),
      first: ["_id": 1, "count": 36],
      refused: [
        ["_id": 2, "count": .double(36)], ["_id": 2, "count": .int64(36)],
        ["_id": 2, "count": .decimal(Decimal128("36.0")!)],
      ],
      kept: [["_id": 3, "count": "36"], ["_id": 4, "count": 36.5]]),
  ]

  @Test(arguments: cases)
  func staysUnique(_ one: Case) async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let model = noteModel(indexes: [one.index])
    try await store.prepare([model])
    try await store.insert([one.first], into: model)
    for document in one.refused {
      let error = await #expect(throws: PrivataError.self) {
        try await store.insert([document], into: model)
      }
      #expect(error?.code == .duplicateKey, "\(document)")
      #expect(error?.fields == one.index.parts.map(\.field), "\(error?.fields ?? [])")
      #expect(error?.message.contains("_ix") == false)
    }
    for document in one.kept { try await store.insert([document], into: model) }
    #expect(try await store.find(model).map(\.bson) == ([one.first] + one.kept).map(\.bson))
    // What an update makes equal is refused too.
    if let refused = one.refused.first, let last = one.kept.last, let id = last["_id"] {
      var values = refused
      values.remove("_id")
      let found = await code {
        try await store.update(model, ["_id": id], ["$set": .document(values)])
      }
      #expect(found == .duplicateKey)
    }
    // And what is freed can be taken.
    if let refused = one.refused.first {
      _ = try await store.write(.delete(Delete(model, where: .document(["_id": 1]))))
      try await store.insert([refused], into: model)
    }
    await store.close()
  }

  @Test func severalKeysOfOneRecordAreRefused() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let model = noteModel(indexes: [IndexSchema(parts: [.init("tags")], isUnique: true)])
    try await store.insert(
      [["_id": 1, "tags": ["a"]], ["_id": 2, "tags": ["b", "b"]]], into: model)
    let error = await #expect(throws: PrivataError.self) {
      try await store.insert([["_id": 3, "tags": ["c", "d"]]], into: model)
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("MongoDB") == true)
    #expect(try await store.count(model) == 2)
  }

  @Test func uniqueIndexesThatCannotBeAreRefused() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    let typed = ModelSchema(
      name: "Typed", collection: "typed",
      fields: [.init("id", .int64), .init("body", .document), .init("a", .string)],
      indexes: [IndexSchema(parts: [.init("body.x")], isUnique: true)])
    #expect(await code { try await store.prepare([typed]) } == .unsupported)
    let text = noteModel(indexes: [
      IndexSchema(parts: [.init("title", kind: "text")], isUnique: true)
    ])
    #expect(await code { try await store.prepare([text]) } == .unsupported)
    let bad = noteModel(indexes: [
      IndexSchema(parts: [.init("title")], partialFilter: ["a": ["$no": 1]])
    ])
    #expect(await code { try await store.prepare([bad]) } == .unknownOperator)
  }

  @Test func aNestedPathIsFoundByItsIndex() async throws {
    let folder = try Folder()
    let store = try await SQLiteStore(path: folder.file())
    let model = noteModel(indexes: [IndexSchema(parts: [.init("body.zip")])])
    let documents: [Document] = (0..<300).map { ["_id": .int($0), "body": ["zip": .int($0 % 50)]] }
    try await store.insert(documents, into: model)
    try await store.insert(
      [
        ["_id": 1000, "body": [["zip": 7], ["zip": 8]]], ["_id": 1001, "body": ["zip": "7"]],
        ["_id": 1002, "body": ["zip": .double(7)]], ["_id": 1003],
      ], into: model)
    let statements = Statements()
    let found = try await StatementLog.$observer.withValue(statements) {
      try await store.find(model, ["body.zip": 7]).compactMap { $0["_id"]?.asInt }
    }
    #expect(found == [7, 57, 107, 157, 207, 257, 1000, 1002])
    let text = try #require(statements.texts.last)
    #expect(text.contains("_ix~body.zip"))
    let sql = text.split(separator: "?", omittingEmptySubsequences: false).joined(
      separator: "X'00'")
    let plan = try Outsider(folder.file()).run("EXPLAIN QUERY PLAN " + sql, column: 3)
    #expect(plan.contains { $0.contains("USING INDEX notes__ix~body.zip_idx") }, "\(plan)")
    #expect(try await store.count(model, ["body.zip": ["$eq": "7"]]) == 1)
    #expect(try await store.count(model, ["body.zip": .null]) == 1)
    try await store.update(model, ["_id": 7], ["$set": ["body.zip": 99]])
    #expect(try await store.count(model, ["body.zip": 99]) == 1)
    await store.close()
  }

  @Test func aLaterIndexTakesTheRecordsThatAreThere() async throws {
    let folder = try Folder()
    let plain = noteModel()
    let indexed = noteModel(indexes: [IndexSchema(parts: [.init("body.zip")], isUnique: true)])
    let store = try await SQLiteStore(path: folder.file())
    try await store.insert(
      [["_id": 1, "body": ["zip": 1]], ["_id": 2, "body": ["zip": 2]]], into: plain)
    try await store.prepare([indexed])
    #expect(
      await code { try await store.insert([["_id": 3, "body": ["zip": 2]]], into: indexed) }
        == .duplicateKey)
    // A model that knows nothing of the index keeps it all the same.
    #expect(
      await code { try await store.insert([["_id": 3, "body": ["zip": 2]]], into: plain) }
        == .duplicateKey)
    await store.close()
    // Nor does a program forget it that is started later.
    let again = try await SQLiteStore(path: folder.file())
    #expect(
      await code { try await again.insert([["_id": 3, "body": ["zip": 1]]], into: noteModel()) }
        == .duplicateKey)
    await again.close()
  }

  @Test func anIndexThatRecordsBreakIsNotMade() async throws {
    let store = try await SQLiteStore(path: ":memory:")
    try await store.insert(
      [["_id": 1, "body": ["zip": 1]], ["_id": 2, "body": ["zip": 1]]], into: noteModel())
    let indexed = noteModel(indexes: [IndexSchema(parts: [.init("body.zip")], isUnique: true)])
    #expect(await code { try await store.prepare([indexed]) } == .duplicateKey)
    #expect(try await store.count(noteModel()) == 2)
  }
}
