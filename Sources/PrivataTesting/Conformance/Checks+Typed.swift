internal import PrivataCore

extension StoreConformance {
  static let typedChecks: [Check] = [
    Check("typed: cells of every type come back") { context in
      let model = try await items(context)
      let rows = try await context.store.rows(
        for: Query(model, sort: [SortKey("id")], layout: .cells))
      try context.expectEqual(rows.width, model.fields.count, "width")
      try context.expectEqual(rows.count, itemRows.count, "rows")
      try await context.differences { differences in
        for (row, item) in itemRows.enumerated() {
          for (column, field) in model.fields.enumerated() {
            let found = rows.value(row: row, column: column) ?? .null
            let wanted = item[field.name] ?? .null
            if !same(found, wanted) {
              differences.append("row \(row) \(field.name): found \(found), wanted \(wanted)")
            }
          }
        }
      }
    },
    Check("typed: filters follow SQL") { context in
      let model = try await items(context)
      try await context.differences { differences in
        for filter in typedFilters {
          let matcher = try FilterMatcher(filter, model: model)
          var wanted: [Int] = []
          for item in itemRows where try matcher.matches(item) {
            wanted.append(item["id"]?.asInt ?? -1)
          }
          do {
            let rows = try await context.store.rows(
              for: Query(
                model, where: filter, projection: .fields(["id"]), sort: [SortKey("id")],
                layout: .cells))
            let found = (0..<rows.count).map { rows.value(row: $0, column: 0)?.asInt ?? -1 }
            if found != wanted { differences.append("\(filter): found \(found), wanted \(wanted)") }
          } catch {
            differences.append("\(filter): \(error)")
          }
        }
      }
    },
    Check("typed: sort, page, projection and answers") { context in
      let model = try await items(context)
      var query = Query(
        model, where: .isNotNull("small"), projection: .fields(["label", "id"]),
        sort: [SortKey("small", descending: true), SortKey("id")], skip: 1, limit: 2, layout: .cells
      )
      let rows = try await context.store.rows(for: query)
      try context.expectEqual(rows.width, 2, "width")
      let labels = (0..<rows.count).map { rows.value(row: $0, column: 0)?.asString }
      try context.expectEqual(labels, ["alpha", "100% _sure\\"], "labels")
      query.answer = .exists
      query.skip = 0
      let exists = try await context.store.rows(for: query)
      try context.expectEqual(exists.value(row: 0, column: 0), .bool(true), "exists")
      for (nulls, wanted) in [(SortKey.Nulls.first, 3), (.last, Int.max)] as [(SortKey.Nulls, Int)]
      {
        let sorted = try await context.store.rows(
          for: Query(
            model, projection: .fields(["id"]),
            sort: [SortKey("small", nulls: nulls), SortKey("id")],
            layout: .cells))
        let first = sorted.value(row: 0, column: 0)?.asInt
        try context.expectEqual(first, wanted, "first with nulls \(nulls)")
      }
    },
    Check("typed: assignments") { context in
      let model = try await items(context)
      let changes = Changes.assign([
        Assignment("label", "renamed"), Assignment("small", 10, .increment),
        Assignment("ratio", 2.0, .multiply), Assignment("code", .null),
      ])
      var update = Update(
        model, where: .compare("id", .lessOrEqual, .int64(3)), changes, isMany: true,
        returning: .after, projection: .fields(["id", "label", "small", "ratio", "code"]))
      update.layout = .cells
      let outcome = try await context.store.write(.update(update))
      try context.expectEqual(outcome.matched, 3, "matched")
      try context.expectEqual(outcome.rows?.count, 3, "returned")
      let found = try await context.store.rows(
        for: Query(
          model, where: .compare("label", .equal, "renamed"),
          projection: .fields(["small", "ratio", "code"]),
          sort: [SortKey("id")], layout: .cells))
      let smalls = (0..<found.count).map { found.value(row: $0, column: 0)?.asInt }
      try context.expectEqual(smalls, [15, 7, nil], "null stays null")
      try context.expect(same(found.value(row: 0, column: 1) ?? .null, .double(3)), "ratio")
      try context.expectEqual(found.value(row: 0, column: 2) ?? .null, .null, "code")
    },
    Check("typed: deletes and counts") { context in
      let model = try await items(context)
      let outcome = try await context.store.write(
        .delete(Delete(model, where: .compare("active", .equal, true))))
      try context.expectEqual(outcome.deleted, 2, "deleted")
      try context.expectEqual(try await context.count(model), itemRows.count - 2, "left")
    },
    Check("typed: cells in another order than the model's fields") { context in
      let model = context.item
      try await context.prepare([model])
      let fields = Array(model.fields.map(\.name).reversed())
      let conflicts: [Insert.OnConflict] = [.fail, .ignore([]), .ignore([])]
      for (item, onConflict) in zip(itemRows, conflicts) {
        var batch = RowBatch(width: fields.count)
        for field in fields { batch.append(item[field] ?? .null) }
        let insert = Insert(model, .cells(fields: fields, batch), onConflict: onConflict)
        try context.expectEqual(
          try await context.store.write(.insert(insert)).inserted, 1, "inserted")
        let found = try await context.store.rows(
          for: Query(
            model, where: .compare("id", .equal, item["id"] ?? .null),
            projection: .fields(["label", "code"]), layout: .cells))
        for (column, field) in ["label", "code"].enumerated() {
          try context.expectEqual(
            found.value(row: 0, column: column), item[field] ?? .null, field)
        }
      }
    },
    Check("typed: what a column needs") { context in
      let model = context.item
      try await context.prepare([model])
      var batch = RowBatch(width: 2)
      batch.append(int64: 1)
      batch.appendNull()
      let insert = Insert(model, .cells(fields: ["id", "label"], batch))
      let error = try await context.error("a missing label") {
        _ = try await context.store.write(.insert(insert))
      }
      // MongoDB itself has no required fields.
      try context.expectEqual(error.code, .missingField, "code")
      try context.expectEqual(error.fields, ["label"], "fields")
    },
    Check("typed: generated keys", needs: [.generatedKeys]) { context in
      let model = ModelSchema(
        name: "Serial", collection: context.name + "_serial",
        fields: [
          FieldSchema("id", .int64, isOptional: false, isGenerated: true),
          FieldSchema("label", .string),
        ])
      try await context.prepare([model])
      var batch = RowBatch(width: 1)
      for label in ["a", "b", "c"] { batch.append(text: label) }
      let outcome = try await context.store.write(
        .insert(Insert(model, .cells(fields: ["label"], batch), returning: ["id", "label"])))
      let ids = (0..<3).compactMap { outcome.rows?.value(row: $0, column: 0)?.asInt }
      try context.expectEqual(Set(ids).count, 3, "different keys")
      try context.expectEqual(outcome.rows?.value(row: 2, column: 1), .string("c"), "label")
    },
  ]

