import Testing

@testable import PrivataCore

/// Documents that read from cells, against the same documents made of elements.
@Suite struct DocumentPageTests {
  /// Names short and long, equal at their beginnings, of several bytes a letter; the last has no
  /// column, so that only the rest can hold it.
  private static let names = [
    "_id", "a", "email", "emails", "createdAtByTheServer", "createdAtByTheSender", "größe",
    "nested",
  ]
  private static let width = names.count

  /// What a row holds, and what its document is.
  private struct Row {
    var cells: [Value?] = []
    var rest: [Document.Element] = []
    var expected: [Document.Element] = []
  }

  private static func scalar(_ random: inout SeededRandom) -> Value {
    switch Int.random(in: 0..<9, using: &random) {
    case 0: .bool(.random(using: &random))
    case 1: .int32(.random(in: .min ... .max, using: &random))
    case 2: .int64(.random(in: .min ... .max, using: &random))
    case 3: .double(.random(in: -1e9...1e9, using: &random))
    case 4: .string(String(repeating: "ä", count: .random(in: 0..<20, using: &random)))
    case 5: .date(DateTime(milliseconds: .random(in: -1_000_000...1_000_000, using: &random)))
    case 6: .objectID(ObjectID(high: random.next(), low: UInt32(truncatingIfNeeded: random.next())))
    case 7: .binary(Binary([1, 2, 3]))
    default: .decimal(Decimal128("12.50")!)
    }
  }

