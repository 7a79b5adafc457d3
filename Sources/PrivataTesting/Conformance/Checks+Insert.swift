internal import PrivataCore

extension StoreConformance {
  static let insertChecks: [Check] = [
    Check("insert: documents come back") { context in
      let model = context.person
      try await context.prepare([model])
      let outcome = try await context.insert(ConformanceContext.people, into: model)
      try context.expectEqual(outcome.inserted, 12, "inserted")
      try await context.differences { differences in
        for document in ConformanceContext.people {
          let id = document["_id"] ?? .null
          let found = try await context.find(model, .document(["_id": id]))
          if found.map(ConformanceContext.canonical) != [ConformanceContext.canonical(document)] {
            differences.append(
              "found \(found.map(ConformanceContext.text)), wanted \(ConformanceContext.text(document))"
            )
          }
        }
      }
    },
    Check("insert: a taken key is refused") { context in
      let model = context.account
      try await context.prepare([model])
      let id = Value.objectID(ConformanceContext.id(1))
      try await context.insert([["_id": id, "email": "a@b"]], into: model)
      let error = try await context.error("same _id") {
        try await context.insert([["_id": id, "email": "c@d"]], into: model)
      }
      try context.expectEqual(error.code, .duplicateKey, "code")
      try context.expectEqual(error.fields, ["_id"], "fields")
      try context.expectEqual(try await context.count(model), 1, "records after")
    },
    Check("insert: a taken unique value is refused") { context in
      let model = context.account
      try await context.prepare([model])
      try await context.insert(
        [
          ["_id": .objectID(ConformanceContext.id(1)), "email": "a@b", "owner": "x", "region": "n"]
        ],
        into: model)
      let single = try await context.error("same email") {
        try await context.insert(
          [["_id": .objectID(ConformanceContext.id(2)), "email": "a@b"]], into: model)
      }
      try context.expectEqual(single.code, .duplicateKey, "code")
      try context.expectEqual(single.fields, ["email"], "fields")
      let compound = try await context.error("same owner and region") {
        try await context.insert(
          [
            [
              "_id": .objectID(ConformanceContext.id(3)), "email": "c@d", "owner": "x",
              "region": "n",
            ]
          ], into: model)
      }
      try context.expectEqual(compound.fields, ["owner", "region"], "fields of a compound index")
      try context.expect(
        !"\(single)\(single.message)\(compound.message)".contains("a@b"), "a value in a message")
    },
    Check("insert: null and missing collide in a unique field of documents") { context in
      let model = context.account
      try await context.prepare([model])
      try await context.insert([["_id": .objectID(ConformanceContext.id(1))]], into: model)
      let error = try await context.error("second without email") {
        try await context.insert([["_id": .objectID(ConformanceContext.id(2))]], into: model)
      }
      try context.expectEqual(error.code, .duplicateKey, "code")
      try context.expectEqual(error.fields, ["email"], "fields")
    },
    Check("insert: unordered goes on and reports") { context in
      let model = context.account
      try await context.prepare([model])
      let documents: [Document] = [1, 2, 1, 3].enumerated().map { index, number in
        [
          "_id": .objectID(ConformanceContext.id(number)),
          "email": .string("\(index)@example.org"),
        ]
      }
      let insert = Insert(model, .documents(documents), isOrdered: false)
      let outcome = try await context.store.write(.insert(insert))
      try context.expectEqual(outcome.inserted, 3, "inserted")
      try context.expectEqual(outcome.failures.map(\.index), [2], "failures")
      try context.expectEqual(outcome.failures.first?.error.code, .duplicateKey, "code")
      try context.expectEqual(outcome.failures.first?.error.fields, ["_id"], "fields")
      try context.expectEqual(try await context.count(model), 3, "records")
    },
    Check("insert: ordered stops at the first failure") { context in
      let model = context.account
      try await context.prepare([model])
      let documents: [Document] = [1, 1, 2].enumerated().map { index, number in
        [
          "_id": .objectID(ConformanceContext.id(number)),
          "email": .string("\(index)@example.org"),
        ]
      }
      do {
        let outcome = try await context.insert(documents, into: model)
        try context.expectEqual(outcome.failures.map(\.index), [1], "failures")
      } catch let error as PrivataError {
        try context.expectEqual(error.code, .duplicateKey, "code")
      }
      let last = try await context.count(
        model, .document(["_id": .objectID(ConformanceContext.id(2))]))
      try context.expectEqual(last, 0, "records behind the failure")
    },
    Check("insert: many and none") { context in
      let model = context.person
      try await context.prepare([model])
      let none = try await context.insert([], into: model)
      try context.expectEqual(none.inserted, 0, "inserted of none")
      let many: [Document] = (0..<2000).map {
        ["_id": .int($0), "name": .string("n\($0)"), "age": .int($0 % 90)]
      }
      let outcome = try await context.insert(many, into: model)
      try context.expectEqual(outcome.inserted, 2000, "inserted")
      try context.expectEqual(try await context.count(model), 2000, "records")
    },
    Check("insert: returning and conflicts, in cells") { context in
      try await conflicts(context)
    },
  ]

  private static func conflicts(_ context: ConformanceContext) async throws {
    let model = context.item
    try await context.prepare([model])
    func rows(_ items: [(Int64, String, String?)]) -> Insert.Rows {
      var batch = RowBatch(width: 3)
      for (id, label, code) in items {
        batch.append(int64: id)
        batch.append(text: label)
        if let code { batch.append(text: code) } else { batch.appendNull() }
      }
      return .cells(fields: ["id", "label", "code"], batch)
    }
    let first = try await context.store.write(
      .insert(
        Insert(model, rows([(1, "a", "x"), (2, "b", nil)]), returning: ["label", "id", "code"])))
    try context.expectEqual(first.inserted, 2, "inserted")
    try context.expectEqual(first.rows?.count, 2, "returned rows")
    try context.expectEqual(first.rows?.value(row: 0, column: 0), .string("a"), "returned label")
    try context.expectEqual(first.rows?.value(row: 1, column: 1)?.asInt, 2, "returned id")
    try context.expectEqual(first.rows?.value(row: 1, column: 2), .null, "returned null")
    let ignored = try await context.store.write(
      .insert(
        Insert(model, rows([(1, "c", "y"), (3, "d", "z")]), onConflict: .ignore(["id"]))))
    try context.expectEqual(ignored.inserted, 1, "inserted beside an ignored one")
    let updated = try await context.store.write(
      .insert(
        Insert(
          model, rows([(1, "e", "w")]),
          onConflict: .update(fields: ["id"], .assign([Assignment("label", "changed")])),
          returning: ["label"])))
    try context.expectEqual(
      updated.rows?.value(row: 0, column: 0), .string("changed"), "updated label")
    try context.expectEqual(try await context.count(model), 3, "records")
    let error = try await context.error("taken code") {
      _ = try await context.store.write(.insert(Insert(model, rows([(9, "f", "x")]))))
    }
    try context.expectEqual(error.code, .duplicateKey, "code")
    try context.expectEqual(error.fields, ["code"], "fields are named as in the model")
  }
}