  /// Equal values whose integers may differ in width, as columns do not keep it.
  static func same(_ a: Value, _ b: Value) -> Bool {
    if a.isNumber, b.isNumber { return Value.equals(a, b) }
    return a == b
  }

  static func items(_ context: ConformanceContext) async throws -> ModelSchema {
    let model = context.item
    try await context.prepare([model])
    var batch = RowBatch(width: model.fields.count)
    for item in itemRows {
      for field in model.fields { batch.append(item[field.name] ?? .null) }
    }
    let insert = Insert(model, .cells(fields: model.fields.map(\.name), batch))
    let outcome = try await context.store.write(.insert(insert))
    try context.expectEqual(outcome.inserted, itemRows.count, "inserted")
    return model
  }

  static let itemRows: [Document] = [
    [
      "id": .int64(1), "label": "alpha", "code": "A", "small": 5, "ratio": 1.5,
      "price": ConformanceContext.decimal("10.50"), "active": true,
      "at": ConformanceContext.date("2024-02-29T12:00:00.123Z"),
      "oid": .objectID(ConformanceContext.id(1)), "uid": .binary(ConformanceContext.uuid(1)),
      "blob": .binary(Binary([0, 1, 255])), "tags": ["x", "y"], "body": ["k": [1, ["z": .null]]],
    ],
    [
      "id": .int64(2), "label": "Alpha", "code": "B", "small": -3, "ratio": -0.25,
      "price": ConformanceContext.decimal("-0.01"), "active": false,
      "at": ConformanceContext.date("1969-12-31T23:59:59.999Z"), "blob": .binary(Binary([])),
      "tags": [], "body": Value.document([:]),
    ],
    ["id": .int64(3), "label": ""],
    [
      "id": .int64(4), "label": "100% _sure\\", "code": "C", "small": 5, "ratio": 0.0,
      "active": true,
      "price": ConformanceContext.decimal("123456789012345678.12345"), "tags": ["y"],
    ],
    [
      "id": .int64(5), "label": "Ünïcode 日本", "code": "D", "small": .int32(.max),
      "tags": ["x", "x"],
    ],
    [
      "id": .int64(.max), "label": "O'Brien; drop table items --", "code": "",
      "small": .int32(.min),
    ],
  ]

