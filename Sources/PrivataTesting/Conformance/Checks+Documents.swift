internal import PrivataCore

extension StoreConformance {
  static let documentChecks: [Check] = [
    Check("documents: every BSON type survives in every place") { context in
      let model = context.person
      try await context.prepare([model])
      try await context.differences { differences in
        for (index, value) in values.enumerated() {
          let document: Document = [
            "_id": .int(index), "name": value, "age": value, "small": value, "big": value,
            "ratio": value, "price": value, "active": value, "born": value, "clinic": value,
            "uid": value, "blob": value, "tags": value, "address": value, "meta": value,
            "unknown": value, "nested": ["in": ["deep": value], "list": [value, value]],
          ]
          try await context.insert([document], into: model)
          let found = try await context.find(model, .document(["_id": .int(index)]))
          if found.map(ConformanceContext.canonical) != [ConformanceContext.canonical(document)] {
            differences.append(
              "found \(found.map(ConformanceContext.text)), wanted \(ConformanceContext.text(document))"
            )
          }
        }
      }
    },
    Check("documents: keys of every type") { context in
      let model = context.person
      try await context.prepare([model])
      let keys: [Value] = [
        1, .int64(9_007_199_254_740_993), 1.5, "text", "", "ünï\u{1F600}", true, .null,
        .objectID(ConformanceContext.id(7)), .binary(ConformanceContext.uuid(7)),
        ConformanceContext.date("2024-02-29T12:00:00.123Z"), ["a": 1, "b": [1, 2]],
        ConformanceContext.decimal("2.50"), .binary(Binary([1, 2, 3])),
      ]
      try await context.differences { differences in
        for key in keys {
          try await context.insert([["_id": key, "name": "x"]], into: model)
          let found = try await context.find(model, .document(["_id": ["$eq": key]]))
          if found.map(\.bson) != [(["_id": key, "name": "x"] as Document).bson] {
            differences.append("\(key.typeName): found \(found.map(ConformanceContext.text))")
          }
        }
      }
      let error = try await context.error("an equal key of another type") {
        try await context.insert([["_id": .double(1)]], into: model)
      }
      try context.expectEqual(error.code, .duplicateKey, "1.0 beside 1")
    },
    Check("documents: odd field names") { context in
      let model = context.person
      try await context.prepare([model])
      let names = [
        "Name", "NAME", "na me", "na\"me", "na'me", "na`me", "na[me]", "select", "ünï", "日本",
        "1", "a-b", "a:b", "?", "_rest", "_odd", "_ID", "rowid", String(repeating: "x", count: 200),
      ]
      var document: Document = ["_id": 1, "name": "kept"]
      for (index, name) in names.enumerated() { document[name] = .int(index) }
      try await context.insert([document], into: model)
      try context.expectSame(try await context.find(model), [document], "document")
      try await context.differences { differences in
        for (index, name) in names.enumerated() {
          let count = try await context.count(
            model, .document(Document([.init(key: name, value: .int(index))])))
          if count != 1 { differences.append("filter by \(name) found \(count)") }
        }
      }
    },
    Check("documents: a large one") { context in
      let model = context.person
      try await context.prepare([model])
      let document: Document = [
        "_id": 1, "name": .string(String(repeating: "é", count: 500_000)),
        "tags": .array((0..<20_000).map { .string("tag \($0)") }),
        "blob": .binary(Binary(Array(repeating: 7, count: 1_000_000))),
      ]
      try await context.insert([document], into: model)
      try context.expect(
        try await context.find(model).map(ConformanceContext.canonical)
          == [ConformanceContext.canonical(document)], "the large document changed")
    },
    Check("documents: null, missing and odd values keep apart through updates") { context in
      let model = context.person
      try await context.prepare([model])
      let steps: [(Document, Document)] = [
        (["$set": ["age": .null]], ["_id": 1, "age": .null]),
        (["$unset": ["age": ""]], ["_id": 1]),
        (["$set": ["age": "thirty"]], ["_id": 1, "age": "thirty"]),
        (["$set": ["age": 30]], ["_id": 1, "age": 30]),
        (["$set": ["age": .double(30)]], ["_id": 1, "age": .double(30)]),
        (["$set": ["age": .int64(30)]], ["_id": 1, "age": .int64(30)]),
        (["$set": ["age": [1]]], ["_id": 1, "age": [1]]),
        (["$set": ["age": 5, "other": 1]], ["_id": 1, "age": 5, "other": 1]),
      ]
      try await context.insert([["_id": 1]], into: model)
      for (change, wanted) in steps {
        let update = Update(model, where: .document(["_id": 1]), .operators(change))
        let outcome = try await context.store.write(.update(update))
        try context.expectEqual(outcome.modified, 1, ConformanceContext.text(change))
        try context.expectSame(
          try await context.find(model), [wanted], ConformanceContext.text(change))
      }
    },
  ]

  /// A value of every type, and the corners of each.
  static let values: [Value] = [
    .null, true, false, .int32(.min), .int32(.max), 0, .int64(.min), .int64(.max), .int64(0),
    .int64(1), .double(0), .double(-0.0), .double(1), .double(.nan), .double(.infinity),
    .double(-.infinity), .double(.leastNonzeroMagnitude), .double(.greatestFiniteMagnitude), 0.1,
    ConformanceContext.decimal("0"), ConformanceContext.decimal("-0.00"),
    ConformanceContext.decimal("1.50"), ConformanceContext.decimal("1.5"),
    ConformanceContext.decimal("NaN"), ConformanceContext.decimal("-Infinity"),
    ConformanceContext.decimal("9.999999999999999999999999999999999E+6144"),
    ConformanceContext.decimal("1E-6176"), "", "plain", "e\u{301}", "é", "\u{0}", "a\u{0}b",
    "\u{1F469}\u{200D}\u{1F680}", "line\nfeed\ttab", .string(String(repeating: "x", count: 10_000)),
    .objectID(ConformanceContext.id(0)), .objectID(ObjectID(high: .max, low: .max)),
    .date(DateTime(milliseconds: 0)), .date(DateTime(milliseconds: -1)),
    .date(DateTime(milliseconds: .max)), .date(DateTime(milliseconds: .min)),
    .date(DateTime(milliseconds: 253_402_300_799_999)), .binary(Binary([])),
    .binary(Binary([0, 1, 255])), .binary(Binary([1, 2], subtype: 2)),
    .binary(ConformanceContext.uuid(9)), .binary(Binary([1], subtype: 4)),
    .binary(Binary([5], subtype: 128)), [:], ["k": .null], ["b": 1, "a": ["c": []]], [], [.null],
    [1, "a", [2]], .regex(RegularExpression("^a.*", options: "im")),
    .timestamp(Timestamp(seconds: 1, increment: 2)), .minKey, .maxKey,
    .code("function() {}", scope: nil), .code("f", scope: ["x": 1]), .symbol("s"), .undefined,
    .dbPointer(namespace: "db.c", id: ConformanceContext.id(3)),
  ]
}