  private static func odd(_ random: inout SeededRandom) -> Value {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: .null
    case 1:
      ["deep": ["deeper": [1, "two", .null]], "x": .regex(RegularExpression("a", options: "i"))]
    case 2: [1, ["k": "v"], []]
    default: .binary(Binary(Array(0..<16), subtype: 4))
    }
  }

  private static func row(_ random: inout SeededRandom) -> Row {
    var row = Row()
    for (position, name) in names.enumerated() {
      let isLast = position == names.count - 1
      let kind = Int.random(in: 0..<5, using: &random)
      if kind < 2, !isLast {
        let value = scalar(&random)
        row.cells.append(value)
        row.expected.append(.init(key: name, value: value))
      } else {
        if !isLast { row.cells.append(.null) }
        // The record's key is never missing.
        guard kind == 2 || position == 0 else { continue }
        let element = Document.Element(key: name, value: odd(&random))
        row.rest.append(element)
        row.expected.append(element)
      }
    }
    if Bool.random(using: &random) {
      let more = Document.Element(key: "unknown", value: odd(&random))
      row.rest.append(more)
      row.expected.append(more)
    }
    return row
  }

  private static func shape(_ keep: RecordShape.Keep = .all) -> RecordShape {
    var column = -1
    let parts = names.filter { keep.contains($0) }.map { name in
      column = names.firstIndex(of: name) ?? 0
      return RecordShape.Part(
        column: name == "nested" ? nil : column, key: name, isKey: name == "_id")
    }
    return RecordShape(parts, restColumn: width - 1, keep: keep)
  }

  private static func batch(_ rows: [Row], _ shape: RecordShape) -> RowBatch {
    var batch = RowBatch(width: width)
    for row in rows {
      for cell in row.cells { batch.append(cell) }
      if row.rest.isEmpty {
        batch.appendNull()
      } else {
        batch.append(.bytes, bytes: Document(row.rest).bson)
      }
    }
    batch.shape = shape
    return batch
  }

  private static func rows(_ seed: UInt64) -> [Row] {
    var random = SeededRandom(seed)
    return (0..<40).map { _ in row(&random) }
  }

  @Test(arguments: [UInt64](1...10)) func areTheDocumentsThatTheyStandFor(_ seed: UInt64) {
    let rows = Self.rows(seed)
    let documents = Self.batch(rows, Self.shape()).documents
    #expect(documents.count == rows.count)
    for (row, document) in zip(rows, documents) {
      let expected = Document(row.expected)
      #expect(document == expected)
      #expect(document.hashValue == expected.hashValue)
      #expect(document.bson == expected.bson)
      #expect(document.keys == expected.keys)
      #expect(document.count == expected.count)
      #expect(document.isEmpty == expected.isEmpty)
      for name in Self.names + ["unknown", "absent", "", "emai", "createdAtByTheS"] {
        #expect(document[name] == expected[name])
        // The same name in storage of its own.
        let made = name.map(String.init).joined()
        #expect(document[String(made.reversed().reversed())] == expected[name])
      }
    }
  }

  @Test(arguments: [UInt64](1...5)) func changeAsOthersDo(_ seed: UInt64) {
    let rows = Self.rows(seed)
    for (row, document) in zip(rows, Self.batch(rows, Self.shape()).documents) {
      var expected = Document(row.expected)
      var changed = document
      changed["email"] = "new@example.org"
      expected["email"] = "new@example.org"
      changed["a"] = nil
      expected["a"] = nil
      changed.append("last", 1)
      expected.append("last", 1)
      #expect(changed == expected)
      #expect(changed.bson == expected.bson)
      #expect(document == Document(row.expected))
    }
  }

  @Test(arguments: [
    RecordShape.Keep.only(["_id", "email", "unknown"]), .allBut(["email", "unknown", "größe"]),
  ]) func leaveOutWhatTheProjectionDoes(_ keep: RecordShape.Keep) {
    let rows = Self.rows(3)
    for (row, document) in zip(rows, Self.batch(rows, Self.shape(keep)).documents) {
      let expected = Document(row.expected.filter { keep.contains($0.key) })
      #expect(document == expected)
      #expect(document.bson == expected.bson)
      for name in Self.names + ["unknown"] { #expect(document[name] == expected[name]) }
    }
  }

  @Test func takeJoinedValues() throws {
    let rows = Self.rows(7)
    var documents = Self.batch(rows, Self.shape()).documents
    var expected = rows.map { Document($0.expected) }
    for (key, step) in [
      ("children", 1), ("email", 2), ("children", 3), ("createdAtByTheServer", 2),
    ] {
      let values = rows.indices.map { index -> Value? in
        index % step == 0 ? .array([.document(["of": .int(index), "key": .string(key)])]) : nil
      }
      Document.set(key, of: &documents, to: values)
      for (index, value) in values.enumerated() { if let value { expected[index][key] = value } }
    }
    #expect(Document.page(of: documents) != nil)
    for (document, expected) in zip(documents, expected) {
      #expect(document == expected)
      #expect(document.bson == expected.bson)
      #expect(try Document(bson: document.encoded()) == expected)
      for name in Self.names + ["children"] { #expect(document[name] == expected[name]) }
    }
  }

  @Test func joinsToOtherDocumentsOneByOne() {
    var documents: [Document] = [["a": 1], ["b": 2]]
    Document.set("b", of: &documents, to: [3, nil])
    #expect(documents == [["a": 1, "b": 3], ["b": 2]])
    #expect(Document.page(of: documents) == nil)
    let page = Self.batch(Self.rows(1), Self.shape()).documents
    #expect(Document.page(of: page) != nil)
    #expect(Document.page(of: Array(page.dropFirst())) == nil)
    #expect(Document.page(of: page.reversed()) == nil)
  }
}

@Suite struct CellKeysTests {
  @Test func numbersKeysAsTheyCome() {
    var random = SeededRandom(11)
    let ids = (0..<300).map { _ in
      ObjectID(high: random.next() % 5, low: UInt32(random.next() % 40))
    }
    var batch = RowBatch(width: 2)
    for (index, id) in ids.enumerated() {
      batch.append(int32: Int32(index))
      switch index % 10 {
      case 8: batch.appendNull()
      case 9: batch.append(text: "text \(index % 3)")
      default: batch.append(objectID: id)
      }
    }
    var keys = CellKeys()
    var expected: [Value: Int] = [:]
    for row in 0..<batch.count {
      let value = batch.value(row: row, column: 1) ?? .null
      let place = keys.add(batch.cell(row: row, column: 1), of: batch)
      if value == .null { #expect(place == -1); continue }
      if expected[value] == nil { expected[value] = expected.count }
      #expect(place == expected[value])
    }
    #expect(keys.keys.count == expected.count)
    for (value, place) in expected { #expect(keys.keys[place] == value) }
    var places: [Int] = []
    keys.appendPlaces(of: batch, column: 1, to: &places)
    #expect(places == (0..<batch.count).map { expected[batch.value(row: $0, column: 1)!] ?? -1 })
    // An integer is the same key whatever its width.
    var numbers = CellKeys(capacity: 2)
    #expect(numbers.add(batch.cell(row: 3, column: 0), of: batch) == 0)
    var wide = RowBatch(width: 1)
    wide.append(int64: 3)
    wide.append(int64: 4)
    var found: [Int] = []
    numbers.appendPlaces(of: wide, column: 0, to: &found)
    #expect(found == [0, -1])
  }
}