  private static let typedFilters: [Filter] = {
    let fields: [(String, [Value])] = [
      ("id", [.int64(3), .int64(.max)]), ("label", ["alpha", "", "Ünïcode 日本"]),
      ("code", ["A", "zzz"]),
      ("small", [5, .int32(.max)]), ("ratio", [1.5, 0.0]), ("active", [true, false]),
      ("price", [ConformanceContext.decimal("10.5"), ConformanceContext.decimal("0")]),
      ("at", [ConformanceContext.date("2024-02-29T12:00:00.123Z")]),
      ("oid", [.objectID(ConformanceContext.id(1))]),
      ("uid", [.binary(ConformanceContext.uuid(1))]),
      ("blob", [.binary(Binary([0, 1, 255])), .binary(Binary([]))]),
    ]
    var filters: [Filter] = [
      .all, .none, .isNull("small"), .isNotNull("small"), .not(.isNull("code")),
    ]
    let comparisons: [Filter.Comparison] = [
      .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
    ]
    for (field, values) in fields {
      for value in values {
        for comparison in comparisons {
          filters.append(.compare(field, comparison, value))
          filters.append(.not(.compare(field, comparison, value)))
        }
      }
      filters.append(.isIn(field, values))
      filters.append(.isNotIn(field, values))
      filters.append(.isIn(field, []))
      filters.append(.isNotIn(field, []))
      filters.append(.not(.isIn(field, values)))
    }
    filters.append(.compare("small", .equal, .null))
    filters.append(.compareFields("small", .less, "id"))
    filters.append(.not(.compareFields("label", .equal, "code")))
    for text in ["alpha", "ALPHA", "%", "_", "\\", "", "a", "日本"] {
      for match in [Filter.TextMatch.contains, .startsWith, .endsWith] {
        filters.append(.text("label", match, text, ignoringCase: false))
        filters.append(.text("label", match, text, ignoringCase: true))
        filters.append(.not(.text("code", match, text, ignoringCase: false)))
      }
    }
    for pattern in ["%lph%", "_lpha", "100\\%%", "%\\_sure%", "ALPHA", "%"] {
      filters.append(.text("label", .like, pattern, ignoringCase: false))
      filters.append(.text("label", .like, pattern, ignoringCase: true))
    }
    for values in [["x"], ["x", "y"], ["z"], []] as [[Value]] {
      for match in [Filter.ListMatch.hasEvery, .hasSome, .equals] {
        filters.append(.list("tags", match, values))
        filters.append(.not(.list("tags", match, values)))
      }
    }
    filters.append(.list("tags", .isEmpty, []))
    filters.append(.list("tags", .isNotEmpty, []))
    filters.append(
      .and([
        .or([.compare("small", .equal, 5), .isNull("small")]),
        .not(.compare("ratio", .greater, 1.0)),
      ]))
    filters.append(.not(.and([.compare("small", .equal, 5), .compare("ratio", .equal, 1.5)])))
    filters.append(.not(.or([.compare("small", .equal, 5), .compare("ratio", .equal, 1.5)])))
    filters.append(.and([]))
    filters.append(.or([]))
    return filters
  }()
}
